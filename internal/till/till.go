// Package till is the foreground: one sale at a time, at one checkout.
//
// It opens sales, claims the scanners while a sale waits for a code, hands the
// code to the payment engine, and publishes what there is to see as immutable,
// numbered Snapshots. It decides nothing about money: that is the engine's. A
// sale leaves the foreground when it is final, when its reversal is decided, or
// when it needs a person; it then goes on in the background and the next
// customer can be served.
//
// Here, and only here, the scanners (package device) and the payments (package
// offline) meet. One goroutine owns all state and takes turns: a command, a
// change of a sale, a change of health, a notice, the clock. A payment code does
// not pass through it: the goroutine that got the code from the scanner hands it
// to the engine itself, because the customer waits, and the engine admits one
// code per sale whoever comes first.
package till

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/internal/health"
	"posagent/offline"
)

// Seller takes sales; *offline.Engine is one.
type Seller interface {
	OpenSale(n offline.NewSale) (offline.Sale, bool, error)
	Pay(id offline.SaleID, code offline.IdentityCode) (offline.Sale, error)
	Expire(id offline.SaleID) (offline.Sale, error)
	Arm(on bool)
}

// Viewer shows sales and their changes; *offline.Engine is one.
type Viewer interface {
	Sale(id offline.SaleID) (offline.Sale, error)
	Subscribe(buffer int) *offline.Subscription
}

// Engine is the payment engine, as the till needs it.
type Engine interface {
	Seller
	Viewer
}

// Journal lists what is unsettled and recognises codes; offline.Journal is one.
type Journal interface {
	Unsettled(until time.Time, limit int) ([]offline.DueSale, error)
	Digest(code offline.IdentityCode) offline.CodeDigest
}

// Scanners are the till's scanners; *device.Manager is them.
type Scanners interface {
	Claim(ctx context.Context) (*device.Claim, error)
	Health() []device.Health
	HealthChanged() <-chan struct{}
}

// Options say what a till is built from. Engine, Journal and Health are required.
type Options struct {
	Engine   Engine
	Journal  Journal
	Scanners Scanners // nil: codes come through the API alone
	Health   *health.Registry
	Log      *slog.Logger // nil: none

	// Currency tells what the till sells in now; nil: anything. A sale in another
	// one was judged by a configuration that is no longer in force.
	Currency func() string

	// Classifier sorts codes that come through the API, by the rules by which
	// the scanners' labels are sorted.
	Classifier decode.Classifier

	// OnUnused, if set, is told the kind of every label that a scanner handed
	// over for a sale and that started nothing: what is no payment code, and a
	// code that was used before. It is called in the scan's goroutine and must
	// return at once.
	OnUnused func(decode.Kind)
}

// Till is the foreground of one checkout. Its methods may be called from any
// goroutine.
type Till struct {
	opt Options
	log *slog.Logger

	commands  chan command
	woken     chan struct{} // something outside the loop changed: a notice, the gateway
	stopped   chan struct{} // closed when Run has ended
	published atomic.Pointer[published]

	mu      sync.Mutex
	serial  uint64  // of the newest notice
	arrived *Notice // newest that the loop has not taken yet
	gateway gateway

	// What follows belongs to the goroutine of Run.
	foreground *offline.Sale
	last       *offline.Sale
	notice     *Notice
	backlog    backlog
	scan       *scan
	draining   *Drained            // who closed the till for new sales; nil: nobody
	held       bool                // no new sale is opened: see Hold
	warned     map[string]struct{} // scanners that there is a warning about
	retry      time.Time           // when to try again what failed: claiming, expiring
	unclosed   offline.SaleID      // whose failing to close is in the log already
	wg         sync.WaitGroup
}

// command is one turn asked for from outside. done is closed after its effect
// has been published, so that whoever asked finds it in the next Snapshot.
type command struct {
	do   func()
	done chan struct{}
}

