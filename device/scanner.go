package device

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"posagent/device/decode"
)

const (
	// A port that opens and fails again within shortLife, this many times in a
	// row, is called faulty until it stays open for stableAfter: it would else
	// flicker between two states, a log line each. A scanner that was seen to be
	// away in between was unplugged and is not meant.
	shortLife   = time.Second
	shortLives  = 5
	stableAfter = 2 * time.Second

	// settle is how long after a loss the first look is taken: the system needs
	// a moment to take the port's name away.
	settle = 50 * time.Millisecond

	// framingLogEvery keeps a noisy line from filling the log.
	framingLogEvery = time.Minute
)

// scanner is one configured scanner. Everything but health belongs to the
// goroutine of run.
type scanner struct {
	m    *Manager
	cfg  Scanner
	log  *slog.Logger
	loc  Location
	lost time.Time // when the port was last lost; zero: never
	look bool      // the first look since then is due
	fast int       // short lives in a row

	handed     bool // a label was handed over since the last Read
	suspect    Kind // seen once since the loss; reported when seen again
	opened     bool // the port was open before
	framingLog time.Time

	mu     sync.Mutex
	health Health
}

func newScanner(m *Manager, cfg Scanner) *scanner {
	return &scanner{
		m: m, cfg: cfg, log: m.log.With("scanner", cfg.Name),
		health: Health{Name: cfg.Name, Kind: cfg.Driver.Kind(), State: StateAbsent, Since: time.Now()},
	}
}

func (s *scanner) snapshot() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health
}

func (s *scanner) count(f func(*Counters)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.health.Counters)
}

// run looks for the scanner, serves it while it is there, and looks again.
func (s *scanner) run(ctx context.Context) error {
	framer, err := decode.NewFramer(s.cfg.Framing)
	if err != nil {
		return fmt.Errorf("scanner %q: %w", s.cfg.Name, err)
	}
	for ctx.Err() == nil {
		port, err := s.connect()
		if err != nil {
			if !s.doubtful(KindOf(err)) {
				s.failed(err)
			}
		} else if err = s.serve(ctx, port, framer); err != nil {
			s.failed(err)
		}
		pause(ctx, s.interval())
	}
	return nil
}

func (s *scanner) connect() (Port, error) {
	loc, err := s.cfg.Driver.Find()
	var port Port
	if err == nil {
		if loc.Path != s.loc.Path {
			s.fast = 0
		}
		s.loc = loc
		port, err = s.cfg.Driver.Open(loc)
	}
	if err != nil && KindOf(err) == KindAbsent {
		s.fast = 0
	}
	return port, err
}

// serve reads the port until it fails or ctx ends, and closes it.
func (s *scanner) serve(ctx context.Context, port Port, framer *decode.Framer) error {
	begun := time.Now()
	s.suspect = ""
	announced := s.fast < shortLives
	if announced {
		s.ready()
	}
	err := s.read(ctx, port, framer, func() {
		if !announced && time.Since(begun) >= stableAfter {
			announced, s.fast = true, 0
			s.ready()
		}
	})
	framer.Reset(s.frame)
	// Closed before anybody looks for the port again: while a dead handle is
	// open, Linux gives a replugged adapter another name.
	if cerr := port.Close(); cerr != nil {
		s.log.Debug("closing the scanner's port failed", "port", s.loc.Path, "error", cerr)
	}
	if err == nil {
		return nil
	}
	s.lost, s.look = time.Now(), true
	if s.lost.Sub(begun) >= shortLife {
		s.fast = 0
		return err
	}
	if s.fast++; s.fast < shortLives {
		return err
	}
	return &Error{
		Op: "read", Port: s.loc.Path, Kind: KindFaulty,
		Err:  fmt.Errorf("the port fails again as soon as it is open: %w", err),
		Hint: "check the cable and the hub; look for other programs that use the port",
	}
}

