package sandbox

import (
	"time"

	"posagent/offline"
)

func failed(code string) answer { return answer{Result: Result{Status: "F", Code: code}} }

func unclear(code string) answer { return answer{Result: Result{Status: "U", Code: code}} }

// done is a success that shows a trade.
func done(t *trade) answer {
	return answer{Result: Result{Status: "S", Code: codeSuccess}, trade: t.view()}
}

// pay decides on a pay message. A payment that is known already is told its true
// state, whatever the scenario does to first ones.
func (g *Gateway) pay(req request, step Step, rep *reply, now time.Time) (answer, error) {
	if step.Effect == EffectNone {
		return unclear(codeUnknown), nil
	}
	if g.trades[req.id] != nil {
		return g.process(req, now)
	}
	switch step.Effect {
	case EffectHold:
		h := &heldPay{pay: req, step: step}
		switch {
		case step.OnCancel:
		case step.Query > 0:
			h.atQuery = step.Query
		default:
			h.due = now.Add(step.After)
		}
		g.held = append(g.held, h)
		rep.afresh = func() answer { return g.heldAnswer(h) }
		return unclear(codeInProcess), nil
	case EffectDecline:
		return g.decline(req, step.Code, now)
	case EffectConfirm, EffectPending, EffectDeclineLater:
		return g.pend(req, step, now)
	}
	return g.process(req, now)
}

// process is the ordinary course: the same request again is told the true
// state, another one under the same id is refused, a code works once.
func (g *Gateway) process(req request, now time.Time) (answer, error) {
	if t := g.trades[req.id]; t != nil {
		if t.amount != req.amount || t.code != offline.DigestCode(g.codeKey, req.code) {
			return failed(codeInconsistent), nil
		}
		return stateOf(t), nil
	}
	if g.codeUsed(req) {
		return g.decline(req, codeInvalidCode, now)
	}
	t, err := g.open(req, statusInit, now)
	if err != nil {
		return answer{}, err
	}
	if err := g.charge(t, now); err != nil {
		return answer{}, err
	}
	return done(t), nil
}

func (g *Gateway) codeUsed(req request) bool {
	by, used := g.codes[offline.DigestCode(g.codeKey, req.code).Hash]
	return used && by != req.id
}

// stateOf answers a repeated pay.
func stateOf(t *trade) answer {
	switch {
	case t.status == statusSuccess:
		return done(t)
	case t.status == statusClosed && t.declined != "":
		return failed(t.declined)
	case t.status == statusClosed:
		return failed(codeClosed)
	}
	return waiting(t)
}

func waiting(t *trade) answer {
	a := unclear(codeInProcess)
	a.trade = t.view()
	return a
}

func (g *Gateway) decline(req request, code string, now time.Time) (answer, error) {
	t, err := g.open(req, statusClosed, now)
	if err != nil {
		return answer{}, err
	}
	t.declined = code
	return failed(code), nil
}

// pend opens a trade that waits for the customer.
func (g *Gateway) pend(req request, step Step, now time.Time) (answer, error) {
	if g.codeUsed(req) {
		return g.decline(req, codeInvalidCode, now)
	}
	status := statusPaying
	if !step.Say.IsZero() {
		status = statusInit // the wallet was never asked
	}
	t, err := g.open(req, status, now)
	if err != nil {
		return answer{}, err
	}
	switch step.Effect {
	case EffectConfirm:
		t.atQuery = step.Query
		if t.atQuery == 0 {
			t.atQuery = g.opt.ConfirmAfter
		}
	case EffectDeclineLater:
		t.atQuery, t.thenClose = max(step.Query, 1), step.Code
	}
	return waiting(t), nil
}

// heldAnswer is the truth about a held payment once its delay is over.
func (g *Gateway) heldAnswer(h *heldPay) answer {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle(g.opt.Clock())
	if t := g.trades[h.pay.id]; t != nil {
		return stateOf(t)
	}
	return unclear(codeInProcess)
}
