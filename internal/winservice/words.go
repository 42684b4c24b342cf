package winservice

// State is what a service reports (SERVICE_STATUS.dwCurrentState).
type State uint32

// States, with Windows' numbers.
const (
	Stopped      State = 1
	StartPending State = 2
	StopPending  State = 3
	Running      State = 4
)

// Command is what the manager asks of a service (SERVICE_CONTROL_*).
type Command uint32

// Commands, with Windows' numbers.
const (
	Stop        Command = 1
	Interrogate Command = 4
	Shutdown    Command = 5
	PowerEvent  Command = 13
	PreShutdown Command = 15
)

// String names a command in the log.
func (c Command) String() string {
	switch c {
	case Stop:
		return "stop"
	case Shutdown:
		return "shutdown"
	case PreShutdown:
		return "preshutdown"
	case PowerEvent:
		return "power event"
	case Interrogate:
		return "interrogate"
	}
	return "other"
}

// Accepts says which commands a service wants to hear (SERVICE_ACCEPT_*).
type Accepts uint32

// What the daemon accepts while it runs.
const (
	AcceptStop        Accepts = 0x1
	AcceptShutdown    Accepts = 0x4
	AcceptPowerEvent  Accepts = 0x40
	AcceptPreShutdown Accepts = 0x100

	acceptsRunning = AcceptStop | AcceptShutdown | AcceptPowerEvent | AcceptPreShutdown
)

// Power is what happens to the machine (PBT_* of WM_POWERBROADCAST).
type Power uint32

// Power events, with Windows' numbers.
const (
	Suspend         Power = 0x4
	ResumeUser      Power = 0x7
	StatusChange    Power = 0xA
	ResumeAutomatic Power = 0x12
)

// Status is what the manager is told.
type Status struct {
	State      State
	Accepts    Accepts
	CheckPoint uint32 // grows with each report while something is pending
	WaitHint   uint32 // until the next report, in milliseconds
}

// Request is a command of the manager.
type Request struct {
	Command Command
	Event   Power // of a PowerEvent
}