// read hands what comes to the framer. tick is called after every Read.
func (s *scanner) read(ctx context.Context, port Port, framer *decode.Framer, tick func()) error {
	last := time.Now() // when bytes came last
	for ctx.Err() == nil {
		chunk, err := port.Read()
		if len(chunk.Data) > 0 {
			framer.Feed(chunk.Data, s.m.gate.mark(), s.frame)
			last = time.Now()
		}
		switch {
		case chunk.Fault != nil:
			framer.Fail(*chunk.Fault, s.m.gate.mark(), s.frame)
		case chunk.End:
			framer.End(chunk.AIM, s.frame)
		case len(chunk.Data) == 0 && framer.Pending() && time.Since(last) >= framer.Gap():
			framer.Flush(s.frame)
		}
		if s.handed {
			// Whoever waits for the label is next on this thread. Without this it
			// has to be woken on another one while this one blocks in Read.
			s.handed = false
			runtime.Gosched()
		}
		if err != nil {
			return err
		}
		tick()
	}
	return nil
}

// frame takes one frame from the framer to whoever waits, or says why not.
func (s *scanner) frame(f decode.Frame) {
	now := time.Now()
	if f.Err != nil {
		s.count(func(c *Counters) { c.FramingErrors++ })
		if s.framingLog.IsZero() || now.Sub(s.framingLog) >= framingLogEvery {
			s.framingLog = now
			s.log.Warn("the scanner sent something that is not a label", "error", f.Err, "hint", f.Err.Hint())
		}
		s.m.refused(Refused{Reason: ReasonFraming, Source: s.cfg.Name, Framing: f.Err, At: now.Round(0)})
		return
	}
	scan := Scan{
		Text: f.Text, AIM: f.AIM, Symbology: f.Symbology,
		Class:  s.m.opt.Classifier.Classify(f.Text, f.Symbology),
		Source: s.cfg.Name, At: now.Round(0), ReadAt: now,
	}
	reason, ok := s.m.gate.offer(scan, f.Mark, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.health.Counters.GoodReads++
		s.health.LastScan = scan.At
	})
	if ok {
		s.handed = true
		return
	}
	s.count(func(c *Counters) {
		if reason == ReasonDuplicate {
			c.Duplicates++
		} else {
			c.Refused++
		}
	})
	s.log.Debug("scan refused", "reason", string(reason), "scan", scan)
	s.m.refused(Refused{
		Reason: reason, Source: s.cfg.Name, Class: scan.Class,
		Masked: scan.Text.Masked(), Length: scan.Text.Len(), At: scan.At,
	})
}

// interval is how long to wait before the next look.
func (s *scanner) interval() time.Duration {
	first := s.look
	s.look = false
	switch {
	case s.fast >= shortLives || !s.lostRecently():
		return s.m.opt.FindEvery
	case first:
		return settle
	default:
		return s.m.opt.FindAfterLoss
	}
}

func (s *scanner) lostRecently() bool {
	return !s.lost.IsZero() && time.Since(s.lost) < lossMemory
}

// ready reports that the port is open.
func (s *scanner) ready() {
	s.mu.Lock()
	if s.opened {
		s.health.Counters.Reconnects++
	}
	s.opened = true
	s.health.Port, s.health.Detail = s.loc.Path, s.loc.Detail
	s.health.State, s.health.Since = StateReady, time.Now()
	s.mu.Unlock()
	s.log.Info("scanner ready", "port", s.loc.Path, "device", s.loc.Detail)
	s.m.healthChanged()
}

// doubtful reports whether a fault should be seen once more before it is
// believed: a port that comes back is there before the system has set its
// permissions.
func (s *scanner) doubtful(kind Kind) bool {
	again := s.suspect == kind
	s.suspect = kind
	return kind.State() != StateAbsent && s.lostRecently() && s.snapshot().State == StateAbsent && !again
}

// failed reports a fault, once for as long as it stays the same.
func (s *scanner) failed(err error) {
	kind := KindOf(err)
	state := kind.State()
	s.mu.Lock()
	// Absent after gone is the same fault seen again.
	same := s.health.State == state && s.health.LastError != "" &&
		(state == StateAbsent || s.health.LastError == err.Error())
	if !same {
		if s.health.State != state {
			s.health.Since = time.Now()
		}
		s.health.State = state
		if s.loc.Path != "" {
			s.health.Port, s.health.Detail = s.loc.Path, s.loc.Detail
		}
		s.health.LastError, s.health.LastErrorAt = err.Error(), time.Now()
		s.health.Advice, s.health.Hint = kind.Advice(), hintOf(err)
	}
	s.mu.Unlock()
	if same {
		return
	}
	s.log.Warn("scanner not usable", "state", string(state), "error", err, "hint", hintOf(err))
	s.m.healthChanged()
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
