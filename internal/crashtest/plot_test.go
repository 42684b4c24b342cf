package crashtest

import (
	"errors"
	"time"

	"posagent/offline"
	"posagent/offline/sandbox"
)

const (
	saleID     offline.SaleID = "R-1"
	firstCode                 = "289012345678904394"
	secondCode                = "281234567890129999"
)

// plot is what the register and the people at the till do. After a crash they
// do the same again, as a register that got no answer does: every command of
// the agent must be safe to repeat.
type plot struct {
	name   string
	script func(*sandbox.Gateway, sandbox.Scenario)
	act    func(*process, sandbox.Scenario)
	from   time.Duration // when it begins, after 08:00 in Beijing
	down   time.Duration // how long the till stays down after a crash
}

func plots() []plot {
	const soon = 3 * time.Second
	return []plot{
		{"pay", asAmountSays, func(p *process, sc sandbox.Scenario) { p.open(sc, firstCode) }, 0, soon},
		{"pay, and the cashier cancels at once", asAmountSays, func(p *process, sc sandbox.Scenario) {
			p.open(sc, firstCode)
			p.cancel()
		}, 0, soon},
		{"pay, and the cashier cancels after 6 s", asAmountSays, func(p *process, sc sandbox.Scenario) {
			p.open(sc, firstCode)
			time.Sleep(6 * time.Second)
			p.cancel()
		}, 0, soon},
		{"pay, ask again when it rests, refund in two parts", asAmountSays, payAndGiveBack, 0, soon},
		{"scan a dead code, then a fresh one", func(gw *sandbox.Gateway, sc sandbox.Scenario) {
			gw.Script(sandbox.Next, sandbox.Scenario{Name: "dead_code", Pay: []sandbox.Step{{Effect: sandbox.EffectDecline, Code: "INVALID_CODE"}}})
			gw.Script(sandbox.Next, sc)
		}, func(p *process, sc sandbox.Scenario) {
			p.open(sc, "")
			p.pay(firstCode)
			time.Sleep(2 * time.Second)
			p.pay(secondCode)
		}, 0, soon},
		// 23:59 in Beijing, and back after 00:15: cancels no longer work.
		{"pay before midnight, and come back past the cancel deadline", asAmountSays, payAndGiveBack,
			15*time.Hour + 59*time.Minute, 20 * time.Minute},
	}
}

// payAndGiveBack pays, asks again when all rests, and returns what there is.
func payAndGiveBack(p *process, sc sandbox.Scenario) {
	p.open(sc, firstCode)
	p.rest()
	p.recheck()
	p.rest()
	p.refund("F-1", 4000)
	p.rest()
	p.refund("F-2", amountOf(sc)-4000)
	p.rest()
	p.recheck()
}

// asAmountSays leaves the choice of the scenario to the sale's amount.
func asAmountSays(*sandbox.Gateway, sandbox.Scenario) {}

func amountOf(sc sandbox.Scenario) int64 {
	if sc.Amount == 0 {
		return 10000
	}
	return sc.Amount
}

func parse(text string) offline.IdentityCode {
	if text == "" {
		return offline.IdentityCode{}
	}
	code, err := offline.ParseIdentityCode(text)
	if err != nil {
		panic(err) // a constant of this file
	}
	return code
}

// settled reports an error that a register would not expect.
func (p *process) settled(what string, err error) {
	if err != nil && !offline.IsRefusal(err) && !errors.Is(err, offline.ErrNotInAttention) && !p.isDead() {
		p.faults.add("%s: %v", what, err)
	}
}

func (p *process) open(sc sandbox.Scenario, code string) {
	_, _, err := p.engine.OpenSale(offline.NewSale{
		ID: saleID, Amount: offline.Money{Currency: "HKD", Value: amountOf(sc)}, Code: parse(code),
	})
	p.settled("opening the sale", err)
	if errors.Is(err, offline.ErrSaleConflict) {
		p.faults.add("the repeated request is taken for another one: %v", err)
	}
}

func (p *process) pay(code string) {
	_, err := p.engine.Pay(saleID, parse(code))
	p.settled("paying", err)
}

func (p *process) cancel() {
	_, err := p.engine.Cancel(saleID, "anna")
	p.settled("cancelling", err)
}

func (p *process) recheck() {
	_, err := p.engine.Recheck(saleID)
	p.settled("asking again", err)
}

func (p *process) refund(id offline.RefundID, value int64) {
	_, _, err := p.engine.Refund(saleID, offline.NewRefund{ID: id, Amount: offline.Money{Currency: "HKD", Value: value}})
	p.settled("refunding", err)
	if errors.Is(err, offline.ErrSaleConflict) {
		p.faults.add("the repeated refund is taken for another one: %v", err)
	}
}
