package device

import "time"

// State is what a scanner is doing. The names are stable.
type State string

// The states of a scanner.
const (
	StateReady        State = "ready"
	StateAbsent       State = "absent"
	StateNoPermission State = "no_permission"
	StateBusy         State = "busy"
	StateFaulty       State = "faulty"
)

// States lists all states.
func States() []State {
	return []State{StateReady, StateAbsent, StateNoPermission, StateBusy, StateFaulty}
}

// Health is how one scanner is doing.
type Health struct {
	// Name is the configured name, Kind the driver's.
	Name string
	Kind string
	// Port is where it was last found; empty before it was found at all.
	Port   string
	Detail string

	State State
	// Since is when the state began.
	Since time.Time

	Counters Counters
	// LastScan is when the last label was handed over; zero: none yet.
	LastScan time.Time

	// LastError is the last fault, also after it is over; empty: none yet. Its
	// time, what the cashier can do and what store IT can do stand beside it.
	LastError   string
	LastErrorAt time.Time
	Advice      string
	Hint        string
}

// Counters count since the manager was made. Every label falls under exactly
// one of the first four.
type Counters struct {
	// GoodReads: labels handed over.
	GoodReads uint64
	// Refused: whole labels that nobody was waiting for.
	Refused uint64
	// Duplicates: labels that were handed over a moment ago.
	Duplicates uint64
	// FramingErrors: bytes that did not become a label.
	FramingErrors uint64
	// Reconnects: how often the port was opened again after the first time.
	Reconnects uint64
}

// fail puts a fault into the health.
func (h *Health) fail(err error) {
	kind, now := KindOf(err), time.Now()
	if state := kind.State(); h.State != state {
		h.State, h.Since = state, now
	}
	h.LastError, h.LastErrorAt = err.Error(), now
	h.Advice, h.Hint = kind.Advice(), hintOf(err)
}