// New prepares a till; Run opens it.
func New(opt Options) (*Till, error) {
	switch {
	case opt.Engine == nil:
		return nil, errors.New("till without a payment engine")
	case opt.Journal == nil:
		return nil, errors.New("till without a journal")
	case opt.Health == nil:
		return nil, errors.New("till without a health registry")
	}
	t := &Till{
		opt: opt, log: opt.Log,
		commands: make(chan command), woken: make(chan struct{}, 1), stopped: make(chan struct{}),
		backlog: newBacklog(), warned: map[string]struct{}{},
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.gateway.State = GatewayUnknown
	t.published.Store(&published{snapshot: &Snapshot{Gateway: t.gateway.Gateway}, next: make(chan struct{})})
	return t, nil
}

// subscription is how many changes may wait while the till takes one turn.
const subscription = 1024

// Run takes turns until ctx ends. It returns after every goroutine of the till
// has ended; the scanners are released. The engine must be running: a till that
// is opened earlier answers offline.ErrStopped. Run works once.
func (t *Till) Run(ctx context.Context) error {
	defer close(t.stopped)
	defer t.wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	sub := t.opt.Engine.Subscribe(subscription)
	defer func() { sub.Close() }()
	if err := t.readBacklog(); err != nil {
		return fmt.Errorf("listing unsettled sales: %w", err)
	}
	defer t.close()
	var waiting []chan struct{}
	for {
		healthChanged, scannersChanged := t.opt.Health.Changed(), t.scannersChanged()
		alarm := t.settle(ctx)
		t.publish(true)
		for _, done := range waiting {
			close(done)
		}
		waiting = waiting[:0]
		timer := time.NewTimer(alarm)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case c := <-t.commands:
			c.do()
			waiting = append(waiting, c.done)
		case c, ok := <-sub.C:
			if sub = t.changes(sub, c, ok); sub == nil {
				timer.Stop()
				return errors.New("the payment engine ended the till's subscription")
			}
		case <-t.woken:
		case <-healthChanged:
		case <-scannersChanged:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (t *Till) scannersChanged() <-chan struct{} {
	if t.opt.Scanners == nil {
		return nil
	}
	return t.opt.Scanners.HealthChanged()
}

// close leaves a picture that nobody takes for an open till.
func (t *Till) close() {
	t.stopScan()
	t.opt.Engine.Arm(false)
	t.publish(false)
}

// do has a command run by the loop. An error means that it was not run; once
// taken, it is carried through even if ctx ends.
func (t *Till) do(ctx context.Context, f func()) error {
	c := command{do: f, done: make(chan struct{})}
	select {
	case t.commands <- c:
	case <-t.stopped:
		return offline.ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-c.done:
		return nil
	case <-t.stopped:
		return offline.ErrStopped // it was run; the process ends, and its effect is in the journal
	}
}

// wake lets the loop take a turn.
func (t *Till) wake() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

// changes takes in a change of a sale and all that wait behind it, so that a
// clean-up of many sales is one turn. It returns the subscription to go on with.
func (t *Till) changes(sub *offline.Subscription, c offline.Change, ok bool) *offline.Subscription {
	for range subscription {
		if !ok {
			return t.resubscribe(sub)
		}
		t.apply(c.Sale)
		select {
		case c, ok = <-sub.C:
		default:
			return sub
		}
	}
	return sub
}

// resubscribe starts again from the whole picture after the till fell behind.
func (t *Till) resubscribe(old *offline.Subscription) *offline.Subscription {
	if !old.Lagged() {
		return nil
	}
	t.log.Warn("the till fell behind the payment engine and reads everything again")
	sub := t.opt.Engine.Subscribe(subscription)
	if err := t.readBacklog(); err != nil {
		t.JournalFailed(err)
	}
	for _, s := range []*offline.Sale{t.foreground, t.last} {
		if s != nil {
			t.reread(s.ID)
		}
	}
	return sub
}

func (t *Till) reread(id offline.SaleID) {
	sale, err := t.opt.Engine.Sale(id)
	if err != nil {
		t.log.Error("a sale could not be read", "sale", id, "error", err)
		return
	}
	t.apply(sale)
}

// apply takes in a sale as it is now. Older news than what is known is dropped:
// a sale may be read directly while its changes are still on their way.
func (t *Till) apply(sale offline.Sale) {
	if f := t.foreground; f != nil && f.ID == sale.ID && f.Version <= sale.Version {
		if len(sale.Payments) > len(f.Payments) {
			t.notice = nil // it was about the scan before
		}
		t.foreground = &sale
	}
	if l := t.last; l != nil && l.ID == sale.ID && l.Version <= sale.Version {
		t.last = &sale
	}
	t.backlog.apply(&sale)
}

// look is how long the till sleeps at most: a wall clock that is set forward
// brings a sale's end nearer without waking anybody.
const look = 5 * time.Second

// settle brings foreground, scanners and warnings in line with what is known,
// and tells how long until it must look again.
func (t *Till) settle(ctx context.Context) time.Duration {
	t.takeNotice()
	alarm := look
	if awaitsCode(t.foreground) {
		// By the wall clock: the other one stands still while the machine sleeps.
		left := time.Until(t.foreground.ExpiresAt.Round(0))
		if left <= 0 {
			alarm = min(alarm, t.expire())
		}
		alarm = min(alarm, max(left, 10*time.Millisecond))
	}
	if t.foreground != nil && !t.foreground.InForeground() {
		t.last, t.foreground = t.foreground, nil
		t.opt.Engine.Arm(false)
	}
	if !awaitsCode(t.foreground) {
		t.stopScan()
	} else if wait := t.startScan(ctx); wait > 0 {
		alarm = min(alarm, wait)
	}
	t.warn()
	return alarm
}

// again is the pause before something that failed is tried again.
const again = time.Second

// expire ends the foreground sale because no code came in time. A failure is
// tried again after a pause, which is returned.
func (t *Till) expire() time.Duration {
	if wait := time.Until(t.retry); wait > 0 {
		return wait
	}
	sale, err := t.opt.Engine.Expire(t.foreground.ID)
	if err != nil {
		t.failed(err)
		if t.unclosed != t.foreground.ID { // one line, not one a second
			t.unclosed = t.foreground.ID
			t.log.Error("a sale that nobody paid could not be closed; it is tried again", "sale", t.foreground.ID, "error", err)
		}
		t.retry = time.Now().Add(again)
		return again
	}
	t.apply(sale)
	return look
}

// awaitsCode tells whether a sale of this run would take a code now.
func awaitsCode(s *offline.Sale) bool {
	return s != nil && (s.State() == offline.SaleStateWaiting || s.CanRescan())
}
