package offline

import "time"

// nextReversing: the payment will be undone, whatever is learnt meanwhile (I5).
func nextReversing(p *Payment, now time.Time, pol Policy) Step {
	if p.unsent() {
		return finish(now, ResultCancelled, HowUnsent)
	}
	if p.refusal() != nil || p.undone() {
		return p.finishReversed(now)
	}
	if at, waiting := p.awaited(now, pol); waiting {
		return wait(at)
	}
	since := p.round()
	c := p.last(OpCancel, since)
	if c != nil && c.Finished() {
		switch c.Outcome.Kind {
		case Failure:
			return park(now, ReasonCancelRefused)
		case TooLate:
			return park(now, ReasonCancelTooLate)
		case Refused:
			return park(now, ReasonSetup)
		case Success, InProcess, NotFound, NoAnswer, NotSent:
		}
	}
	if !now.Before(CancelDeadline(p.CreatedAt)) {
		if step, ok := p.nextPastDeadline(now, pol); ok {
			return step
		}
	}
	return p.nextCancel(c, since, now, pol)
}

// finishReversed ends the payment as undone. While this run still awaits the
// answer to pay it waits for it: a success would say that money was taken after
// all, and an end cannot be taken back.
func (p *Payment) finishReversed(now time.Time) Step {
	if p.payAwaited() {
		return waitAnswer()
	}
	return finish(now, ResultCancelled, p.how())
}

// nextCancel sends the next cancel or waits for its time. A cancel without a
// result counts against the limit; one that never left does not, because the
// network may stay away for hours and the clean-up must go on when it returns.
func (p *Payment) nextCancel(c *Attempt, since int, now time.Time, pol Policy) Step {
	if c == nil {
		return send(OpCancel)
	}
	unclear, unsent := p.cancels(since)
	if unclear > pol.CancelRetries {
		return park(now, ReasonCancelUnconfirmed)
	}
	return after(c.ceased(), again(pol.CancelInterval, unclear, unsent, pol), now, send(OpCancel))
}

// again is the pause before a cancel or refund is repeated. Without a network it
// grows further: hours of it would fill the journal with messages that never left.
func again(base time.Duration, unclear, unsent int, pol Policy) time.Duration {
	if unsent > unclear {
		return grow(base, unsent-1, 5*pol.CancelIntervalMax)
	}
	return grow(base, unclear-1, pol.CancelIntervalMax)
}

// cancels counts the cancels begun after fact number since that brought no
// result, and how many of the newest in a row never left.
func (p *Payment) cancels(since int) (unclear, unsent int) {
	for _, a := range p.Attempts {
		if a.Op != OpCancel || a.BegunSeq <= since {
			continue
		}
		if a.Finished() && a.Outcome.Kind == NotSent {
			unsent++
			continue
		}
		unclear++
		unsent = 0
	}
	return unclear, unsent
}

// round is the fact after which cancels are counted: the last confirmed cancel
// that proved to be premature, or the last parking that a re-check has lifted.
func (p *Payment) round() int {
	since := p.Reversal.Seq
	if c := p.goodCancel(); c != nil {
		since = max(since, c.FinishedSeq)
	}
	if p.Parked != nil {
		since = max(since, p.Parked.Seq)
	}
	return since
}

// awaited tells whether an answer of this run is still under way and until when
// it is worth waiting before the next message. The cancel gives a pay that was
// just sent the time of answer_wait, so that it does not overtake it.
func (p *Payment) awaited(now time.Time, pol Policy) (time.Time, bool) {
	for _, a := range p.Attempts {
		if !p.open(a) {
			continue
		}
		switch a.Op {
		case OpPay:
			// Begun in the future: the clock was set back, and the wait could take hours.
			if until := a.BegunAt.Add(pol.AnswerWait); now.Before(until) && !now.Before(a.BegunAt) {
				return until, true
			}
		case OpQuery, OpCancel:
			return time.Time{}, true
		case OpRefund:
		}
	}
	return time.Time{}, false
}

