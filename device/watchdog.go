package device

import (
	"context"
	"fmt"
	"time"
)

const (
	// A call of a driver that has not come back for stuckAfter will not soon: a
	// Read takes 200 ms at most, and the others open and close a file.
	stuckAfter    = 5 * time.Second
	watchdogEvery = time.Second

	// A Read that gives nothing within tooSoon did not wait. That happens, but
	// tooOften in a row means that reading does not wait any more, and going on
	// would take a whole processor.
	tooSoon  = time.Millisecond
	tooOften = 1000

	// More changes than changesPerMinute of one scanner are counted and not
	// written: a cable that makes contact now and then would fill the disk.
	changesPerMinute = 10
)

// step is what a scanner's goroutine asks of its driver now.
type step struct {
	op    string // "find", "open", "read", "close"; empty: nothing
	since time.Time
	late  bool // it was found to take too long
	stuck bool // and was reported
}

func (s *scanner) begin(op string) time.Time {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step.op, s.step.since, s.step.late = op, now, false
	return now
}

// end reports whether the call had been given up on.
func (s *scanner) end() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	stuck := s.step.stuck
	s.step = step{}
	return stuck
}

// spin counts the Reads in a row that gave nothing and did not wait.
type spin int

func (n *spin) tooOften(c Chunk, took time.Duration) bool {
	if took >= tooSoon || len(c.Data) > 0 || c.End {
		*n = 0
		return false
	}
	*n++
	return *n >= tooOften
}

// watch tells the scanners when a device was plugged in and when the machine has
// slept, and reports those whose driver does not come back. It ends with ctx.
func (m *Manager) watch(ctx context.Context) {
	plugged, woke := m.opt.Plugged, m.opt.Woke
	tick := time.NewTicker(watchdogEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-plugged:
			if !ok {
				plugged = nil // nobody will tell any more; the scanners look anyway
				continue
			}
			for _, s := range m.list() {
				tell(s.plugged)
			}
		case _, ok := <-woke:
			if !ok {
				woke = nil
				continue
			}
			for _, s := range m.list() {
				tell(s.reopen)
				tell(s.plugged)
			}
		case <-tick.C:
			for _, s := range m.list() {
				s.inspect()
			}
		}
	}
}

// tell leaves word for a goroutine that will look.
func tell(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// inspect looks at a scanner from outside its goroutine.
func (s *scanner) inspect() {
	now := time.Now()
	s.mu.Lock()
	// Seen twice, so that a machine that slept or was held up as a whole is no
	// fault of the scanner: the call comes back before the second look.
	late := s.step.op != "" && now.Sub(s.step.since) >= stuckAfter
	stuck := late && s.step.late && !s.step.stuck
	s.step.late = late
	var err error
	if stuck {
		s.step.stuck = true
		err = &Error{
			Op: s.step.op, Port: s.health.Port, Kind: KindFaulty,
			Err:  fmt.Errorf("the system has not answered for %v", stuckAfter),
			Hint: "unplug the scanner and plug it in again; if that does not help, restart the PC: its driver hangs",
		}
		s.health.fail(err)
	}
	hidden, state := s.changes.overdue(now), s.health.State
	s.mu.Unlock()
	if stuck {
		s.changed(err)
	}
	if hidden > 0 {
		s.log.Warn("the scanner comes and goes: check its cable", "action", "scanner", "unwritten", hidden, "scanner_state", string(state))
	}
}

// changeLog decides which changes are written.
type changeLog struct {
	minute  time.Time // when the current minute began
	written int       // in this minute
	hidden  int       // not written since the last line
}

// admit reports whether a change may be written, and how many were not since
// the last that was.
func (c *changeLog) admit(now time.Time) (write bool, hidden int) {
	if now.Sub(c.minute) >= time.Minute {
		c.minute, c.written = now, 0
	}
	if c.written++; c.written > changesPerMinute {
		c.hidden++
		return false, 0
	}
	hidden, c.hidden = c.hidden, 0
	return true, hidden
}

// overdue gives the changes that were not written in a minute that is over, and
// forgets them.
func (c *changeLog) overdue(now time.Time) int {
	if now.Sub(c.minute) < time.Minute {
		return 0
	}
	hidden := c.hidden
	c.hidden = 0
	return hidden
}
