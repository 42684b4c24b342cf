package model

import (
	"strconv"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
)

// homePage is the till between two sales: ready, or not and why.
type homePage struct{}

func itoa(n int) string { return strconv.Itoa(n) }

func (homePage) draw(m *Model, s *Screen) {
	s.Kind = KindIdle
	s.Band = Band{Role: RoleIdle, Icon: IconReady, Title: m.w.T("idle.title")}
	s.Action = m.w.T("idle.register")
	if m.cfg.AmountEntry {
		s.Action = m.w.T("idle.entry")
	}
	reasons := m.status.Till.Reasons
	troubles := m.troubles()
	switch {
	case !m.status.Till.Ready:
		m.drawNotReady(s, reasons)
	case len(troubles) > 0:
		s.Kind = KindTrouble
		m.drawWarning(s, troubles[0])
	}
	s.Lines = m.totals()
	if n := m.openCases(); n > 0 && s.Notice.Role == "" {
		s.Notice = Notice{Role: RoleUnknown, Icon: IconPerson, Title: m.w.T("idle.open_cases", itoa(n)), Text: m.w.T("idle.open_cases.text")}
	}
	if m.cfg.AmountEntry {
		s.Buttons = append(s.Buttons, button("new", m.w.T("button.new"), KeyF2, WeightMain).when(m.status.Till.Ready))
	}
	s.Buttons = append(
		s.Buttons,
		button("history", m.w.T("button.history"), KeyF3, WeightPlain),
		button("shift", m.w.T("button.shift"), KeyF4, WeightPlain),
		button("cases", m.w.T("button.cases"), KeyF5, WeightPlain).when(m.openCases() > 0),
		button("warnings", m.w.T("button.warnings"), KeyF1, WeightPlain).when(len(m.status.Warnings)+len(reasons) > 0),
		button("volume", m.volumeLabel(), KeyF9, WeightPlain),
		button("language", m.w.T("button.language"), KeyF10, WeightPlain),
	)
}

func (m *Model) drawNotReady(s *Screen, reasons []wire.Warning) {
	s.Kind = KindNotReady
	if len(reasons) == 0 {
		s.Band = Band{Role: RoleWarning, Icon: IconWarning, Title: m.w.T("not_ready.title")}
		s.Money, s.Action = "", m.w.T("not_ready.action")
		return
	}
	m.drawWarning(s, reasons[0])
}

func (m *Model) drawWarning(s *Screen, w wire.Warning) {
	t := m.warning(w)
	s.Band = Band{Role: RoleWarning, Icon: IconWarning, Title: t.Title}
	s.Money, s.ActionLabel, s.Action = t.Money, m.w.T("label.action"), t.Action
	s.Small = small(w.Subject, t.Detail)
}

// warning is what stands in the way, in words.
func (m *Model) warning(w wire.Warning) cashier.Text {
	if w.Code == "scanner" {
		for _, s := range m.status.Scanners {
			if s.Name == w.Subject && s.State != "ready" {
				return m.w.ScannerWarning(w, s)
			}
		}
	}
	return m.w.Warning(w)
}

// troubles are the warnings that somebody should act upon before the next sale.
// Sales that need a person are counted instead: they have a list of their own.
func (m *Model) troubles() []wire.Warning {
	var list []wire.Warning
	for _, w := range m.status.Warnings {
		switch w.Code {
		case "sales_need_a_person", "late_success", "taken_after_end":
			continue
		case "scanner":
			if m.scannerReady() {
				continue // another one reads
			}
		}
		if w.Severity != "info" {
			list = append(list, w)
		}
	}
	return list
}

func (m *Model) scannerReady() bool {
	for _, s := range m.status.Scanners {
		if s.State == "ready" {
			return true
		}
	}
	return false
}

// openCases counts the sales that somebody should look at. What the till still
// settles by itself is none of them.
func (m *Model) openCases() int {
	return m.status.Backlog.AttentionCount + m.status.Backlog.LateCount
}

// totals are the lines of the business day.
func (m *Model) totals() []Line {
	var lines []Line
	for _, t := range m.status.Totals {
		lines = append(lines,
			Line{m.w.T("totals.paid", itoa(t.Paid)), m.w.Money(t.PaidSum)},
			Line{m.w.T("totals.refunded", itoa(t.Refunded)), m.w.Money(t.RefundedSum)})
	}
	if len(lines) == 0 {
		lines = append(lines, Line{m.w.T("totals.paid", "0"), m.w.Money(wire.Money{Currency: m.currency()})})
	}
	return lines
}

