package offlinetest

import (
	"math/rand/v2"
	"time"

	"posagent/offline"
)

// people are those who act of their own accord: the customer, the cashier, the
// supervisor, and whoever sets clocks and pulls plugs.
type people struct {
	plans []plan
	ids   int
}

// plan is something that a person will do.
type plan struct {
	at time.Duration
	do func(*till)
}

func newPeople(*rand.Rand) *people { return &people{} }

func (p *people) later(at time.Duration, do func(*till)) { p.plans = append(p.plans, plan{at, do}) }

// next is the earliest plan.
func (p *people) next(t *till) (time.Duration, func()) {
	first := -1
	for i := range p.plans {
		if first < 0 || p.plans[i].at < p.plans[first].at {
			first = i
		}
	}
	if first < 0 {
		return 0, nil
	}
	pl := p.plans[first]
	return pl.at, func() {
		p.plans = append(p.plans[:first], p.plans[first+1:]...)
		pl.do(t)
	}
}

// open opens the sale and plans what people do about it.
func (t *till) open() {
	const amount = 10000
	head := &offline.SaleHead{
		ID: "R-1", Amount: offline.Money{Currency: "HKD", Value: amount}, CreatedAt: t.clock(),
		ExpiresAt: t.clock().Add(2 * time.Minute), Boot: t.boot,
	}
	t.commit(offline.Write{SaleID: "R-1", NewSale: head}, nil)
	if t.dead {
		t.reboot()
	}
	if t.sale.ID == "" { // the register asks again
		t.open()
		return
	}
	w, p := t.w, t.people
	p.later(w.between(time.Second, 20*time.Second), (*till).scan)
	p.later(2*time.Minute, (*till).expire)
	if w.r.IntN(3) == 0 {
		p.later(w.between(0, 40*time.Second), (*till).cancel)
	}
	if w.r.IntN(5) == 0 {
		p.later(w.between(0, 2*time.Minute), (*till).setClock)
	}
	if w.r.IntN(8) == 0 {
		p.later(w.between(0, 30*time.Minute), func(t *till) { t.dead = true; t.note("plug pulled") })
	}
	for range w.r.IntN(3) {
		p.later(w.between(time.Second, 10*time.Minute), (*till).recheck)
	}
	// Long after: whoever finds a sale in attention asks again, or refunds.
	for range w.r.IntN(4) {
		p.later(w.mood.storm+w.between(0, 3*time.Hour), (*till).recheck)
	}
	for range w.r.IntN(3) {
		p.later(w.between(time.Minute, 5*time.Hour), (*till).giveBack)
	}
	if w.r.IntN(4) == 0 {
		p.later(26*time.Hour, (*till).recheck)
		p.later(27*time.Hour, (*till).giveBackAll)
	}
	if w.r.IntN(3) == 0 { // by then every message has arrived or is lost
		p.later(30*time.Hour, (*till).supervise)
	}
}

