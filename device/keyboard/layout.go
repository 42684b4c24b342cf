package keyboard

import (
	"fmt"
	"slices"
	"strings"

	"posagent/device/keyboard/evdev"
)

// Layout is the keyboard layout that a scanner is set to: its "country" or
// "keyboard language". It has nothing to do with the computer's. The names are
// those of the configuration.
type Layout string

// The layouts that are known, each as Windows has it: that is what scanners'
// manuals mean by a country.
const (
	LayoutUS Layout = "us"
	LayoutGB Layout = "gb"
	LayoutDE Layout = "de"
	LayoutFR Layout = "fr"
	LayoutES Layout = "es"
	LayoutIT Layout = "it"
	LayoutJP Layout = "jp"
)

// DefaultLayout is what scanners leave the factory with.
const DefaultLayout = LayoutUS

// Layouts lists the names that a configuration may hold.
func Layouts() []string {
	return []string{
		string(LayoutUS), string(LayoutGB), string(LayoutDE), string(LayoutFR),
		string(LayoutES), string(LayoutIT), string(LayoutJP),
	}
}

// Validate names the layouts that are known when this one is not. Empty is
// DefaultLayout.
func (l Layout) Validate() error {
	if l == "" || slices.Contains(Layouts(), string(l)) {
		return nil
	}
	return fmt.Errorf("layout %q is not known; use one of %s", string(l), strings.Join(Layouts(), ", "))
}

// level is which of the characters of a key is meant.
type level int

const (
	plain level = iota
	shifted
	third      // AltGr
	thirdShift // AltGr and Shift
	levels
)

// rows are the characters of a level, one string for each row of the keyboard
// from the top. A space is a key without a character. A combining accent
// (U+0300 and after) is a dead key.
type rows [4]string

// The keys of a row, from the left. Not every layout has the last one.
func rowKeys() [4][]uint16 {
	span := func(from, to uint16) []uint16 {
		var keys []uint16
		for k := from; k <= to; k++ {
			keys = append(keys, k)
		}
		return keys
	}
	return [4][]uint16{
		slices.Concat([]uint16{evdev.KeyGrave}, span(evdev.Key1, evdev.Key0+2), []uint16{evdev.KeyYen}),
		span(evdev.KeyQ, evdev.KeyRightBrace),
		slices.Concat(span(evdev.KeyA, evdev.KeyApostrophe), []uint16{evdev.KeyBackslash}),
		slices.Concat([]uint16{evdev.Key102nd}, span(evdev.KeyZ, evdev.KeySlash), []uint16{evdev.KeyRo}),
	}
}

// table is a layout made ready for looking up.
type table struct {
	chars [levels]map[uint16]rune
	// altGr says that the right Alt key selects the third level.
	altGr bool
}

func (l Layout) table() (*table, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	all := l.rows()
	keys := rowKeys()
	t := &table{}
	for lv := range levels {
		t.chars[lv] = map[uint16]rune{}
		for row, text := range all[lv] {
			for i, r := range []rune(text) {
				if r == ' ' {
					continue
				}
				t.chars[lv][keys[row][i]] = r
				t.altGr = t.altGr || lv >= third
			}
		}
	}
	return t, nil
}

// char is the character of a key in a level; 0 where it has none. Space is one
// everywhere.
func (t *table) char(key uint16, lv level) rune {
	if key == evdev.KeySpace && lv < third {
		return ' '
	}
	return t.chars[lv][key]
}

// keypad is the character of a key of the number pad, Num Lock or not: the
// scanner means the digit. 0 for every other key.
func keypad(key uint16) rune {
	switch key {
	case evdev.KeyKPDot:
		return '.'
	case evdev.KeyKPMinus:
		return '-'
	case evdev.KeyKPPlus:
		return '+'
	case evdev.KeyKPAsterisk:
		return '*'
	case evdev.KeyKPSlash:
		return '/'
	case evdev.KeyKPEqual:
		return '='
	case evdev.KeyKPComma:
		return ','
	}
	if d := keypadDigit(key); d >= 0 {
		return '0' + rune(d)
	}
	return 0
}

// keypadDigit is the digit on a key of the number pad, or -1.
func keypadDigit(key uint16) int {
	return slices.Index([]uint16{
		evdev.KeyKP0, evdev.KeyKP1, evdev.KeyKP2, evdev.KeyKP3, evdev.KeyKP4,
		evdev.KeyKP5, evdev.KeyKP6, evdev.KeyKP7, evdev.KeyKP8, evdev.KeyKP9,
	}, key)
}

// Accents that are typed ahead of their letter.
const (
	deadGrave      = '\u0300'
	deadAcute      = '\u0301'
	deadCircumflex = '\u0302'
	deadTilde      = '\u0303'
	deadDiaeresis  = '\u0308'
)

// spacing is the accent that stands alone: a dead key and the space bar. 0 for
// what is no dead key.
func spacing(dead rune) rune {
	switch dead {
	case deadGrave:
		return '`'
	case deadAcute:
		return '´'
	case deadCircumflex:
		return '^'
	case deadTilde:
		return '~'
	case deadDiaeresis:
		return '¨'
	default:
		return 0
	}
}

// compose puts an accent on a letter; 0 where there is no such letter.
func compose(dead, letter rune) rune {
	var from, to string
	switch dead {
	case deadGrave:
		from, to = "aeiouAEIOU", "àèìòùÀÈÌÒÙ"
	case deadAcute:
		from, to = "aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"
	case deadCircumflex:
		from, to = "aeiouAEIOU", "âêîôûÂÊÎÔÛ"
	case deadTilde:
		from, to = "anoANO", "ãñõÃÑÕ"
	case deadDiaeresis:
		from, to = "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"
	}
	if i := slices.Index([]rune(from), letter); i >= 0 {
		return []rune(to)[i]
	}
	return 0
}
