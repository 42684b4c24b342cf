package offline

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Errors of Sale.Apply and of the journal's Commit. Nothing was written then.
var (
	// ErrIllegal: the facts would break an invariant or come out of order. It
	// is a bug of the caller; the message names the rule.
	ErrIllegal = errors.New("illegal change")
	// ErrFinal: the payment, refund or sale has ended already.
	ErrFinal = errors.New("already final")
	// ErrRefundTooMuch: the refunds would exceed what was paid.
	ErrRefundTooMuch = errors.New("refunds would exceed what was paid")
	// ErrRefundStands: a person says that nothing is owed, while a refund of it is
	// under way or done. Either the refund is wrong or the word is.
	ErrRefundStands = errors.New("a refund of this payment is under way or done")
	// ErrNotPaid: a refund of a sale that is not known to be paid.
	ErrNotPaid = errors.New("not paid")
)

// Write is one atomic change of one sale: all of it is committed, or nothing.
type Write struct {
	SaleID   SaleID
	NewSale  *SaleHead // opens the sale; the first write of every sale has it
	EndSale  *SaleEnd
	Payments []PaymentWrite
	Refunds  []RefundWrite

	// Due is when the sale needs to be looked at next. It only orders the
	// work; a start of the process looks at everything unsettled at once. Zero
	// means: not before a start or a person.
	Due time.Time

	// Took is how long the message was under way whose outcome is among the facts.
	// Subscribers hear of it (Change); journals do not keep it.
	Took time.Duration
}

// PaymentWrite adds a payment or facts to one.
type PaymentWrite struct {
	ID    MerchantTransID
	New   *PaymentHead
	Facts []Fact
}

// RefundWrite adds a refund or facts to one.
type RefundWrite struct {
	ID    RefundID
	New   *RefundHead
	Facts []Fact
}

// Apply returns the sale as it is after the write, or why the write is refused.
// It never changes the receiver. Journals call it inside their transaction, so
// that an illegal change is refused by the store and not by the caller's good
// manners.
func (s Sale) Apply(w Write) (Sale, error) {
	out := s
	out.Payments = slices.Clone(s.Payments)
	out.Refunds = slices.Clone(s.Refunds)
	if err := out.open(w); err != nil {
		return s, err
	}
	// Refunds first: one that returned everything is the proof of a payment's end.
	for _, rw := range w.Refunds {
		if err := out.applyRefund(rw); err != nil {
			return s, fmt.Errorf("sale %s, refund %s: %w", w.SaleID, rw.ID, err)
		}
	}
	out.recount()
	for _, pw := range w.Payments {
		if err := out.applyPayment(pw); err != nil {
			return s, fmt.Errorf("sale %s, payment %s: %w", w.SaleID, pw.ID, err)
		}
	}
	if w.EndSale != nil {
		if err := out.end(*w.EndSale); err != nil {
			return s, fmt.Errorf("sale %s: %w", w.SaleID, err)
		}
	}
	return out, nil
}

func (s *Sale) open(w Write) error {
	switch {
	case w.NewSale == nil && s.ID == "":
		return fmt.Errorf("sale %s was never opened: %w", w.SaleID, ErrIllegal)
	case w.NewSale == nil && s.ID != w.SaleID:
		return fmt.Errorf("a write for sale %s applied to sale %s: %w", w.SaleID, s.ID, ErrIllegal)
	case w.NewSale == nil:
		return nil
	case s.ID != "":
		return fmt.Errorf("sale %s is open already: %w", w.SaleID, ErrIllegal)
	case w.NewSale.ID != w.SaleID:
		return fmt.Errorf("sale %s opened as %s: %w", w.SaleID, w.NewSale.ID, ErrIllegal)
	}
	if _, err := NewMoney(w.NewSale.Amount.Currency, w.NewSale.Amount.Value); err != nil {
		return fmt.Errorf("sale %s: %w", w.SaleID, err)
	}
	s.SaleHead = *w.NewSale
	s.Version++
	return nil
}

// end closes a sale. One with a payment in doubt cannot be closed: its end is
// the payment's.
func (s *Sale) end(e SaleEnd) error {
	if s.End != nil {
		return fmt.Errorf("closing it: %w", ErrFinal)
	}
	if p := s.Current(); p != nil && !s.CanRescan() {
		return fmt.Errorf("closing it while payment %s decides it: %w", p.ID, ErrIllegal)
	}
	s.End = &e
	s.Version++
	return nil
}