// nextPastDeadline: payCancel works on the same Beijing day and 15 minutes
// longer. Past it a payment known as taken needs a refund, which a person
// decides. What is not known is asked first; if the gateway then holds no money,
// the cancel is sent all the same, and the gateway's own clock has the last word.
func (p *Payment) nextPastDeadline(now time.Time, pol Policy) (Step, bool) {
	if p.KnownPaid() {
		return park(now, ReasonCancelTooLate), true
	}
	since := 0
	if p.Parked != nil {
		since = p.Parked.Seq
	}
	asked, answered := 0, false
	var last *Attempt
	for i := range p.Attempts {
		a := &p.Attempts[i]
		if a.Op != OpQuery || a.BegunSeq <= since || a.BegunAt.Before(CancelDeadline(p.CreatedAt)) {
			continue
		}
		asked, last = asked+1, a
		answered = answered || a.Finished() && a.Outcome.Verified()
	}
	switch {
	case answered:
		return Step{}, false
	case asked > pol.NotExistRetries:
		return park(now, ReasonCancelTooLate), true
	case last == nil:
		return send(OpQuery), true
	}
	return after(last.ceased(), pol.NotExistIntervalMin, now, send(OpQuery)), true
}

// nextWatching: the cancel was confirmed, but nobody ever saw the trade, so the
// pay request may still be on its way. Ask until it stayed away often enough;
// if it turns up, DeriveState makes it reversing again.
func nextWatching(p *Payment, now time.Time, pol Policy) Step {
	if p.refusal() != nil {
		return p.finishReversed(now)
	}
	c := p.goodCancel()
	since := c.FinishedSeq
	if pay := p.last(OpPay, 0); pay != nil && pay.FinishedSeq > since && pay.Outcome.Verified() {
		since = pay.FinishedSeq // the request arrived after the cancel: count afresh
	}
	clean, unclear := 0, 0
	for _, a := range p.Attempts {
		if a.Op != OpQuery || a.BegunSeq <= since || !a.Finished() {
			continue
		}
		if a.Outcome.Kind == NotFound {
			clean, unclear = clean+1, 0
		} else {
			unclear++
		}
	}
	if clean >= pol.WatchQueries {
		return finish(now, ResultCancelled, p.how())
	}
	q := p.last(OpQuery, c.FinishedSeq)
	switch {
	case q == nil:
		return after(c.FinishedAt, min(pol.QueryInterval, pol.WatchInterval), now, send(OpQuery))
	case p.open(*q):
		return waitAnswer()
	}
	return after(q.ceased(), grow(pol.WatchInterval, unclear, 16*pol.WatchInterval), now, send(OpQuery))
}

// how says what the end of the reversal means for the money, as far as the
// gateway's answers agree. "Nothing was taken" needs more than a cancel that says
// so: another cancel, late or without an answer, may have returned money that was
// taken in between, and so may a late copy of a cancel of a trade not seen before.
func (p *Payment) how() How {
	taken, refused, closed := false, false, false
	left := 0 // cancels that may have reached the gateway
	for _, a := range p.Attempts {
		switch {
		case a.Op == OpCancel && a.Outcome.Undo == UndoReturned:
			return HowReturned
		case a.Op == OpCancel && a.Finished() && a.Outcome.Kind == NotSent:
		case a.Op == OpCancel:
			left++
			closed = a.Outcome.Undo == UndoClosed && p.seenBefore(a.BegunSeq)
		case a.Op == OpPay && a.Outcome.Kind == Failure:
			refused = true
		case a.paid():
			taken = true
		}
	}
	switch {
	case taken && (refused || closed):
		return HowEither // the answers contradict each other
	case taken:
		return HowReturned
	case refused, closed && left == 1, left == 0 && p.refusal() != nil:
		return HowClosed
	}
	return HowEither
}

// seenBefore tells whether the trade was seen to exist before fact number seq.
func (p *Payment) seenBefore(seq int) bool {
	return p.any(func(a Attempt) bool { return a.seen() && a.FinishedSeq < seq })
}
