package keyboard

import (
	"posagent/device/keyboard/evdev"
)

// modifier tells the keys that change what others mean.
func modifier(key uint16) bool {
	switch key {
	case evdev.KeyLeftShift, evdev.KeyRightShift, evdev.KeyLeftCtrl, evdev.KeyRightCtrl,
		evdev.KeyLeftAlt, evdev.KeyRightAlt, evdev.KeyLeftMeta, evdev.KeyRightMeta:
		return true
	}
	return false
}

// lock tells the keys that scanners strike to bring the desktop's state into
// order. There is no such state here.
func lock(key uint16) bool {
	return key == evdev.KeyCapsLock || key == evdev.KeyNumLock || key == evdev.KeyScrollLock
}

// altKey tells the keys that type ALT codes: both, where none of them is AltGr.
func (d *Decoder) altKey(key uint16) bool {
	return key == evdev.KeyLeftAlt || key == evdev.KeyRightAlt && !d.table.altGr
}

func (d *Decoder) altDown() bool {
	return d.down.Has(evdev.KeyLeftAlt) || d.down.Has(evdev.KeyRightAlt) && !d.table.altGr
}

// endAlt places the character of an ALT code.
func (d *Decoder) endAlt(emit func(Output)) {
	code := d.alt
	d.alt = altCode{}
	if code.digits == 0 {
		return
	}
	r, why := code.char()
	if why != "" {
		d.fault(why, emit)
		return
	}
	d.place(r, emit)
}

// altCode is a character that is typed by its number, on the number pad with Alt
// held down. It is the same in every layout.
type altCode struct {
	digits, value int
}

// add takes the next digit; -1 stands for a key that is none. It says what is
// wrong.
func (a *altCode) add(digit int) string {
	switch {
	case digit < 0:
		return "a key together with Alt that is no digit of the number pad"
	case a.digits == 4:
		return "an ALT code of more than four digits"
	}
	a.digits++
	a.value = a.value*10 + digit
	return ""
}

// char is the character that was typed. Three digits are a code of the old
// code page 437, four with a zero ahead one of Windows-1252: below 127 both are
// ASCII, and only there is it certain what the scanner meant. Codes are not
// named in messages: they are a part of the label.
func (a *altCode) char() (rune, string) {
	switch {
	case a.digits < 3:
		return 0, "an ALT code of fewer than three digits"
	case a.value < 1 || a.value > '~':
		return 0, "an ALT code that is not ASCII"
	}
	return rune(a.value), ""
}

// control is the control character of a key that is struck with Ctrl; 0 where
// there is none. Letters go by what is on the key. For [ \ ] ^ _ it is the key
// that has them, or else, as on Windows, the one that has them on a US keyboard:
// a scanner sends GS as Ctrl and ] in every layout.
func (t *table) control(key uint16) byte {
	switch c := t.char(key, plain); {
	case c >= 'a' && c <= 'z', c == '[', c == '\\', c == ']':
		return byte(c) & 0x1f
	}
	switch key {
	case evdev.KeyLeftBrace:
		return 0x1b
	case evdev.KeyBackslash:
		return 0x1c
	case evdev.KeyRightBrace:
		return 0x1d
	case evdev.Key6:
		return 0x1e
	case evdev.KeyMinus:
		return 0x1f
	}
	return 0
}
