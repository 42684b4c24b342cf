package offline

import "slices"

// Before is the sale as it was before a write that was committed to it, as the
// same run judges it: what changed can be told from the change alone. Only where
// the write brought a second end, parking or word of a person, the one before it is
// forgotten: folding keeps the newest.
func (s Sale) Before(w Write) Sale {
	before := s
	before.Payments = slices.Clone(s.Payments)
	before.Refunds = slices.Clone(s.Refunds)
	if w.EndSale != nil {
		before.End = nil
	}
	for _, pw := range w.Payments {
		i := slices.IndexFunc(before.Payments, func(p Payment) bool { return p.ID == pw.ID })
		switch {
		case i < 0:
		case pw.New != nil:
			before.Payments = slices.Delete(before.Payments, i, i+1)
		default:
			before.Payments[i] = before.Payments[i].without(len(pw.Facts))
		}
	}
	for _, rw := range w.Refunds {
		i := slices.IndexFunc(before.Refunds, func(r Refund) bool { return r.ID == rw.ID })
		switch {
		case i < 0:
		case rw.New != nil:
			before.Refunds = slices.Delete(before.Refunds, i, i+1)
		default:
			before.Refunds[i].trail = before.Refunds[i].trail.without(len(rw.Facts))
		}
	}
	before.recount()
	return before
}

// without is the payment without its newest facts.
func (p Payment) without(facts int) Payment {
	p.trail = p.trail.without(facts)
	p.CancelAsk, p.Reversal = until(p.CancelAsk, p.Facts), until(p.Reversal, p.Facts)
	return p
}

func (t trail) without(facts int) trail {
	t.Facts -= facts
	var attempts []Attempt
	for _, a := range t.Attempts {
		if a.BegunSeq > t.Facts {
			continue
		}
		if a.FinishedSeq > t.Facts {
			a = Attempt{N: a.N, Op: a.Op, ReqMsgID: a.ReqMsgID, Boot: a.Boot, BegunAt: a.BegunAt, BegunSeq: a.BegunSeq}
		}
		attempts = append(attempts, a)
	}
	t.Attempts = attempts
	t.Parked, t.Resolved = until(t.Parked, t.Facts), until(t.Resolved, t.Facts)
	if t.End != nil && t.End.Seq > t.Facts {
		t.End = nil
	}
	return t
}

// until is the mark, if it was there when so many facts were.
func until(m *Mark, facts int) *Mark {
	if m == nil || m.Seq > facts {
		return nil
	}
	return m
}
