package offline

import (
	"errors"
	"fmt"
	"time"
)

// Cancel undoes a sale on a person's word. Before anything was sent it ends at
// once; afterwards a reversal is decided and goes on in the background. Errors:
// ErrUnknownSale, ErrFinal (paid: refund it; or over already), ErrStopped,
// ErrJournal. A sale whose reversal is decided already is returned as it is.
func (e *Engine) Cancel(id SaleID, by string) (Sale, error) {
	sale, release, err := e.hold(id)
	if err != nil {
		return Sale{}, err
	}
	defer release()
	if sale.awaitsCode() {
		return e.commit(Write{SaleID: id, EndSale: &SaleEnd{At: time.Now(), Reason: SaleCancelled, By: by}}, nil)
	}
	p := sale.Current()
	if p == nil || p.End != nil || DeriveState(*p) == StateAttention {
		return sale, fmt.Errorf("sale %s is %s: %w", id, sale.State(), ErrFinal)
	}
	if p.CancelAsk != nil || p.Reversal != nil {
		return sale, nil
	}
	now := time.Now()
	facts := []Fact{{Kind: FactCancelAsked, At: now, By: by}}
	// Nothing sent so far: the driver ends it. Otherwise the reversal is decided
	// in the same write, so that no late success can slip in between.
	if DeriveState(*p) != StateCreated {
		facts = append(facts, Fact{Kind: FactReversal, At: now, Reason: ReasonAsked})
	}
	w := Write{SaleID: id, Due: now, Payments: []PaymentWrite{{ID: p.ID, Facts: facts}}}
	return e.commit(w, func(Sale) { e.drive(job{sale: id, payment: p.ID}, nil) })
}

// Recheck asks the gateway once more, now, about what is not settled: the
// payment, or refunds that wait for a person. A sale that waits for a code has
// nothing to ask about and stays as it is. Errors: ErrUnknownSale, ErrFinal
// (nothing is open), ErrStopped.
func (e *Engine) Recheck(id SaleID) (Sale, error) {
	// A payment that is durable and has no driver yet gets one with its code
	// while the sale is held; it must not find one that was made without it.
	sale, release, err := e.hold(id)
	if err != nil {
		return Sale{}, err
	}
	defer release()
	ask := func(d *driver) { d.asked = true }
	open := false
	if p := sale.Deciding(); p != nil && (p.End == nil || p.Reopened()) {
		open = true
		e.drive(job{sale: id, payment: p.ID}, ask)
	}
	for i := range sale.Refunds {
		if r := &sale.Refunds[i]; r.End == nil {
			open = true
			e.drive(job{sale: id, payment: r.Payment, refund: r.ID}, ask)
		}
	}
	if !open && sale.Final() {
		return sale, fmt.Errorf("sale %s is %s: %w", id, sale.State(), ErrFinal)
	}
	return sale, nil
}

// NewRefund is what a register, a window or a command asks for.
type NewRefund struct {
	ID     RefundID
	Amount Money
	Reason string
	By     string // for the audit trail; no part of what makes it the same refund
}

// Refund begins to return money of a paid sale. The id is the idempotency key
// within the sale: the same content again returns the sale and false, other
// content ErrSaleConflict. Further errors: ErrUnknownSale, ErrNotPaid,
// ErrRefundTooMuch, ErrAmount, ErrCurrency, ErrID, ErrStopped, ErrJournal.
func (e *Engine) Refund(id SaleID, n NewRefund) (Sale, bool, error) {
	leave, err := e.enter()
	if err != nil {
		return Sale{}, false, err
	}
	defer leave()
	if _, err := ParseRefundID(string(n.ID)); err != nil {
		return Sale{}, false, err
	}
	if _, err := NewMoney(n.Amount.Currency, n.Amount.Value); err != nil {
		return Sale{}, false, err
	}
	defer e.lock(id)()
	sale, err := e.Sale(id)
	if err != nil {
		return Sale{}, false, err
	}
	if old := sale.Refund(n.ID); old != nil {
		if old.Amount == n.Amount && old.Reason == n.Reason {
			return sale, false, nil
		}
		return sale, false, fmt.Errorf("refund %s of sale %s: %w", n.ID, id, ErrSaleConflict)
	}
	p := sale.Refundable()
	if p == nil {
		return sale, false, fmt.Errorf("sale %s is %s: %w", id, sale.State(), ErrNotPaid)
	}
	now := time.Now()
	head := &RefundHead{ID: n.ID, Payment: p.ID, Amount: n.Amount, Reason: n.Reason, By: n.By, CreatedAt: now}
	w := Write{SaleID: id, Due: now, Refunds: []RefundWrite{{ID: n.ID, New: head}}}
	after, err := e.commit(w, func(Sale) { e.drive(job{sale: id, payment: p.ID, refund: n.ID}, nil) })
	return after, err == nil, err
}

// Backlog counts what the engine still has to take to its end.
type Backlog struct {
	Driven int // payments and refunds being worked on now
	Listed int // sales whose next step has its time
}

// Backlog tells how much is unfinished in this run's hands. Sales that wait for
// a person are not in it; the journal lists them.
func (e *Engine) Backlog() Backlog {
	e.mu.Lock()
	driven := len(e.drivers)
	e.mu.Unlock()
	return Backlog{Driven: driven, Listed: e.agenda.len()}
}

// IsRefusal tells whether an error of a command is the caller's to mend, as
// opposed to a fault of this machine.
func IsRefusal(err error) bool {
	var used *CodeUsedError
	for _, known := range []error{
		ErrUnknownSale, ErrUnknownRefund, ErrFinal, ErrSaleConflict, ErrNotInAttention, ErrNotPaid, ErrRefundTooMuch, ErrRefundStands,
		ErrAmount, ErrCurrency, ErrID, ErrIdentityCode,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, &used)
}
