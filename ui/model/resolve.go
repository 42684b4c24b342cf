package model

import "posagent/internal/localapi/wire"

// resolvePage records what a person found out about a sale, or a refund, that the
// till cannot settle.
type resolvePage struct {
	form
	sale   wire.Sale
	refund *wire.Refund // nil: the sale itself
}

func (m *Model) openResolve(s wire.Sale) {
	r := &resolvePage{sale: s}
	if s.State != wire.Attention {
		r.refund = attentionRefund(&s)
	}
	r.fields = []input{{id: "by", limit: 20}, {id: "note", limit: 240}}
	m.open(r)
}

func (r *resolvePage) draw(m *Model, s *Screen) {
	s.Kind = KindResolve
	s.Band = Band{Role: RoleUnknown, Icon: IconPerson, Title: m.w.T("resolve.title")}
	s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(r.sale.Amount)
	s.Money, s.ActionLabel, s.Action = m.w.T("resolve.text"), m.w.T("label.action"), m.w.T("resolve.action")
	s.Small = small(m.w.T("small.sale", r.sale.SaleID), r.sale.MerchantTransID)
	r.form.draw(s, func(id string) (string, string) {
		if id == "by" {
			return m.w.T("field.by"), ""
		}
		return m.w.T("field.note"), m.w.T("field.note_hint")
	})
	yes, no := m.w.T("button.resolve_paid"), m.w.T("button.resolve_not_paid")
	if r.refund != nil {
		s.AmountLabel, s.Amount = m.w.T("field.refund"), m.w.Money(r.refund.Amount)
		s.Small = small(s.Small, r.refund.RefundID)
		yes, no = m.w.T("button.resolve_refunded"), m.w.T("button.resolve_not_refunded")
	}
	ok := r.value("by") != "" && r.value("note") != "" && !m.calls.busy("resolve:"+r.sale.SaleID)
	s.Buttons = []Button{
		button("resolve.yes", yes, KeyF6, WeightDanger).when(ok),
		button("resolve.no", no, KeyF8, WeightDanger).when(ok),
		button("back", m.w.T("button.back"), KeyEscape, WeightMain),
	}
}

func (r *resolvePage) press(m *Model, id string) {
	req := Resolve{SaleID: r.sale.SaleID, By: r.value("by"), Note: r.value("note"), Result: wire.ResolvedPaid}
	switch {
	case id == "back":
		m.back()
		return
	case id == "resolve.no" && r.refund == nil:
		req.Result = wire.ResolvedNotPaid
	case r.refund != nil:
		req.RefundID, req.Result = r.refund.RefundID, wire.ResolvedRefunded
		if id == "resolve.no" {
			req.Result = wire.ResolvedNotRefunded
		}
	}
	m.call(req, "resolve:"+r.sale.SaleID, func(reply Reply) {
		if reply.Err != nil {
			m.complain(reply.Err)
			return
		}
		m.remove(r)
		m.call(LoadSale{SaleID: req.SaleID}, "load:"+req.SaleID, nil)
	})
}
