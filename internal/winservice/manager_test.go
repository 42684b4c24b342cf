package winservice

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// patience is how long Windows waits for a service's first word and for the end of
// its start.
const patience = 30 * time.Second

// manager plays the service control manager and holds the service to its rules.
type manager struct {
	t        *testing.T
	requests chan Request
	changes  chan Status
	exit     chan uint32

	last    Status
	since   time.Time // of the last report
	states  []State
	stopped bool
	code    uint32
}

func begin(t *testing.T, opt Options) *manager {
	t.Helper()
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Code == nil {
		opt.Code = func(err error) int {
			if err != nil {
				return 7
			}
			return 0
		}
	}
	m := &manager{t: t, requests: make(chan Request), changes: make(chan Status), exit: make(chan uint32), since: time.Now(), last: Status{State: StartPending}}
	go func() { m.exit <- Live(m.requests, m.changes, opt) }()
	return m
}

// hear takes what the service says until it has been silent for d, or is gone.
func (m *manager) hear(d time.Duration) {
	m.t.Helper()
	quiet := time.NewTimer(d)
	defer quiet.Stop()
	for {
		select {
		case s := <-m.changes:
			m.report(s)
		case m.code = <-m.exit:
			m.stopped = true
			return
		case <-quiet.C:
			m.check()
			return
		}
	}
}

func (m *manager) report(s Status) {
	m.t.Helper()
	m.check()
	pending := s.State == StartPending || s.State == StopPending
	switch {
	case m.last.State == StopPending && s.State != StopPending:
		m.t.Errorf("state %d after the stop began", s.State)
	case pending && s.Accepts != 0:
		m.t.Errorf("state %d accepts %#x: a command would meet a service that is not there", s.State, s.Accepts)
	case s.State == StopPending && m.last.State == StopPending && s.CheckPoint < m.last.CheckPoint:
		m.t.Errorf("checkpoint %d after %d", s.CheckPoint, m.last.CheckPoint)
	case s.State == StopPending && s.WaitHint == 0:
		m.t.Error("no hint how long to wait")
	case s.State == Running && (s.CheckPoint != 0 || s.WaitHint != 0):
		m.t.Error("a running service has nothing pending")
	case s.State == Stopped:
		m.t.Error("the library reports the end, with the code")
	}
	if s.State == StopPending && m.last.State == StopPending && s.CheckPoint > m.last.CheckPoint || s.State != m.last.State {
		m.since = time.Now()
	}
	if n := len(m.states); n == 0 || m.states[n-1] != s.State {
		m.states = append(m.states, s.State)
	}
	m.last = s
}

// check finds a service hung that has not moved in time.
func (m *manager) check() {
	m.t.Helper()
	waited := time.Since(m.since)
	if m.last.State == StartPending && waited > patience {
		m.t.Errorf("not running after %s", waited)
	}
	if hint := time.Duration(m.last.WaitHint) * time.Millisecond; m.last.State == StopPending && waited > hint {
		m.t.Errorf("no progress for %s, %s was promised", waited, hint)
	}
}

// send gives a command, if the service accepts it; Windows delivers no other.
func (m *manager) send(r Request) {
	m.t.Helper()
	need := map[Command]Accepts{Stop: AcceptStop, Shutdown: AcceptShutdown, PreShutdown: AcceptPreShutdown, PowerEvent: AcceptPowerEvent}[r.Command]
	if m.last.Accepts&need != need {
		m.t.Fatalf("the service does not accept %s in state %d", r.Command, m.last.State)
	}
	for {
		select {
		case m.requests <- r:
			return
		case s := <-m.changes:
			m.report(s)
		case <-time.After(patience):
			m.t.Fatalf("the service does not take %s", r.Command)
		}
	}
}

// play runs a test in time of its own.
func play(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}
