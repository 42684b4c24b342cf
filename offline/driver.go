package offline

import (
	"context"
	"errors"
	"runtime"
	"time"
)

// job names what one driver takes to its end: a payment, or a refund.
type job struct {
	sale    SaleID
	payment MerchantTransID
	refund  RefundID // empty for a payment
}

// driver takes one payment or refund to its end: load, Next, wait, commit the
// intent, send, commit the outcome, again. Between turns it keeps nothing but
// the payment code (memory only, I9) and the answers under way.
type driver struct {
	e       *Engine
	job     job
	code    IdentityCode
	title   string
	results chan result
	nudged  chan struct{}
	asked   bool    // a person wants one more question to the gateway; guarded by e.mu
	open    int     // messages under way
	done    *result // an answer that is not recorded yet
	calm    func()
}

// result is the answer to one message.
type result struct {
	attempt int
	op      Op
	outcome Outcome
	at      time.Time
	took    time.Duration
}

// handOver is the wait from which a driver is not worth its goroutine: the
// agenda starts a new one in time.
const handOver = 20 * time.Second

// drive starts the driver of a job, unless it runs already; then it is nudged.
func (e *Engine) drive(j job, prepare func(*driver)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.drivers[j]
	if d == nil {
		d = e.newDriver(j)
		e.drivers[j] = d
		if prepare != nil {
			prepare(d)
		}
		e.wg.Go(func() { e.run(d, handOver) })
		return
	}
	if prepare != nil {
		prepare(d)
	}
	select {
	case d.nudged <- struct{}{}:
	default:
	}
}

func (e *Engine) newDriver(j job) *driver {
	// Pay, one more message and a late answer of each fit; nobody blocks on results.
	return &driver{e: e, job: j, results: make(chan result, 8), nudged: make(chan struct{}, 1), calm: func() {}}
}

// run is a driver's life. When it leaves early, the agenda knows when to look again.
func (e *Engine) run(d *driver, patience time.Duration) {
	defer d.calm()
	due, again := d.loop(patience)
	if again && (d.done != nil || d.open > 0) && e.ctx.Err() == nil {
		// It failed with answers in hand or under way. Another driver would wait
		// for them for ever, so this one stays; not in the place of a clean-up,
		// which has others to look after.
		e.wg.Go(func() {
			d.rest(time.Until(due))
			e.run(d, handOver)
		})
		return
	}
	e.mu.Lock()
	nudged := false
	select {
	case <-d.nudged:
		nudged = true
	default:
	}
	delete(e.drivers, d.job)
	asked := d.asked
	e.mu.Unlock()
	switch {
	case nudged && e.ctx.Err() == nil: // it came while the driver was leaving
		e.drive(d.job, func(next *driver) { next.asked = next.asked || asked })
	case again:
		e.agenda.add(d.job.sale, due)
	}
}

// rest waits until a driver that failed tries again.
func (d *driver) rest(pause time.Duration) {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-d.nudged:
	case <-d.e.ctx.Done():
	}
}

// loop takes turns until nothing is left to do, the next step is further away
// than patience, a turn fails, or the engine stops. It tells when to look again.
func (d *driver) loop(patience time.Duration) (due time.Time, again bool) {
	ctx := d.e.ctx
	for {
		if ctx.Err() != nil && d.done == nil && d.open == 0 {
			return time.Time{}, false
		}
		step, err := d.turn(d.done)
		if err != nil {
			d.complain(err)
			return time.Now().Add(time.Minute), !errors.Is(err, ErrJournal)
		}
		d.done = nil
		if step.Kind == StepSend {
			continue
		}
		if step.Kind == StepIdle && d.open == 0 {
			return time.Time{}, false
		}
		pause := time.Duration(-1)
		if step.Kind == StepWait && !step.Until.IsZero() {
			pause = max(time.Until(step.Until), 0)
		}
		if d.open == 0 && pause >= patience {
			return step.Until, true
		}
		if d.open == 0 && pause < 0 {
			// An answer that nobody awaits any more: the journal failed before it
			// was recorded. The next start asks the gateway.
			return time.Now().Add(time.Minute), true
		}
		d.done = d.await(ctx, pause)
	}
}

// await waits for an answer, a nudge, the pause's end (none if negative) or the
// engine's stop. After the stop only answers count.
func (d *driver) await(ctx context.Context, pause time.Duration) *result {
	if ctx.Err() != nil {
		if d.open == 0 {
			return nil
		}
		r := <-d.results // Send returns at the end of e.calls at the latest
		d.open--
		return &r
	}
	var alarm <-chan time.Time
	if pause >= 0 {
		// A wall clock that is set forward makes the step due earlier: look now and then.
		t := time.NewTimer(min(pause, 5*time.Second))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case r := <-d.results:
		d.open--
		return &r
	case <-d.nudged:
	case <-alarm:
	case <-ctx.Done():
	}
	return nil
}