// supervise: somebody looks what is in attention up in the gateway's books and
// says so. Another amount than the sale's is nobody's to decide here.
func (t *till) supervise() {
	for i := range t.seen().Refunds {
		r := &t.seen().Refunds[i]
		if t.dead || r.State() != offline.RefundAttention || t.w.mood.otherSum {
			continue
		}
		result := offline.ResultDeclined
		if tr := t.w.trades[r.Payment]; tr != nil && tr.refunds[r.ID] > 0 {
			result = offline.ResultRefunded
		}
		t.note("the supervisor finds refund %s %s", r.ID, result)
		w := offline.Write{SaleID: t.sale.ID, Refunds: []offline.RefundWrite{{ID: r.ID, Facts: t.word(result, offline.HowPerson)}}}
		if after, err := t.rules.Apply(t.sale, w); err == nil && after.RefundedOf(r.Payment) == after.Amount &&
			offline.DeriveState(*after.Payment(r.Payment)) == offline.StateAttention {
			w.Payments = []offline.PaymentWrite{{ID: r.Payment, Facts: []offline.Fact{
				{Kind: offline.FactEnded, At: t.clock(), Result: offline.ResultCancelled, How: offline.HowRefunded},
			}}}
		}
		t.commit(w, nil)
		t.release(r.Payment)
	}
	p := t.seen().Deciding()
	if t.dead || p == nil || offline.DeriveState(*p) != offline.StateAttention || t.w.mood.otherSum {
		return
	}
	tr := t.w.trades[p.ID]
	result, how := offline.ResultCancelled, offline.HowPerson
	switch {
	case tr != nil && tr.charged-tr.returned > 0:
		result, how = offline.ResultPaid, ""
	case t.sale.ReservedOf(p.ID).Value > 0:
		return // a refund stands against "nothing is owed"
	}
	t.note("the supervisor finds %s %s", p.ID, result)
	t.commit(offline.Write{SaleID: t.sale.ID, Payments: []offline.PaymentWrite{{ID: p.ID, Facts: t.word(result, how)}}}, nil)
}

// word is what a person found, and the end that follows from it.
func (t *till) word(result offline.Result, how offline.How) []offline.Fact {
	return []offline.Fact{
		{Kind: offline.FactResolved, At: t.clock(), By: "lee", Note: "in the portal"},
		{Kind: offline.FactEnded, At: t.clock(), Result: result, How: how},
	}
}

// seen is the sale as this run judges it.
func (t *till) seen() *offline.Sale {
	s := t.sale.SeenBy(t.boot)
	return &s
}

// scan: the customer shows a code. A refusal that a fresh code cures gets one.
func (t *till) scan() {
	sale := t.seen()
	if !awaitsCode(sale) || sale.Boot != t.boot || !t.clock().Before(sale.ExpiresAt) {
		return
	}
	p := t.people
	p.ids++
	t.ids++
	id := offline.MerchantTransID("P-" + itoa(p.ids))
	t.note("code %d is scanned: %s", p.ids, id)
	now := t.clock()
	msg := offline.ReqMsgID("msg-" + itoa(t.ids))
	j := &job{payment: id, code: p.ids, scanned: t.w.now, open: map[int]bool{}}
	head := &offline.PaymentHead{
		ID: id, Amount: sale.Amount, CreatedAt: now, Boot: t.boot, Code: offline.CodeDigest{Hash: string(msg), Masked: "28••••4394"},
	}
	w := offline.Write{SaleID: sale.ID, Payments: []offline.PaymentWrite{{ID: id, New: head, Facts: []offline.Fact{
		{Kind: offline.FactBegun, At: now, Attempt: 1, Op: offline.OpPay, ReqMsgID: msg, Boot: t.boot},
	}}}}
	t.commit(w, &outgoing{job: j, attempt: 1, id: msg, timeout: gatewayTimeout, request: request{
		op: offline.OpPay, trans: id, amount: sale.Amount.Value, code: j.code, scanned: j.scanned,
	}})
	p.later(t.w.now+t.w.between(5*time.Second, 40*time.Second), (*till).scan)
	if t.w.r.IntN(6) == 0 || t.w.mood.crossing && t.w.r.IntN(2) == 0 {
		p.later(t.w.now+t.w.between(0, 6*time.Second), (*till).cancel)
	}
	if !t.dead {
		t.jobs = append(t.jobs, j)
		t.turn(j, nil)
	}
}

func (t *till) expire() {
	if sale := t.seen(); awaitsCode(sale) {
		t.note("expires")
		t.commit(offline.Write{SaleID: sale.ID, EndSale: &offline.SaleEnd{At: t.clock(), Reason: offline.SaleExpired}}, nil)
	}
}

