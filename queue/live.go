package queue

import (
	"cmp"
	"slices"
	"time"

	"posagent/offline"
)

// liveSale is a sale that stands in the bucket live, as it was last committed.
type liveSale struct {
	sale    offline.Sale
	due     time.Time
	events  []uint64
	settled bool
}

// codeUse is the payment that used a code.
type codeUse struct {
	sale    offline.SaleID
	payment offline.MerchantTransID
}

type totalID struct {
	day      offline.BusinessDay
	currency string
}

// totalRecord is a record of the bucket totals.
type totalRecord struct {
	Total  offline.DayTotal `json:"total"`  // over filed sales, and those pruned
	Pruned offline.DayTotal `json:"pruned"` // of it, over sales that were pruned
}

// unsent tells whether a payment is proven to have charged nobody because it
// never left: its code may be used again.
func unsent(p *offline.Payment) bool {
	return p.End != nil && p.End.Result == offline.ResultCancelled && p.End.How == offline.HowUnsent
}

// setLive publishes a sale of the bucket live. The caller holds view.
func (j *Journal) setLive(sale offline.Sale, due time.Time, events []offline.Event) {
	l := j.live[sale.ID]
	if l == nil {
		l = &liveSale{}
		j.live[sale.ID] = l
	}
	j.countLive(l, true)
	l.sale, l.due, l.settled = sale, due, sale.Settled()
	j.countLive(l, false)
	for _, e := range events {
		l.events = append(l.events, e.Seq)
		at, _ := slices.BinarySearchFunc(j.tail, e.Seq, func(e offline.Event, seq uint64) int { return cmp.Compare(e.Seq, seq) })
		j.tail = slices.Insert(j.tail, at, e)
		j.lastEvent = max(j.lastEvent, e.Seq)
	}
	for i := range sale.Payments {
		p := &sale.Payments[i]
		j.payments[p.ID] = sale.ID
		use := codeUse{sale.ID, p.ID}
		if !unsent(p) {
			j.codes[p.Code.Hash] = use
		} else if j.codes[p.Code.Hash] == use {
			delete(j.codes, p.Code.Hash)
		}
	}
}

// countLive keeps what is told about all live sales, so that a commit beside ten
// thousand unsettled ones does not walk over them. minus takes a sale out. The
// caller holds view.
func (j *Journal) countLive(l *liveSale, minus bool) {
	if l.settled {
		if minus {
			j.settledLive--
		} else {
			j.settledLive++
		}
	}
	for _, t := range contributions(l.sale) {
		if minus {
			t.Total = negative(t.Total)
		}
		j.liveTotals[idOf(t)] = addTotal(j.liveTotals[idOf(t)], t.Total)
	}
}

// dropLive forgets a sale that was filed. The caller holds view.
func (j *Journal) dropLive(ids map[offline.SaleID]bool) {
	for id := range ids {
		l := j.live[id]
		j.countLive(l, true)
		for i := range l.sale.Payments {
			p := &l.sale.Payments[i]
			delete(j.payments, p.ID)
			if j.codes[p.Code.Hash] == (codeUse{id, p.ID}) {
				delete(j.codes, p.Code.Hash)
			}
		}
		delete(j.live, id)
	}
	j.tail = slices.DeleteFunc(j.tail, func(e offline.Event) bool { return ids[e.SaleID] })
}

// cloneSale copies everything that a caller could change.
func cloneSale(s offline.Sale) offline.Sale {
	s.End = clonePtr(s.End)
	s.Payments = slices.Clone(s.Payments)
	for i := range s.Payments {
		p := &s.Payments[i]
		p.Attempts = cloneAttempts(p.Attempts)
		p.Parked, p.Resolved, p.End = clonePtr(p.Parked), clonePtr(p.Resolved), clonePtr(p.End)
		p.CancelAsk, p.Reversal = clonePtr(p.CancelAsk), clonePtr(p.Reversal)
	}
	s.Refunds = slices.Clone(s.Refunds)
	for i := range s.Refunds {
		r := &s.Refunds[i]
		r.Attempts = cloneAttempts(r.Attempts)
		r.Parked, r.Resolved, r.End = clonePtr(r.Parked), clonePtr(r.Resolved), clonePtr(r.End)
	}
	return s
}

func cloneAttempts(list []offline.Attempt) []offline.Attempt {
	list = slices.Clone(list)
	for i := range list {
		list[i].Outcome.PayAmount = clonePtr(list[i].Outcome.PayAmount)
	}
	return list
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func cloneEvent(e offline.Event) offline.Event {
	e.What = slices.Clone(e.What)
	return e
}

// contributions is what a sale adds to the totals of its days.
func contributions(s offline.Sale) []offline.TotalChange {
	return offline.TotalsOf(offline.Sale{}, s)
}

func idOf(c offline.TotalChange) totalID { return totalID{c.Day, c.Total.PaidSum.Currency} }

func negative(t offline.DayTotal) offline.DayTotal {
	t.Paid, t.PaidSum.Value = -t.Paid, -t.PaidSum.Value
	t.Refunded, t.RefundedSum.Value = -t.Refunded, -t.RefundedSum.Value
	return t
}

// addTotal sums totals; the zero value takes the currency of what is added.
func addTotal(t, change offline.DayTotal) offline.DayTotal {
	if t.PaidSum.Currency == "" {
		t.PaidSum.Currency, t.RefundedSum.Currency = change.PaidSum.Currency, change.PaidSum.Currency
	}
	return t.Add(change)
}
