package sandbox

import (
	"slices"
	"time"

	"posagent/offline"
)

// play is a scenario on its way: which step each operation has come to.
type play struct {
	scenario Scenario
	seen     map[offline.Op]int
}

// heldPay is a pay request that is still on its way, as the books see it.
type heldPay struct {
	pay       request
	step      Step
	due       time.Time // zero: not by time
	atQuery   int       // 0: not by a query
	processed bool
}

// perform lets a checked message change the books and decides on its answer.
// Under g.mu.
func (g *Gateway) perform(req request, rep *reply, now time.Time) {
	g.settle(now)
	p, id := g.playOf(req)
	p.seen[req.op]++
	n := p.seen[req.op]
	step := p.scenario.step(req.op, n)
	rep.call.Scenario, rep.call.Step, rep.call.Effect = p.scenario.Name, n, step.Effect
	rep.call.MerchantTransID = id
	rep.delay, rep.fault = step.Delay, step.Fault

	var err error
	switch req.op {
	case offline.OpPay:
		rep.body, err = g.pay(req, step, rep, now)
	case offline.OpQuery:
		rep.body, err = g.query(req, n, now)
	case offline.OpCancel:
		rep.body, err = g.cancel(req, step, id, now)
	case offline.OpRefund:
		rep.body, err = g.refund(req, step, now)
	}
	if err != nil {
		// The gateway's own trouble proves nothing to the terminal.
		g.opt.Log.Error("the sandbox cannot keep its books", "merchantTransId", id, "error", err)
		rep.fault = FaultHTTP500
		return
	}
	override(&rep.body, req, step, now)
}

// override makes the answer tell what the scenario wants instead of the truth.
func override(a *answer, req request, step Step, now time.Time) {
	if !step.Say.IsZero() {
		t := a.trade
		*a = answer{Result: step.Say}
		if step.Say.Status == "S" || step.Say.Status == "s" {
			if t == nil && req.op == offline.OpPay {
				// A success that never happened, with all that makes it look real.
				t = &tradeView{id: req.id, acquirement: "20990101000000000000000000000", amount: req.amount, paidAt: now}
			}
			a.trade = t
		}
	}
	if step.Status != "" {
		a.status = step.Status
	}
}

// playOf finds the scenario of the payment that a message is about. The first
// message about an unknown id starts one. Messages that name only an unknown
// acquirementId get an ordinary scenario that is not kept.
func (g *Gateway) playOf(req request) (*play, offline.MerchantTransID) {
	id := req.id
	if t := g.find(req); t != nil {
		id = t.id
	}
	if id == "" {
		return &play{scenario: byAmount(nil, 0), seen: map[offline.Op]int{}}, ""
	}
	if p := g.plays[id]; p != nil {
		return p, id
	}
	p := &play{seen: map[offline.Op]int{}}
	scripted, ok := g.scripts[id]
	switch {
	case ok:
		p.scenario = scripted
	case req.op == offline.OpPay && len(g.next) > 0:
		p.scenario = g.next[0]
		g.next = slices.Delete(g.next, 0, 1)
	case req.op == offline.OpPay:
		p.scenario = byAmount(g.opt.Scenarios, req.amount.Value)
	default:
		// A question about a payment that never arrived: the scenario waits
		// for the payment itself.
		return &play{scenario: byAmount(nil, 0), seen: map[offline.Op]int{}}, id
	}
	g.plays[id] = p
	return p, id
}

// settle processes the held payments that are due, in the order in which they
// fall due and at those times. Under g.mu.
func (g *Gateway) settle(now time.Time) {
	slices.SortStableFunc(g.held, func(a, b *heldPay) int { return a.due.Compare(b.due) })
	for _, h := range g.held {
		if !h.due.IsZero() && !h.due.After(now) {
			g.processHeld(h, h.due)
		}
	}
	g.dropProcessed()
}

// queryArrives processes what waits for the n-th query of a payment.
func (g *Gateway) queryArrives(id offline.MerchantTransID, n int, now time.Time) error {
	for _, h := range g.held {
		if h.pay.id == id && h.atQuery > 0 && n >= h.atQuery {
			g.processHeld(h, now)
		}
	}
	g.dropProcessed()
	t := g.trades[id]
	if t == nil || t.status != statusPaying && t.status != statusInit || t.atQuery == 0 || n < t.atQuery {
		return nil
	}
	if t.thenClose != "" {
		t.status, t.declined = statusClosed, t.thenClose
		return nil
	}
	return g.charge(t, now)
}

// cancelArrives starts the clock of payments that overtake their cancel.
func (g *Gateway) cancelArrives(id offline.MerchantTransID, now time.Time) {
	for _, h := range g.held {
		if h.pay.id != id || !h.step.OnCancel || !h.due.IsZero() || h.atQuery > 0 {
			continue
		}
		if h.step.Query > 0 {
			h.atQuery = h.step.Query
			if p := g.plays[id]; p != nil {
				h.atQuery += p.seen[offline.OpQuery]
			}
			continue
		}
		h.due = now.Add(h.step.After)
	}
}

func (g *Gateway) processHeld(h *heldPay, at time.Time) {
	h.processed = true
	if _, err := g.process(h.pay, at); err != nil {
		g.opt.Log.Error("the sandbox cannot process a held payment", "merchantTransId", h.pay.id, "error", err)
	}
}

func (g *Gateway) dropProcessed() {
	g.held = slices.DeleteFunc(g.held, func(h *heldPay) bool { return h.processed })
}
