package model

import (
	"time"

	"posagent/internal/localapi/wire"
	"posagent/ui/model/keystream"
)

// Language is one that can be chosen.
type Language struct {
	Tag  string // such as "zh-Hans"
	Name string // in the language itself
}

// Pretend is a code that a demonstration can scan. The window has a label for each ID
// of the training till; another one is shown itself.
type Pretend struct{ ID string }

// Config says what kind of till the window belongs to.
type Config struct {
	Header   string // shop and till, such as "Sunrise Mart · T03"
	Currency string // ISO 4217; the daemon's own is taken as soon as it is known
	Training bool   // a band on every screen says that no money is moved

	// Words returns the texts of a language; it must know all of Languages.
	Words     func(lang string) Words
	Languages []Language
	Lang      string // to begin with; "" is the first of Languages

	// AmountEntry: the cashier may type an amount here. Otherwise sales come from
	// the register alone.
	AmountEntry bool
	// Kiosk: the window cannot be closed by the cashier.
	Kiosk bool
	// Volume is 0 (silent) to 3.
	Volume int
	// Pretend are the codes of a demonstration.
	Pretend []Pretend
	// Location is the time zone of the times shown. Nil: the computer's.
	Location *time.Location
	// NewID makes an id of a sale ("W"), refund ("F") or shift ("S") that was never
	// used before: 1 to 64 of A-Z a-z 0-9 . _ -
	NewID func(prefix string) string
}

// Model is the window's state. One goroutine owns it.
type Model struct {
	cfg    Config
	w      Words
	lang   string
	volume int
	rows   int // of a list's page
	now    time.Time

	link     link
	status   wire.Status
	stream   keystream.Stream
	swallow  time.Time // until when an Enter is not for the screen that has just come
	askClose bool

	current   current
	opening   *opening
	abandoned string // the id of the newest sale that was given up before it was confirmed
	known     known
	notice    notice
	cue       cue
	serial    uint64 // of the newest notice seen
	calls     calls
	pages     []page
	parked    []page // what was open when a sale took the screen
	quiet     bool   // what is shown now is no news
	out       []Command
}

// defaultRows fit on a screen of 600 units.
const defaultRows = 6

// New makes a model that has heard nothing yet.
func New(cfg Config) *Model {
	m := &Model{cfg: cfg, volume: min(max(cfg.Volume, 0), 3), rows: defaultRows}
	if m.cfg.Location == nil {
		m.cfg.Location = time.Local
	}
	m.setLanguage(cfg.Lang)
	return m
}

// Apply takes in an event that happened now, and returns what is to be done about
// it, in order. Times must not go back.
func (m *Model) Apply(now time.Time, e Event) []Command {
	if now.After(m.now) {
		m.now = now
	}
	if m.link.began.IsZero() {
		m.link.began = m.now
	}
	m.out = nil
	m.release()
	switch e := e.(type) {
	case Connected:
		m.connected(e.Picture)
	case Disconnected:
		m.disconnected(e.Cause)
	case StatusChanged:
		m.statusChanged(e.Status)
	case SaleChanged:
		m.saleChanged(e.Sale)
	case NoticeArrived:
		m.noticeArrived(e.Notice)
	case KeyPressed:
		m.keyPressed(e)
	case Pasted:
		m.breakStream()
		m.pasted(e.Text)
	case Pressed:
		m.breakStream()
		m.press(e.ID)
	case Selected:
		m.breakStream()
		m.selected(e.ID)
	case CloseAsked:
		m.closeAsked()
	case Room:
		m.rows = min(max(e.Rows, 1), 50)
	case Reply:
		m.reply(e)
	case Printed:
		m.printed(e)
	case Tick:
	}
	m.pass()
	return m.out
}

// do adds a command to what Apply returns.
func (m *Model) do(c Command) { m.out = append(m.out, c) }

// pass is what time alone brings about.
func (m *Model) pass() {
	m.link.pass(m.now)
	m.cue.pass(m.now)
	m.notice.pass(m.now)
	m.current.pass(m)
	m.calls.pass(m)
	if h, ok := m.top().(*historyPage); ok {
		h.pass(m)
	}
}

// Wake is the time at which the next Tick is due even if a second has not passed;
// zero if none is.
func (m *Model) Wake() time.Time {
	var next, search time.Time
	if h, ok := m.top().(*historyPage); ok {
		search = h.due
	}
	for _, at := range []time.Time{
		m.stream.Deadline(), m.cue.until, m.notice.until, m.current.lagEnds(), m.link.graceEnds(), m.calls.due(), search,
	} {
		if at.After(m.now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

func (m *Model) setLanguage(tag string) {
	if tag == "" && len(m.cfg.Languages) > 0 {
		tag = m.cfg.Languages[0].Tag
	}
	m.lang = tag
	m.w = m.cfg.Words(tag)
}

// local is a time as the cashier's clock tells it.
func (m *Model) local(t time.Time) time.Time { return t.In(m.cfg.Location) }

// currency is the till's.
func (m *Model) currency() string {
	if m.status.Till.Currency != "" {
		return m.status.Till.Currency
	}
	return m.cfg.Currency
}

// closeAsked closes the window at once where nothing is under way.
func (m *Model) closeAsked() {
	switch {
	case m.cfg.Kiosk:
	case m.opening != nil || m.current.underWay():
		m.askClose = true
	default:
		m.do(Quit{})
	}
}