// cancel is the cashier's word, as the engine's Cancel takes it.
func (t *till) cancel() {
	sale := t.seen()
	if awaitsCode(sale) {
		t.note("cancelled before a code came")
		t.commit(offline.Write{SaleID: sale.ID, EndSale: &offline.SaleEnd{At: t.clock(), Reason: offline.SaleCancelled}}, nil)
		return
	}
	p := sale.Current()
	if p == nil || p.End != nil || offline.DeriveState(*p) == offline.StateAttention || p.CancelAsk != nil || p.Reversal != nil {
		return
	}
	t.note("the cashier cancels")
	facts := []offline.Fact{{Kind: offline.FactCancelAsked, At: t.clock(), By: "anna"}}
	if offline.DeriveState(*p) != offline.StateCreated {
		facts = append(facts, offline.Fact{Kind: offline.FactReversal, At: t.clock(), Reason: offline.ReasonAsked})
	}
	t.commit(offline.Write{SaleID: sale.ID, Payments: []offline.PaymentWrite{{ID: p.ID, Facts: facts}}}, nil)
	if !t.dead {
		t.turn(t.drive(p.ID, "", 0), nil)
	}
}

// recheck is a person's wish to have the gateway asked once more.
func (t *till) recheck() {
	sale := t.seen()
	var ask []*job
	if p := sale.Deciding(); p != nil && (p.End == nil || p.Reopened()) {
		ask = append(ask, t.drive(p.ID, "", 0))
	}
	for i := range sale.Refunds {
		if r := &sale.Refunds[i]; r.End == nil {
			ask = append(ask, t.drive(r.Payment, r.ID, 0))
		}
	}
	for _, j := range ask {
		if !t.dead {
			t.note("re-check of %s%s", j.payment, j.refund)
			j.asked = true
			t.turn(j, nil)
		}
	}
}

// giveBack asks for a refund of some amount, at times of more than there is.
func (t *till) giveBack() { t.refund(1000 * int64(1+t.w.r.IntN(11))) }

func (t *till) giveBackAll() {
	if p := t.sale.Refundable(); p != nil {
		t.refund(t.sale.Amount.Value - t.sale.ReservedOf(p.ID).Value)
	}
}

func (t *till) refund(value int64) {
	sale := t.seen()
	p := sale.Refundable()
	if p == nil || value <= 0 {
		return
	}
	id := offline.RefundID("F-" + itoa(len(sale.Refunds)+1))
	head := &offline.RefundHead{ID: id, Payment: p.ID, Amount: offline.Money{Currency: sale.Amount.Currency, Value: value}, CreatedAt: t.clock()}
	w := offline.Write{SaleID: sale.ID, Refunds: []offline.RefundWrite{{ID: id, New: head}}}
	if _, err := t.rules.Apply(t.sale, w); err != nil {
		t.note("refund of %d is refused: %v", value, err)
		return
	}
	t.note("refund %s of %d", id, value)
	t.commit(w, nil)
	if !t.dead {
		t.turn(t.drive(p.ID, id, 0), nil)
	}
}

// setClock: somebody, or the network's time, sets the till's clock while it runs.
func (t *till) setClock() {
	t.skew = clockError(t.w)
	t.note("the clock is now %s off", t.skew)
	for _, j := range t.jobs {
		if j.waits && !t.dead {
			t.turn(j, nil)
		}
	}
}

func clockError(w *world) time.Duration {
	switch w.r.IntN(6) {
	case 0:
		return -24 * 365 * time.Hour // the battery of the clock is empty
	case 1:
		return w.between(-2*time.Hour, 2*time.Hour)
	case 2:
		return w.between(-40*24*time.Hour, 40*24*time.Hour)
	}
	return w.between(-3*time.Second, 3*time.Second)
}

func (*people) downtime(w *world) time.Duration {
	if w.r.IntN(8) == 0 {
		return w.between(time.Hour, 14*time.Hour)
	}
	return w.between(time.Second, 3*time.Minute)
}

func (*people) clockAfterBoot(w *world, skew time.Duration) time.Duration {
	if w.r.IntN(6) == 0 {
		return clockError(w)
	}
	return skew
}
