package offline

import "fmt"

// admit judges one fact about a payment: whether it may follow what is there.
// It is the guard of I2 to I5 and I8; every refusal names its rule.
func (p *Payment) admit(f Fact, s *Sale) error {
	switch f.Kind {
	case FactBegun:
		return p.admitBegun(f)
	case FactFinished:
		return p.admitFinished(f) // also after the end: a late answer is a fact
	case FactCancelAsked, FactReversal:
		return p.admitReversal(f)
	case FactParked:
		if !p.Reopened() && f.Reason != "" && f.Reason == p.afterEnd() {
			return nil // the end is in doubt
		}
		return p.notEnded("parking")
	case FactResolved:
		if p.Parked == nil || DeriveState(*p) != StateAttention {
			return fmt.Errorf("a person resolves only what is in attention: %w", ErrIllegal)
		}
		return nil
	case FactEnded:
		return p.admitEnd(f, s)
	}
	return fmt.Errorf("unknown kind of fact %q: %w", f.Kind, ErrIllegal)
}

func (p *Payment) notEnded(what string) error {
	if p.End != nil {
		return fmt.Errorf("%s after the end: %w", what, ErrFinal)
	}
	return nil
}

// begun holds what payments and refunds have in common: attempts are numbered,
// and an id of a message is used once.
func (t *trail) admitAttempt(f Fact) error {
	if f.Attempt != len(t.Attempts)+1 {
		return fmt.Errorf("attempt %d after %d: %w", f.Attempt, len(t.Attempts), ErrIllegal)
	}
	if f.ReqMsgID == "" || f.Boot == "" {
		return fmt.Errorf("attempt without reqMsgId or run: %w", ErrIllegal)
	}
	if t.any(func(a Attempt) bool { return a.ReqMsgID == f.ReqMsgID }) {
		return fmt.Errorf("reqMsgId %s was used before: %w", f.ReqMsgID, ErrIllegal)
	}
	return nil
}

func (p *Payment) admitBegun(f Fact) error {
	if err := p.notEnded("sending " + string(f.Op)); err != nil && (f.Op != OpQuery || !p.Reopened()) {
		return err
	}
	if err := p.admitAttempt(f); err != nil {
		return err
	}
	state := DeriveState(*p)
	switch f.Op {
	case OpPay:
		if f.Boot != p.Boot {
			return fmt.Errorf("pay by another run than the one that read the code (I3): %w", ErrIllegal)
		}
		if !p.unsent() || p.Reversal != nil || p.CancelAsk != nil {
			return fmt.Errorf("pay after something may have been sent or a cancel was asked (I2, I3): %w", ErrIllegal)
		}
		return nil
	case OpQuery:
		return nil
	case OpCancel:
		if p.Reversal == nil {
			return fmt.Errorf("cancel without a decided reversal: %w", ErrIllegal)
		}
		if state == StateAttention {
			return fmt.Errorf("cancel of a payment that a person must look at: %w", ErrIllegal)
		}
		if p.refunding {
			return fmt.Errorf("cancel beside a refund: it would return the rest as well: %w", ErrIllegal)
		}
		return nil
	case OpRefund:
	}
	return fmt.Errorf("%s within a payment: %w", f.Op, ErrIllegal)
}

func (t *trail) admitFinished(f Fact) error {
	a := t.attempt(f.Attempt)
	switch {
	case a == nil:
		return fmt.Errorf("outcome of attempt %d that was never begun: %w", f.Attempt, ErrIllegal)
	case a.Finished():
		return fmt.Errorf("second outcome of attempt %d (I8): %w", f.Attempt, ErrIllegal)
	case f.Outcome == nil || f.Outcome.Kind == "":
		return fmt.Errorf("attempt %d finished without an outcome: %w", f.Attempt, ErrIllegal)
	case !f.Outcome.Kind.known():
		return fmt.Errorf("attempt %d finished with the unknown outcome %q: %w", f.Attempt, f.Outcome.Kind, ErrIllegal)
	case f.Outcome.Kind == Success && f.Outcome.Anomaly != "" && a.Op != OpCancel:
		return fmt.Errorf("attempt %d: a success that contradicts the payment (%s) proves nothing (I4): %w",
			f.Attempt, f.Outcome.Anomaly, ErrIllegal)
	}
	return nil
}

