package keyboard

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"posagent/device/decode"
	"posagent/device/keyboard/evdev"
)

// label draws up to 40 printable characters, with control characters that
// labels carry among them.
func label(rng *rand.Rand) string {
	var b strings.Builder
	for range 1 + rng.IntN(40) {
		if rng.IntN(20) == 0 {
			b.WriteByte("\x1d\x1e\x1c\x04\x1f\x1b\x01"[rng.IntN(7)])
			continue
		}
		b.WriteByte(byte(' ' + rng.IntN('~'-' '+1)))
	}
	return b.String()
}

func TestAnyLabelIsReadAsTyped(t *testing.T) {
	const all = 100_000
	for _, name := range Layouts() {
		for _, alt := range []int{0, 3, 4} {
			rounds := all
			if alt > 0 { // these are the same in every layout
				rounds = all / len(Layouts())
			}
			if testing.Short() || raceEnabled {
				rounds /= 20
			}
			t.Run(fmt.Sprintf("%s, ALT codes of %d", name, alt), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				ty := newTypist(t, Layout(name), rng)
				ty.alt = alt
				d, err := Layout(name).NewDecoder(decode.SuffixAuto)
				if err != nil {
					t.Fatal(err)
				}
				for i := range rounds {
					want := label(rng)
					suffix := []string{"\r", "\t"}[rng.IntN(2)]
					ty.events = ty.events[:0]
					ty.text(want + suffix)
					var got strings.Builder
					ends := 0
					for from := 0; from < len(ty.events); { // reads of any length
						to := min(len(ty.events), from+1+rng.IntN(64))
						d.Feed(ty.events[from:to], func(o Output) {
							if o.Fault != nil {
								t.Fatalf("label %d %q: %v", i, want, o.Fault)
							}
							got.WriteString(o.Text)
							if o.End {
								ends++
							}
						})
						from = to
					}
					if got.String() != want+suffix || ends != 1 || d.Begun() {
						t.Fatalf("label %d: read %q with %d ends, typed %q", i, got.String(), ends, want+suffix)
					}
				}
			})
		}
	}
}

func TestALayoutTypesItsOwnLettersAndAccents(t *testing.T) {
	for layout, text := range map[Layout]string{
		LayoutGB: "£¬¦€éúíóáÉÚÍÓÁ", LayoutDE: "äöüßÄÖÜ§°²³€µ", LayoutFR: "éèçàù²°£¤§µ€", LayoutES: "ñÑçÇ¿¡ºª·¬€", LayoutIT: "èéòàùìç°§£€",
		LayoutUS: "~^`", LayoutJP: "\\|_`",
	} {
		got, err := layout.Decode(newTypist(t, layout, nil).text(text).events)
		if err != nil || got != text {
			t.Errorf("%s: read %q, typed %q (%v)", layout, got, text, err)
		}
	}
}

// hit types keys in turn, each let go at once.
func hit(t testing.TB, keys ...uint16) []evdev.Event {
	ty := &typist{t: t}
	for _, k := range keys {
		ty.strike(k)
	}
	return ty.events
}

func TestADeadKeyWaitsForItsLetter(t *testing.T) {
	const circumflex, acute, a, x, u = evdev.KeyGrave, uint16(13), evdev.KeyA, uint16(45), uint16(22)
	for _, tc := range []struct {
		name string
		keys []uint16
		want string
	}{
		{"a letter that takes it", []uint16{circumflex, a}, "â"},
		{"the space bar", []uint16{circumflex, evdev.KeySpace, a}, "^a"},
		{"a letter that does not", []uint16{acute, x}, "´x"},
		{"twice", []uint16{circumflex, circumflex, u}, "^^u"},
		{"the end of the label", []uint16{circumflex, evdev.KeyEnter}, "^\r"},
	} {
		if got, err := LayoutDE.Decode(hit(t, tc.keys...)); got != tc.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", tc.name, got, err, tc.want)
		}
	}
	d := newDecoder(t, LayoutDE, decode.SuffixNone)
	var out []string
	emit := collect(&out)
	d.Feed(hit(t, a, circumflex), emit)
	d.Idle(emit)
	if got := strings.Join(out, " "); got != "a ^" || d.Begun() {
		t.Errorf("an accent before silence: %q", got)
	}
}

