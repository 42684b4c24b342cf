package offline

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of the engine's commands.
var (
	// ErrSaleConflict: a sale or refund of this id exists with other content.
	ErrSaleConflict = errors.New("the id is in use with other content")
	// ErrUnknownRefund: the sale has no refund of this id.
	ErrUnknownRefund = errors.New("unknown refund")
	// ErrNotInAttention: only what a person must look at is resolved.
	ErrNotInAttention = errors.New("nothing waits for a person here")
	// ErrStopped: the engine is stopping, or the journal has failed.
	ErrStopped = errors.New("the payment engine has stopped")
)

// Config is what an engine is built from. All fields but Beside, OnAttempt and
// OnFault are required.
type Config struct {
	Journal Journal
	Gateway Gateway
	Policy  Policy
	Minter  Minter
	Boot    BootID // of this run; new for every start of the process
	Log     *slog.Logger

	// Beside starts the commit of a payment's intent, which goes on beside the
	// signature of its message, and returns at once: best on a processor of its
	// own. Nil: a goroutine.
	Beside func(commit func())
	// OnAttempt hears of every message that has an outcome, after its commit.
	// It must not block.
	OnAttempt func(op Op, o Outcome, took time.Duration)
	// OnFault hears of a failed journal, once. It must not block.
	OnFault func(error)
}

// Engine takes payments to their end. Commands return when what they decided is
// durable; the work goes on in drivers, one for each payment (I7). Wall times in
// facts come from the system clock; every wait is re-judged by Next when it ends.
type Engine struct {
	cfg    Config // Policy is the first one; policy is the one that counts
	policy atomic.Pointer[Policy]
	broker *broker
	yield  *yield
	locks  [64]sync.Mutex // by sale: held while loading, deciding and committing, never while a message is under way

	mu      sync.Mutex
	running bool
	ctx     context.Context // of Run: no new step after its end
	calls   context.Context // of messages: ends later than ctx, so that answers still arrive
	drivers map[job]*driver
	wg      sync.WaitGroup
	failed  error

	agenda *agenda
}

// NewEngine checks the policy and prepares an engine; Run starts it.
func NewEngine(cfg Config) (*Engine, error) {
	if err := cfg.Policy.Validate(); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if cfg.Boot == "" {
		return nil, fmt.Errorf("engine without an id of this run: %w", ErrID)
	}
	last, err := cfg.Journal.LastEvent()
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	if cfg.Beside == nil {
		cfg.Beside = func(commit func()) { go commit() }
	}
	e := &Engine{
		cfg: cfg, broker: newBroker(last), yield: newYield(),
		drivers: map[job]*driver{}, agenda: newAgenda(),
	}
	e.policy.Store(&cfg.Policy)
	return e, nil
}

// stopGrace is how long answers to messages under way are awaited after the end
// of Run's context. The rest is left to the next start, which asks.
const stopGrace = 6 * time.Second

// Run resumes every unsettled sale and works until ctx ends; then it waits, for
// at most 6 s, for answers under way. Resuming is listed before it returns from
// its first step, so that a caller may accept sales as soon as Ready is closed.
func (e *Engine) Run(ctx context.Context, ready func()) error {
	calls, endCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer endCalls()
	if err := e.resume(); err != nil {
		return err
	}
	e.mu.Lock()
	e.ctx, e.calls, e.running = ctx, calls, true
	e.mu.Unlock()
	if ready != nil {
		ready()
	}
	for range cleanupWorkers {
		e.wg.Go(func() { e.cleanUp(ctx) })
	}
	<-ctx.Done()
	e.mu.Lock()
	e.running = false
	e.mu.Unlock()
	stop := time.AfterFunc(stopGrace, endCalls)
	defer stop.Stop()
	e.wg.Wait()
	return e.Err()
}

// resume puts every unsettled sale on the agenda. Sales that only waited for a
// code are closed: the code never came, and the register starts again.
func (e *Engine) resume() error {
	due, err := e.cfg.Journal.Unsettled(NeverDue, maxUnsettled)
	if err != nil {
		return fmt.Errorf("listing unsettled sales: %w", err)
	}
	now := time.Now()
	for _, d := range due {
		e.agenda.add(d.ID, now)
	}
	if len(due) > 0 {
		e.cfg.Log.Info("resuming unsettled sales", "sales", len(due))
	}
	return nil
}

