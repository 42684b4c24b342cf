package keyboard

import (
	"fmt"
	"strings"

	"posagent/device/decode"
	"posagent/device/keyboard/evdev"
)

// Output is what a Decoder made of key events: the next bytes of a label, its
// end, or the word that it is damaged. Exactly one of Text and Fault is set.
type Output struct {
	// Text is one character, in UTF-8.
	Text string
	// End says that Text is the key that ends the label.
	End bool
	// Fault says that the label that is under way is lost. What is left of it
	// does not come out any more.
	Fault *decode.FramingError
}

// maxFrame is how many key events one report of a device can make: a keyboard
// reports eight modifiers and a few keys, some every key that it has.
const maxFrame = 256

// Decoder turns the key events of one event node into text. It belongs to one
// goroutine.
//
// Caps Lock, Num Lock and input methods are the desktop's: the events are from
// before these, and a scanner's number pad always means digits.
type Decoder struct {
	table *table
	ends  func(char string) bool

	frame []evdev.Event // key events of the report that is not complete yet
	down  evdev.KeySet
	alt   altCode
	dead  rune // typed and not yet placed; 0: none
	begun bool // a character of a label has come

	lost    bool // up to the next report events are lost
	skip    bool // the rest of a damaged label is not wanted
	trouble string
}

// NewDecoder returns a decoder for a scanner that is set to this layout and ends
// its labels with suffix. It fails with what is wrong with either.
func (l Layout) NewDecoder(suffix decode.Suffix) (*Decoder, error) {
	t, err := l.table()
	if err != nil {
		return nil, err
	}
	if err := (decode.Framing{Suffix: suffix}).Validate(); err != nil {
		return nil, err
	}
	return &Decoder{table: t, ends: ending(suffix)}, nil
}

// Decode is the text of a recording of one label or several, keys that end a
// label included. It fails with the first fault.
func (l Layout) Decode(events []evdev.Event) (string, error) {
	d, err := l.NewDecoder(decode.SuffixAuto)
	if err != nil {
		return "", err
	}
	text := ""
	d.Feed(events, func(o Output) {
		text += o.Text
		if o.Fault != nil && err == nil {
			err = o.Fault
		}
	})
	return text, err
}

// ending tells which characters end a label.
func ending(suffix decode.Suffix) func(string) bool {
	var set string
	switch suffix {
	case decode.SuffixCR:
		set = "\r"
	case decode.SuffixLF:
		set = "\n"
	case decode.SuffixCRLF:
		set = "\r\n" // what is left of the two is taken for an empty label
	case decode.SuffixTab:
		set = "\t"
	case decode.SuffixETX:
		set = "\x03"
	case decode.SuffixNone:
	default:
		set = "\r\n\t\x03"
	}
	return func(char string) bool { return strings.Contains(set, char) }
}

// Feed takes the next events and calls emit for everything that they give.
func (d *Decoder) Feed(events []evdev.Event, emit func(Output)) {
	for _, e := range events {
		switch {
		case e.Type == evdev.Syn && e.Code == evdev.SynDropped:
			d.frame, d.lost = d.frame[:0], true
		case e.Type == evdev.Syn && e.Code == evdev.SynReport && d.lost:
			d.lost = false
			d.Lose("the kernel had to drop key events: the reader was too slow", emit)
		case e.Type == evdev.Syn && e.Code == evdev.SynReport:
			d.report(emit)
		case e.Type == evdev.Key && !d.lost:
			if len(d.frame) == maxFrame {
				d.trouble = "more keys in one report than a keyboard has"
				continue
			}
			d.frame = append(d.frame, e)
		}
	}
}

// Lose says that events are missing or were somebody else's: the label that is
// under way is dropped, and which keys are down is not known any more. Resync
// tells.
func (d *Decoder) Lose(why string, emit func(Output)) {
	d.down, d.frame, d.trouble = evdev.KeySet{}, d.frame[:0], ""
	d.fault(why, emit)
}

// Resync tells which keys are down now, after events were lost and those that
// were still queued were thrown away.
func (d *Decoder) Resync(down evdev.KeySet) { d.down, d.lost = down, false }

// Skip makes the decoder wait for the end of a label whose beginning it did not
// see, without reporting a fault.
func (d *Decoder) Skip() { d.skip = true }

// Begun reports whether a label is under way.
func (d *Decoder) Begun() bool { return d.begun || d.skip || d.dead != 0 || d.alt.digits > 0 }

// Idle says that nothing has come for so long that no label can be under way.
func (d *Decoder) Idle(emit func(Output)) {
	if d.dead != 0 {
		d.text(string(spacing(d.dead)), emit)
	}
	if d.alt.digits > 0 {
		d.fault("an ALT code whose Alt key was never let go", emit)
	}
	d.begun, d.skip, d.dead, d.alt = false, false, 0, altCode{}
}

// report takes one complete report. Modifiers come first, wherever they stand:
// a report is a snapshot, and its keys were struck with its modifiers.
func (d *Decoder) report(emit func(Output)) {
	frame := d.frame
	d.frame = d.frame[:0]
	if d.trouble != "" {
		why := d.trouble
		d.trouble = ""
		d.Lose(why, emit)
		return
	}
	if wholeStroke(frame) {
		for _, e := range frame {
			d.event(e, emit)
		}
		return
	}
	for _, first := range []bool{true, false} {
		for _, e := range frame {
			if modifier(e.Code) == first {
				d.event(e, emit)
			}
		}
	}
}

