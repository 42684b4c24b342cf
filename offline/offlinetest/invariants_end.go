package offlinetest

import "posagent/offline"

// end: I4 and I5. Each result has the proof that allows it among the facts that
// were committed before it.
func (c *check) end(p *offline.Payment, s *offline.Sale) {
	person := p.Resolved != nil && p.Resolved.Seq < p.End.Seq
	paid, refused, undone := proofs(p)
	switch p.End.Result {
	case offline.ResultPaid:
		c.hold(person || paid, "I4", "paid without a verified success or a person")
		c.hold(person || p.Reversal == nil, "I5", "a late success undid the reversal")
	case offline.ResultDeclined:
		c.hold(refused, "I4", "declined without a definitive refusal")
		c.hold(!paid, "I4", "declined although an answer says paid")
		c.hold(p.Reversal == nil, "I5", "declined although its reversal was decided")
	case offline.ResultCancelled:
		c.cancelled(p, s, person, refused, undone)
	default:
		c.hold(false, "I4", "a payment ended as %q", p.End.Result)
	}
}

func (c *check) cancelled(p *offline.Payment, s *offline.Sale, person, refused, undone bool) {
	switch p.End.How {
	case offline.HowUnsent:
		for _, a := range p.Attempts {
			unsent := a.Finished() && a.FinishedSeq < p.End.Seq && a.Outcome.Kind == offline.NotSent
			c.hold(a.Op != offline.OpPay || unsent, "I4", "ended as never sent although attempt %d may have left", a.N)
		}
	case offline.HowClosed:
		c.hold(refused || undone, "I4", "closed without a refusal or a confirmed cancel")
		for _, a := range p.Attempts {
			c.hold(!committedBefore(a, p.End.Seq) || a.Outcome.Undo != offline.UndoReturned, "I4",
				"\"nothing was taken\" although attempt %d returned money", a.N)
			c.hold(!showsPaid(a) || !committedBefore(a, p.End.Seq), "I4",
				"\"nothing was taken\" although attempt %d says paid", a.N)
		}
	case offline.HowReturned, offline.HowEither:
		c.hold(refused || undone, "I4", "%s without a refusal or a confirmed cancel", p.End.How)
	case offline.HowRefunded:
		c.hold(s.RefundedOf(p.ID) == s.Amount, "I4", "ended as refunded with %s of %s back", s.RefundedOf(p.ID), s.Amount)
	case offline.HowPerson:
		c.hold(person, "I4", "a person's word is missing")
	default:
		c.hold(false, "I4", "cancelled, and %q says nothing about the money", p.End.How)
	}
}

// proofs tells which proofs stood among the facts before the end. A cancel
// undoes a trade only if no answer that shows it alive came after the cancel
// was begun: such an answer may be younger than the cancel.
func proofs(p *offline.Payment) (paid, refused, undone bool) {
	for _, a := range p.Attempts {
		if !committedBefore(a, p.End.Seq) {
			continue
		}
		asks := a.Op == offline.OpPay || a.Op == offline.OpQuery
		paid = paid || showsPaid(a)
		refused = refused || asks && a.Outcome.Kind == offline.Failure
		undone = undone || a.Op == offline.OpCancel && a.Outcome.Kind == offline.Success && !aliveSince(p, a)
	}
	return paid, refused, undone
}

func committedBefore(a offline.Attempt, seq int) bool { return a.Finished() && a.FinishedSeq < seq }

func showsPaid(a offline.Attempt) bool {
	return (a.Op == offline.OpPay || a.Op == offline.OpQuery) && a.Finished() && a.Outcome.Kind == offline.Success
}

// aliveSince tells whether an answer that was committed after the cancel had
// been begun shows the trade paid or waiting.
func aliveSince(p *offline.Payment, cancel offline.Attempt) bool {
	for _, a := range p.Attempts {
		o := a.Outcome
		exists := o.Kind == offline.Success || o.Anomaly != "" ||
			o.Kind == offline.InProcess && (o.AcquirementID != "" && a.Op == offline.OpPay || o.TradeStatus != "" && a.Op == offline.OpQuery)
		if (a.Op == offline.OpPay || a.Op == offline.OpQuery) && a.FinishedSeq > cancel.BegunSeq && a.FinishedSeq < p.End.Seq && exists {
			return true
		}
	}
	return false
}

func (c *check) refund(r *offline.Refund, s *offline.Sale) {
	c.attempts(r.Attempts, r.Facts)
	p := s.Payment(r.Payment)
	c.hold(p != nil, "refunds", "of a payment %s that the sale does not have", r.Payment)
	for _, a := range r.Attempts {
		c.hold(a.Op == offline.OpRefund || a.Op == offline.OpQuery, "refunds", "attempt %d is a %s", a.N, a.Op)
		c.hold(r.End == nil || a.BegunSeq < r.End.Seq, "I4", "attempt %d begun after the end", a.N)
	}
	if r.End == nil {
		return
	}
	yes, no := r.Resolved != nil, r.Resolved != nil
	for _, a := range r.Attempts {
		if a.Op == offline.OpRefund && committedBefore(a, r.End.Seq) {
			yes = yes || a.Outcome.Kind == offline.Success
			no = no || a.Outcome.Kind == offline.Failure || a.Outcome.Kind == offline.TooLate
		}
	}
	switch r.End.Result {
	case offline.ResultRefunded:
		c.hold(yes, "I4", "refunded without a verified success or a person")
	case offline.ResultDeclined:
		c.hold(no, "I4", "declined without a definitive refusal or a person")
	default:
		c.hold(false, "I4", "a refund ended as %q", r.End.Result)
	}
}

func (c *check) refundAppended(old, r *offline.Refund) {
	c.hold(sameRefundHead(old.RefundHead, r.RefundHead), "I2", "its head changed")
	c.hold(r.Facts >= old.Facts, "I8", "facts fell from %d to %d", old.Facts, r.Facts)
	c.trail(old.Attempts, r.Attempts)
	c.hold(old.End == nil || r.End != nil && sameEnd(*old.End, *r.End), "I8", "the end was rewritten")
}

// states: a final word stays, with two exceptions: a sale shown as cancelled whose
// trade is being watched goes back to reversing when the trade turns up, or to a
// person; and a sale whose payment was named as taken after its end goes to a person.
func (c *check) states(before, after offline.Sale) {
	if before.ID == "" || !before.Final() {
		return
	}
	old, now := before.State(), after.State()
	watched := false
	if p := before.Current(); p != nil {
		watched = offline.DeriveState(*p) == offline.StateWatching
	}
	back := watched && (now == offline.SaleStateReversing || now == offline.SaleStateAttention)
	doubted := false
	for i := range after.Payments {
		p := &after.Payments[i]
		doubted = doubted || p.End != nil && p.Parked != nil && p.Parked.Seq > p.End.Seq
	}
	c.hold(old == now || back || doubted && now == offline.SaleStateAttention, "I4", "%s became %s", old, now)
	c.hold(!after.Settled() || after.Final(), "I4", "settled while %s", now)
}