func (m *Model) volumeLabel() string {
	switch m.volume {
	case 0:
		return m.w.T("button.volume_off")
	case 1:
		return m.w.T("button.volume_low")
	case 2:
		return m.w.T("button.volume_middle")
	}
	return m.w.T("button.volume_high")
}

func (homePage) press(m *Model, id string) {
	switch id {
	case "new":
		m.open(newEntry(m.currency(), wire.Money{}))
	case "history":
		m.openHistory("")
	case "cases":
		if m.status.Backlog.AttentionCount == 0 {
			m.openHistory(wire.Reversing) // money that came late goes back
			return
		}
		m.openHistory(wire.Attention)
	case "shift":
		m.openShift()
	case "warnings":
		m.open(&warningsPage{})
	case "volume":
		m.volume = (m.volume + 1) % 4
		m.do(SetVolume{m.volume})
		m.play(SoundGoodRead)
	case "language":
		m.openLanguage()
	}
}

// typed begins an amount with its first digit. A scan never comes here.
func (homePage) typed(m *Model, k KeyPressed) {
	if !m.cfg.AmountEntry || !m.status.Till.Ready || k.Rune < '0' || k.Rune > '9' {
		return
	}
	e := newEntry(m.currency(), wire.Money{})
	m.open(e)
	e.typed(m, k)
}

func (homePage) pasted(m *Model, text string) {
	if !m.cfg.AmountEntry || !m.status.Till.Ready {
		return
	}
	e := newEntry(m.currency(), wire.Money{})
	m.open(e)
	e.pasted(m, text)
}

// offlinePage stands while the daemon does not answer.
type offlinePage struct{}

func (offlinePage) draw(m *Model, s *Screen) {
	s.Notice = Notice{}
	if !m.link.ever && !m.link.alarmed(m.now) {
		s.Kind = KindStarting
		s.Band = Band{Role: RoleIdle, Icon: IconWait, Title: m.w.T("starting.title")}
		return
	}
	s.Kind = KindOffline
	s.Band = Band{Role: RoleWarning, Icon: IconPlug, Title: m.w.T("offline.title")}
	s.ActionLabel = m.w.T("label.action")
	switch m.link.cause {
	case CausePermission:
		s.Action = m.w.T("offline.permission")
	case CauseGarbage:
		s.Action = m.w.T("offline.garbage")
	case CauseNotRunning:
		s.Action = m.w.T("offline.not_running")
	case CauseLost:
		s.Action = m.w.T("offline.lost")
	}
	s.Countdown = Countdown{Label: m.w.T("countdown.passed"), Text: m.w.Span(m.now.Sub(m.link.since).Truncate(1e9))}
	switch sale := m.current.sale; {
	case sale == nil && m.opening == nil:
		s.Money = m.w.T("offline.money")
	case sale == nil:
		s.Money = m.w.T("offline.money_sale")
		s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(m.opening.amount)
	case sale.Final:
		// What was proven before the connection broke stays so.
		s.Money = m.w.T("offline.last", m.state(sale), m.w.Money(sale.Amount))
		s.Small = m.w.T("small.sale", sale.SaleID)
	default:
		s.Money = m.w.T("offline.money_sale")
		s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(sale.Amount)
		s.Small = m.w.T("small.sale", sale.SaleID)
	}
}

func (offlinePage) press(*Model, string) {}

// askClosePage stands when the window is to be closed while a sale is under way.
type askClosePage struct{}

func (askClosePage) draw(m *Model, s *Screen) {
	s.Kind = KindAskClose
	s.Band = Band{Role: RoleWarning, Icon: IconAsk, Title: m.w.T("ask_close.title")}
	s.Money, s.Action = m.w.T("ask_close.money"), m.w.T("ask_close.action")
	s.Buttons = []Button{
		button("close.yes", m.w.T("button.close_yes"), KeyF8, WeightDanger),
		button("close.no", m.w.T("button.close_no"), KeyEscape, WeightMain),
	}
}

func (askClosePage) press(m *Model, id string) {
	m.askClose = false
	if id == "close.yes" {
		m.do(Quit{})
	}
}
