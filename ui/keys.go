package ui

import (
	"runtime"
	"time"

	"fyne.io/fyne/v2"

	"posagent/ui/model"
)

// Keyboard turns the toolkit's key events into the model's. The toolkit tells of a
// key that makes a character twice: that it went down, and which character came of
// it. An input method may keep the second for itself; the model then still learns
// the key's place, so that a scanner is read whatever the cashier types in.
type Keyboard struct {
	do    func(model.Event)
	later func(func()) // runs on the toolkit's goroutine, after the events that are due
	now   func() time.Time
	place func(scanCode int) string

	held  string // place of a digit whose character has not come yet
	at    time.Time
	shift bool
}

// NewKeyboard makes a keyboard whose keys go to do. later must run a function on
// the toolkit's goroutine after the present event, as fyne.Do does.
func NewKeyboard(do func(model.Event), later func(func())) *Keyboard {
	return &Keyboard{do: do, later: later, now: time.Now, place: places(runtime.GOOS)}
}

// Down is the toolkit's OnKeyDown: a key went down, and does not repeat.
func (k *Keyboard) Down(e *fyne.KeyEvent) {
	k.settle()
	switch e.Name {
	case "LeftShift", "RightShift":
		k.shift = true
		return
	case fyne.KeyTab: // the toolkit keeps it for moving the focus
		k.do(model.KeyPressed{At: k.now(), Key: model.KeyTab, Shift: k.shift})
		return
	}
	if _, special := named(e.Name); special {
		return
	}
	if place := k.place(e.Physical.ScanCode); place != "" {
		k.held, k.at = place, k.now()
		k.later(k.settle)
	}
}

// Up is the toolkit's OnKeyUp.
func (k *Keyboard) Up(e *fyne.KeyEvent) {
	if e.Name == "LeftShift" || e.Name == "RightShift" {
		k.shift = false
	}
}

// Typed is the toolkit's OnTypedKey: a key, repeated while it is held.
func (k *Keyboard) Typed(e *fyne.KeyEvent) {
	if key, ok := named(e.Name); ok && key != model.KeyTab {
		k.settle()
		k.do(model.KeyPressed{At: k.now(), Key: key, Shift: k.shift})
	}
}

// Rune is the toolkit's OnTypedRune: a character.
func (k *Keyboard) Rune(r rune) {
	at, place := k.now(), k.held
	if place != "" {
		at, k.held = k.at, ""
	}
	k.do(model.KeyPressed{At: at, Rune: r, Position: place, Shift: k.shift})
}

// settle hands over a digit that no character came of.
func (k *Keyboard) settle() {
	if k.held == "" {
		return
	}
	e := model.KeyPressed{At: k.at, Position: k.held, Shift: k.shift}
	k.held = ""
	k.do(e)
}

// named is the model's name of a key that makes no character.
func named(n fyne.KeyName) (model.Key, bool) {
	switch n {
	case fyne.KeyReturn, fyne.KeyEnter:
		return model.KeyEnter, true
	case fyne.KeyEscape:
		return model.KeyEscape, true
	case fyne.KeyTab:
		return model.KeyTab, true
	case fyne.KeyBackspace:
		return model.KeyBackspace, true
	case fyne.KeyDelete:
		return model.KeyDelete, true
	case fyne.KeyUp:
		return model.KeyUp, true
	case fyne.KeyDown:
		return model.KeyDown, true
	case fyne.KeyLeft:
		return model.KeyLeft, true
	case fyne.KeyRight:
		return model.KeyRight, true
	case fyne.KeyPageUp:
		return model.KeyPageUp, true
	case fyne.KeyPageDown:
		return model.KeyPageDown, true
	case fyne.KeyHome:
		return model.KeyHome, true
	case fyne.KeyEnd:
		return model.KeyEnd, true
	case fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6,
		fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12:
		return model.Key(n), true // "F1" to "F12" in both
	}
	return model.KeyNone, false
}

// places tells which digit stands on the key of a scan code: those of the X server
// (the kernel's key codes and 8) or of the PC's first set, which Windows uses.
func places(system string) func(code int) string {
	upper, pad := 10, map[int]string{79: "7", 80: "8", 81: "9", 83: "4", 84: "5", 85: "6", 87: "1", 88: "2", 89: "3", 90: "0"}
	if system == "windows" {
		upper, pad = 2, map[int]string{0x47: "7", 0x48: "8", 0x49: "9", 0x4B: "4", 0x4C: "5", 0x4D: "6", 0x4F: "1", 0x50: "2", 0x51: "3", 0x52: "0"}
	}
	return func(code int) string {
		if n := code - upper; n >= 0 && n < 10 {
			return string("1234567890"[n])
		}
		return pad[code]
	}
}
