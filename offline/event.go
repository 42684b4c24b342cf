package offline

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Describe makes the event that tells of a committed write. Journals store it
// in the same transaction; Seq is theirs to set.
func Describe(after Sale, w Write) Event {
	after = after.SeenBy(after.writer())
	e := Event{SaleID: w.SaleID, State: after.State()}
	if w.NewSale != nil {
		e.At, e.What = w.NewSale.CreatedAt, append(e.What, "sale opened")
	}
	for _, pw := range w.Payments {
		e.Payment = pw.ID
		if pw.New != nil {
			e.At, e.What = pw.New.CreatedAt, append(e.What, "payment created")
		}
		p := after.Payment(pw.ID)
		for _, f := range pw.Facts {
			e.add(f, &p.trail)
		}
	}
	for _, rw := range w.Refunds {
		e.Refund = rw.ID
		if rw.New != nil {
			e.At, e.What, e.By = rw.New.CreatedAt, append(e.What, "refund created"), rw.New.By
		}
		r := after.Refund(rw.ID)
		for _, f := range rw.Facts {
			e.add(f, &r.trail)
		}
	}
	if w.EndSale != nil {
		e.At, e.By = w.EndSale.At, w.EndSale.By
		e.What = append(e.What, "sale closed: "+string(w.EndSale.Reason))
	}
	return e
}

// writer is the run that wrote the newest message of the current payment. The
// state that an event tells is the one that this run saw: to any other run a
// message under way is a lost one.
func (s *Sale) writer() BootID {
	p := s.Current()
	switch {
	case p == nil:
		return s.Boot
	case p.Last() == nil:
		return p.Boot
	}
	return p.Last().Boot
}

// Ended tells whether something of the sale ended so with this write.
func (e *Event) Ended(result Result) bool {
	return slices.ContainsFunc(e.What, func(word string) bool {
		word, _, _ = strings.Cut(word, ",")
		return word == "ended "+string(result)
	})
}

func (e *Event) add(f Fact, t *trail) {
	e.At = f.At
	word := string(f.Kind)
	switch f.Kind {
	case FactBegun:
		word = string(f.Op) + " begun"
	case FactFinished:
		word = string(t.attempt(f.Attempt).Op) + " " + string(f.Outcome.Kind)
		if f.Outcome.ResultCode != "" {
			word += " " + f.Outcome.ResultCode
		}
	case FactCancelAsked:
		word = "cancel asked"
	case FactReversal:
		word = "reversal decided: " + string(f.Reason)
	case FactParked:
		word = "needs a person: " + string(f.Reason)
	case FactResolved:
		e.Note = f.Note
	case FactEnded:
		word = "ended " + string(f.Result)
		if f.How != "" {
			word += ", " + string(f.How)
		}
	}
	if f.By != "" {
		e.By = f.By
	}
	e.What = append(e.What, word)
}

// TotalChange is what one write adds to a day's totals.
type TotalChange struct {
	Day   BusinessDay
	Total DayTotal
}

// TotalsOf compares a sale before and after a write and tells what became paid
// or refunded by it.
func TotalsOf(before, after Sale) []TotalChange {
	var out []TotalChange
	add := func(at time.Time, change func(*DayTotal)) {
		currency := after.Amount.Currency
		c := TotalChange{Day: DayOf(at), Total: DayTotal{PaidSum: Money{Currency: currency}, RefundedSum: Money{Currency: currency}}}
		change(&c.Total)
		out = append(out, c)
	}
	for i := range after.Payments {
		p := &after.Payments[i]
		at, taken := after.takenAt(p)
		if _, before := before.takenAt(before.Payment(p.ID)); taken && !before {
			add(at, func(t *DayTotal) { t.Paid, t.PaidSum = 1, p.Amount })
		}
	}
	for i := range after.Refunds {
		r := &after.Refunds[i]
		old := before.Refund(r.ID)
		if r.State() == RefundRefunded && (old == nil || old.State() != RefundRefunded) {
			add(r.End.At, func(t *DayTotal) { t.Refunded, t.RefundedSum = 1, r.Amount })
		}
	}
	return out
}

// takenAt is when the payment's money began to count as taken: at its end as paid,
// or with the first refund that was confirmed. A payment that refunds return out
// of attention never ends as paid, and yet the acquirer settles both; one that a
// cancel returned is as if it had never been.
func (s *Sale) takenAt(p *Payment) (at time.Time, taken bool) {
	if p == nil {
		return time.Time{}, false
	}
	first := func(t time.Time) {
		if !taken || t.Before(at) {
			at, taken = t, true
		}
	}
	if p.End != nil && p.End.Result == ResultPaid {
		first(p.End.At)
	}
	for i := range s.Refunds {
		if r := &s.Refunds[i]; r.Payment == p.ID && r.State() == RefundRefunded {
			first(r.End.At)
		}
	}
	return at, taken
}

// Add sums two totals of one currency.
func (t DayTotal) Add(o DayTotal) DayTotal {
	t.Paid += o.Paid
	t.PaidSum.Value += o.PaidSum.Value
	t.Refunded += o.Refunded
	t.RefundedSum.Value += o.RefundedSum.Value
	return t
}

// StoredSale is a sale as a journal keeps it: heads and facts in the order of
// their commit.
type StoredSale struct {
	Head     SaleHead
	End      *SaleEnd
	Payments []StoredPayment
	Refunds  []StoredRefund
}

// StoredPayment is a payment's head and facts.
type StoredPayment struct {
	Head  PaymentHead
	Facts []Fact
}

// StoredRefund is a refund's head and facts.
type StoredRefund struct {
	Head  RefundHead
	Facts []Fact
}

// Restore folds stored facts back into the sale. It trusts their order: they
// were admitted when they were committed. It fails on a fact that no fold can
// place, which means that the store is damaged.
func Restore(st StoredSale) (Sale, error) {
	s := Sale{SaleHead: st.Head, Version: 1}
	if st.End != nil {
		e := *st.End
		s.End = &e
		s.Version++
	}
	for _, sp := range st.Payments {
		p := Payment{PaymentHead: sp.Head}
		for _, f := range sp.Facts {
			if err := p.place(f); err != nil {
				return Sale{}, fmt.Errorf("sale %s, payment %s: %w", st.Head.ID, sp.Head.ID, err)
			}
			p.fold(f)
		}
		s.Payments = append(s.Payments, p)
		s.Version += 1 + len(sp.Facts)
	}
	for _, sr := range st.Refunds {
		r := Refund{RefundHead: sr.Head}
		for _, f := range sr.Facts {
			err := r.place(f)
			if f.Kind == FactCancelAsked || f.Kind == FactReversal {
				err = fmt.Errorf("fact %q about a refund: %w", f.Kind, ErrIllegal)
			}
			if err != nil {
				return Sale{}, fmt.Errorf("sale %s, refund %s: %w", st.Head.ID, sr.Head.ID, err)
			}
			r.fold(f)
		}
		s.Refunds = append(s.Refunds, r)
		s.Version += 1 + len(sr.Facts)
	}
	s.Payments = slices.Clip(s.Payments)
	s.recount()
	return s, nil
}

// place tells whether a stored fact has its place behind the facts before it.
func (t *trail) place(f Fact) error {
	switch f.Kind {
	case FactBegun:
		return t.admitAttempt(f)
	case FactFinished:
		return t.admitFinished(f)
	case FactCancelAsked, FactReversal, FactParked, FactResolved, FactEnded:
		return nil
	}
	return fmt.Errorf("unknown kind of fact %q: %w", f.Kind, ErrIllegal)
}
