package model

import (
	"time"

	"posagent/internal/localapi/wire"
)

// twin is how long the visible twin of a sound stands.
const twin = 1500 * time.Millisecond

// cue is the newest sound's visible twin.
type cue struct {
	Cue
	until time.Time
}

func (c *cue) pass(now time.Time) {
	if !c.until.IsZero() && !now.Before(c.until) {
		*c = cue{}
	}
}

// play sounds and shows that it sounded: in a loud shop, for those who do not hear,
// and where the volume is down.
func (m *Model) play(s Sound) {
	if m.quiet {
		return
	}
	c := Cue{Sound: s}
	switch s {
	case SoundGoodRead:
		c.Role, c.Icon, c.Text = RoleScan, IconScan, m.w.T("cue.good_read")
	case SoundWrongCode:
		c.Role, c.Icon, c.Text = RoleRefused, IconCross, m.w.T("cue.wrong_code")
	case SoundPaid:
		c.Role, c.Icon, c.Text = RolePaid, IconCheck, m.w.T("cue.paid")
	case SoundNotPaid:
		c.Role, c.Icon, c.Text = RoleRefused, IconCross, m.w.T("cue.not_paid")
	case SoundAttention:
		c.Role, c.Icon, c.Text = RoleUnknown, IconPerson, m.w.T("cue.attention")
	}
	m.cue = cue{c, m.now.Add(twin)}
	if m.volume > 0 {
		m.do(PlaySound{s, m.volume})
	}
}

// sound plays what a change of the shown sale means. old is nil for a sale that
// has just come to be shown.
func (m *Model) sound(old, s *wire.Sale) {
	switch s.State {
	case wire.Paid:
		m.play(SoundPaid)
	case wire.Declined, wire.Cancelled, wire.Expired:
		m.play(SoundNotPaid)
	case wire.Attention:
		m.play(SoundAttention)
	case wire.Reversing:
		if s.Reason != "asked" { // the cashier knows of what was asked
			m.play(SoundAttention)
		}
	case wire.Processing, wire.Confirming, wire.Checking:
		if old != nil && scannable(old) {
			m.play(SoundGoodRead)
		}
	case wire.Waiting:
	}
}

// notice is the strip below the band, and whose scan it is about.
type notice struct {
	Notice
	scan  *wire.Notice // of the daemon; its words are looked up when drawn
	sale  string
	came  time.Time
	until time.Time // zero: until the sale changes or is dismissed
}

// told is how long the answer to a press stands.
const told = 8 * time.Second

func (n *notice) clear() { *n = notice{} }

func (n *notice) pass(now time.Time) {
	if !n.until.IsZero() && !now.Before(n.until) {
		n.clear()
	}
}

func (n *notice) say(now time.Time, what Notice) {
	*n = notice{Notice: what, came: now, until: now.Add(told)}
}

func (n *notice) put(now time.Time, scan wire.Notice) {
	*n = notice{scan: &scan, sale: scan.SaleID, came: now}
	if scan.SaleID == "" {
		n.until = now.Add(told)
	}
}

// noticeArrived shows a scan that was not used, once.
func (m *Model) noticeArrived(n wire.Notice) {
	if n.Serial <= m.serial {
		return
	}
	m.serial = n.Serial
	m.notice.put(m.now, n)
	if s := m.current.sale; s == nil || s.SaleID != n.SaleID || !scannable(s) {
		m.notice.until = m.now.Add(told) // it is no step of the sale that is shown
	}
	m.play(SoundWrongCode)
}

// wrongCode tells whether the newest scan of the sale that waits was refused: then
// the band says so.
func (m *Model) wrongCode() bool {
	s := m.current.drawn()
	return s != nil && m.notice.scan != nil && m.notice.sale == s.SaleID && scannable(s)
}

// strip is the notice as it is drawn.
func (m *Model) strip() Notice {
	if m.notice.scan == nil {
		return m.notice.Notice
	}
	t := m.w.Notice(*m.notice.scan)
	return Notice{Role: RoleRefused, Icon: IconCross, Title: t.Title, Text: t.Money, Action: t.Action}
}