// maxUnsettled bounds the list read at a start; a till that left more behind
// works through them start by start.
const maxUnsettled = 1_000_000

// Err returns why the engine no longer sells: the journal's failure.
func (e *Engine) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed
}

// Arm tells the engine whether a sale is in the foreground, so that clean-ups of
// old payments step back.
func (e *Engine) Arm(on bool) { e.yield.arm(on) }

// Policy returns the numbers that the engine works by.
func (e *Engine) Policy() Policy { return *e.policy.Load() }

// SetPolicy changes the numbers that the engine works by. They count from the
// next step of every payment, as after a restart: facts are judged by the policy
// of the moment, and no fact depends on the one before. What was decided stays
// decided, and a message under way keeps its time-out.
func (e *Engine) SetPolicy(p Policy) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	e.policy.Store(&p)
	return nil
}

// Subscribe delivers every change from now on. See Subscription.
func (e *Engine) Subscribe(buffer int) *Subscription { return e.broker.subscribe(buffer) }

// Sale returns one sale as this run judges it, or ErrUnknownSale.
func (e *Engine) Sale(id SaleID) (Sale, error) {
	s, err := e.cfg.Journal.Sale(id)
	if err != nil {
		return Sale{}, err
	}
	return s.SeenBy(e.cfg.Boot), nil
}

// Sales lists sales, newest first.
func (e *Engine) Sales(f SaleFilter) (SalePage, error) {
	page, err := e.cfg.Journal.Sales(f)
	if err != nil {
		return SalePage{}, err
	}
	for i := range page.Sales {
		page.Sales[i] = page.Sales[i].SeenBy(e.cfg.Boot)
	}
	return page, nil
}

// lock guards one sale while it is loaded, judged and changed.
func (e *Engine) lock(id SaleID) func() {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash's Write returns no error
	m := &e.locks[h.Sum32()%uint32(len(e.locks))]
	m.Lock()
	return m.Unlock
}

// commit makes a write durable, then runs then, then publishes. A store that
// fails stops the engine: selling on without a journal could charge twice.
func (e *Engine) commit(w Write, then func(Sale)) (Sale, error) {
	c, err := e.cfg.Journal.Commit(w)
	if err != nil {
		if errors.Is(err, ErrJournal) {
			e.fail(err)
		}
		return Sale{}, err
	}
	durable := time.Now()
	sale := c.Sale.SeenBy(e.cfg.Boot)
	if then != nil {
		then(sale)
	}
	e.broker.publish(Change{Event: c.Event, Sale: sale, Write: w, At: durable})
	return sale, nil
}

func (e *Engine) fail(err error) {
	e.mu.Lock()
	first := e.failed == nil
	if first {
		e.failed = err
	}
	e.mu.Unlock()
	if !first {
		return
	}
	e.cfg.Log.Error("the journal failed: no further sale is taken", "action", "journal", "error", err)
	if e.cfg.OnFault != nil {
		e.cfg.OnFault(err)
	}
}

// hold admits one command on a sale and returns the sale as it stands; nothing
// else changes it until release. Errors: ErrStopped, ErrUnknownSale, ErrJournal.
func (e *Engine) hold(id SaleID) (sale Sale, release func(), err error) {
	leave, err := e.enter()
	if err != nil {
		return Sale{}, nil, err
	}
	unlock := e.lock(id)
	release = func() { unlock(); leave() }
	if sale, err = e.Sale(id); err != nil {
		release()
		return Sale{}, nil, err
	}
	return sale, release, nil
}

// enter admits one command and keeps Run from returning before it is through.
// It returns ErrStopped where no new work may begin.
func (e *Engine) enter() (leave func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.failed != nil:
		return nil, fmt.Errorf("%w: %w", ErrStopped, e.failed)
	case !e.running || e.ctx.Err() != nil:
		return nil, ErrStopped
	}
	e.wg.Add(1)
	return e.wg.Done, nil
}
