package model

import (
	"strings"
	"time"

	"posagent/internal/localapi/wire"
)

// recentRows is how many of the latest sales the column beside the rest has.
const recentRows = 10

// Screen is what to show now.
func (m *Model) Screen() Screen {
	s := Screen{
		Lang: m.lang, Header: m.cfg.Header, Cue: m.cue.Cue, Notice: m.strip(), Indicators: m.indicators(),
	}
	s.List.Selected = -1
	if m.cfg.Training {
		s.Training = m.w.T("training.band")
	}
	m.top().draw(m, &s)
	for i, row := range m.known.sales {
		if i == recentRows {
			break
		}
		s.Recent = append(s.Recent, m.row(&row))
	}
	if len(s.Recent) > 0 {
		s.RecentHead = m.w.T("recent.head")
	}
	for _, p := range m.cfg.Pretend {
		s.Pretend = append(s.Pretend, Button{ID: "pretend." + p.ID, Label: m.pretendLabel(p.ID), Weight: WeightPlain, Enabled: m.link.up})
	}
	s.Customer = m.customer()
	return s
}

// pretendLabel says what a pretend code is for.
func (m *Model) pretendLabel(id string) string {
	switch id {
	case "paid":
		return m.w.T("pretend.paid")
	case "confirm":
		return m.w.T("pretend.confirm")
	case "declined":
		return m.w.T("pretend.declined")
	case "expired":
		return m.w.T("pretend.expired")
	case "lost":
		return m.w.T("pretend.lost")
	case "never":
		return m.w.T("pretend.never")
	case "person":
		return m.w.T("pretend.person")
	case "product":
		return m.w.T("pretend.product")
	case "wallet":
		return m.w.T("pretend.wallet")
	}
	return id
}

// button makes an enabled button.
func button(id, label string, key Key, weight Weight) Button {
	return Button{ID: id, Label: label, Key: key, KeyText: string(key), Weight: weight, Enabled: true}
}

// when enables a button only if a condition holds.
func (b Button) when(ok bool) Button {
	b.Enabled = ok
	return b
}

// row is a sale as one line of a list.
func (m *Model) row(s *wire.Sale) Row {
	role, icon := look(s.State)
	r := Row{
		ID: s.SaleID, Role: role, Icon: icon, Left: m.w.Clock(m.local(s.CreatedAt)), Main: m.state(s),
		Right: m.w.Money(s.Amount), Small: s.SaleID,
	}
	if s.Refunded.Value > 0 {
		r.Small += " · " + m.w.T("row.refunded", m.w.Money(s.Refunded))
	}
	return r
}

// state is a sale's state in a word or two.
func (m *Model) state(s *wire.Sale) string {
	switch s.State {
	case wire.Waiting:
		return m.w.T("state.waiting")
	case wire.Processing:
		return m.w.T("state.processing")
	case wire.Confirming:
		return m.w.T("state.confirming")
	case wire.Checking:
		return m.w.T("state.checking")
	case wire.Reversing:
		return m.w.T("state.reversing")
	case wire.Paid:
		return m.w.T("state.paid")
	case wire.Declined:
		return m.w.T("state.declined")
	case wire.Cancelled:
		return m.w.T("state.cancelled")
	case wire.Expired:
		return m.w.T("state.expired")
	case wire.Attention:
		return m.w.T("state.attention")
	}
	return string(s.State)
}

// look is the colour and picture of a state. A state that this window does not
// know is one whose result it does not know.
func look(state wire.State) (Role, Icon) {
	switch state {
	case wire.Waiting:
		return RoleScan, IconScan
	case wire.Processing:
		return RoleBusy, IconWait
	case wire.Confirming:
		return RoleBusy, IconPhone
	case wire.Checking:
		return RoleUnknown, IconAsk
	case wire.Reversing:
		return RoleUnknown, IconBack
	case wire.Paid:
		return RolePaid, IconCheck
	case wire.Declined:
		return RoleRefused, IconCross
	case wire.Cancelled:
		return RoleCancelled, IconBack
	case wire.Expired:
		return RoleCancelled, IconClock
	case wire.Attention:
		return RoleUnknown, IconPerson
	}
	return RoleUnknown, IconPerson
}

// left is a countdown to a moment.
func (m *Model) left(from, to time.Time) Countdown {
	d := max(to.Sub(m.now), 0)
	d = (d + time.Second - 1).Truncate(time.Second)
	total := max(to.Sub(from), 0)
	return Countdown{
		Label: m.w.T("countdown.left"), Text: m.w.Span(d), Left: int(d / time.Second), Total: int(total / time.Second),
	}
}

// passed counts up from a moment.
func (m *Model) passed(from time.Time) Countdown {
	d := max(m.now.Sub(from), 0).Truncate(time.Second)
	return Countdown{Label: m.w.T("countdown.passed"), Text: m.w.Span(d)}
}

// small joins what is not empty.
func small(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// pageOf cuts a page out of rows and fills in what leads to the others.
func (m *Model) pageOf(l *List, rows []Row, selected int) {
	if len(rows) == 0 {
		l.Selected = -1
		return
	}
	selected = min(max(selected, 0), len(rows)-1)
	first := selected / m.rows * m.rows
	l.Rows = rows[first:min(first+m.rows, len(rows))]
	l.Selected = selected - first
	if pages := (len(rows) + m.rows - 1) / m.rows; pages > 1 {
		l.Page = m.w.T("list.page", itoa(first/m.rows+1), itoa(pages))
		l.Prev = button("page.prev", m.w.T("button.page_prev"), KeyPageUp, WeightPlain).when(first > 0)
		l.Next = button("page.next", m.w.T("button.page_next"), KeyPageDown, WeightPlain).when(first+m.rows < len(rows))
	}
}