func (s *Sale) applyPayment(w PaymentWrite) error {
	p := s.Payment(w.ID)
	if w.New != nil {
		if p != nil {
			return fmt.Errorf("exists already: %w", ErrIllegal)
		}
		if w.New.ID != w.ID {
			return fmt.Errorf("created as %s: %w", w.New.ID, ErrIllegal)
		}
		if err := s.mayPay(*w.New); err != nil {
			return err
		}
		s.Payments = append(s.Payments, Payment{PaymentHead: *w.New})
		s.Version++
		p = s.Current()
	}
	if p == nil {
		return fmt.Errorf("was never created: %w", ErrIllegal)
	}
	for _, f := range w.Facts {
		if err := p.admit(f, s); err != nil {
			return err
		}
		p.fold(f)
		s.Version++
	}
	return nil
}

// mayPay guards I2 and the rule that a sale has one payment at a time: a
// further one only after a refusal that a fresh code cures.
func (s *Sale) mayPay(h PaymentHead) error {
	switch {
	case h.ID == "" || len(h.ID) > 64:
		return fmt.Errorf("merchantTransId of %d characters: %w", len(h.ID), ErrIllegal)
	case h.Amount != s.Amount:
		return fmt.Errorf("amount %s is not the sale's %s: %w", h.Amount, s.Amount, ErrIllegal)
	case s.End != nil:
		return fmt.Errorf("a code after the sale was closed: %w", ErrFinal)
	case s.Current() != nil && !s.CanRescan():
		return fmt.Errorf("a code while payment %s is not refused for another one: %w", s.Current().ID, ErrFinal)
	}
	return nil
}

func (s *Sale) applyRefund(w RefundWrite) error {
	r := s.Refund(w.ID)
	if w.New != nil {
		if r != nil {
			return fmt.Errorf("exists already: %w", ErrIllegal)
		}
		if w.New.ID != w.ID {
			return fmt.Errorf("created as %s: %w", w.New.ID, ErrIllegal)
		}
		if err := s.mayRefund(*w.New); err != nil {
			return err
		}
		s.Refunds = append(s.Refunds, Refund{RefundHead: *w.New})
		s.Version++
		r = &s.Refunds[len(s.Refunds)-1]
	}
	if r == nil {
		return fmt.Errorf("was never created: %w", ErrIllegal)
	}
	for _, f := range w.Facts {
		if err := r.admit(f); err != nil {
			return err
		}
		r.fold(f)
		s.Version++
	}
	return nil
}

// recount tells the payments which of them have refunds that count.
func (s *Sale) recount() {
	for i := range s.Payments {
		s.Payments[i].refunding = s.ReservedOf(s.Payments[i].ID).Value > 0
	}
}

// Refundable returns the payment whose money a refund would return: the paid
// one, or one that a person must look at and that is known to be paid (a cancel
// that came too late, an end in doubt). It returns nil where there is none.
func (s *Sale) Refundable() *Payment {
	p := s.Deciding()
	if p == nil {
		return nil
	}
	switch DeriveState(*p) {
	case StatePaid:
		return p
	case StateAttention:
		if p.KnownPaid() {
			return p
		}
	case StateCreated, StatePaying, StateUnconfirmed, StateReversing, StateWatching, StateDeclined, StateCancelled:
	}
	return nil
}

func (s *Sale) mayRefund(h RefundHead) error {
	p := s.Refundable()
	switch {
	case h.ID == "" || len(h.ID) > 64:
		return fmt.Errorf("merchantRefundId of %d characters: %w", len(h.ID), ErrIllegal)
	case p == nil || p.ID != h.Payment:
		return fmt.Errorf("refund of %s: %w", h.Payment, ErrNotPaid)
	case h.Amount.Currency != s.Amount.Currency:
		return fmt.Errorf("refund in %s of a sale in %s: %w", h.Amount.Currency, s.Amount.Currency, ErrCurrency)
	case h.Amount.Value <= 0:
		return fmt.Errorf("refund of %s: %w", h.Amount, ErrAmount)
	}
	if left := p.Amount.Value - s.ReservedOf(p.ID).Value; h.Amount.Value > left {
		return fmt.Errorf("%s asked, %s left: %w", h.Amount, Money{s.Amount.Currency, left}, ErrRefundTooMuch)
	}
	return nil
}