// wholeStroke tells a report in which a modifier goes down and up: that is no
// snapshot. Virtual devices make such; their events come in order.
func wholeStroke(frame []evdev.Event) bool {
	var seen evdev.KeySet
	for _, e := range frame {
		if modifier(e.Code) && seen.Has(e.Code) {
			return true
		}
		seen.Add(e.Code)
	}
	return false
}

func (d *Decoder) event(e evdev.Event, emit func(Output)) {
	if modifier(e.Code) {
		d.modifier(e, emit)
	} else {
		d.key(e, emit)
	}
}

func (d *Decoder) modifier(e evdev.Event, emit func(Output)) {
	switch e.Value {
	case evdev.Pressed:
		d.down.Add(e.Code)
	case evdev.Released:
		d.down.Remove(e.Code)
		if d.altKey(e.Code) && !d.altDown() {
			d.endAlt(emit)
		}
	}
}

func (d *Decoder) key(e evdev.Event, emit func(Output)) {
	switch e.Value {
	case evdev.Released:
		d.down.Remove(e.Code)
	case evdev.Repeated:
		// The kernel repeats a key that is held. A scanner holds none; the last
		// one of a label may hang for a moment and harms nobody.
		if !lock(e.Code) && d.Begun() {
			d.fault("a key was held down", emit)
		}
	case evdev.Pressed:
		if d.down.Has(e.Code) {
			d.fault(fmt.Sprintf("key %d went down twice: its release is lost", e.Code), emit)
			return
		}
		d.down.Add(e.Code)
		if !lock(e.Code) {
			d.struck(e.Code, emit)
		}
	default:
		d.fault(fmt.Sprintf("key %d with the value %d, which the kernel does not have", e.Code, e.Value), emit)
	}
}

// struck takes one key that went down.
func (d *Decoder) struck(key uint16, emit func(Output)) {
	ctrl := d.down.Has(evdev.KeyLeftCtrl) || d.down.Has(evdev.KeyRightCtrl)
	shift := d.down.Has(evdev.KeyLeftShift) || d.down.Has(evdev.KeyRightShift)
	third := d.table.altGr && (d.down.Has(evdev.KeyRightAlt) || ctrl && d.altDown())
	switch {
	case d.down.Has(evdev.KeyLeftMeta) || d.down.Has(evdev.KeyRightMeta):
		d.fault("a key together with the Windows key", emit)
	case d.altDown() && !third:
		if why := d.alt.add(keypadDigit(key)); why != "" {
			d.fault(why, emit)
		}
	case third:
		d.char(key, levelOf(true, shift), emit)
	case ctrl:
		if c := d.table.control(key); c != 0 {
			d.place(rune(c), emit)
			return
		}
		d.fault(fmt.Sprintf("key %d together with Ctrl", key), emit)
	case key == evdev.KeyEnter || key == evdev.KeyKPEnter:
		d.place('\r', emit)
	case key == evdev.KeyTab:
		d.place('\t', emit)
	default:
		d.char(key, levelOf(false, shift), emit)
	}
}

func levelOf(altGr, shift bool) level {
	switch {
	case altGr && shift:
		return thirdShift
	case altGr:
		return third
	case shift:
		return shifted
	default:
		return plain
	}
}

// char places the character of a key. Its code may be named: a key that has no
// character is no part of a label.
func (d *Decoder) char(key uint16, lv level, emit func(Output)) {
	r := keypad(key)
	if r == 0 {
		r = d.table.char(key, lv)
	}
	if r == 0 {
		d.fault(fmt.Sprintf("key %d has no character in this layout", key), emit)
		return
	}
	d.place(r, emit)
}

// place puts a character behind the label, an accent that waits with it.
func (d *Decoder) place(r rune, emit func(Output)) {
	dead := d.dead
	d.dead = 0
	accent := spacing(dead)
	switch {
	case dead == 0 && spacing(r) != 0:
		d.dead = r
	case dead == 0:
		d.text(string(r), emit)
	case r == ' ':
		d.text(string(accent), emit)
	case compose(dead, r) != 0:
		d.text(string(compose(dead, r)), emit)
	default:
		// What Windows does with a letter that takes no accent.
		d.text(string(accent), emit)
		if alone := spacing(r); alone != 0 {
			r = alone
		}
		d.text(string(r), emit)
	}
}

func (d *Decoder) text(char string, emit func(Output)) {
	end := d.ends(char)
	switch {
	case d.skip:
		d.skip = !end
	case end && !d.begun: // a doubled suffix
	default:
		d.begun = !end
		emit(Output{Text: char, End: end})
	}
}

// fault drops the label that is under way and all of it that is still to come.
// It is reported once for a label.
func (d *Decoder) fault(why string, emit func(Output)) {
	if !d.skip {
		emit(Output{Fault: &decode.FramingError{Fault: decode.FaultDamaged, Detail: why}})
	}
	d.begun, d.skip, d.dead, d.alt = false, true, 0, altCode{}
}
