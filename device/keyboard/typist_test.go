package keyboard

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"posagent/device/keyboard/evdev"
)

// typist is the scanner's side: it turns text into the key events that the
// kernel gives for it.
type typist struct {
	t      testing.TB
	keys   map[rune][]stroke
	altGr  bool
	rng    *rand.Rand // nil: plain typing, no noise
	alt    int        // digits of an ALT code; 0: by the layout
	events []evdev.Event
}

// stroke is one key with the level that it is struck in.
type stroke struct {
	key uint16
	lv  level
}

func newTypist(t testing.TB, l Layout, rng *rand.Rand) *typist {
	t.Helper()
	table, err := l.table()
	if err != nil {
		t.Fatal(err)
	}
	ty := &typist{t: t, keys: map[rune][]stroke{' ': {{evdev.KeySpace, plain}}}, altGr: table.altGr, rng: rng}
	for lv := levels - 1; lv >= plain; lv-- { // the easier way wins
		for key, r := range table.chars[lv] {
			if old, ok := ty.keys[r]; ok && old[0].lv == lv && old[0].key < key {
				continue
			}
			ty.keys[r] = []stroke{{key, lv}}
		}
	}
	for dead := rune(deadGrave); dead <= deadDiaeresis; dead++ {
		if s, ok := ty.keys[dead]; ok {
			delete(ty.keys, dead)
			if _, direct := ty.keys[spacing(dead)]; !direct {
				ty.keys[spacing(dead)] = append(s, stroke{evdev.KeySpace, plain})
			}
		}
	}
	return ty
}

func (ty *typist) chance(oneIn int) bool { return ty.rng != nil && ty.rng.IntN(oneIn) == 0 }

func press(key uint16) evdev.Event {
	return evdev.Event{Type: evdev.Key, Code: key, Value: evdev.Pressed}
}
func release(key uint16) evdev.Event {
	return evdev.Event{Type: evdev.Key, Code: key, Value: evdev.Released}
}

// report is what the kernel makes of one report of the device: the scan code of
// each key before it, and the end.
func (ty *typist) report(events ...evdev.Event) {
	for _, e := range events {
		ty.events = append(ty.events, evdev.Event{Type: 4, Code: 4, Value: 0x70000 + int32(e.Code)}, e)
	}
	ty.events = append(ty.events, evdev.Event{Type: evdev.Syn, Code: evdev.SynReport})
}

// strike types one key with modifiers, in one of the ways that scanners have.
func (ty *typist) strike(key uint16, mods ...uint16) {
	var down, up []evdev.Event
	for _, m := range mods {
		down, up = append(down, press(m)), append(up, release(m))
	}
	way := 0
	if ty.rng != nil {
		way = ty.rng.IntN(4)
	}
	switch way {
	case 0: // modifier and key in one report
		ty.report(append(down, press(key))...)
		ty.report(append(up, release(key))...)
	case 1: // the modifier by itself
		if len(mods) > 0 {
			ty.report(down...)
		}
		ty.report(press(key))
		ty.report(release(key))
		if len(mods) > 0 {
			ty.report(up...)
		}
	case 2: // a device whose modifiers stand behind its keys
		ty.report(append([]evdev.Event{press(key)}, down...)...)
		ty.report(append([]evdev.Event{release(key)}, up...)...)
	case 3: // a virtual device that reports a whole stroke at once
		ty.report(append(append(down, press(key), release(key)), up...)...)
	}
}

func (ty *typist) noise() {
	if ty.chance(8) {
		locks := []uint16{evdev.KeyCapsLock, evdev.KeyNumLock, evdev.KeyScrollLock}
		ty.strike(locks[ty.rng.IntN(len(locks))])
	}
	if ty.chance(8) { // the lamp of Caps Lock, as the desktop sets it
		ty.events = append(ty.events, evdev.Event{Type: 0x11, Code: 1, Value: int32(ty.rng.IntN(2))})
		ty.report()
	}
	if ty.chance(16) {
		ty.report(press(evdev.KeyLeftShift))
		ty.report(evdev.Event{Type: evdev.Key, Code: evdev.KeyLeftShift, Value: evdev.Repeated})
		ty.report(release(evdev.KeyLeftShift))
	}
}

func (ty *typist) mods(lv level) []uint16 {
	shift, altGr := []uint16{evdev.KeyLeftShift}, []uint16{evdev.KeyRightAlt}
	if ty.chance(2) {
		shift = []uint16{evdev.KeyRightShift}
	}
	if ty.chance(2) {
		altGr = []uint16{evdev.KeyLeftCtrl, evdev.KeyLeftAlt} // AltGr as Windows has it
	}
	switch lv {
	case shifted:
		return shift
	case third:
		return altGr
	case thirdShift:
		return append(altGr, shift...)
	}
	return nil
}

func (ty *typist) typeRune(r rune) {
	ty.noise()
	strokes, ok := ty.keys[r]
	switch {
	case r < ' ':
		ty.control(byte(r))
	case ty.alt > 0:
		ty.altCode(int(r), ty.alt)
	case r >= '0' && r <= '9' && ty.chance(3):
		ty.strike(keypadKeys()[r-'0'])
	case ok:
		for _, s := range strokes {
			ty.strike(s.key, ty.mods(s.lv)...)
		}
	default: // not on this keyboard: what scanners do then
		ty.altCode(int(r), 3)
	}
}

func (ty *typist) text(s string) *typist {
	for _, r := range s {
		ty.typeRune(r)
	}
	return ty
}

func keypadKeys() []uint16 {
	return []uint16{
		evdev.KeyKP0, evdev.KeyKP1, evdev.KeyKP2, evdev.KeyKP3, evdev.KeyKP4,
		evdev.KeyKP5, evdev.KeyKP6, evdev.KeyKP7, evdev.KeyKP8, evdev.KeyKP9,
	}
}

func (ty *typist) altCode(value, digits int) {
	ty.report(press(evdev.KeyLeftAlt))
	for _, d := range fmt.Sprintf("%0*d", digits, value) {
		if ty.chance(16) {
			ty.strike(evdev.KeyNumLock)
		}
		key := keypadKeys()[d-'0']
		ty.report(press(key))
		ty.report(release(key))
	}
	ty.report(release(evdev.KeyLeftAlt))
}

// control types a control character as Ctrl and a key, by the layout's letters
// and the US positions of the rest.
func (ty *typist) control(c byte) {
	switch c {
	case '\r':
		key := evdev.KeyEnter
		if ty.chance(2) {
			key = evdev.KeyKPEnter
		}
		ty.strike(key)
	case '\t':
		ty.strike(evdev.KeyTab)
	case 0x1b, 0x1c, 0x1d:
		key := []uint16{evdev.KeyLeftBrace, evdev.KeyBackslash, evdev.KeyRightBrace}[c-0x1b]
		if s, ok := ty.keys[rune(c)|0x40]; ok && s[0].lv == plain && len(s) == 1 {
			key = s[0].key
		}
		ty.strike(key, evdev.KeyLeftCtrl)
	case 0x1e:
		ty.strike(evdev.Key6, evdev.KeyLeftCtrl)
	case 0x1f:
		ty.strike(evdev.KeyMinus, evdev.KeyLeftCtrl)
	default:
		s, ok := ty.keys[rune(c)|0x60]
		if !ok || s[0].lv != plain {
			ty.t.Fatalf("no key for control character %#x", c)
		}
		ty.strike(s[0].key, evdev.KeyRightCtrl)
	}
}
