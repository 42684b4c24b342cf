package offline

import "time"

// RefundHead is what is fixed when a refund begins.
type RefundHead struct {
	ID        RefundID        `json:"id"` // sent as merchantRefundId
	Payment   MerchantTransID `json:"payment"`
	Amount    Money           `json:"amount"`
	Reason    string          `json:"reason,omitempty"` // shown to the customer; at most 256 bytes
	By        string          `json:"by,omitempty"`     // who asked for it, and who allowed it
	CreatedAt time.Time       `json:"createdAt"`
}

// Refund is money going back after the sale, under its own id. The same id is
// sent until the gateway says S or F: repeating it is safe by its idempotency
// rule (merchantId, acquirementId and merchantRefundId name one refund).
type Refund struct {
	RefundHead
	trail
	Viewer BootID // the run that looks at it; never stored
}

// RefundState is a refund's state as the local API names it.
type RefundState string

// The states of a refund.
const (
	RefundProcessing RefundState = "processing"
	RefundRefunded   RefundState = "refunded"
	RefundDeclined   RefundState = "declined"
	RefundAttention  RefundState = "attention"
)

// SeenBy returns the refund as a given run of the process must judge it.
func (r Refund) SeenBy(boot BootID) Refund {
	r.Viewer = boot
	return r
}

// State derives the state from the facts.
func (r *Refund) State() RefundState {
	switch {
	case r.End != nil && r.End.Result == ResultRefunded:
		return RefundRefunded
	case r.End != nil:
		return RefundDeclined
	case r.Parked != nil && !r.restarted():
		return RefundAttention
	}
	return RefundProcessing
}

// Counts tells whether the amount may have gone back: everything but a definitive
// refusal counts against what is left to refund.
func (r *Refund) Counts() bool { return r.State() != RefundDeclined }

// restarted tells whether a person asked for the refund again after its parking.
func (r *Refund) restarted() bool {
	last := r.Attempts
	return len(last) > 0 && last[len(last)-1].BegunSeq > r.Parked.Seq
}

// NextRefund decides the next step of a refund: the message again and again
// under the same id, until S or F. Where the trade's acquirementId was lost with
// the answer to pay, a query fetches it first.
func NextRefund(r Refund, p Payment, now time.Time, pol Policy) Step {
	switch r.State() {
	case RefundRefunded, RefundDeclined, RefundAttention:
		return Step{Kind: StepIdle}
	case RefundProcessing:
	}
	since := 0
	if r.Parked != nil {
		since = r.Parked.Seq
	}
	unclear, unsent := 0, 0
	var last *Attempt
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if a.BegunSeq <= since {
			continue
		}
		last = a
		switch {
		case a.Finished() && a.Outcome.Kind == NotSent:
			unsent++
		case a.Op == OpQuery && a.Outcome.AcquirementID != "":
		default:
			unclear, unsent = unclear+1, 0
		}
	}
	op := OpRefund
	if p.AcquirementID() == "" && r.acquirementID() == "" {
		op = OpQuery
	}
	if last == nil || last.Op == OpQuery && op == OpRefund {
		return send(op)
	}
	if !last.Finished() && last.Boot == r.Viewer {
		return waitAnswer()
	}
	if last.Finished() && last.Outcome.Anomaly != "" {
		return park(now, ReasonOtherAmount) // repeating it would not make it right
	}
	if last.Finished() && last.Op == OpRefund {
		switch last.Outcome.Kind {
		case Success:
			return finish(now, ResultRefunded, HowRefunded)
		case Failure, TooLate:
			return finish(now, ResultDeclined, "")
		case Refused:
			return park(now, ReasonSetup)
		case InProcess, NotFound, NoAnswer, NotSent:
		}
	}
	if unclear > pol.RefundRetries {
		return park(now, ReasonRefundUnconfirmed)
	}
	return after(last.ceased(), again(pol.RefundInterval, unclear, unsent, pol), now, send(op))
}
