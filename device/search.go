package device

import (
	"context"
	"time"
)

const (
	// A port that opens and fails again within shortLife, this many times in a
	// row, is called faulty until it stays open for stableAfter: it would else
	// flicker between two states, a log line each. A scanner that was seen to be
	// away in between was unplugged and is not meant.
	shortLife   = time.Second
	shortLives  = 5
	stableAfter = 2 * time.Second

	// settle is how long after a loss or a plug the first look is taken. The
	// system needs a moment to take a port's name away, and one plug makes twenty
	// messages, that of the port's node among the last.
	settle = 50 * time.Millisecond

	// A scanner that comes back is there before the system has set its
	// permissions, and while others probe it (ModemManager opens every new
	// port). So a fault that follows an absence is believed once it has lasted
	// for doubt; until then it is looked at every doubtEvery.
	doubt      = time.Second
	doubtEvery = 100 * time.Millisecond
)

// search is when to look for a scanner that is not open, and which fault to
// believe. It belongs to the scanner's goroutine, but for plugged.
type search struct {
	every, afterLoss time.Duration
	plugged          chan struct{} // a device may have come or gone

	stirred   time.Time // of the last loss or plug; zero: never
	look      bool      // the first look since the loss is due
	fast      int       // short lives in a row
	suspected time.Time // since when a fault is doubted; zero: none is
	there     bool      // the last look found it, and yet it is not open
}

// lived notes the loss of a port that was open for d, and reports whether it
// fails too often.
func (s *search) lived(d time.Duration) bool {
	s.stirred, s.look = time.Now(), true
	if d >= shortLife {
		s.fast = 0
		return false
	}
	s.fast++
	return s.fast >= shortLives
}

func (s *search) stirredLately() bool {
	return !s.stirred.IsZero() && time.Since(s.stirred) < lossMemory
}

// doubtful reports whether a fault should be seen for longer before it is
// believed. Only what follows an absence is doubted: away tells that the scanner
// was last seen to be one.
func (s *search) doubtful(kind Kind, away bool) bool {
	now := time.Now()
	switch {
	case kind.State() == StateAbsent || !away:
	case s.suspected.IsZero():
		s.suspected = now
		return true
	case now.Sub(s.suspected) < doubt:
		return true
	}
	s.suspected = time.Time{}
	return false
}

// interval is how long to wait before the next look, if nobody tells earlier.
func (s *search) interval() time.Duration {
	first := s.look
	s.look = false
	switch {
	case !s.suspected.IsZero():
		return doubtEvery
	case s.fast >= shortLives || !s.stirredLately():
		return s.every
	case first:
		return settle
	default:
		return s.afterLoss
	}
}

// rest waits until it is time for the next look: the interval is over, or a
// device was plugged in.
//
// A driver that opens a port and fails may make messages itself, by taking the
// device from the kernel and giving it back. Such a scanner must not keep itself
// busy: it is not looked for sooner than after a loss, and one that fails as
// soon as it is open waits in any case.
func (s *search) rest(ctx context.Context) {
	plugged, wait := s.plugged, settle
	if s.fast >= shortLives {
		plugged = nil
	}
	if s.there {
		wait = s.afterLoss
	}
	t := time.NewTimer(s.interval())
	defer t.Stop()
	select {
	case <-t.C:
		return
	case <-ctx.Done():
		return
	case <-plugged:
	}
	s.stirred = time.Now()
	t.Reset(wait)
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
