package decode

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"posagent/device/aim"
)

// gap in a script stands for a silence long enough to be flushed.
const gap = "<gap>"

// play feeds the parts to a Framer, each as one read, and describes the frames.
func play(t testing.TB, cfg Framing, parts ...string) []string {
	t.Helper()
	f, err := NewFramer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	emit := func(fr Frame) { got = append(got, describe(fr)) }
	for i, p := range parts {
		if p == gap {
			f.Flush(emit)
		} else {
			f.Feed([]byte(p), uint64(i), emit)
		}
	}
	return got
}

func describe(f Frame) string {
	if f.Err != nil {
		return fmt.Sprintf("!%s %d", f.Err.Fault, f.Err.Bytes)
	}
	s := f.Text.Reveal()
	if !f.AIM.IsZero() {
		s += " " + string(f.Symbology)
	}
	return s
}

func TestFramerEndsLabels(t *testing.T) {
	for _, tc := range []struct {
		name  string
		cfg   Framing
		parts []string
		want  []string
	}{
		{"CR", Framing{}, []string{"123\r456\r"}, []string{"123", "456"}},
		{"LF", Framing{}, []string{"123\n456\n"}, []string{"123", "456"}},
		{"CR LF", Framing{}, []string{"123\r\n456\r\n"}, []string{"123", "456"}},
		{"CR LF split over reads", Framing{}, []string{"123\r", "\n456\r", "\n"}, []string{"123", "456"}},
		{"doubled CR", Framing{}, []string{"123\r\r456\r\r"}, []string{"123", "456"}},
		{"doubled LF", Framing{}, []string{"123\n\n456\n\n"}, []string{"123", "456"}},
		{"doubled CR LF", Framing{}, []string{"123\r\n\r\n456\r\n\r\n"}, []string{"123", "456"}},
		{"STX and ETX", Framing{}, []string{"\x02123\x03\x02456\x03"}, []string{"123", "456"}},
		{"STX, ETX and CR LF", Framing{}, []string{"\x02123\x03\r\n\x02456\x03\r\n"}, []string{"123", "456"}},
		{"CR before ETX", Framing{}, []string{"\x02123\r\x03\x02456\r\x03"}, []string{"123", "456"}},
		{"silence, before any suffix was seen", Framing{}, []string{"123", gap, "456", gap}, []string{"123", "456"}},
		{"silence over TAB, auto", Framing{}, []string{"123\t", gap, "456\t", gap}, []string{"123", "456"}},
		{"TAB and CR, auto", Framing{}, []string{"123\t\r\t456\t\r"}, []string{"123", "456"}},
		{"no end yet", Framing{}, []string{"123"}, nil},
		{"nothing but ends", Framing{}, []string{"\r\n\r\n\x02\x03\x02\r\x00\x00", gap}, nil},
		{"zero bytes of a line break go", Framing{}, []string{"\x00\x00123\r\x00456\r"}, []string{"123", "456"}},
		{"a zero byte inside is data", Framing{}, []string{"12\x003\r"}, []string{"12\x003"}},
		{"GS inside is data", Framing{}, []string{"]C10112345678901231\x1d10ABC\r"}, []string{"0112345678901231\x1d10ABC gs1-128"}},

		{"CR alone ends: LF is data", Framing{Suffix: SuffixCR}, []string{"a\nb\rc\r\nd\r"}, []string{"a\nb", "c", "d"}},
		{"LF alone ends", Framing{Suffix: SuffixLF}, []string{"a\rb\nc\r\n"}, []string{"a\rb", "c"}},
		{"only CR LF ends", Framing{Suffix: SuffixCRLF}, []string{"a\rb\nc\r", "\nd\r\n"}, []string{"a\rb\nc", "d"}},
		{"only CR LF ends, doubled", Framing{Suffix: SuffixCRLF}, []string{"a\r\n\r\nb\r\n\r\n"}, []string{"a", "b"}},
		{"TAB", Framing{Suffix: SuffixTab}, []string{"123\t456\t\t789\t\r\n"}, []string{"123", "456", "789"}},
		{"ETX: CR is data", Framing{Suffix: SuffixETX}, []string{"\x02a\rb\x03"}, []string{"a\rb"}},
		{"none: silence alone ends", Framing{Suffix: SuffixNone}, []string{"a\rb", gap, "c\r\n", gap}, []string{"a\rb", "c"}},

		{"a stall after a suffix was seen does not cut", Framing{}, []string{"123\r", "45", "6\r"}, []string{"123", "456"}},
		{"a label whose suffix was lost goes", Framing{}, []string{"123\r", "456", gap, "789\r"}, []string{"123", "!cut_off 3", "789"}},
		{"after that silence ends again", Framing{}, []string{"123\r", "456", gap, "789", gap}, []string{"123", "!cut_off 3", "789"}},
		{"CR configured, none sent", Framing{Suffix: SuffixCR}, []string{"123", gap}, []string{"!cut_off 3"}},
		{"STX inside: the end before was lost", Framing{}, []string{"\x02123\x02456\x03"}, []string{"!cut_off 3", "456"}},
		{"STX twice begins one label", Framing{}, []string{"\x02\x02456\x03"}, []string{"456"}},
		{"STX where it may be data", Framing{Suffix: SuffixCR}, []string{"\x02a\x02b\r"}, []string{"a\x02b"}},

		{"prefix", Framing{Prefix: "#"}, []string{"#123\r#456\r"}, []string{"123", "456"}},
		{"prefix before the identifier", Framing{Prefix: "#"}, []string{"#]C0123\r"}, []string{"123 code128"}},
		{"prefix after the identifier", Framing{Prefix: "#"}, []string{"]C0#123\r"}, []string{"123 code128"}},
		{"prefix missing", Framing{Prefix: "#"}, []string{"123\r#456\r"}, []string{"!no_prefix 3", "456"}},
		{"prefix and nothing else", Framing{Prefix: "#"}, []string{"#\r#456\r"}, []string{"456"}},
		{"STX as prefix", Framing{Prefix: "\x02"}, []string{"\x02123\r456\r"}, []string{"123", "456"}},

		{"AIM", Framing{}, []string{"]Q1123\r]E04006381333931\r"}, []string{"123 qr", "4006381333931 ean-13"}},
		{"AIM split over reads", Framing{}, []string{"]", "C", "1", "123\r"}, []string{"123 gs1-128"}},
		{"AIM letter unknown, auto", Framing{}, []string{"]y0123\r"}, []string{"]y0123"}},
		{"AIM letter unknown, strip", Framing{AIM: AIMStrip}, []string{"]y0123\r"}, []string{"123 unknown"}},
		{"AIM left alone", Framing{AIM: AIMNone}, []string{"]Q1123\r"}, []string{"]Q1123"}},
		{"AIM and nothing else", Framing{}, []string{"]Q1\r"}, nil},

		{"longest label", Framing{MaxLength: 4}, []string{"1234\r\n"}, []string{"1234"}},
		{"longest label with all around it", Framing{MaxLength: 4, Prefix: "##"}, []string{"\x02##]C01234\r\n\r\n"}, []string{"1234 code128"}},
		{"one too long", Framing{MaxLength: 4}, []string{"12345\r678\r"}, []string{"!overlong 5", "678"}},
		{"overlong, reported once with its bytes", Framing{}, []string{strings.Repeat("7", 10_000), "\r123\r"}, []string{"!overlong 10000", "123"}},
		{"overlong until silence", Framing{Suffix: SuffixNone}, []string{strings.Repeat("7", 10_000), gap, "123", gap}, []string{"!overlong 10000", "123"}},
		{"overlong until silence where CR ends", Framing{Suffix: SuffixCR}, []string{strings.Repeat("7", 10_000), gap, "123\r"}, []string{"!overlong 10000", "123"}},
		{"overlong until STX", Framing{}, []string{strings.Repeat("7", 10_000), "\x02123\x03"}, []string{"!overlong 10000", "123"}},
		{"overlong until CR LF", Framing{Suffix: SuffixCRLF}, []string{strings.Repeat("7", 10_000) + "\r7\r", "\n123\r\n"}, []string{"!overlong 10003", "123"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := play(t, tc.cfg, tc.parts...); fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			// The same with every byte as a read of its own.
			var single []string
			for _, p := range tc.parts {
				if p == gap {
					single = append(single, p)
				} else {
					single = append(single, strings.Split(p, "")...)
				}
			}
			if got := play(t, tc.cfg, single...); fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("byte by byte: got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAFrameBearsTheMarkOfItsFirstByte(t *testing.T) {
	f, err := NewFramer(Framing{})
	if err != nil {
		t.Fatal(err)
	}
	var marks []uint64
	emit := func(fr Frame) { marks = append(marks, fr.Mark) }
	f.Feed([]byte("\r\n"), 1, emit) // not part of a label
	f.Feed([]byte("12"), 2, emit)
	f.Feed([]byte("3\r4"), 3, emit)
	f.Feed([]byte("\r\x02"), 4, emit)
	f.Feed([]byte("5\x03"), 5, emit)
	f.Feed([]byte("6"), 6, emit)
	f.Feed(bytes.Repeat([]byte("7"), 10_000), 7, emit)
	f.Feed([]byte("\r8"), 8, emit)
	f.Reset(emit)
	if got := fmt.Sprint(marks); got != "[2 3 4 6 8]" {
		t.Errorf("marks %s, want [2 3 4 6 8]", got)
	}
}

func TestEndEndsALabelWhateverTheSuffix(t *testing.T) {
	for _, s := range Suffixes() {
		f, err := NewFramer(Framing{Suffix: s})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		emit := func(fr Frame) { got = append(got, describe(fr)) }
		f.End(aim.ID{}, emit)
		f.Feed([]byte("123"), 0, emit)
		f.End(aim.ID{Code: 'Q', Modifier: '1'}, emit)
		f.Feed([]byte("]C0456"), 0, emit)
		f.End(aim.ID{}, emit)
		if fmt.Sprint(got) != "[123 qr 456 code128]" {
			t.Errorf("%s: got %q", s, got)
		}
	}
}

func TestGapIsLongerWhereSilenceDoesNotEndALabel(t *testing.T) {
	for _, tc := range []struct {
		cfg         Framing
		first, then time.Duration // before and after a label with CR
	}{
		{Framing{}, DefaultIdleGap, stallGaps * DefaultIdleGap},
		{Framing{IdleGap: time.Second}, time.Second, stallGaps * time.Second},
		{Framing{Suffix: SuffixNone}, DefaultIdleGap, DefaultIdleGap},
		{Framing{Suffix: SuffixCR}, stallGaps * DefaultIdleGap, stallGaps * DefaultIdleGap},
	} {
		f, err := NewFramer(tc.cfg)
		if err != nil {
			t.Fatal(err)
		}
		first := f.Gap()
		f.Feed([]byte("1\r"), 0, func(Frame) {})
		if first != tc.first || f.Gap() != tc.then {
			t.Errorf("%+v: gap %v, then %v", tc.cfg, first, f.Gap())
		}
		f.Reset(func(Frame) {})
		if f.Gap() != tc.first {
			t.Errorf("%+v: a new connection remembers the old one's suffix", tc.cfg)
		}
	}
}

func TestBadFramingIsNamed(t *testing.T) {
	_, err := NewFramer(Framing{Suffix: "bell", AIM: "maybe", IdleGap: -1, MaxLength: -1, Prefix: "a\r"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{`suffix "bell"`, "auto, cr, lf, crlf, tab, etx, none", `aim "maybe"`, "auto, strip, none", "idle gap", "maximum length", "prefix"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in:\n%v", part, err)
		}
	}
}

func TestFramingErrorsSayWhatToDo(t *testing.T) {
	for _, f := range []FramingFault{FaultOverlong, FaultCutOff, FaultNoPrefix} {
		e := &FramingError{Fault: f, Bytes: 77}
		if !strings.Contains(e.Error(), "77 bytes") || e.Hint() == "" {
			t.Errorf("%s: %v / %s", f, e, e.Hint())
		}
	}
}

func TestMemoryStaysWithinOneLabel(t *testing.T) {
	f, err := NewFramer(Framing{})
	if err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte("7"), 4096)
	for range 1000 {
		f.Feed(chunk, 0, func(Frame) { t.Error("a frame out of an endless run") })
	}
	if c := cap(f.raw); c > 2*f.limit {
		t.Errorf("%d bytes held for 4 MB without an end", c)
	}
}

// FuzzFramer: any bytes, cut anywhere, under any framing give the same frames;
// no label is empty or too long, and nothing panics.
func FuzzFramer(f *testing.F) {
	for i, s := range []string{"123\r456\r\n", "\x02]C0281234567890123456\x03", "]", "#1\r#", "\r\n\x00\x02\x02\x03\t", strings.Repeat("9", 64)} {
		f.Add([]byte(s), uint64(i*7), uint8(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, cuts uint64, how uint8) {
		cfg := Framing{
			Suffix: Suffixes()[int(how)%len(Suffixes())], AIM: AIMModes()[int(how/7)%3], MaxLength: 24,
		}
		if how >= 128 {
			cfg.Prefix = "#"
		}
		frames := func(next func(rest int) int) string {
			fr, err := NewFramer(cfg)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			emit := func(f Frame) {
				if f.Err == nil && (f.Text.Len() == 0 || f.Text.Len() > cfg.MaxLength) {
					t.Errorf("label of %d bytes", f.Text.Len())
				}
				if f.Err != nil && f.Err.Bytes <= 0 {
					t.Errorf("fault of %d bytes", f.Err.Bytes)
				}
				got = append(got, describe(f))
			}
			for rest := data; len(rest) > 0; {
				n := min(next(len(rest)), len(rest))
				fr.Feed(rest[:n], 0, emit)
				rest = rest[n:]
				if cap(fr.raw) > 4*fr.limit {
					t.Fatalf("%d bytes held", cap(fr.raw))
				}
			}
			fr.Flush(emit)
			if fr.Pending() {
				t.Error("a label is pending after a flush")
			}
			return strings.Join(got, "\n")
		}
		whole := frames(func(rest int) int { return rest })
		turn := 0
		cut := frames(func(int) int { turn++; return 1 + int(cuts>>(turn%16*4)&15) })
		if whole != cut {
			t.Errorf("whole:\n%q\ncut:\n%q", whole, cut)
		}
	})
}

func BenchmarkFramer(b *testing.B) {
	f, err := NewFramer(Framing{})
	if err != nil {
		b.Fatal(err)
	}
	label := []byte("]C0281234567890123456\r\n")
	b.SetBytes(int64(len(label)))
	b.ReportAllocs()
	for b.Loop() {
		f.Feed(label, 0, func(Frame) {})
	}
}

func TestADamagedLabelIsDroppedWholeAndReportedOnce(t *testing.T) {
	for _, tc := range []struct {
		name      string
		collected string
		err       FramingError
		bytes     int
		mark      uint64
	}{
		{"nothing has come", "", FramingError{Fault: FaultDamaged}, 0, 9},
		{"half of it has come", "2812345", FramingError{Fault: FaultDamaged, Detail: "keys were lost"}, 7, 1},
		{"the transport knows of more", "28", FramingError{Fault: FaultDamaged, Bytes: 5}, 5, 1},
		{"too much has come", strings.Repeat("7", 40), FramingError{Fault: FaultDamaged}, 40, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := NewFramer(Framing{MaxLength: 20})
			if err != nil {
				t.Fatal(err)
			}
			var frames []Frame
			emit := func(fr Frame) { frames = append(frames, fr) }
			f.Feed([]byte(tc.collected), 1, emit)
			f.Fail(tc.err, 9, emit)
			f.Feed([]byte("6901234567892\r"), 2, emit)
			if len(frames) != 2 || frames[0].Err == nil || frames[1].Text.Reveal() != "6901234567892" {
				t.Fatalf("frames %+v", frames)
			}
			got := frames[0]
			if got.Err.Fault != FaultDamaged || got.Err.Bytes != tc.bytes || got.Mark != tc.mark ||
				!strings.Contains(got.Err.Error(), tc.err.Detail) || !strings.Contains(got.Err.Hint(), "layout") {
				t.Errorf("reported %+v: %v", got, got.Err)
			}
		})
	}
}
