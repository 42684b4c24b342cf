package model

import (
	"posagent/internal/localapi/wire"
)

// shiftPage is the end of a shift: totals, and what is still open.
type shiftPage struct {
	shift  *Shift
	failed string
	id     string // of the end of the shift: one for all tries from this page
	at     int
}

func (m *Model) openShift() {
	p := &shiftPage{id: m.cfg.NewID("S")}
	m.open(p)
	p.load(m)
}

func (p *shiftPage) load(m *Model) {
	p.failed = ""
	m.call(LoadShift{}, "shift", func(r Reply) {
		if r.Shift == nil {
			p.failed = m.problem(r.Err)
			return
		}
		p.shift = r.Shift
		for _, s := range r.Shift.Open {
			m.take(s)
		}
	})
}

func (p *shiftPage) draw(m *Model, s *Screen) {
	s.Kind = KindShift
	s.Band = Band{Role: RoleIdle, Icon: IconList, Title: m.w.T("shift.title")}
	s.List.Title = m.w.T("shift.open")
	switch {
	case p.failed != "":
		s.List.Empty = p.failed
	case p.shift == nil:
		s.List.Empty = m.w.T("list.loading")
	default:
		p.drawShift(m, s)
	}
	s.Buttons = []Button{
		button("details", m.w.T("button.details"), KeyEnter, WeightPlain).when(p.shift != nil && len(p.shift.Open) > 0),
		button("check", m.w.T("button.refresh"), KeyF5, WeightPlain).when(!m.calls.busy("shift")),
		button("back", m.w.T("button.back"), KeyEscape, WeightMain),
	}
	if p.shift != nil && p.shift.Closable && p.shift.Number == "" {
		end := button("shift.close", m.w.T("button.shift_close"), KeyF8, WeightDanger)
		s.Buttons = append(s.Buttons, end.when(!m.calls.busy("shift.close")))
	}
}

func (p *shiftPage) drawShift(m *Model, s *Screen) {
	s.Lines = []Line{{m.w.T("shift.from"), m.w.Moment(m.local(p.shift.From))}, {m.w.T("shift.to"), m.w.Moment(m.local(p.shift.To))}}
	for _, t := range p.shift.Totals {
		s.Lines = append(s.Lines,
			Line{m.w.T("totals.paid", itoa(t.Paid)), m.w.Money(t.PaidSum)},
			Line{m.w.T("totals.refunded", itoa(t.Refunded)), m.w.Money(t.RefundedSum)})
	}
	if n := len(p.shift.Open); n > 0 {
		s.Money, s.Action = m.w.T("shift.open_text", itoa(n)), m.w.T("shift.open_action")
		s.ActionLabel = m.w.T("label.action")
	} else {
		s.Money = m.w.T("shift.nothing_open")
	}
	if p.shift.Number != "" {
		s.Band = Band{Role: RolePaid, Icon: IconCheck, Title: m.w.T("shift.closed", p.shift.Number)}
	}
	rows := make([]Row, len(p.shift.Open))
	for i := range p.shift.Open {
		rows[i] = m.row(&p.shift.Open[i])
	}
	s.List.Empty = m.w.T("shift.nothing_open")
	m.pageOf(&s.List, rows, p.at)
}

func (p *shiftPage) press(m *Model, id string) {
	switch id {
	case "back":
		m.back()
	case "check":
		p.load(m)
	case "details":
		m.openDetails(p.shift.Open[min(p.at, len(p.shift.Open)-1)])
	case "shift.close":
		m.call(CloseShift{ShiftID: p.id}, "shift.close", func(r Reply) {
			if r.Shift == nil {
				m.complain(r.Err)
				return
			}
			p.shift = r.Shift
		})
	case "page.prev":
		p.at = max(p.at-m.rows, 0)
	case "page.next":
		p.at += m.rows
	}
}

func (p *shiftPage) typed(_ *Model, k KeyPressed) {
	if p.shift == nil {
		return
	}
	switch k.Key {
	case KeyUp:
		p.at = max(p.at-1, 0)
	case KeyDown:
		p.at = min(p.at+1, max(len(p.shift.Open)-1, 0))
	}
}

func (p *shiftPage) pasted(*Model, string) {}

func (p *shiftPage) selected(m *Model, id string) {
	if p.shift == nil {
		return
	}
	for i, s := range p.shift.Open {
		if s.SaleID == id {
			p.at = i
			m.openDetails(s)
			return
		}
	}
}

func (p *shiftPage) saleChanged(_ *Model, s wire.Sale) {
	if p.shift == nil {
		return
	}
	for i := range p.shift.Open {
		if p.shift.Open[i].SaleID == s.SaleID {
			p.shift.Open[i] = s
		}
	}
}