func (p *Payment) admitReversal(f Fact) error {
	if err := p.notEnded("reversing"); err != nil {
		return err
	}
	if f.Kind == FactCancelAsked {
		return nil
	}
	if p.Reversal != nil {
		return fmt.Errorf("the reversal is decided already: %w", ErrIllegal)
	}
	if p.answerAfter(0, Success) != nil {
		return fmt.Errorf("reversing a payment that is proven paid: %w", ErrIllegal)
	}
	return nil
}

// admitEnd guards I4 and I5: each result has the one kind of proof that allows it.
func (p *Payment) admitEnd(f Fact, s *Sale) error {
	if err := p.notEnded("ending"); err != nil && !p.Reopened() {
		return err
	}
	person := p.Resolved != nil && p.Resolved.Seq > p.Parked.Seq
	ok := false
	switch f.Result {
	case ResultPaid: // out of a doubt only by a person: the cashier was told otherwise
		ok = person || p.End == nil && p.Reversal == nil && p.answerAfter(0, Success) != nil
	case ResultDeclined:
		ok = p.End == nil && p.Reversal == nil && p.refusal() != nil && p.answerAfter(0, Success) == nil
	case ResultCancelled:
		switch f.How {
		case HowUnsent:
			ok = p.End == nil && p.unsent()
		case HowClosed: // "nothing was taken" must not stand against an answer that says otherwise
			ok = p.End == nil && (p.refusal() != nil || p.undone() || p.watched()) && !p.KnownPaid()
		case HowReturned, HowEither:
			ok = p.End == nil && (p.refusal() != nil || p.undone() || p.watched()) || p.Reopened() && p.emptied()
		case HowRefunded:
			ok = p.KnownPaid() && s.RefundedOf(p.ID) == p.Amount
		case HowPerson:
			if person && s.ReservedOf(p.ID).Value > 0 {
				return fmt.Errorf("%s of it: %w", s.ReservedOf(p.ID), ErrRefundStands)
			}
			ok = person
		}
	case ResultRefunded:
	}
	if !ok {
		return fmt.Errorf("end %q %q without its proof (I4, I5): %w", f.Result, f.How, ErrIllegal)
	}
	return nil
}

// admit judges one fact about a refund.
func (r *Refund) admit(f Fact) error {
	if r.End != nil && f.Kind != FactFinished {
		return fmt.Errorf("%s after the end: %w", f.Kind, ErrFinal)
	}
	switch f.Kind {
	case FactBegun:
		if f.Op != OpRefund && f.Op != OpQuery {
			return fmt.Errorf("%s within a refund: %w", f.Op, ErrIllegal)
		}
		return r.admitAttempt(f)
	case FactFinished:
		return r.admitFinished(f)
	case FactParked:
		return nil
	case FactResolved:
		if r.State() != RefundAttention {
			return fmt.Errorf("a person resolves only what is in attention: %w", ErrIllegal)
		}
		return nil
	case FactEnded:
		return r.admitEnd(f)
	case FactCancelAsked, FactReversal:
	}
	return fmt.Errorf("fact %q about a refund: %w", f.Kind, ErrIllegal)
}

func (r *Refund) admitEnd(f Fact) error {
	proof := func(kinds ...OutcomeKind) bool {
		return r.any(func(a Attempt) bool {
			for _, k := range kinds {
				if a.Op == OpRefund && a.Finished() && a.Outcome.Kind == k {
					return true
				}
			}
			return false
		})
	}
	switch {
	case f.Result == ResultRefunded && (proof(Success) || r.Resolved != nil):
		return nil
	case f.Result == ResultDeclined && (proof(Failure, TooLate) || r.Resolved != nil):
		return nil
	}
	return fmt.Errorf("refund ended as %q without its proof (I4): %w", f.Result, ErrIllegal)
}
