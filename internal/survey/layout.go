package survey

import (
	"posagent/device/keyboard"
	"posagent/device/keyboard/evdev"
)

// GuessLayout finds the layout that a scanner in keyboard mode is set to: the one
// that makes code of the keys that gave text when they were read by another. It
// fails where none does, or where text itself is right.
func GuessLayout(readBy keyboard.Layout, text, code string) (keyboard.Layout, bool) {
	if text == code {
		return "", false
	}
	keys := reverse(readBy)
	for _, name := range keyboard.Layouts() {
		l := keyboard.Layout(name)
		if got, ok := retype(keys, l, text); ok && got == code {
			return l, true
		}
	}
	return "", false
}

// reverse says which keys give a character.
func reverse(l keyboard.Layout) map[rune][]evdev.Event {
	keys := map[rune][]evdev.Event{}
	for key := evdev.Key1; key <= evdev.KeySlash; key++ { // not the keypad, which is the same in all
		for _, shift := range []bool{true, false} {
			strokes := strokesOf(key, shift)
			text, err := l.Decode(strokes)
			if runes := []rune(text); err == nil && len(runes) == 1 && runes[0] >= ' ' {
				keys[runes[0]] = strokes
			}
		}
	}
	return keys
}

// strokesOf are the events of one character as a scanner types it.
func strokesOf(key uint16, shift bool) []evdev.Event {
	report := evdev.Event{Type: evdev.Syn, Code: evdev.SynReport}
	press := func(code uint16, value int32) []evdev.Event {
		return []evdev.Event{{Type: evdev.Key, Code: code, Value: value}, report}
	}
	var e []evdev.Event
	if shift {
		e = append(e, press(evdev.KeyLeftShift, evdev.Pressed)...)
	}
	e = append(append(e, press(key, evdev.Pressed)...), press(key, evdev.Released)...)
	if shift {
		e = append(e, press(evdev.KeyLeftShift, evdev.Released)...)
	}
	return e
}

func retype(keys map[rune][]evdev.Event, l keyboard.Layout, text string) (string, bool) {
	var events []evdev.Event
	for _, r := range text {
		strokes, ok := keys[r]
		if !ok {
			return "", false
		}
		events = append(events, strokes...)
	}
	got, err := l.Decode(events)
	return got, err == nil
}
