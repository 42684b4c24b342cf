package device

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"posagent/device/decode"
)

// The defaults of Options.
const (
	DefaultDuplicateWindow = 3 * time.Second
	DefaultFindEvery       = time.Second
	DefaultFindAfterLoss   = 250 * time.Millisecond
)

// lossMemory is how long after a loss a scanner is looked for more often: a
// cable that was bumped is back within seconds.
const lossMemory = 15 * time.Second

// Options say what a Manager looks after.
type Options struct {
	// Scanners may be empty: then a claim waits for ever, which is right for a
	// till whose codes come through the local API.
	Scanners []Scanner

	// Classifier sorts the labels. The zero value is the usual one.
	Classifier decode.Classifier

	// DuplicateWindow is how long after a label was handed over the same label
	// counts as the same scan. Zero: 3 s. Negative: never.
	DuplicateWindow time.Duration

	// FindEvery is the time between two looks for a scanner that is not there.
	// Zero: 1 s. FindAfterLoss is the same shortly after it was lost, or after
	// something was plugged in. Zero:
	// 250 ms.
	FindEvery     time.Duration
	FindAfterLoss time.Duration

	// Plugged, if set, receives whenever a device may have been plugged in; a
	// usb.Watcher gives such a channel. Scanners that are not there are then
	// looked for at once, and not only every FindEvery. What it says may come
	// late, twice, or for a device that is no scanner.
	Plugged <-chan struct{}

	// Woke, if set, receives when the machine has slept. Every port is then closed
	// and opened anew: a scanner may have lost its power, and the port of one that
	// did may read nothing for ever.
	Woke <-chan struct{}

	// OnRefused, if set, is told of every label that is not handed over. It is
	// called from the scanner's goroutine, possibly from several at once, holds
	// up further reading and must return at once.
	OnRefused func(Refused)

	// Log receives one line per change of a scanner's state, ten a minute at
	// most. Nil: none.
	Log *slog.Logger
}

// Manager looks after all scanners of a till. Its methods may be called from
// any goroutine.
type Manager struct {
	opt  Options
	log  *slog.Logger
	gate gate

	replacing sync.Mutex // one Replace at a time

	mu       sync.Mutex
	scanners []*scanner    // replaced as a whole, never written into
	changed  chan struct{} // closed and replaced at every change of health
	started  bool
	launch   func(*scanner) // starts a scanner; nil before and after Run
	ended    bool
}

// New returns a Manager that does nothing until Run. It names every scanner
// whose configuration cannot be used.
func New(opt Options) (*Manager, error) {
	if opt.DuplicateWindow == 0 {
		opt.DuplicateWindow = DefaultDuplicateWindow
	}
	if opt.FindEvery <= 0 {
		opt.FindEvery = DefaultFindEvery
	}
	if opt.FindAfterLoss <= 0 {
		opt.FindAfterLoss = DefaultFindAfterLoss
	}
	m := &Manager{opt: opt, log: opt.Log, changed: make(chan struct{})}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	m.gate.init(opt.DuplicateWindow)

	var err error
	m.scanners, err = m.build(opt.Scanners)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// build makes the scanners of a list; one without a driver is the one of that
// name that there is already.
func (m *Manager) build(list []Scanner) (out []*scanner, _ error) {
	var errs []error
	names := make(map[string]bool)
	for i, sc := range list {
		old := m.named(sc.Name)
		switch {
		case sc.Name == "":
			errs = append(errs, fmt.Errorf("scanner %d has no name", i+1))
		case names[sc.Name]:
			errs = append(errs, fmt.Errorf("two scanners are called %q", sc.Name))
		case sc.Driver == nil && old != nil:
			out = append(out, old)
		case sc.Driver == nil:
			errs = append(errs, fmt.Errorf("scanner %q has no driver", sc.Name))
		default:
			if err := sc.Framing.Validate(); err != nil {
				errs = append(errs, fmt.Errorf("scanner %q: %w", sc.Name, err))
			}
			s := newScanner(m, sc)
			if old != nil {
				s.health.Counters = old.snapshot().Counters // they count since the manager was made
			}
			out = append(out, s)
		}
		names[sc.Name] = true
	}
	return out, errors.Join(errs...)
}

// Run looks after the scanners until ctx ends. It returns nil after a clean
// stop, with every port closed; that takes as long as one Read, 200 ms at most.
// Run works once: afterwards every claim answers ErrStopped.
func (m *Manager) Run(ctx context.Context) error {
	m.mu.Lock()
	again := m.started
	m.started = true
	m.mu.Unlock()
	if again {
		return errors.New("scanner manager: Run was called twice")
	}
	defer m.gate.stop()
	var g errgroup.Group
	// watch stays until ctx ends: without scanners there is still somebody who may
	// wait, and Replace may add some.
	g.Go(func() error { m.watch(ctx); return nil })
	m.replacing.Lock() // a Replace sees all of this or nothing
	m.mu.Lock()
	m.launch = func(s *scanner) {
		own, stop := context.WithCancel(ctx)
		s.stop = stop
		g.Go(func() error {
			defer close(s.done)
			defer stop()
			return s.run(own)
		})
	}
	for _, s := range m.scanners {
		m.launch(s)
	}
	m.mu.Unlock()
	m.replacing.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.launch, m.ended = nil, true
	m.mu.Unlock()
	return g.Wait()
}

// Claim takes the scanners for the caller alone, until Release. It fails at
// once with a *ClaimedError while somebody else has them. Name the caller with
// WithHolder. The end of ctx does not release the claim.
func (m *Manager) Claim(ctx context.Context) (*Claim, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.gate.claim(holderOf(ctx))
}

// Waiting reports whether somebody is waiting for a scan right now: the gate is
// open. It is UnifiedPOS's DataEventEnabled.
func (m *Manager) Waiting() bool { return m.gate.open() }

// Health gives the state of every scanner, in the order of Options.
func (m *Manager) Health() []Health {
	list := m.list()
	all := make([]Health, len(list))
	for i, s := range list {
		all[i] = s.snapshot()
	}
	return all
}

// HealthChanged returns a channel that is closed at the next change of any
// scanner's state. Take the channel first and Health after it, or a change in
// between goes unseen. Counters alone are no change.
func (m *Manager) HealthChanged() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

func (m *Manager) healthChanged() {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *Manager) refused(r Refused) {
	if m.opt.OnRefused != nil {
		m.opt.OnRefused(r)
	}
}
