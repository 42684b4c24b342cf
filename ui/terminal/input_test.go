package terminal

import (
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"posagent/ui/model"
)

// listen is an input that keeps what it hands in.
func listen() (*input, *[]model.Event) {
	var got []model.Event
	in := &input{
		do:      func(e model.Event) { got = append(got, e) },
		at:      func(x, y int) model.Event { return model.Pressed{ID: "here"} },
		pretend: func(n int) model.Event { return model.Pressed{ID: "pretend." + string(rune('a'+n))} },
	}
	return in, &got
}

func TestKeysReachTheModel(t *testing.T) {
	for _, row := range []struct {
		name string
		key  *tcell.EventKey
		want model.Event
	}{
		{"a digit", tcell.NewEventKey(tcell.KeyRune, '7', tcell.ModNone), model.KeyPressed{Rune: '7'}},
		{"a letter of another script", tcell.NewEventKey(tcell.KeyRune, '中', tcell.ModNone), model.KeyPressed{Rune: '中'}},
		{"a digit behind an escape, as some scanners send", tcell.NewEventKey(tcell.KeyRune, '2', tcell.ModAlt), model.KeyPressed{Rune: '2'}},
		{"Enter", tcell.NewEventKey(tcell.KeyEnter, 0, tcell.ModNone), model.KeyPressed{Key: model.KeyEnter}},
		{"a line feed, as some scanners send", tcell.NewEventKey(tcell.KeyCtrlJ, 'j', tcell.ModCtrl), model.KeyPressed{Key: model.KeyEnter}},
		{"Escape", tcell.NewEventKey(tcell.KeyEscape, 0, tcell.ModNone), model.KeyPressed{Key: model.KeyEscape}},
		{"Shift and Tab", tcell.NewEventKey(tcell.KeyBacktab, 0, tcell.ModNone), model.KeyPressed{Key: model.KeyTab, Shift: true}},
		{"Backspace", tcell.NewEventKey(tcell.KeyBackspace2, 0, tcell.ModNone), model.KeyPressed{Key: model.KeyBackspace}},
		{"F10", tcell.NewEventKey(tcell.KeyF10, 0, tcell.ModNone), model.KeyPressed{Key: model.KeyF10}},
		{"Page down", tcell.NewEventKey(tcell.KeyPgDn, 0, tcell.ModNone), model.KeyPressed{Key: model.KeyPageDown}},
		{"Ctrl and C", tcell.NewEventKey(tcell.KeyCtrlC, 'c', tcell.ModCtrl), model.CloseAsked{}},
		{"Shift and F2 of a demonstration", tcell.NewEventKey(tcell.KeyF2, 0, tcell.ModShift), model.Pressed{ID: "pretend.b"}},
		{"the same key as other terminals tell it", tcell.NewEventKey(tcell.KeyF14, 0, tcell.ModNone), model.Pressed{ID: "pretend.b"}},
		{"another control key", tcell.NewEventKey(tcell.KeyCtrlG, 'g', tcell.ModCtrl), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			in, got := listen()
			in.take(row.key)
			var want []model.Event
			if row.want != nil {
				want = append(want, row.want)
			}
			if d := cmp.Diff(want, *got, cmpopts.IgnoreFields(model.KeyPressed{}, "At")); d != "" {
				t.Error(d)
			}
			if k, ok := row.want.(model.KeyPressed); ok && !(*got)[0].(model.KeyPressed).At.Equal(row.key.When()) {
				t.Errorf("%v has lost its time: scans are told from typing by it", k)
			}
		})
	}
}

func TestEveryKeyThatAButtonMayShowIsKnown(t *testing.T) {
	known := map[model.Key]bool{}
	for k := tcell.Key(0); k < 512; k++ {
		known[named(k)] = true
	}
	for _, kind := range screens(t, "en") {
		for _, list := range [][]model.Button{kind.Buttons, kind.Pad, {kind.List.Prev, kind.List.Next}} {
			for _, b := range list {
				if b.Key != model.KeyNone && !known[b.Key] {
					t.Errorf("%s: no key of a terminal is %s", kind.Kind, b.Key)
				}
			}
		}
	}
}

func TestAPasteIsOneText(t *testing.T) {
	in, got := listen()
	in.take(tcell.NewEventPaste(true))
	for _, r := range "HKD 128.50" {
		in.take(tcell.NewEventKey(tcell.KeyRune, r, tcell.ModNone))
	}
	in.take(tcell.NewEventKey(tcell.KeyEnter, 0, tcell.ModNone))
	in.take(tcell.NewEventPaste(false))
	if d := cmp.Diff([]model.Event{model.Pasted{Text: "HKD 128.50 "}}, *got); d != "" {
		t.Error(d)
	}
}

func TestAnEndlessPasteIsBoundedAndEnds(t *testing.T) {
	in, got := listen()
	in.take(tcell.NewEventPaste(true))
	for range 3 * longestPaste {
		in.take(tcell.NewEventKey(tcell.KeyRune, 'x', tcell.ModNone))
	}
	in.last = in.last.Add(-2 * pasteGap) // its end was lost; a key comes later
	in.take(tcell.NewEventKey(tcell.KeyRune, '2', tcell.ModNone))
	if len(*got) != 2 {
		t.Fatalf("%d events", len(*got))
	}
	if p, ok := (*got)[0].(model.Pasted); !ok || p.Text != strings.Repeat("x", longestPaste) {
		t.Errorf("the paste is %T", (*got)[0])
	}
	if k, ok := (*got)[1].(model.KeyPressed); !ok || k.Rune != '2' {
		t.Errorf("the key after it is %v", (*got)[1])
	}
}

func TestAClickCountsOnce(t *testing.T) {
	in, got := listen()
	in.take(tcell.NewEventMouse(3, 4, tcell.ButtonPrimary, tcell.ModNone))
	in.take(tcell.NewEventMouse(3, 5, tcell.ButtonPrimary, tcell.ModNone)) // dragged
	in.take(tcell.NewEventMouse(3, 5, tcell.ButtonNone, tcell.ModNone))
	if d := cmp.Diff([]model.Event{model.Pressed{ID: "here"}}, *got); d != "" {
		t.Error(d)
	}
	in.take(tcell.NewEventMouse(3, 5, tcell.WheelDown, tcell.ModNone))
	if k, ok := (*got)[1].(model.KeyPressed); !ok || k.Key != model.KeyDown {
		t.Errorf("the wheel is %v", (*got)[1])
	}
}

// A scanner in keyboard mode types into the terminal while a sale waits: its code
// is sent, wherever the keys would otherwise go.
func TestAScanIsToldFromTypingByTheTimesOfTheTerminal(t *testing.T) {
	s := selling(t, "en", saleOf("waiting", "waiting"))
	in := &input{do: func(e model.Event) {
		if k, ok := e.(model.KeyPressed); ok {
			s.now = k.At
		}
		s.do(e)
	}}
	s.now = time.Now()
	for _, r := range "281234567890123456" {
		in.take(tcell.NewEventKey(tcell.KeyRune, r, tcell.ModNone))
	}
	in.take(tcell.NewEventKey(tcell.KeyEnter, 0, tcell.ModNone))
	var sent []model.SendCode
	for _, c := range s.out {
		if call, ok := c.(model.Call); ok {
			if code, ok := call.Request.(model.SendCode); ok {
				sent = append(sent, code)
			}
		}
	}
	if len(sent) != 1 || sent[0].Code.Reveal() != "281234567890123456" {
		t.Errorf("sent is %d codes", len(sent))
	}
}
