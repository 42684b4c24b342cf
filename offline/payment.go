package offline

import "time"

// PaymentHead is what is fixed when a payment begins: one id, one amount, one
// code, for ever (I2).
type PaymentHead struct {
	ID        MerchantTransID `json:"id"`
	Amount    Money           `json:"amount"`
	Code      CodeDigest      `json:"code"`
	CreatedAt time.Time       `json:"createdAt"`
	Boot      BootID          `json:"boot"` // the run that read the code: the only one that may pay
}

// Payment is one merchantTransId: its head and its facts, folded.
type Payment struct {
	PaymentHead
	trail
	CancelAsk *Mark
	Reversal  *Mark

	// Viewer is the run that looks at the payment. An unfinished attempt of
	// another run will never be finished by anybody: it counts as lost. It is
	// not a fact and is never stored.
	Viewer BootID

	// refunding tells that a refund of the payment is under way or done. It follows
	// from the refunds' facts (Sale.recount) and is never stored.
	refunding bool
}

// SeenBy returns the payment as a given run of the process must judge it.
func (p Payment) SeenBy(boot BootID) Payment {
	p.Viewer = boot
	return p
}

// AcquirementID is the gateway's id of the trade, or "" while none was seen.
func (p *Payment) AcquirementID() AcquirementID { return p.acquirementID() }

// KnownPaid tells whether any verified answer said that money was taken.
func (p *Payment) KnownPaid() bool { return p.any(Attempt.paid) }

// LateSuccess tells whether the gateway reported the money as taken after its
// reversal had been decided, or after the payment had ended as not paid: the
// cases that a person wants to hear of.
func (p *Payment) LateSuccess() bool {
	after := -1
	switch {
	case p.Reversal != nil:
		after = p.Reversal.Seq
	case p.End != nil && p.End.Result != ResultPaid:
		after = p.End.Seq
	}
	return after >= 0 && p.any(func(a Attempt) bool {
		return a.paid() && a.Op != OpCancel && a.FinishedSeq > after
	})
}

// Reopened tells whether an end is in doubt: the gateway named the money as taken
// after it, and nobody has said since what became of the money.
func (p *Payment) Reopened() bool {
	return p.End != nil && p.Parked != nil && p.Parked.Seq > p.End.Seq
}

// afterEnd tells why the end is in doubt, or "": a verified answer that came
// after an end without money names the money as taken, or another amount. Refunds
// that returned everything are no such end: they say themselves that it was taken.
func (p *Payment) afterEnd() Reason {
	if p.End == nil || p.End.Result == ResultPaid || p.End.How == HowRefunded {
		return ""
	}
	if p.answerAfter(p.End.Seq, Success) != nil {
		return ReasonLateSuccess
	}
	if p.any(func(a Attempt) bool { return a.FinishedSeq > p.End.Seq && a.Outcome.Anomaly == OtherAmount }) {
		return ReasonOtherAmount
	}
	return ""
}

// emptied tells whether a question that was begun after the parking was answered,
// and the newest answer that decides says that nothing is held.
func (p *Payment) emptied() bool {
	for i := len(p.Attempts) - 1; i >= 0; i-- {
		a := &p.Attempts[i]
		if a.Op != OpQuery || a.BegunSeq <= p.Parked.Seq || !a.Finished() {
			continue
		}
		switch {
		case a.Outcome.Kind == Failure:
			return true
		case a.Outcome.Kind == Success, a.Outcome.Anomaly != "":
			return false
		}
	}
	return false
}

// open tells whether the attempt's answer is still awaited by this run.
func (p *Payment) open(a Attempt) bool { return !a.Finished() && a.Boot == p.Viewer }

// lost tells whether another run began the attempt and took its answer with it.
func (p *Payment) lost(a Attempt) bool { return !a.Finished() && a.Boot != p.Viewer }

// ceased is when nobody awaited the attempt any more, as far as it is written
// down: its end, or its beginning where another run took the end with it.
func (a *Attempt) ceased() time.Time {
	if a.Finished() {
		return a.FinishedAt
	}
	return a.BegunAt
}

// unsent tells whether it is proven that no pay request ever left.
func (p *Payment) unsent() bool {
	return !p.any(func(a Attempt) bool {
		return a.Op == OpPay && (!a.Finished() || a.Outcome.Kind != NotSent)
	})
}

// seen tells whether the gateway ever said that the trade exists.
func (p *Payment) seen() bool { return p.any(Attempt.seen) }

// answerAfter returns the newest pay or query outcome of the given kind that
// was committed after fact number seq.
func (p *Payment) answerAfter(seq int, kinds ...OutcomeKind) *Attempt {
	for i := len(p.Attempts) - 1; i >= 0; i-- {
		a := &p.Attempts[i]
		if a.FinishedSeq <= seq || a.Op != OpPay && a.Op != OpQuery {
			continue
		}
		for _, k := range kinds {
			if a.Outcome.Kind == k {
				return a
			}
		}
	}
	return nil
}

// refusal returns the answer that proves that nothing is held: a definitive F
// on pay, or a query that found the trade closed or failed.
func (p *Payment) refusal() *Attempt { return p.refusalAfter(0) }

// refusalAfter returns the refusal that was committed after fact number seq: pay's
// own, where there is one, as it alone says why.
func (p *Payment) refusalAfter(seq int) *Attempt {
	if pay := p.last(OpPay, 0); pay != nil && pay.FinishedSeq > seq && pay.Outcome.Kind == Failure {
		return pay
	}
	return p.answerAfter(seq, Failure)
}

// goodCancel returns the newest cancel that the gateway confirmed.
func (p *Payment) goodCancel() *Attempt {
	for i := len(p.Attempts) - 1; i >= 0; i-- {
		if a := &p.Attempts[i]; a.Op == OpCancel && a.Finished() && a.Outcome.Kind == Success {
			return a
		}
	}
	return nil
}

// Last returns the newest attempt, or nil.
func (p *Payment) Last() *Attempt {
	if len(p.Attempts) == 0 {
		return nil
	}
	return &p.Attempts[len(p.Attempts)-1]
}

// fold adds one fact without judging it; Apply is the judge.
func (p *Payment) fold(f Fact) {
	if p.trail.fold(f) {
		return
	}
	p.Facts++
	mark := &Mark{At: f.At, Seq: p.Facts, Reason: f.Reason, By: f.By}
	switch f.Kind {
	case FactCancelAsked:
		p.CancelAsk = mark
	case FactReversal:
		p.Reversal = mark
	case FactBegun, FactFinished, FactParked, FactResolved, FactEnded:
	}
}
