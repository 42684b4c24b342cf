package device

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"posagent/device/decode"
)

// framingLogEvery keeps a noisy line from filling the log.
const framingLogEvery = time.Minute

// scanner is one configured scanner. What stands above mu belongs to the
// goroutine of run.
type scanner struct {
	m   *Manager
	cfg Scanner
	log *slog.Logger
	loc Location
	search
	stop context.CancelFunc // set when it is started
	done chan struct{}      // closed when it has ended: its port is closed

	reopen     chan struct{} // the port must be opened anew
	handed     bool          // a label was handed over since the last Read
	opened     bool          // the port was open before
	framingLog time.Time

	mu      sync.Mutex
	health  Health
	step    step
	changes changeLog
}

func newScanner(m *Manager, cfg Scanner) *scanner {
	return &scanner{
		m: m, cfg: cfg, log: m.log.With("scanner", cfg.Name), done: make(chan struct{}),
		search: search{every: m.opt.FindEvery, afterLoss: m.opt.FindAfterLoss, plugged: make(chan struct{}, 1)},
		reopen: make(chan struct{}, 1),
		health: Health{Name: cfg.Name, Kind: cfg.Driver.Kind(), State: StateAbsent, Since: time.Now()},
	}
}

func (s *scanner) snapshot() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health
}

// away reports whether the scanner was last seen not to be there.
func (s *scanner) away() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health.State == StateAbsent && s.health.LastError != ""
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
			if !s.doubtful(KindOf(err), s.away()) {
				s.failed(err)
			}
		} else if err = s.serve(ctx, port, framer); err != nil {
			s.failed(err)
		}
		s.rest(ctx)
	}
	return nil
}

func (s *scanner) connect() (Port, error) {
	s.begin("find")
	defer s.end()
	loc, err := s.cfg.Driver.Find()
	var port Port
	if err == nil {
		if loc.Path != s.loc.Path {
			s.fast = 0
		}
		s.loc = loc
		s.begin("open")
		port, err = s.cfg.Driver.Open(loc)
	}
	s.there = err != nil && KindOf(err) != KindAbsent
	if err != nil && !s.there {
		s.fast = 0
	}
	return port, err
}

// serve reads the port until it fails, the machine has slept or ctx ends, and
// closes it.
func (s *scanner) serve(ctx context.Context, port Port, framer *decode.Framer) error {
	if f, ok := port.(Framed); ok {
		own, err := decode.NewFramer(f.Framing(s.cfg.Framing))
		if err != nil {
			return errors.Join(fmt.Errorf("the port's framing: %w", err), port.Close())
		}
		framer = own
	}
	begun := time.Now()
	s.suspected = time.Time{}
	select {
	case <-s.reopen: // it was just opened
	default:
	}
	announced := s.fast < shortLives
	if announced {
		s.ready(true)
	}
	err := s.read(ctx, port, framer, func() {
		if !announced && time.Since(begun) >= stableAfter {
			announced, s.fast = true, 0
			s.ready(true)
		}
	})
	framer.Reset(s.frame)
	// Closed before anybody looks for the port again: while a dead handle is
	// open, Linux gives a replugged adapter another name.
	s.begin("close")
	cerr := port.Close()
	s.end()
	if cerr != nil {
		s.log.Debug("closing the scanner's port failed", "port", s.loc.Path, "error", cerr)
	}
	if err == nil {
		s.stirred, s.look = time.Now(), true // if not stopped, then to be opened again soon
		return nil
	}
	if !s.lived(time.Since(begun)) {
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
	var idle spin
	for ctx.Err() == nil {
		begun := s.begin("read")
		chunk, err := port.Read()
		if s.end() && err == nil {
			s.ready(false)
		}
		if err == nil && idle.tooOften(chunk, time.Since(begun)) {
			err = &Error{
				Op: "read", Port: s.loc.Path, Kind: KindFaulty,
				Err:  errors.New("reading returns at once and without data"),
				Hint: "unplug the scanner and plug it in again; check that " + s.loc.Path + " is a scanner's port",
			}
		}
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
		select {
		case <-s.reopen:
			s.log.Info("the machine has slept: the scanner is opened anew", "port", s.loc.Path)
			return nil
		default:
		}
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

// ready reports that the port can be used: that it was opened, or that it is
// read again.
func (s *scanner) ready(opened bool) {
	s.mu.Lock()
	if opened && s.opened {
		s.health.Counters.Reconnects++
	}
	s.opened = true
	s.health.Port, s.health.Detail = s.loc.Path, s.loc.Detail
	s.health.State, s.health.Since = StateReady, time.Now()
	s.mu.Unlock()
	s.changed(nil)
}

// failed reports a fault, once for as long as it stays the same.
func (s *scanner) failed(err error) {
	state := KindOf(err).State()
	s.mu.Lock()
	// Absent after gone is the same fault seen again.
	same := s.health.State == state && s.health.LastError != "" &&
		(state == StateAbsent || s.health.LastError == err.Error())
	if !same {
		if s.loc.Path != "" {
			s.health.Port, s.health.Detail = s.loc.Path, s.loc.Detail
		}
		s.health.fail(err)
	}
	s.mu.Unlock()
	if !same {
		s.changed(err)
	}
}

// changed tells the log and everybody else that the health has changed: for the
// better if err is nil.
func (s *scanner) changed(err error) {
	s.mu.Lock()
	write, hidden := s.changes.admit(time.Now())
	h := s.health
	s.mu.Unlock()
	var args []any
	if hidden > 0 {
		args = append(args, "unwritten", hidden)
	}
	switch {
	case !write:
	case err == nil:
		s.log.Info("scanner ready", append(args, "action", "scanner", "port", h.Port, "device", h.Detail)...)
	default:
		s.log.Warn("scanner not usable", append(args, "action", "scanner", "scanner_state", string(h.State), "error", err, "hint", h.Hint)...)
	}
	s.m.healthChanged()
}