func (d *driver) complain(err error) {
	d.e.cfg.Log.Error("a payment could not be taken further; it will be looked at again",
		"sale", d.job.sale, "payment", d.job.payment, "refund", d.job.refund, "error", err)
}

// turn commits an answer, if there is one, with everything that follows from it,
// the next intent included, in one write; then the next message leaves.
func (d *driver) turn(done *result) (Step, error) {
	defer d.e.lock(d.job.sale)()
	sale, err := d.e.Sale(d.job.sale)
	if err != nil {
		return Step{}, err
	}
	p := &plan{driver: d, sale: sale, now: time.Now()}
	if done != nil {
		p.took = done.took
		if err := p.add(Fact{Kind: FactFinished, At: done.at, Attempt: done.attempt, Outcome: &done.outcome}); err != nil {
			return Step{}, err
		}
	}
	step, err := p.decide()
	if err != nil {
		return Step{}, err
	}
	if len(p.facts) == 0 {
		return step, nil
	}
	if err := d.commit(p, step); err != nil {
		return Step{}, err
	}
	if done != nil {
		// Whoever was told of the change goes first: the customer waits for what
		// the window shows, and for nothing that follows here.
		runtime.Gosched()
		d.report(*done)
	}
	return step, nil
}

// commit makes what a turn has planned durable; a message that it begins leaves
// when it is signed as well.
func (d *driver) commit(p *plan, step Step) error {
	then := func(after Sale) {
		if d.job.refund != "" {
			d.e.release(after, d.job.payment)
		}
	}
	m := p.message(step)
	if m == nil {
		_, err := d.e.commit(p.write(step), then)
		return err
	}
	if _, err := d.e.commitSigning(m, func() Write { return p.write(step) }, then); err != nil {
		return err
	}
	d.open++
	d.leave(m)
	return nil
}

// release goes on with a payment that waited for a person beside a refund, where
// the refund stands against it no more and an answer came meanwhile.
func (e *Engine) release(s Sale, id MerchantTransID) {
	if p := s.Payment(id); p.End == nil && DeriveState(*p) != StateAttention {
		e.drive(job{sale: s.ID, payment: id}, nil)
	}
}

func (d *driver) report(r result) {
	if r.op == OpPay {
		d.calm()
	}
	d.e.cfg.Log.Debug("message answered", "action", "message", "op", r.op, "sale", d.job.sale, "payment", d.job.payment,
		"outcome", r.outcome.Kind, "result_code", r.outcome.ResultCode, "detail", r.outcome.Detail, "took", r.took)
	if d.e.cfg.OnAttempt != nil {
		d.e.cfg.OnAttempt(r.op, r.outcome, r.took)
	}
}

// message is one message to the gateway.
type message struct {
	attempt int
	timeout time.Duration // 0: the gateway's own
	req     Request
	call    Call
	unmade  error // why there is no call
}

// commitSigning makes and commits the write that begins a message beside making
// and signing the message itself, and returns when both are done; only then, and
// without an error, may the message leave. then runs as soon as the write is
// durable. The message is made on this goroutine, which goes on to send it, so
// that nobody has to be woken in between.
func (e *Engine) commitSigning(m *message, intent func() Write, then func(Sale)) (sale Sale, err error) {
	done := make(chan struct{})
	e.cfg.Beside(func() {
		defer close(done)
		sale, err = e.commit(intent(), then)
	})
	m.call, m.unmade = e.cfg.Gateway.Prepare(m.req)
	<-done
	return sale, err
}

// leave sends a message whose intent is durable, before whatever the caller does
// next. The driver counts it as open already.
func (d *driver) leave(m *message) {
	d.e.wg.Go(func() { d.results <- m.exchange(d.e.calls) })
	runtime.Gosched()
}

// exchange sends one message and waits for its outcome.
func (m *message) exchange(ctx context.Context) result {
	begun := time.Now()
	if m.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, m.timeout)
		defer cancel()
	}
	r := result{attempt: m.attempt, op: m.req.Op}
	if m.unmade != nil {
		r.outcome = Outcome{Kind: NotSent, Class: ClassSetup, Detail: "the message could not be made: " + m.unmade.Error()}
	} else {
		r.outcome = m.call.Send(ctx)
	}
	r.at = time.Now()
	r.took = r.at.Sub(begun)
	return r
}
