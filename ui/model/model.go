package model

import (
	"time"
)

// Language is one that can be chosen.
type Language struct {
	Tag  string // such as "zh-Hans"
	Name string // in the language itself
}

// Pretend is a code that a demonstration can scan.
type Pretend struct {
	ID    string
	Label string
}

// Config says what kind of till the window belongs to.
type Config struct {
	Header   string // shop and till, such as "Sunrise Mart · T03"
	Currency string // ISO 4217; the till's own as soon as it is known
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
	// NewID makes an id of a sale ("W"), refund ("F") or shift ("S") that was never
	// used before: 1 to 64 of A-Z a-z 0-9 . _ -
	NewID func(prefix string) string
}

// Model is the window's state. One goroutine owns it.
type Model struct {
	cfg   Config
	words Words
	lang  string
	now   time.Time
}

// New makes a model that has heard nothing yet.
func New(cfg Config) *Model {
	m := &Model{cfg: cfg, lang: cfg.Lang}
	m.words = cfg.Words(m.lang)
	return m
}

// Apply takes in an event that happened now, and returns what is to be done about
// it, in order.
func (m *Model) Apply(now time.Time, e Event) []Command {
	m.now = now
	return nil
}

// Wake is the time at which the next Tick is due even if a second has not passed;
// zero if none is.
func (m *Model) Wake() time.Time { return time.Time{} }

// Screen is what to show now.
func (m *Model) Screen() Screen {
	return Screen{Kind: KindStarting, Lang: m.lang, Header: m.cfg.Header}
}
