package model

import (
	"time"

	"posagent/internal/localapi/wire"
)

// detailsPage is one sale with its audit trail, and what can still be done with it.
type detailsPage struct {
	sale wire.Sale
	at   int // the selected line of the trail
}

// openDetails shows a sale as it is known, and asks for it anew.
func (m *Model) openDetails(s wire.Sale) {
	m.open(&detailsPage{sale: s})
	m.call(LoadSale{SaleID: s.SaleID}, "load:"+s.SaleID, func(r Reply) { m.complain(r.Err) })
}

func (d *detailsPage) saleChanged(_ *Model, s wire.Sale) {
	if s.SaleID == d.sale.SaleID && s.Version >= d.sale.Version {
		d.sale = s
	}
}

// open lists the refunds of a sale that a person must look at.
func attentionRefund(s *wire.Sale) *wire.Refund {
	for i := range s.Refunds {
		if s.Refunds[i].State == wire.RefundAttention {
			return &s.Refunds[i]
		}
	}
	return nil
}

// refundable is what may still be given back, by what the API has told. Refunds
// that are not declined count whole.
func refundable(s *wire.Sale) wire.Money {
	left := s.Amount
	if s.State != wire.Paid {
		left.Value = 0
		return left
	}
	for _, f := range s.Refunds {
		if f.State != wire.RefundDeclined {
			left.Value -= f.Amount.Value
		}
	}
	left.Value = max(left.Value, 0)
	return left
}

func (d *detailsPage) draw(m *Model, s *Screen) {
	sale := &d.sale
	role, icon := look(sale.State)
	t := m.w.Message(sale.Message)
	s.Kind = KindDetails
	s.Band = Band{Role: role, Icon: icon, Title: t.Title}
	s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(sale.Amount)
	s.Money, s.ActionLabel, s.Action = t.Money, m.w.T("label.action"), t.Action
	s.Small = m.saleSmall(sale, t.Detail)
	s.Lines = []Line{
		{m.w.T("details.sale"), sale.SaleID},
		{m.w.T("details.time"), m.w.Moment(m.local(sale.CreatedAt))},
		{m.w.T("details.trans"), sale.MerchantTransID},
		{m.w.T("details.alipay"), sale.AcquirementID},
	}
	if sale.Refunded.Value > 0 {
		s.Lines = append(s.Lines, Line{m.w.T("details.refunded"), m.w.Money(sale.Refunded)})
	}
	s.List.Title, s.List.Empty = m.w.T("details.trail"), m.w.T("details.no_trail")
	m.pageOf(&s.List, m.trail(sale), d.at)
	d.buttons(m, s)
}

func (d *detailsPage) buttons(m *Model, s *Screen) {
	sale := &d.sale
	left := refundable(sale)
	open := !sale.Settled || sale.State == wire.Attention
	s.Buttons = []Button{
		button("back", m.w.T("button.back"), KeyEscape, WeightMain),
		button("check", m.w.T("button.check"), KeyF5, WeightPlain).when(open && !m.calls.busy("check:"+sale.SaleID)),
		button("refund", m.w.T("button.refund"), KeyF6, WeightPlain).when(left.Value > 0),
		button("print", m.w.T("button.reprint"), KeyF7, WeightPlain).when(sale.State == wire.Paid && !m.calls.busy("print:"+sale.SaleID)),
		button("void", m.w.T("button.void"), KeyF8, WeightDanger).when(left.Value > 0),
		button("resolve", m.w.T("button.resolve"), KeyF9, WeightPlain).when(sale.State == wire.Attention || attentionRefund(sale) != nil),
		button("copy", m.w.T("button.copy"), KeyF2, WeightPlain),
	}
}

func (d *detailsPage) press(m *Model, id string) {
	sale := &d.sale
	switch id {
	case "back":
		m.back()
	case "check":
		m.recheck(sale.SaleID)
	case "copy":
		m.copySale(sale)
	case "print":
		m.printReceipt(sale.SaleID, "", true)
	case "refund":
		m.open(newRefund(*sale, m.cfg.NewID("F")))
	case "void":
		r := newRefund(*sale, m.cfg.NewID("F"))
		r.void = true
		m.open(r)
	case "resolve":
		m.openResolve(*sale)
	case "page.prev":
		d.at = max(d.at-m.rows, 0)
	case "page.next":
		d.at += m.rows
	}
}

func (d *detailsPage) typed(m *Model, k KeyPressed) {
	last := max(len(m.trail(&d.sale))-1, 0)
	switch k.Key {
	case KeyUp:
		d.at = max(d.at-1, 0)
	case KeyDown:
		d.at = min(d.at+1, last)
	}
}

func (d *detailsPage) pasted(*Model, string) {}

// trail is the audit trail: each message with its outcome, each decision with its
// reason and by whom, in order.
func (m *Model) trail(s *wire.Sale) []Row {
	var rows []Row
	for _, p := range s.Payments {
		rows = append(rows, Row{Left: m.clock(p.CreatedAt), Main: m.w.T("trail.code", brief(p.Code)), Small: p.MerchantTransID})
		rows = append(rows, m.attempts(p.Attempts)...)
		rows = m.mark(rows, p.Reversal, m.w.T("trail.reversal"))
		rows = m.mark(rows, p.Attention, m.w.T("trail.attention"))
		rows = m.mark(rows, p.Resolved, m.w.T("trail.resolved"))
	}
	for _, f := range s.Refunds {
		role, icon := refundLook(f.State)
		rows = append(rows, Row{
			Role: role, Icon: icon, Left: m.clock(f.CreatedAt), Main: m.w.T("trail.refund", m.refundState(f.State)),
			Right: m.w.Money(f.Amount), Small: small(f.RefundID, f.Reason),
		})
		rows = append(rows, m.attempts(f.Attempts)...)
		rows = m.mark(rows, f.Attention, m.w.T("trail.attention"))
		rows = m.mark(rows, f.Resolved, m.w.T("trail.resolved"))
	}
	return rows
}

func (m *Model) clock(t time.Time) string { return m.w.Clock(m.local(t)) }

func (m *Model) mark(rows []Row, k *wire.Mark, what string) []Row {
	if k == nil {
		return rows
	}
	return append(rows, Row{Role: RoleUnknown, Icon: IconPerson, Left: m.clock(k.At), Main: what, Small: small(k.Reason, k.By, k.Note)})
}

// attempts are told in the gateway's own words: they are for those who compare
// them with its records.
func (m *Model) attempts(list []wire.Attempt) []Row {
	rows := make([]Row, 0, len(list))
	for _, a := range list {
		outcome := a.Outcome
		if outcome == "" {
			outcome = "…"
		}
		rows = append(rows, Row{
			Left: m.clock(a.At), Main: a.Op + " → " + outcome, Right: a.ResultCode, Small: small(a.TradeStatus, a.ResultMsg, a.Detail),
		})
	}
	return rows
}

func (m *Model) refundState(s wire.RefundState) string {
	switch s {
	case wire.RefundProcessing:
		return m.w.T("refund.processing")
	case wire.RefundRefunded:
		return m.w.T("refund.refunded")
	case wire.RefundDeclined:
		return m.w.T("refund.declined")
	case wire.RefundAttention:
		return m.w.T("refund.attention")
	}
	return string(s)
}

func refundLook(s wire.RefundState) (Role, Icon) {
	switch s {
	case wire.RefundProcessing:
		return RoleBusy, IconWait
	case wire.RefundRefunded:
		return RolePaid, IconBack
	case wire.RefundDeclined:
		return RoleRefused, IconCross
	case wire.RefundAttention:
	}
	return RoleUnknown, IconPerson
}
