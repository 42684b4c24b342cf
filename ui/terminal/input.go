package terminal

import (
	"time"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

const (
	// longestPaste bounds what is kept of a paste; the model refuses less.
	longestPaste = 4096
	// pasteGap ends a paste whose end was lost: what follows later is typed, and a
	// scan must not vanish in it.
	pasteGap = time.Second
)

// asked is what a key means to the view itself.
type asked string

const (
	nothing asked = ""
	redraw  asked = "redraw" // Ctrl+L: something else wrote on the terminal
	ended   asked = "ended"  // the terminal is gone
)

// input turns the terminal's events into the model's. One goroutine owns it.
type input struct {
	do      func(model.Event)
	at      func(x, y int) model.Event // what a click there means; nil is nothing
	pretend func(n int) model.Event    // the n-th code of a demonstration; nil if there is none

	pasting bool
	pasted  []rune
	pastedN int // characters, also those that were not kept
	last    time.Time
	down    bool // the mouse's button
}

// take handles one event.
func (in *input) take(ev tcell.Event) asked {
	switch ev := ev.(type) {
	case *tcell.EventKey:
		return in.key(ev)
	case *tcell.EventPaste:
		if ev.Start() {
			in.pasting, in.pasted, in.pastedN, in.last = true, nil, 0, ev.When()
		} else {
			in.endPaste()
		}
	case *tcell.EventMouse:
		in.mouse(ev)
	case *tcell.EventError:
		return ended
	}
	return nothing
}

func (in *input) endPaste() {
	if in.pasting && len(in.pasted) > 0 {
		in.do(model.Pasted{Text: string(in.pasted)})
	}
	in.pasting, in.pasted = false, nil
}

func (in *input) key(ev *tcell.EventKey) asked {
	if in.pasting && ev.When().Sub(in.last) > pasteGap {
		in.endPaste()
	}
	if in.pasting {
		in.last = ev.When()
		r := ev.Rune()
		if ev.Key() != tcell.KeyRune {
			r = ' ' // ends of lines and tabs
		}
		if in.pastedN++; in.pastedN <= longestPaste {
			in.pasted = append(in.pasted, r)
		}
		return nothing
	}
	switch ev.Key() {
	case tcell.KeyCtrlL:
		return redraw
	case tcell.KeyCtrlC, tcell.KeyCtrlQ:
		in.do(model.CloseAsked{})
		return nothing
	}
	if n, ok := pretendNumber(ev); ok {
		if e := in.pretend(n); e != nil {
			in.do(e)
		}
		return nothing
	}
	if k, ok := keyOf(ev); ok {
		in.do(k)
	}
	return nothing
}

// keyOf is a key as the model knows it; false for keys that mean nothing there.
//
// Modifiers of characters are left out on purpose: a scanner may send an escape
// before its label, which a terminal reports as Alt with the first digit, and the
// digit counts. A control character is no character.
func keyOf(ev *tcell.EventKey) (model.KeyPressed, bool) {
	k := model.KeyPressed{At: ev.When(), Shift: ev.Modifiers()&tcell.ModShift != 0}
	if ev.Key() == tcell.KeyRune {
		r := ev.Rune()
		if r < ' ' || r == utf8.RuneError || ev.Modifiers()&tcell.ModCtrl != 0 {
			return k, false
		}
		k.Rune = r
		return k, true
	}
	k.Key = named(ev.Key())
	if ev.Key() == tcell.KeyBacktab {
		k.Key, k.Shift = model.KeyTab, true
	}
	return k, k.Key != model.KeyNone
}

func named(k tcell.Key) model.Key {
	switch k {
	case tcell.KeyEnter, tcell.KeyLF, tcell.KeyCtrlJ: // scanners end with either
		return model.KeyEnter
	case tcell.KeyEscape:
		return model.KeyEscape
	case tcell.KeyTab:
		return model.KeyTab
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		return model.KeyBackspace
	case tcell.KeyDelete:
		return model.KeyDelete
	case tcell.KeyUp:
		return model.KeyUp
	case tcell.KeyDown:
		return model.KeyDown
	case tcell.KeyLeft:
		return model.KeyLeft
	case tcell.KeyRight:
		return model.KeyRight
	case tcell.KeyPgUp:
		return model.KeyPageUp
	case tcell.KeyPgDn:
		return model.KeyPageDown
	case tcell.KeyHome:
		return model.KeyHome
	case tcell.KeyEnd:
		return model.KeyEnd
	case tcell.KeyF1:
		return model.KeyF1
	case tcell.KeyF2:
		return model.KeyF2
	case tcell.KeyF3:
		return model.KeyF3
	case tcell.KeyF4:
		return model.KeyF4
	case tcell.KeyF5:
		return model.KeyF5
	case tcell.KeyF6:
		return model.KeyF6
	case tcell.KeyF7:
		return model.KeyF7
	case tcell.KeyF8:
		return model.KeyF8
	case tcell.KeyF9:
		return model.KeyF9
	case tcell.KeyF10:
		return model.KeyF10
	case tcell.KeyF11:
		return model.KeyF11
	case tcell.KeyF12:
		return model.KeyF12
	}
	return model.KeyNone
}

// pretendKey is the key of the n-th code of a demonstration, from 0. Function keys
// alone are the model's.
func pretendKey(n int) string {
	if n > 9 {
		return ""
	}
	return "Shift+" + string(pretendKeys()[n])
}

func pretendKeys() []model.Key {
	return []model.Key{
		model.KeyF1, model.KeyF2, model.KeyF3, model.KeyF4, model.KeyF5,
		model.KeyF6, model.KeyF7, model.KeyF8, model.KeyF9, model.KeyF10,
	}
}

// pretendNumber tells which code of a demonstration a key stands for: F1 to F10
// with Shift, or F13 to F22, as some terminals report these.
func pretendNumber(ev *tcell.EventKey) (int, bool) {
	k := ev.Key()
	switch {
	case k >= tcell.KeyF1 && k <= tcell.KeyF10 && ev.Modifiers()&tcell.ModShift != 0:
		return int(k - tcell.KeyF1), true
	case k >= tcell.KeyF13 && k <= tcell.KeyF22:
		return int(k - tcell.KeyF13), true
	}
	return 0, false
}

// mouse takes a click where the button goes down, once for each press.
func (in *input) mouse(ev *tcell.EventMouse) {
	down := ev.Buttons()&tcell.ButtonPrimary != 0
	pressed := down && !in.down
	in.down = down
	switch {
	case pressed:
		if e := in.at(ev.Position()); e != nil {
			in.do(e)
		}
	case ev.Buttons()&tcell.WheelUp != 0:
		in.do(model.KeyPressed{At: ev.When(), Key: model.KeyUp})
	case ev.Buttons()&tcell.WheelDown != 0:
		in.do(model.KeyPressed{At: ev.When(), Key: model.KeyDown})
	}
}