func newDecoder(t testing.TB, l Layout, s decode.Suffix) *Decoder {
	t.Helper()
	d, err := l.NewDecoder(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// collect describes outputs: text, "$" behind an end, "!" for a fault.
func collect(out *[]string) func(Output) {
	return func(o Output) {
		s := o.Text
		if o.End {
			s += "$"
		}
		if o.Fault != nil {
			s = "!"
			if o.Fault.Fault != decode.FaultDamaged || o.Fault.Detail == "" {
				s = "! " + o.Fault.Error()
			}
		}
		*out = append(*out, s)
	}
}

func with(t testing.TB, mod uint16, keys ...uint16) []evdev.Event {
	ty := &typist{t: t}
	ty.report(press(mod))
	for _, k := range keys {
		ty.strike(k)
	}
	ty.report(release(mod))
	return ty.events
}

func TestWhatCannotBeReadDropsItsLabelAndNoOther(t *testing.T) {
	repeat := func(key uint16) []evdev.Event {
		ty := &typist{t: t}
		ty.report(press(key))
		ty.report(evdev.Event{Type: evdev.Key, Code: key, Value: evdev.Repeated})
		ty.report(evdev.Event{Type: evdev.Key, Code: key, Value: evdev.Repeated})
		ty.report(release(key))
		return ty.events
	}
	twice := func() []evdev.Event {
		ty := &typist{t: t}
		ty.report(press(evdev.KeyA))
		ty.report(press(evdev.KeyA))
		ty.report(release(evdev.KeyA))
		return ty.events
	}
	flood := func() []evdev.Event {
		ty := &typist{t: t}
		var all []evdev.Event
		for range maxFrame + 100 {
			all = append(all, press(evdev.KeyA), release(evdev.KeyA))
		}
		ty.report(all...)
		return ty.events
	}
	dropped := []evdev.Event{
		{Type: evdev.Syn, Code: evdev.SynDropped},
		press(evdev.KeyLeftShift), // of a report that is not whole
		{Type: evdev.Syn, Code: evdev.SynReport},
	}
	kp := keypadKeys()
	for name, bad := range map[string][]evdev.Event{
		"a function key":                      hit(t, evdev.KeyF1),
		"a key that no keyboard has":          hit(t, 0x2ff),
		"a code beyond all keys":              hit(t, 0xffff, 0xffff),
		"a key that is held":                  repeat(evdev.KeyA),
		"a release that is lost":              twice(),
		"a value that the kernel lacks":       {{Type: evdev.Key, Code: evdev.KeyA, Value: 7}, {Type: evdev.Syn}},
		"events that the kernel dropped":      dropped,
		"more keys than a keyboard has":       flood(),
		"the Windows key":                     with(t, evdev.KeyLeftMeta, evdev.KeyA),
		"Ctrl and a key without a control":    with(t, evdev.KeyLeftCtrl, evdev.Key1),
		"Ctrl and Enter":                      with(t, evdev.KeyLeftCtrl, evdev.KeyEnter),
		"Alt and a letter":                    with(t, evdev.KeyLeftAlt, evdev.KeyA),
		"Alt and a digit of the main keys":    with(t, evdev.KeyLeftAlt, kp[0], evdev.Key1, kp[4]),
		"an ALT code of two digits":           with(t, evdev.KeyLeftAlt, kp[6], kp[5]),
		"an ALT code of five digits":          with(t, evdev.KeyLeftAlt, kp[0], kp[0], kp[0], kp[6], kp[5]),
		"an ALT code of zero":                 with(t, evdev.KeyLeftAlt, kp[0], kp[0], kp[0]),
		"an ALT code of a letter of page 437": with(t, evdev.KeyLeftAlt, kp[1], kp[3], kp[2]),
		"an ALT code of a letter of 1252":     with(t, evdev.KeyLeftAlt, kp[0], kp[2], kp[2], kp[8]),
		"an ALT code of delete":               with(t, evdev.KeyLeftAlt, kp[1], kp[2], kp[7]),
	} {
		t.Run(name, func(t *testing.T) {
			ty := newTypist(t, LayoutUS, nil)
			ty.text("first\r2")
			ty.events = append(ty.events, bad...)
			// What is left of the label, with a second fault, is not heard of.
			ty.text("8").strike(evdev.KeyF1)
			ty.text("9\rthird\r")
			d := newDecoder(t, LayoutUS, decode.SuffixAuto)
			var out []string
			d.Feed(ty.events, collect(&out))
			// A key that goes down is a character before it is known to hang.
			got := strings.Replace(strings.Join(out, ""), "2a!", "2!", 1)
			if got != "first\r$2!third\r$" {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestTheLastKeyOfALabelMayHang(t *testing.T) {
	ty := newTypist(t, LayoutUS, nil).text("1")
	ty.report(press(evdev.KeyEnter))
	ty.report(evdev.Event{Type: evdev.Key, Code: evdev.KeyEnter, Value: evdev.Repeated})
	ty.report(release(evdev.KeyEnter))
	ty.text("2\r")
	if got, err := LayoutUS.Decode(ty.events); got != "1\r2\r" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTheConfiguredSuffixEndsALabel(t *testing.T) {
	for suffix, want := range map[decode.Suffix]string{
		decode.SuffixAuto: "a\r$b\t$c\n$d\x03$", decode.SuffixCR: "a\r$b\tc\nd\x03", decode.SuffixTab: "a\rb\t$c\nd\x03", decode.SuffixLF: "a\rb\tc\n$d\x03",
		decode.SuffixCRLF: "a\r$b\tc\n$d\x03", decode.SuffixETX: "a\rb\tc\nd\x03$", decode.SuffixNone: "a\rb\tc\nd\x03",
	} {
		var out []string
		newDecoder(t, LayoutUS, suffix).Feed(newTypist(t, LayoutUS, nil).text("a\rb\tc\nd\x03").events, collect(&out))
		if got := strings.Join(out, ""); got != want {
			t.Errorf("%s: %q, want %q", suffix, got, want)
		}
	}
}

func TestADoubledSuffixGivesNoSecondEnd(t *testing.T) {
	var out []string
	newDecoder(t, LayoutUS, decode.SuffixAuto).Feed(newTypist(t, LayoutUS, nil).text("a\r\r\n\tb\r").events, collect(&out))
	if got := strings.Join(out, ""); got != "a\r$b\r$" {
		t.Errorf("%q", got)
	}
}

func TestAfterAFaultSilenceEndsTheRestOfTheLabel(t *testing.T) {
	d := newDecoder(t, LayoutUS, decode.SuffixNone)
	var out []string
	emit := collect(&out)
	d.Feed(hit(t, evdev.KeyA, evdev.KeyF1, evdev.KeyA), emit)
	d.Idle(emit)
	d.Feed(hit(t, evdev.KeyA), emit)
	if got := strings.Join(out, ""); got != "a!a" {
		t.Errorf("%q", got)
	}
	d.Feed(with(t, evdev.KeyLeftAlt, keypadKeys()[0])[:8], emit) // Alt is not let go
	d.Idle(emit)
	if got := strings.Join(out, ""); got != "a!a!" || d.Begun() {
		t.Errorf("%q", got)
	}
}

func TestAfterALossTheKeysThatAreDownCount(t *testing.T) {
	d := newDecoder(t, LayoutUS, decode.SuffixAuto)
	var out []string
	emit := collect(&out)
	d.Feed([]evdev.Event{press(evdev.KeyLeftShift), {Type: evdev.Syn, Code: evdev.SynReport}}, emit)
	d.Lose("gone", emit)
	var down evdev.KeySet
	down.Add(evdev.KeyRightShift)
	d.Resync(down)
	d.Feed(hit(t, evdev.KeyA, evdev.KeyEnter, evdev.KeyA), emit)
	d.Feed([]evdev.Event{release(evdev.KeyRightShift), {Type: evdev.Syn, Code: evdev.SynReport}}, emit)
	d.Feed(hit(t, evdev.KeyA), emit)
	if got := strings.Join(out, ""); got != "!Aa" {
		t.Errorf("%q", got)
	}
}

func TestALossForgetsAReportThatWasNotComplete(t *testing.T) {
	d := newDecoder(t, LayoutUS, decode.SuffixAuto)
	var out []string
	emit := collect(&out)
	for range maxFrame + 1 {
		d.Feed([]evdev.Event{press(evdev.KeyA)}, emit)
	}
	d.Lose("gone", emit)
	d.Idle(emit)
	d.Feed(hit(t, evdev.KeyA), emit)
	if got := strings.Join(out, ""); got != "!a" {
		t.Errorf("%q", got)
	}
}

func TestAnUnknownLayoutOrSuffixIsNamedWithTheKnownOnes(t *testing.T) {
	_, err := Layout("dvorak").NewDecoder(decode.SuffixAuto)
	if err == nil || !strings.Contains(err.Error(), `"dvorak"`) || !strings.Contains(err.Error(), "us, gb, de, fr, es, it, jp") {
		t.Errorf("%v", err)
	}
	if _, err := LayoutUS.NewDecoder("bell"); err == nil {
		t.Error("an unknown suffix was taken")
	}
	if _, err := Layout("dvorak").Decode(nil); err == nil {
		t.Error("an unknown layout decodes")
	}
	if _, err := Layout("").Decode(nil); err != nil {
		t.Errorf("the default layout: %v", err)
	}
}

// No message holds a part of a label: an ALT code is a character of it.
func TestNoFaultShowsWhatWasTyped(t *testing.T) {
	kp := keypadKeys()
	d := newDecoder(t, LayoutUS, decode.SuffixAuto)
	ty := newTypist(t, LayoutUS, nil).text("281234567890")
	d.Feed(append(ty.events, with(t, evdev.KeyLeftAlt, kp[1], kp[9], kp[7])...), func(o Output) {
		if o.Fault != nil && strings.ContainsAny(o.Fault.Detail, "0123456789") {
			t.Errorf("%v", o.Fault)
		}
	})
}

// Whatever bytes come, the decoder keeps its promises: one fault for a label, no
// end without a beginning, and a clean label afterwards is read.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0, 1, 30, 1, 0, 0, 0, 0, 1, 30, 0, 0, 0, 0, 0, 0})
	f.Add([]byte("\x06\x00\x03\x00\x06\x01\x2a\x01\x06\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 {
			return
		}
		layout := Layout(Layouts()[int(raw[0])%len(Layouts())])
		suffix := decode.Suffixes()[int(raw[0])/8%len(decode.Suffixes())]
		d := newDecoder(t, layout, suffix)
		var events []evdev.Event
		for b := raw[1:]; len(b) >= 4; b = b[4:] {
			events = append(events, evdev.Event{Type: uint16(b[0] % 3), Code: uint16(b[1]) | uint16(b[3]>>4)<<8, Value: int32(b[2] % 4)})
		}
		begun, faulted := false, false
		emit := func(o Output) {
			switch {
			case (o.Text == "") == (o.Fault == nil):
				t.Fatalf("output %+v", o)
			case o.Fault != nil && faulted, o.End && !begun && !d.ends(o.Text):
				t.Fatalf("output %+v after fault %v, begun %v", o, faulted, begun)
			}
			begun, faulted = o.Fault == nil && !o.End, o.Fault != nil
		}
		d.Feed(events, emit)
		d.Lose("the end of the noise", emit)
		d.Resync(evdev.KeySet{})
		d.Idle(emit)
		var out []string
		d.Feed(newTypist(t, layout, nil).text("Clean 42").events, collect(&out))
		if got := strings.Join(out, ""); got != "Clean 42" {
			t.Fatalf("after the noise %q", got)
		}
	})
}

// A payment code of 18 digits and Enter.
func BenchmarkDecoder(b *testing.B) {
	events := newTypist(b, LayoutFR, nil).text(codeA + "\r").events
	d := newDecoder(b, LayoutFR, decode.SuffixAuto)
	b.ReportAllocs()
	for b.Loop() {
		d.Feed(events, func(o Output) {
			if o.Fault != nil {
				b.Fatal(o.Fault)
			}
		})
	}
}
