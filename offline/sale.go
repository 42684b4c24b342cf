package offline

import "time"

// SaleHead is what is fixed when a sale opens.
type SaleHead struct {
	ID        SaleID    `json:"id"`
	Amount    Money     `json:"amount"`
	Title     string    `json:"title,omitempty"` // orderTitle, at most 256 bytes
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`           // no scan is accepted from here on
	CodeGiven bool      `json:"codeGiven,omitempty"` // the code came with the request: a refusal is final
	Boot      BootID    `json:"boot"`
}

// SaleEnd closes a sale that has no payment in doubt: it expired, was cancelled
// before anything was sent, or its time for another code is over.
type SaleEnd struct {
	At     time.Time  `json:"t"`
	Reason SaleReason `json:"why"`
	By     string     `json:"by,omitempty"`
}

// SaleReason says why a sale was closed without a further payment. The words
// are durable.
type SaleReason string

// The reasons.
const (
	SaleExpired   SaleReason = "expired"   // no code came in time
	SaleCancelled SaleReason = "cancelled" // by the cashier or the register
	SaleRestarted SaleReason = "restarted" // the till restarted while it waited for a code
)

// SaleState is a sale's state as the local API names it.
type SaleState string

// The states of a sale. The contract with registers explains each.
const (
	SaleStateWaiting    SaleState = "waiting"
	SaleStateProcessing SaleState = "processing"
	SaleStateConfirming SaleState = "confirming"
	SaleStateChecking   SaleState = "checking"
	SaleStateReversing  SaleState = "reversing"
	SaleStatePaid       SaleState = "paid"
	SaleStateDeclined   SaleState = "declined"
	SaleStateCancelled  SaleState = "cancelled"
	SaleStateExpired    SaleState = "expired"
	SaleStateAttention  SaleState = "attention"
)

// SaleStates lists the states in the order of a sale's life.
func SaleStates() []SaleState {
	return []SaleState{
		SaleStateWaiting, SaleStateProcessing, SaleStateConfirming, SaleStateChecking, SaleStateReversing,
		SaleStatePaid, SaleStateDeclined, SaleStateCancelled, SaleStateExpired, SaleStateAttention,
	}
}

// Sale is the cashier's intent with all that followed from it.
type Sale struct {
	SaleHead
	End      *SaleEnd
	Payments []Payment // in the order of their codes; a further one only after a refusal
	Refunds  []Refund
	Version  int // number of facts committed; grows with every change
}

// Current is the newest payment, or nil while no code has come.
func (s *Sale) Current() *Payment {
	if len(s.Payments) == 0 {
		return nil
	}
	return &s.Payments[len(s.Payments)-1]
}

// Deciding is the payment from which the sale's state comes, or nil while no code
// has come: the newest, and where that one is not under way, one whose end is in
// doubt. A sale with such a payment is a person's, whatever else became of it.
func (s *Sale) Deciding() *Payment {
	p := s.Current()
	if p == nil || len(s.Payments) == 1 {
		return p
	}
	switch DeriveState(*p) {
	case StateCreated, StatePaying, StateUnconfirmed:
		return p
	case StateReversing, StateWatching, StateAttention, StatePaid, StateDeclined, StateCancelled:
	}
	if d := s.doubted(); d != nil {
		return d
	}
	return p
}

// doubted is a payment whose end is in doubt, or nil.
func (s *Sale) doubted() *Payment {
	for i := range s.Payments {
		if s.Payments[i].Reopened() {
			return &s.Payments[i]
		}
	}
	return nil
}

// Payment returns the payment of that id, or nil.
func (s *Sale) Payment(id MerchantTransID) *Payment {
	for i := range s.Payments {
		if s.Payments[i].ID == id {
			return &s.Payments[i]
		}
	}
	return nil
}

// Refund returns the refund of that id, or nil.
func (s *Sale) Refund(id RefundID) *Refund {
	for i := range s.Refunds {
		if s.Refunds[i].ID == id {
			return &s.Refunds[i]
		}
	}
	return nil
}

// Refunded is what the gateway has confirmed as going back of the payment that
// decides the sale's state.
func (s *Sale) Refunded() Money {
	if p := s.Deciding(); p != nil {
		return s.RefundedOf(p.ID)
	}
	return Money{Currency: s.Amount.Currency}
}

// RefundedOf is the sum of a payment that the gateway has confirmed as going back.
func (s *Sale) RefundedOf(id MerchantTransID) Money {
	return s.sumRefunds(id, func(r *Refund) bool { return r.State() == RefundRefunded })
}

// ReservedOf is the sum of a payment's refunds that are not definitively refused.
func (s *Sale) ReservedOf(id MerchantTransID) Money { return s.sumRefunds(id, (*Refund).Counts) }

func (s *Sale) sumRefunds(id MerchantTransID, counts func(*Refund) bool) Money {
	sum := Money{Currency: s.Amount.Currency}
	for i := range s.Refunds {
		if r := &s.Refunds[i]; r.Payment == id && counts(r) {
			sum.Value += r.Amount.Value // bounded by the payment's amount: mayRefund checks
		}
	}
	return sum
}

// CanRescan tells whether a refused sale may be tried again with a fresh code.
func (s *Sale) CanRescan() bool {
	p := s.Current()
	return p != nil && s.End == nil && !s.CodeGiven && DeriveState(*p) == StateDeclined && p.rescannable() &&
		s.doubted() == nil // money of this sale may be taken already
}

// rescannable tells whether the refusal is of the kind that a fresh code cures.
func (p *Payment) rescannable() bool {
	a := p.refusal()
	return a != nil && a.Outcome.Class == ClassRescan
}

// State derives the sale's state from its facts.
func (s *Sale) State() SaleState {
	p := s.Deciding()
	if p == nil {
		switch {
		case s.End == nil:
			return SaleStateWaiting
		case s.End.Reason == SaleExpired:
			return SaleStateExpired
		}
		return SaleStateCancelled
	}
	switch DeriveState(*p) {
	case StateCreated, StatePaying:
		return SaleStateProcessing
	case StateUnconfirmed:
		if p.confirming() {
			return SaleStateConfirming
		}
		return SaleStateChecking
	case StateReversing:
		return SaleStateReversing
	case StateWatching, StateCancelled:
		return SaleStateCancelled
	case StatePaid:
		return SaleStatePaid
	case StateDeclined:
		if s.End != nil && s.End.Reason == SaleCancelled {
			return SaleStateCancelled
		}
		return SaleStateDeclined
	case StateAttention:
	}
	return SaleStateAttention
}

// confirming tells whether the newest verified word about the trade is that the
// customer must confirm on the phone.
func (p *Payment) confirming() bool {
	newest := Attempt{}
	for _, a := range p.Attempts {
		if a.FinishedSeq > newest.FinishedSeq && a.Outcome.Verified() {
			newest = a
		}
	}
	return newest.Outcome.Confirm
}

// Final tells whether the state will not change by itself any more.
func (s *Sale) Final() bool {
	switch s.State() {
	case SaleStatePaid, SaleStateCancelled, SaleStateExpired:
		return true
	case SaleStateDeclined:
		return !s.CanRescan()
	case SaleStateWaiting, SaleStateProcessing, SaleStateConfirming, SaleStateChecking, SaleStateReversing, SaleStateAttention:
	}
	return false
}

// InForeground tells whether the sale still occupies the till: not once it is
// final, its reversal is decided, or a person is needed.
func (s *Sale) InForeground() bool {
	switch s.State() {
	case SaleStateReversing, SaleStateAttention:
		return false
	case SaleStateWaiting, SaleStateProcessing, SaleStateConfirming, SaleStateChecking,
		SaleStatePaid, SaleStateDeclined, SaleStateCancelled, SaleStateExpired:
	}
	return !s.Final()
}

// Settled tells whether nothing of the sale is left to do: no payment in doubt
// or being watched, no refund open. Only settled sales may ever be forgotten.
func (s *Sale) Settled() bool {
	if !s.Final() {
		return false
	}
	for i := range s.Payments {
		if s.Payments[i].End == nil {
			return false
		}
	}
	for i := range s.Refunds {
		if s.Refunds[i].End == nil {
			return false
		}
	}
	return true
}

// SeenBy returns the sale as a given run of the process must judge it.
func (s Sale) SeenBy(boot BootID) Sale {
	s.Payments = append([]Payment(nil), s.Payments...)
	for i := range s.Payments {
		s.Payments[i].Viewer = boot
	}
	s.Refunds = append([]Refund(nil), s.Refunds...)
	for i := range s.Refunds {
		s.Refunds[i].Viewer = boot
	}
	return s
}
