package offline

import (
	"hash/fnv"
	"time"
)

// StepKind says what a driver does next.
type StepKind string

// The kinds of steps.
const (
	StepWait   StepKind = "wait"   // until Until (zero: no longer than the open answer takes), or until something moves the payment
	StepSend   StepKind = "send"   // commit the intent of Op, then send it
	StepRecord StepKind = "record" // commit Fact, then look again
	StepIdle   StepKind = "idle"   // nothing, until a person moves it
)

// Step is the one next thing to do for a payment or refund.
type Step struct {
	Kind  StepKind
	Op    Op        // send
	Until time.Time // wait
	Fact  Fact      // record
}

func wait(until time.Time) Step { return Step{Kind: StepWait, Until: until} }
func waitAnswer() Step          { return Step{Kind: StepWait} }
func send(op Op) Step           { return Step{Kind: StepSend, Op: op} }
func record(f Fact) Step        { return Step{Kind: StepRecord, Fact: f} }

func reverse(now time.Time, why Reason) Step {
	return record(Fact{Kind: FactReversal, At: now, Reason: why})
}

func park(now time.Time, why Reason) Step {
	return record(Fact{Kind: FactParked, At: now, Reason: why})
}

func finish(now time.Time, result Result, how How) Step {
	return record(Fact{Kind: FactEnded, At: now, Result: result, How: how})
}

// after gives then once the pause since base is over. A base that lies in the
// future means that the clock was set back: waiting for it could take hours, so
// the step is due.
func after(base time.Time, pause time.Duration, now time.Time, then Step) Step {
	if at := base.Add(pause); !now.Before(base) && now.Before(at) {
		return wait(at)
	}
	return then
}

// payRetry is the pause before a pay that never left is tried again.
const payRetry = time.Second

// Next decides the next step of a payment. It is the only place with policy. It
// is pure, and total: every payment that Apply can make has a step. The viewer
// must be set (SeenBy): a payment begun by another run is never paid again (I3).
func Next(p Payment, now time.Time, pol Policy) Step {
	switch DeriveState(p) {
	case StateCreated:
		return nextCreated(&p, now, pol)
	case StatePaying, StateUnconfirmed:
		return nextUnconfirmed(&p, now, pol)
	case StateReversing:
		return nextReversing(&p, now, pol)
	case StateWatching:
		return nextWatching(&p, now, pol)
	case StateAttention, StatePaid, StateDeclined, StateCancelled:
	}
	return nextAtRest(&p, now)
}

// nextAtRest: nothing is sent by itself. An end that a later answer puts in doubt
// goes to a person; it is not turned into another one, as the cashier has acted
// on it. Where the gateway then says, asked again, that nothing is held any more,
// the doubt is over.
func nextAtRest(p *Payment, now time.Time) Step {
	switch {
	case p.Reopened() && p.emptied():
		return finish(now, ResultCancelled, HowEither)
	case !p.Reopened() && p.afterEnd() != "":
		return park(now, p.afterEnd())
	}
	return Step{Kind: StepIdle}
}

// nextCreated: nothing has left. The same run may try to connect again while
// the code lives; any other run ends the payment, as the code died with the
// process that read it.
func nextCreated(p *Payment, now time.Time, pol Policy) Step {
	last := p.last(OpPay, 0)
	tries := len(p.Attempts)
	switch {
	case p.Boot != p.Viewer, p.CancelAsk != nil, p.Reversal != nil,
		now.Sub(p.CreatedAt).Abs() >= pol.CodeTTL, // so far back, the clock was set, and nobody knows the code's age
		last != nil && last.Outcome.Class == ClassSetup:
		return finish(now, ResultCancelled, HowUnsent)
	case last == nil:
		return send(OpPay)
	}
	pause := min(grow(payRetry, tries-1, 8*payRetry), p.CreatedAt.Add(pol.CodeTTL).Sub(last.FinishedAt))
	return after(last.FinishedAt, pause, now, send(OpPay))
}

