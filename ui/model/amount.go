package model

import (
	"errors"
	"strings"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// amount is an amount as it is typed. Digits fill it from the right, as on a
// payment terminal: 1 2 8 5 0 is 128.50. A point makes what stands before it whole:
// 1 2 8 . 5 is 128.50 too.
type amount struct {
	currency string
	exp      int
	keys     string // digits and at most one point
	extra    int    // keys that did not fit
}

// maxDigits is how many digits an amount may have: fewer than the shortest payment
// code, so that no code can ever be taken for an amount.
const maxDigits = 12

// errPaste is returned for text that is no amount of the currency.
var errPaste = errors.New("not an amount")

func newAmount(currency string) amount {
	exp, err := offline.CurrencyExponent(currency)
	if err != nil {
		exp = 0 // the daemon refuses the currency; nothing is guessed about it here
	}
	return amount{currency: currency, exp: exp}
}

func (a *amount) digits() int { return len(a.keys) - strings.Count(a.keys, ".") }

// add takes a digit or a point. What does not fit is counted, so that it can be
// taken back again one by one.
func (a *amount) add(r rune) {
	if r == ',' {
		r = '.'
	}
	_, frac, pointed := strings.Cut(a.keys, ".")
	switch {
	case r == '.' && (pointed || a.exp == 0):
	case r == '.':
		if a.keys == "" {
			a.keys = "0"
		}
		a.keys += "."
	case r < '0' || r > '9':
	case a.extra > 0, a.digits() >= maxDigits, pointed && len(frac) >= a.exp:
		a.extra++
	case a.keys == "0" && !pointed:
		a.keys = string(r)
	default:
		a.keys += string(r)
	}
}

// back takes the newest key back.
func (a *amount) back() {
	switch {
	case a.extra > 0:
		a.extra--
	case a.keys != "":
		a.keys = a.keys[:len(a.keys)-1]
	}
}

func (a *amount) clear() { a.keys, a.extra = "", 0 }

// money is the amount so far; its value may be zero.
func (a *amount) money() wire.Money {
	whole, frac, pointed := strings.Cut(a.keys, ".")
	digits := whole
	if pointed {
		digits += frac + strings.Repeat("0", a.exp-len(frac))
	}
	var value int64
	for _, d := range digits { // at most 12 digits and 3 zeros: no overflow
		value = value*10 + int64(d-'0')
	}
	return wire.Money{Currency: a.currency, Value: value}
}

// paste replaces the amount by text such as "128.50", "HKD 1,285.00" or "128".
// Unlike digits that are typed, "128" means 128.00: it was written elsewhere.
func (a *amount) paste(text string) error {
	s := strings.TrimSpace(text)
	s = strings.TrimSpace(strings.TrimPrefix(s, a.currency))
	s = strings.TrimSpace(strings.TrimSuffix(s, a.currency))
	whole, frac, pointed := strings.Cut(s, ".")
	if groups := strings.Split(whole, ","); len(groups) > 1 {
		for i, g := range groups {
			if i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3) {
				return errPaste
			}
		}
		whole = strings.Join(groups, "")
	}
	if whole == "" || pointed && (frac == "" || len(frac) > a.exp) || strings.Trim(whole+frac, "0123456789") != "" {
		return errPaste
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole)+a.exp > maxDigits {
		return errPaste
	}
	b := amount{currency: a.currency, exp: a.exp}
	for _, r := range whole + frac + strings.Repeat("0", a.exp-len(frac)) {
		b.add(r)
	}
	*a = b
	return nil
}

// set shows an amount as if it had been typed.
func (a *amount) set(money wire.Money) {
	a.clear()
	if money.Value <= 0 || money.Currency != a.currency {
		return
	}
	var digits []byte
	for v := money.Value; v > 0; v /= 10 {
		digits = append([]byte{byte('0' + v%10)}, digits...)
	}
	for _, d := range digits {
		a.add(rune(d))
	}
}

// amountKeys lets a page take an amount.
type amountKeys struct{ amount amount }

// pad is the key pad on the screen, three to a row.
func (a *amountKeys) pad(m *Model) []Button {
	list := make([]Button, 0, 14)
	for _, d := range []string{"7", "8", "9", "4", "5", "6", "1", "2", "3", "0", "00"} {
		list = append(list, Button{ID: "pad." + d, Label: d, Weight: WeightPlain, Enabled: true})
	}
	point := Button{ID: "pad..", Label: ".", Weight: WeightPlain, Enabled: a.amount.exp > 0}
	return append(
		list, point,
		button("pad.back", m.w.T("button.backspace"), KeyBackspace, WeightPlain).when(a.amount.keys != ""),
		button("pad.clear", m.w.T("button.clear"), KeyDelete, WeightPlain).when(a.amount.keys != ""),
	)
}

// pressPad tells whether the button was one of the pad's.
func (a *amountKeys) pressPad(id string) bool {
	what, ok := strings.CutPrefix(id, "pad.")
	switch {
	case !ok:
		return false
	case what == "back":
		a.amount.back()
	case what == "clear":
		a.amount.clear()
	default:
		for _, r := range what {
			a.amount.add(r)
		}
	}
	return true
}

func (a *amountKeys) typed(_ *Model, k KeyPressed) {
	if k.Rune != 0 {
		a.amount.add(k.Rune)
	}
}

func (a *amountKeys) pasted(m *Model, text string) {
	if err := a.amount.paste(text); err != nil {
		m.refuse(m.w.T("entry.paste"))
	}
}

// retract takes back digits that turned out to be the beginning of a scan.
func (a *amountKeys) retract(n int) {
	for range n {
		a.amount.back()
	}
}

// wrong is what is the matter with the amount, or "". most limits it where it is
// not zero.
func (a *amountKeys) wrong(m *Model, most wire.Money) string {
	switch v := a.amount.money(); {
	case a.amount.extra > 0:
		return m.w.T("entry.too_much")
	case most.Value > 0 && v.Value > most.Value:
		return m.w.T("entry.more_than", m.w.Money(most))
	}
	return ""
}

// entryPage takes the amount of a sale.
type entryPage struct{ amountKeys }

func newEntry(currency string, preset wire.Money) *entryPage {
	e := &entryPage{amountKeys{newAmount(currency)}}
	e.amount.set(preset)
	return e
}

func (e *entryPage) draw(m *Model, s *Screen) {
	s.Kind = KindEntry
	s.Band = Band{Role: RoleIdle, Icon: IconReady, Title: m.w.T("entry.title")}
	s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(e.amount.money())
	s.ActionLabel, s.Action = m.w.T("label.action"), m.w.T("entry.action")
	wrong := e.wrong(m, wire.Money{})
	if wrong != "" {
		s.Notice = Notice{Role: RoleWarning, Icon: IconWarning, Title: wrong}
	}
	s.Pad = e.pad(m)
	ready := m.status.Till.Ready && m.link.up
	s.Buttons = []Button{
		button("charge", m.w.T("button.charge"), KeyEnter, WeightMain).when(ready && wrong == "" && e.amount.money().Value > 0),
		button("back", m.w.T("button.back"), KeyEscape, WeightPlain),
	}
}

func (e *entryPage) press(m *Model, id string) {
	if e.pressPad(id) {
		return
	}
	switch id {
	case "back":
		m.back()
	case "charge":
		money := e.amount.money()
		m.back()
		m.openSale(m.cfg.NewID("W"), money)
	}
}
