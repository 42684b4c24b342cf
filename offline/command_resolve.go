package offline

import (
	"fmt"
	"time"
)

// Resolve records what a person found out about a sale in attention, with who
// and why; it ends the payment. Result is ResultPaid or ResultCancelled (nothing
// is owed). Errors: ErrUnknownSale, ErrNotInAttention, ErrRefundStands (nothing
// is owed, and yet money goes back), ErrStopped, ErrJournal.
func (e *Engine) Resolve(id SaleID, result Result, by, note string) (Sale, error) {
	sale, release, err := e.hold(id)
	if err != nil {
		return Sale{}, err
	}
	defer release()
	p := sale.Deciding()
	if p == nil || DeriveState(*p) != StateAttention {
		return sale, fmt.Errorf("sale %s is %s: %w", id, sale.State(), ErrNotInAttention)
	}
	now := time.Now()
	end := Fact{Kind: FactEnded, At: now, Result: result}
	if result == ResultCancelled {
		end.How = HowPerson
	}
	w := Write{SaleID: id, Payments: []PaymentWrite{{ID: p.ID, Facts: person(now, by, note, end)}}}
	return e.commit(w, nil)
}

// ResolveRefund records what a person found out about a refund in attention, with
// who and why; it ends the refund. Result is ResultRefunded or ResultDeclined
// (nothing went back: the amount is free for another refund). Errors:
// ErrUnknownSale, ErrUnknownRefund, ErrNotInAttention, ErrStopped, ErrJournal.
func (e *Engine) ResolveRefund(id SaleID, refund RefundID, result Result, by, note string) (Sale, error) {
	sale, release, err := e.hold(id)
	if err != nil {
		return Sale{}, err
	}
	defer release()
	r := sale.Refund(refund)
	switch {
	case r == nil:
		return sale, fmt.Errorf("refund %s of sale %s: %w", refund, id, ErrUnknownRefund)
	case r.State() != RefundAttention:
		return sale, fmt.Errorf("refund %s of sale %s is %s: %w", refund, id, r.State(), ErrNotInAttention)
	}
	now := time.Now()
	end := Fact{Kind: FactEnded, At: now, Result: result, How: HowPerson}
	w := Write{SaleID: id, Refunds: []RefundWrite{{ID: refund, Facts: person(now, by, note, end)}}}
	after, err := sale.Apply(w)
	if err != nil {
		return sale, err
	}
	w.Payments = settledByRefund(&after, r.Payment, now)
	return e.commit(w, func(after Sale) { e.release(after, r.Payment) })
}

// person is a person's word and the end that follows from it.
func person(now time.Time, by, note string, end Fact) []Fact {
	return []Fact{{Kind: FactResolved, At: now, By: by, Note: note}, end}
}