// nextUnconfirmed: the request left, or may have. Only a verified answer ends
// this; silence leads to questions, and too many of them to a reversal.
func nextUnconfirmed(p *Payment, now time.Time, pol Policy) Step {
	if step, ok := p.decided(now); ok {
		return step
	}
	if p.any(func(a Attempt) bool { return a.Outcome.Anomaly == OtherAmount }) {
		return reverse(now, ReasonOtherAmount)
	}
	if p.CancelAsk != nil {
		return reverse(now, ReasonAsked)
	}
	if q := p.last(OpQuery, 0); q != nil && p.open(*q) {
		return waitAnswer()
	}
	asked, missing := p.queries(0)
	switch {
	case missing > pol.NotExistRetries:
		return reverse(now, ReasonNotFound)
	case asked >= pol.QueryLimit:
		return reverse(now, ReasonQueryLimit)
	}
	base, pause := p.queryPause(missing, pol)
	return after(base, pause, now, send(OpQuery))
}

// decided is what a definitive answer leads to; after a parking, one that came
// since. A query that finds the trade closed proves that the pay request has
// arrived, as it is found by no other, and one merchantTransId is charged once: no
// second trade can follow. But a trade may be closed because its money went back,
// and the answer to pay, while this run still awaits it, tells which: an end
// cannot be taken back, and the wait is the time-out of one message at most. Where
// the two contradict each other a person is called.
func (p *Payment) decided(now time.Time) (Step, bool) {
	since := 0
	if p.Parked != nil {
		since = p.Parked.Seq
	}
	paid, no := p.answerAfter(since, Success), p.refusalAfter(since)
	switch {
	case paid != nil && no != nil:
		return park(now, ReasonLateSuccess), true
	case paid != nil:
		return finish(now, ResultPaid, ""), true
	case no != nil && no.Op == OpQuery && p.payAwaited():
		return waitAnswer(), true
	case no != nil:
		return p.refused(now, no), true
	}
	return Step{}, false
}

// payAwaited tells whether this run still awaits the answer to pay.
func (p *Payment) payAwaited() bool {
	return p.any(func(a Attempt) bool { return a.Op == OpPay && p.open(a) })
}

// refused ends a payment by an answer that proves that nothing is held.
func (p *Payment) refused(now time.Time, a *Attempt) Step {
	switch {
	case p.KnownPaid(): // before: it went back since
		return finish(now, ResultCancelled, HowEither)
	case a.Op == OpPay, a.Outcome.TradeStatus == "FAIL", a.Outcome.TradeStatus == "FAILED":
		return finish(now, ResultDeclined, "")
	}
	return finish(now, ResultCancelled, HowClosed)
}

// queries counts the queries begun after fact number since, and how many of the
// newest of them in a row found no trade.
func (p *Payment) queries(since int) (asked, missing int) {
	for _, a := range p.Attempts {
		if a.Op != OpQuery || a.BegunSeq <= since {
			continue
		}
		asked++
		switch {
		case a.Finished() && a.Outcome.Kind == NotFound:
			missing++
		case a.Finished() && a.Outcome.Verified():
			missing = 0
		}
	}
	return asked, missing
}

// queryPause is the pause before the next query of an unconfirmed payment, and
// the moment from which it counts. One that was lost with its run counts like one
// without an answer: a daemon that is started again and again must not ask faster
// than one that runs.
func (p *Payment) queryPause(missing int, pol Policy) (time.Time, time.Duration) {
	if q := p.last(OpQuery, 0); q != nil {
		switch {
		case q.Outcome.Kind == NotFound:
			return q.FinishedAt, p.spread(missing, pol)
		}
		return q.BegunAt, pol.QueryInterval
	}
	pay := p.last(OpPay, 0)
	switch {
	case pay == nil, p.lost(*pay):
		return p.CreatedAt, 0
	case p.open(*pay):
		return pay.BegunAt, pol.AnswerWait
	case pay.Outcome.Confirm, pay.Outcome.Class == ClassAskAgain:
		return pay.FinishedAt, pol.QueryInterval
	}
	return pay.FinishedAt, 0
}

// spread draws the pause after an ORDER_NOT_EXIST uniformly between the two
// limits. The draw depends on the payment's id and the count alone, so that
// Next stays pure and tills that lost the network together do not ask together.
func (p *Payment) spread(n int, pol Policy) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.ID)) // a hash's Write returns no error
	_, _ = h.Write([]byte{byte(n)})
	width := uint64(pol.NotExistIntervalMax-pol.NotExistIntervalMin) + 1
	return pol.NotExistIntervalMin + time.Duration(mix(h.Sum64())%width)
}

// mix spreads the low entropy of short inputs over all bits (the finaliser of
// splitmix64); FNV alone keeps neighbours close.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
