package model

import (
	"time"

	"posagent/internal/localapi/wire"
)

// link is the connection to the daemon.
type link struct {
	began time.Time // of the model
	up    bool
	ever  bool      // it was up once
	cause Cause     // why it is not
	since time.Time // since when it is not
}

// grace is how long a lost connection is not worth a screen: a daemon that is
// restarted is back in that time.
const grace = 1500 * time.Millisecond

// alarmed tells whether the lost connection has a screen of its own.
func (l *link) alarmed(now time.Time) bool {
	return !l.up && !l.since.IsZero() && now.Sub(l.since) >= grace
}

// firstWord is how long a window waits for the first word from its connection.
const firstWord = 5 * time.Second

// pass notices that nothing was heard at all.
func (l *link) pass(now time.Time) {
	if !l.up && l.since.IsZero() && now.Sub(l.began) >= firstWord {
		l.cause, l.since = CauseLost, l.began
	}
}

func (l *link) graceEnds() time.Time {
	if l.up || l.since.IsZero() {
		return time.Time{}
	}
	return l.since.Add(grace)
}

func (m *Model) disconnected(c Cause) {
	m.link.cause = c
	if m.link.up || m.link.since.IsZero() {
		m.link.up, m.link.since = false, m.now
	}
}

// recentEnd is how old a result may be to be shown by a window that has just
// started: the one before may have ended while it stood there.
const recentEnd = 10 * time.Minute

// connected takes in the whole picture.
func (m *Model) connected(p wire.Picture) {
	first := !m.link.ever
	m.link = link{began: m.link.began, up: true, ever: true}
	m.quiet = first // a window that has just started does not repeat what sounded before
	defer func() { m.quiet = false }()
	m.status = p.Status
	m.serial = 0 // the daemon may have begun anew
	if n := p.Status.Till.Notice; n != nil {
		m.serial = n.Serial
		if p.Foreground != nil && n.SaleID == p.Foreground.SaleID && p.Foreground.State == wire.Waiting {
			m.notice.put(m.now, *n)
		}
	}
	told := p.Unsettled
	if p.Last != nil {
		told = append(told[:len(told):len(told)], *p.Last)
	}
	for _, s := range told {
		m.take(s)
		if s.SaleID == m.current.id() {
			m.update(s)
		}
	}
	if p.Foreground != nil {
		m.take(*p.Foreground)
		m.show(*p.Foreground)
	}
	m.recover(p, first)
	m.calls.hurry(m.now)
	m.loadRecent()
}

// recover finds out what became of the sale that is shown, or should be.
func (m *Model) recover(p wire.Picture, first bool) {
	shown := m.current.id()
	switch {
	case p.Foreground != nil:
		return
	case shown != "":
		m.current.background = !m.current.sale.Final
		if !m.known.heard(shown, p) {
			m.call(LoadSale{SaleID: shown}, "load:"+shown, nil)
		}
	case first && p.Last != nil && m.now.Sub(p.Last.UpdatedAt) < recentEnd:
		m.show(*p.Last)
		m.current.background = !p.Last.Final
	}
}

func (m *Model) statusChanged(s wire.Status) {
	old := m.status.Till
	m.status = s
	if n := s.Till.Notice; n != nil {
		m.noticeArrived(*n)
	}
	for _, id := range []string{s.Till.Foreground, s.Till.Last} {
		if id == "" || id == m.current.id() || id == old.Foreground || id == old.Last || m.known.dismissed(id) {
			continue
		}
		if sale, ok := m.known.get(id); ok {
			m.show(sale)
		} else {
			m.call(LoadSale{SaleID: id}, "load:"+id, func(r Reply) {
				if r.Sale != nil {
					m.show(*r.Sale)
				}
			})
		}
		return
	}
}

// indicators are the dots of the header.
func (m *Model) indicators() []Indicator {
	service := Indicator{ID: "service", Label: m.w.T("indicator.service"), Level: LevelOK, State: m.w.T("indicator.ok")}
	if !m.link.up {
		service.Level, service.State = LevelBad, m.w.T("indicator.away")
		if !m.link.ever && !m.link.alarmed(m.now) {
			service.Level, service.State = LevelOff, m.w.T("indicator.unknown")
		}
		off := func(id, label string) Indicator {
			return Indicator{ID: id, Label: label, Level: LevelOff, State: m.w.T("indicator.unknown")}
		}
		return []Indicator{
			off("scanner", m.w.T("indicator.scanner")), off("network", m.w.T("indicator.network")),
			off("journal", m.w.T("indicator.journal")), service,
		}
	}
	return []Indicator{m.scannerIndicator(), m.networkIndicator(), m.journalIndicator(), service}
}

func (m *Model) scannerIndicator() Indicator {
	i := Indicator{ID: "scanner", Label: m.w.T("indicator.scanner"), Level: LevelOff, State: m.w.T("indicator.none")}
	ready := 0
	for _, s := range m.status.Scanners {
		if s.State == "ready" {
			ready++
		}
	}
	switch {
	case len(m.status.Scanners) == 0:
	case ready == len(m.status.Scanners):
		i.Level, i.State = LevelOK, m.w.T("indicator.ok")
	case ready > 0:
		i.Level, i.State = LevelWarn, m.w.T("indicator.part")
	default:
		i.Level, i.State = LevelBad, m.w.T("indicator.not_ready")
	}
	return i
}

func (m *Model) networkIndicator() Indicator {
	i := Indicator{ID: "network", Label: m.w.T("indicator.network"), Level: LevelOff, State: m.w.T("indicator.unknown")}
	switch m.status.Gateway.State {
	case "ok":
		i.Level, i.State = LevelOK, m.w.T("indicator.ok")
	case "unreachable":
		i.Level, i.State = LevelBad, m.w.T("indicator.away")
	case "setup_fault":
		i.Level, i.State = LevelBad, m.w.T("indicator.setup")
	}
	return i
}

func (m *Model) journalIndicator() Indicator {
	i := Indicator{ID: "journal", Label: m.w.T("indicator.journal"), Level: LevelOK, State: m.w.T("indicator.ok")}
	if !m.status.Journal.OK {
		i.Level, i.State = LevelBad, m.w.T("indicator.failed")
	}
	return i
}
