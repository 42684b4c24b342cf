package model

import (
	"posagent/internal/localapi/wire"
)

// refundPage asks how much is to go back, or whether all of it is.
type refundPage struct {
	amountKeys
	sale wire.Sale
	id   string // of the refund: one for all tries from this page
	void bool
}

func newRefund(s wire.Sale, id string) *refundPage {
	return &refundPage{amountKeys: amountKeys{newAmount(s.Amount.Currency)}, sale: s, id: id}
}

func (r *refundPage) saleChanged(_ *Model, s wire.Sale) {
	if s.SaleID == r.sale.SaleID && s.Version >= r.sale.Version {
		r.sale = s
	}
}

func (r *refundPage) draw(m *Model, s *Screen) {
	left := refundable(&r.sale)
	s.AmountLabel, s.Amount = m.w.T("refund.left"), m.w.Money(left)
	s.Small = m.saleSmall(&r.sale, "")
	s.ActionLabel = m.w.T("label.action")
	idle := !m.calls.busy("refund:" + r.sale.SaleID)
	back := button("back", m.w.T("button.back"), KeyEscape, WeightPlain).when(idle)
	if r.void {
		s.Kind = KindAskVoid
		s.Band = Band{Role: RoleWarning, Icon: IconAsk, Title: m.w.T("void.title")}
		s.Money, s.Action = m.w.T("void.text", m.w.Money(left)), m.w.T("void.action")
		yes := button("void.yes", m.w.T("button.void_yes", m.w.Money(left)), KeyF8, WeightDanger)
		s.Buttons = []Button{yes.when(idle && left.Value > 0), back}
		return
	}
	s.Kind = KindRefund
	s.Band = Band{Role: RoleIdle, Icon: IconBack, Title: m.w.T("refund.title")}
	s.Action = m.w.T("refund.action")
	wrong := r.wrong(m, left)
	money := r.amount.money()
	s.Fields = []Field{{ID: "amount", Label: m.w.T("field.refund"), Text: m.w.Money(money), Error: wrong, Focused: true}}
	s.Pad = r.pad(m)
	label := m.w.T("button.refund_yes", m.w.Money(money))
	s.Buttons = []Button{button("refund.yes", label, KeyEnter, WeightMain).when(idle && wrong == "" && money.Value > 0 && left.Value > 0), back}
}

func (r *refundPage) press(m *Model, id string) {
	if r.pressPad(id) {
		return
	}
	switch id {
	case "back":
		m.back()
	case "refund.yes":
		r.give(m, r.amount.money())
	case "void.yes":
		r.give(m, refundable(&r.sale))
	}
}

func (r *refundPage) give(m *Model, money wire.Money) {
	req := GiveBack{SaleID: r.sale.SaleID, RefundID: r.id, Amount: money, Void: r.void}
	m.call(req, "refund:"+r.sale.SaleID, func(reply Reply) {
		if reply.Refund == nil {
			m.complain(reply.Err)
			return
		}
		m.remove(r)
		m.open(&refundedPage{refund: *reply.Refund})
	})
}

// refundedPage is what became of a refund.
type refundedPage struct{ refund wire.Refund }

func (p *refundedPage) saleChanged(m *Model, s wire.Sale) {
	if s.SaleID != p.refund.SaleID {
		return
	}
	for _, f := range s.Refunds {
		if f.RefundID != p.refund.RefundID {
			continue
		}
		if f.State != p.refund.State {
			p.sound(m, f.State)
			m.hush()
		}
		p.refund = f
	}
}

func (p *refundedPage) sound(m *Model, state wire.RefundState) {
	switch state {
	case wire.RefundDeclined:
		m.play(SoundNotPaid)
	case wire.RefundAttention:
		m.play(SoundAttention)
	case wire.RefundProcessing, wire.RefundRefunded: // no sound says "given back", and another one would mislead
	}
}

func (p *refundedPage) draw(m *Model, s *Screen) {
	f := &p.refund
	t := m.w.Message(f.Message)
	role, icon := refundLook(f.State)
	s.Kind = KindRefundDone
	s.Band = Band{Role: role, Icon: icon, Title: t.Title}
	s.AmountLabel, s.Amount = m.w.T("field.refund"), m.w.Money(f.Amount)
	s.Money, s.Action, s.Say = t.Money, t.Action, t.Say
	s.ActionLabel, s.SayLabel = m.w.T("label.action"), m.w.T("label.say")
	code := ""
	if f.Message.Code != "" && f.Message.Code != f.Message.Key && f.State != wire.RefundRefunded {
		code = m.w.T("small.code", f.Message.Code)
	}
	s.Small = small(code, t.Detail, m.w.T("small.sale", f.SaleID), f.RefundID)
	if f.State == wire.RefundProcessing {
		s.Countdown = m.passed(f.CreatedAt)
	}
	s.Buttons = []Button{
		button("back", m.w.T("button.ok"), KeyEnter, WeightMain),
		button("check", m.w.T("button.check"), KeyF5, WeightPlain).when(!f.Final && !m.calls.busy("check:"+f.SaleID)),
		button("print", m.w.T("button.print"), KeyF7, WeightPlain).when(f.State == wire.RefundRefunded && !m.calls.busy("print:"+f.SaleID)),
	}
}

func (p *refundedPage) press(m *Model, id string) {
	switch id {
	case "back":
		m.back()
	case "check":
		m.recheck(p.refund.SaleID)
	case "print":
		m.printReceipt(p.refund.SaleID, p.refund.RefundID, false)
	}
}
