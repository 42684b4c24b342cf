package offlinetest

import (
	"posagent/offline"
)

// watchMessage judges a message as it leaves.
func (t *till) watchMessage(m *outgoing) {
	var head *offline.PaymentHead
	attempts := []offline.Attempt(nil)
	if p := t.sale.Payment(m.request.trans); p != nil {
		head, attempts = &p.PaymentHead, p.Attempts
	}
	if m.job.refund != "" {
		attempts = nil
		if r := t.sale.Refund(m.job.refund); r != nil {
			attempts = r.Attempts
		}
	}
	committed := false
	for _, a := range attempts {
		committed = committed || a.ReqMsgID == m.id && !a.Finished() && a.Op == m.request.op
	}
	if !committed {
		t.violate(PromiseIntent, "%s of %s leaves without its intent", m.request.op, m.request.trans)
	}
	if m.request.op == offline.OpPay && head != nil && head.Boot != t.boot {
		t.violate(PromisePay, "run %s pays %s, whose code run %s read", t.boot, head.ID, head.Boot)
	}
}

// observe judges a committed change: the invariants, and whether what is now
// shown was true at this moment.
func (t *till) observe(before, after offline.Sale) {
	if t.Check {
		if err := CheckInvariants(before, after); err != nil {
			t.violate(PromiseInvarian, "%v", err)
		}
	}
	was, is := before.SeenBy(t.boot), after.SeenBy(t.boot)
	if before.ID != "" && was.State() == is.State() {
		return
	}
	t.note("shown: %s", is.State())
	if is.State() == offline.SaleStatePaid {
		t.truth(&is, "when it was shown")
	}
}

// judge compares what is shown with what the customer's money did, once nothing
// can change any more.
func (t *till) judge() {
	sale := t.sale.SeenBy(t.boot)
	t.rep.State = sale.State()
	if sale.ID == "" {
		for id, tr := range t.w.trades {
			if tr.net() != 0 {
				t.violate(PromiseMoney, "%s took %d, and there is no sale", id, tr.net())
			}
		}
		return
	}
	t.truth(&sale, "at the end")
	t.refunds(&sale)
	if sale.State() != offline.SaleStateAttention && !sale.Final() {
		t.violate(PromiseRest, "it rests as %s", sale.State())
	}
	for i := range sale.Payments {
		p := &sale.Payments[i]
		if p.End == nil && offline.DeriveState(*p) != offline.StateAttention {
			t.violate(PromiseRest, "payment %s rests as %s", p.ID, offline.DeriveState(*p))
		}
		if tr := t.w.trades[p.ID]; tr != nil && p.End != nil {
			t.words(p, tr)
		}
	}
}

// onlyOnce: at no moment two trades of one sale hold the customer's money, and
// none holds it twice.
func (t *till) onlyOnce() {
	holding := 0
	for id, tr := range t.w.trades {
		if tr.net() > 0 {
			holding++
		}
		if tr.charges > 1 {
			t.violate(PromiseOnce, "%s was charged %d times", id, tr.charges)
		}
	}
	if holding > 1 {
		t.violate(PromiseOnce, "%d trades of one sale hold money", holding)
	}
}

// truth: what the sale shows against the gateway's ledger.
func (t *till) truth(sale *offline.Sale, when string) {
	var net, kept, returned int64
	for id, tr := range t.w.trades {
		net += tr.net()
		if p := sale.Current(); p != nil && p.ID == id {
			kept, returned = tr.charged-tr.returned, tr.refunded
		}
		if tr.net() < 0 {
			t.violate(PromiseMoney, "%s, %s returned %d more than it took", when, id, -tr.net())
		}
	}
	switch sale.State() {
	case offline.SaleStatePaid:
		if kept != sale.Amount.Value || net != kept-returned {
			t.violate(PromiseMoney, "%s it shows paid, and the gateway took %d of %d (customer's loss %d)", when, kept, sale.Amount.Value, net)
		}
	case offline.SaleStateDeclined, offline.SaleStateCancelled, offline.SaleStateExpired:
		if net != 0 {
			t.violate(PromiseMoney, "%s it shows %s, and the customer has lost %d", when, sale.State(), net)
		}
	case offline.SaleStateWaiting, offline.SaleStateProcessing, offline.SaleStateConfirming, offline.SaleStateChecking,
		offline.SaleStateReversing, offline.SaleStateAttention:
	}
}

// words: what the end of a payment says about the money.
func (t *till) words(p *offline.Payment, tr *trade) {
	switch {
	case p.End.How == offline.HowClosed && tr.charges > 0:
		t.violate(PromiseMoney, "%s: \"nothing was taken\", and %d was taken", p.ID, tr.charged)
	case p.End.How == offline.HowUnsent && tr.state != tradeTombstone: // only a cancel came
		t.violate(PromiseMoney, "%s: \"nothing was sent\", and the gateway has it as %s", p.ID, tr.state)
	case p.End.How == offline.HowReturned && tr.charges == 0:
		t.violate(PromiseMoney, "%s: \"money goes back\", and none was taken", p.ID)
	}
}

// refunds: what each refund shows against what the gateway returned.
func (t *till) refunds(sale *offline.Sale) {
	shown, open := int64(0), int64(0)
	for i := range sale.Refunds {
		r := &sale.Refunds[i]
		switch r.State() {
		case offline.RefundRefunded:
			shown += r.Amount.Value
		case offline.RefundAttention:
			open += r.Amount.Value
		case offline.RefundProcessing:
			t.violate(PromiseRest, "refund %s rests as processing", r.ID)
		case offline.RefundDeclined:
		}
	}
	given := int64(0)
	for _, tr := range t.w.trades {
		given += tr.refunded
	}
	if given < shown || given > shown+open {
		t.violate(PromiseMoney, "refunds show %d as returned and %d as unclear, the gateway returned %d", shown, open, given)
	}
}
