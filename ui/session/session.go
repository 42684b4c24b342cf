package session

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/ui/model"
)

// View draws screens.
type View interface {
	// Show is called with each new screen, from one goroutine, never twice with
	// equal ones. It must return soon: a toolkit's queue is the place for the
	// drawing itself.
	Show(s model.Screen)
}

// API is what the session needs of the daemon: *client.Client.
type API interface {
	Events(ctx context.Context) iter.Seq[client.Event]
	OpenSale(ctx context.Context, n wire.NewSale) (wire.Sale, bool, error)
	SubmitCode(ctx context.Context, saleID, code string) (wire.Sale, error)
	CancelAs(ctx context.Context, saleID string, b wire.ByBody) (wire.Sale, error)
	Recheck(ctx context.Context, saleID string) (wire.Sale, error)
	Resolve(ctx context.Context, saleID string, r wire.Resolution) (wire.Sale, error)
	ResolveRefund(ctx context.Context, saleID, refundID string, r wire.Resolution) (wire.Refund, error)
	Refund(ctx context.Context, saleID string, n wire.NewRefund) (wire.Refund, bool, error)
	Sale(ctx context.Context, saleID string) (wire.Sale, error)
	Sales(ctx context.Context, f client.Filter) (wire.SaleList, error)
	Shift(ctx context.Context) (wire.Shift, error)
	CloseShift(ctx context.Context, e wire.ShiftEnd) (s wire.Shift, closed bool, err error)
	Receipt(ctx context.Context, r client.ReceiptOf) ([]byte, error)
}

// Config is what a session is made of.
type Config struct {
	Model model.Config
	API   API
	View  View
	// Act carries out the commands that concern this computer and not the daemon:
	// PlaySound, Copy, Print, SetLanguage, SetVolume, PretendScan and Quit. It is
	// called from the session's goroutine and must return soon. Nil: nothing is done.
	Act func(model.Command)
	// PDF tells whether receipts are wanted as PDF: where nothing prints text. It is
	// asked for each. Nil: they are wanted as text.
	PDF func() bool
	// Timeout bounds one call. Zero: 10 s.
	Timeout time.Duration
	// Log hears of calls that failed. Nil: nobody does.
	Log *slog.Logger
}

// Session runs one window.
type Session struct {
	cfg   Config
	model *model.Model

	mu    sync.Mutex
	queue []stamped
	lost  int // keys that a full queue could not take
	bell  chan struct{}

	api     chan model.Event
	replies chan model.Reply
	calls   sync.WaitGroup
}

// stamped is an event and when it came.
type stamped struct {
	at time.Time
	e  model.Event
}

// maxQueue bounds what a view may leave in the queue: more than half a minute of
// keys at the pace of the fastest scanner.
const maxQueue = 16384

// New makes a session; nothing runs yet.
func New(cfg Config) *Session {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Act == nil {
		cfg.Act = func(model.Command) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Session{
		cfg: cfg, model: model.New(cfg.Model),
		bell: make(chan struct{}, 1), api: make(chan model.Event), replies: make(chan model.Reply),
	}
}

// Do hands in what the cashier did. It may be called from any goroutine and never
// waits. Events are applied in the order in which they were handed in.
func (s *Session) Do(e model.Event) {
	now := time.Now()
	s.mu.Lock()
	if len(s.queue) < maxQueue {
		s.queue = append(s.queue, stamped{now, e})
	} else {
		s.lost++
	}
	s.mu.Unlock()
	select {
	case s.bell <- struct{}{}:
	default: // it rings already
	}
}

// Run follows the daemon and the cashier until ctx ends, and returns nil then. It
// waits for all that it started.
func (s *Session) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var follower sync.WaitGroup
	defer func() {
		cancel()
		follower.Wait()
		s.calls.Wait()
	}()
	follower.Go(func() { s.follow(ctx) })

	shown := s.model.Screen()
	s.cfg.View.Show(shown)
	for {
		timer := time.NewTimer(s.untilTick())
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
			s.apply(ctx, time.Now(), model.Tick{})
		case e := <-s.api:
			s.apply(ctx, time.Now(), e)
		case r := <-s.replies:
			s.apply(ctx, time.Now(), r)
		case <-s.bell:
			s.drain(ctx)
		}
		timer.Stop()
		if next := s.model.Screen(); !next.Equal(shown) {
			shown = next
			s.cfg.View.Show(shown)
		}
	}
}

// untilTick is the time to the next Tick: the next full second of the wall clock,
// so that a countdown steps evenly, or earlier where the model wants to be woken.
func (s *Session) untilTick() time.Duration {
	now := time.Now()
	next := now.Truncate(time.Second).Add(time.Second)
	if wake := s.model.Wake(); !wake.IsZero() && wake.Before(next) {
		next = wake
	}
	return max(next.Sub(now), time.Millisecond)
}

// drain applies all that is in the queue.
func (s *Session) drain(ctx context.Context) {
	s.mu.Lock()
	queue, lost := s.queue, s.lost
	s.queue, s.lost = nil, 0
	s.mu.Unlock()
	for _, q := range queue {
		s.apply(ctx, q.at, q.e)
	}
	if lost > 0 {
		s.cfg.Log.Warn("keys came faster than they could be taken in and were dropped", "count", lost)
	}
}

func (s *Session) apply(ctx context.Context, now time.Time, e model.Event) {
	for _, c := range s.model.Apply(now, e) {
		call, ok := c.(model.Call)
		if !ok {
			s.cfg.Act(c)
			continue
		}
		s.calls.Go(func() {
			r := s.call(ctx, call)
			select {
			case s.replies <- r:
			case <-ctx.Done():
			}
		})
	}
}

// follow hands the daemon's events to the model until ctx ends.
func (s *Session) follow(ctx context.Context) {
	for e := range s.cfg.API.Events(ctx) {
		if ev := eventOf(e); ev != nil {
			select {
			case s.api <- ev:
			case <-ctx.Done():
				return
			}
		}
	}
}

func eventOf(e client.Event) model.Event {
	switch {
	case e.Picture != nil:
		return model.Connected{Picture: *e.Picture}
	case e.Sale != nil:
		return model.SaleChanged{Sale: *e.Sale}
	case e.Status != nil:
		return model.StatusChanged{Status: *e.Status}
	case e.Notice != nil:
		return model.NoticeArrived{Notice: *e.Notice}
	case e.Lost != nil:
		return model.Disconnected{Cause: causeOf(e.Lost)}
	}
	return nil
}

func causeOf(err error) model.Cause {
	switch {
	case errors.Is(err, client.ErrNotRunning):
		return model.CauseNotRunning
	case errors.Is(err, client.ErrPermission):
		return model.CausePermission
	case errors.Is(err, client.ErrAnswer):
		return model.CauseGarbage
	}
	return model.CauseLost
}
