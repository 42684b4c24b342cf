package survey

import (
	"strings"
	"testing"
	"time"

	"posagent/device/aim"
	"posagent/device/decode"
	"posagent/device/keyboard"
	"posagent/device/replay"
	"posagent/internal/config"
	"posagent/internal/finding"
)

const label = "4006381333931"

// typed is a label as it comes from a line, character by character.
func typed(after time.Duration, text string, gap time.Duration) replay.Capture {
	var c replay.Capture
	for i, b := range []byte(text) {
		e := replay.Event{After: gap, Op: replay.OpBytes, Data: []byte{b}}
		if i == 0 {
			e.After = after
		}
		c = append(c, e)
	}
	return c
}

func times(n int, text string) replay.Capture {
	var c replay.Capture
	for range n {
		c = append(c, typed(2*time.Second, text, 2*time.Millisecond)...)
	}
	return c
}

func ended(data string, id string) replay.Event {
	parsed, _, _ := aim.Parse(id)
	return replay.Event{After: time.Second, Op: replay.OpBytes, Data: []byte(data), End: true, AIM: parsed}
}

func TestARecordingTellsHowAScannerIsSet(t *testing.T) {
	serial := config.DefaultScanner()
	serial.Type = config.ScannerSerial
	with := func(change func(*config.Scanner)) config.Scanner {
		s := serial
		change(&s)
		return s
	}
	hid := with(func(s *config.Scanner) { s.Type = config.ScannerHID })
	for _, tc := range []struct {
		name    string
		scanner config.Scanner
		capture replay.Capture
		code    string
		want    []string // verdict check, then a part of detail and remedy
	}{
		{"as from the factory", serial, times(3, label+"\r"), label, []string{"pass labels 3 read", "pass suffix cr", "pass gap 2ms", "warn symbology"}},
		{"with everything", serial, times(2, "\x02]E0"+label+"\r\n"), label, []string{"pass labels", "pass suffix crlf", "pass gap", "pass symbology"}},
		{"a doubled suffix", serial, times(2, label+"\r\r"), "", []string{"pass labels", "warn suffix ended twice", "pass gap", "warn symbology"}},
		{"a doubled CR LF", serial, times(2, label+"\r\n\r\n"), "", []string{"pass labels", "warn suffix ended twice", "pass gap", "warn symbology"}},
		{"no suffix", serial, times(2, label), "", []string{"pass labels", "warn suffix 200ms after", "pass gap", "warn symbology"}},
		{"no suffix where one is configured", with(func(s *config.Scanner) { s.Suffix = "cr" }), times(2, label), "", []string{"pass labels", `fail suffix suffix = "auto"`, "pass gap", "warn symbology"}},
		{"another suffix than configured", with(func(s *config.Scanner) { s.Suffix = "tab" }), times(2, label+"\r"), "", []string{"pass labels", "fail suffix cr is sent, tab is configured", "pass gap", "warn symbology"}},
		{"different suffixes", serial, append(times(1, label+"\r"), times(1, label+"\n")...), "", []string{"pass labels", "warn suffix different", "pass gap", "warn symbology"}},
		{"a prefix that is not configured", serial, times(1, "~F"+label+"\r"), label, []string{"pass labels", "pass suffix", "pass gap", `fail prefix prefix = "~F"`, "warn symbology"}},
		{"a prefix that is configured", with(func(s *config.Scanner) { s.Prefix = "~F" }), times(1, "~F"+label+"\r"), label, []string{"pass labels", "pass suffix", "pass gap", "pass prefix ~F", "warn symbology"}},
		{"a prefix and an identifier behind it", with(func(s *config.Scanner) { s.Prefix = "~F" }), times(1, "~F]E0"+label+"\r"), label, []string{"pass labels", "pass suffix", "pass gap", "pass prefix ~F", "pass symbology"}},
		{"a configured prefix that does not come", with(func(s *config.Scanner) { s.Prefix = "~F" }), times(1, label+"\r"), label, []string{"pass labels", "pass suffix", "pass gap", "fail prefix", "warn symbology"}},
		{"a configured prefix, and nobody knows what was scanned", with(func(s *config.Scanner) { s.Prefix = "~F" }), times(1, "~F"+label+"\r"), "", []string{"pass labels", "pass suffix", "pass gap", "warn symbology"}},
		{"text behind the code", serial, times(1, label+"#\r"), label, []string{"pass labels", "pass suffix", "pass gap", "fail suffix behind the code", "warn symbology"}},
		{"slow", serial, typed(0, label+"\r", 30*time.Millisecond), "", []string{"pass labels", "pass suffix", "warn gap 30ms", "warn symbology"}},
		{"HID POS", hid, replay.Capture{ended(label, "]E0")}, label, []string{"pass labels", "pass suffix beside the bytes", "pass symbology"}},
		{"HID POS, ended twice", hid, replay.Capture{ended(label, ""), {Op: replay.OpBytes, End: true}}, label, []string{"pass labels", "warn suffix ended twice", "warn symbology"}},
		{"damaged", hid, replay.Capture{{Op: replay.OpBytes, Data: []byte("40"), Damaged: true}, ended(label, "")}, label, []string{"fail labels 1 whole, 1 damaged", "pass suffix", "warn symbology"}},
		{"the wrong layout", hid, replay.Capture{ended("$))^#*!###(#!", "")}, label, []string{`fail layout layout = "fr"`, "pass suffix", "warn symbology"}},
		{"something else", serial, times(1, "281234\r"), label, []string{"fail labels did not come as it is", "pass suffix", "pass gap", "warn symbology"}},
		{"something else, then the code", serial, append(times(1, "281234\t"), times(1, label+"\r")...), label, []string{"pass labels 1 read", "pass suffix cr", "pass gap", "warn symbology"}},
		{"a payment code behind it", serial, times(1, label+"281234567890123456\r"), label, []string{"fail labels did not come as it is", "pass suffix", "pass gap", "warn symbology"}},
		{"a payment code before it", serial, times(1, "281234567890123456"+label+"\r"), label, []string{"fail labels did not come as it is", "pass suffix", "pass gap", "warn symbology"}},
		{"nothing", serial, nil, "", []string{"fail labels nothing came"}},
		{"unplugged inside a label", serial, append(typed(0, label[:5], time.Millisecond), replay.Event{Op: replay.OpUnplug}), label, []string{"fail labels did not come", "warn suffix none", "pass gap", "warn symbology"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Judge(tc.scanner, HabitsOf(tc.capture, tc.code))
			if len(got) != len(tc.want) {
				t.Fatalf("findings %+v, want %v", got, tc.want)
			}
			for i, f := range got {
				words := strings.SplitN(tc.want[i], " ", 3)
				if string(f.Verdict) != words[0] || f.Check != words[1] || len(words) > 2 && !strings.Contains(f.Detail+" "+f.Remedy, words[2]) {
					t.Errorf("finding %+v, want %s", f, tc.want[i])
				}
				if f.Verdict != finding.Pass && f.Remedy == "" {
					t.Errorf("%+v has no remedy", f)
				}
				if strings.Contains(f.Detail+f.Remedy, "281234") {
					t.Errorf("%+v repeats what was scanned", f)
				}
			}
		})
	}
}

// What another layout makes of the digits is public knowledge: AZERTY has them
// on Shift.
func TestTheLayoutOfAScannerIsGuessedFromWhatItTyped(t *testing.T) {
	for _, tc := range []struct {
		readBy     keyboard.Layout
		text, code string
		want       keyboard.Layout
		ok         bool
	}{
		{"us", "$))^#*!###(#!", label, "fr", true},
		{"fr", "'àà-\"_&\"\"\"ç\"&", label, "us", true},
		{"us", "Y1", "Z1", "de", true},
		{"us", label, label, "", false},
		{"us", "4006381333932", label, "", false},
		{"us", "é", label, "", false},
	} {
		got, ok := GuessLayout(tc.readBy, tc.text, tc.code)
		if got != tc.want || ok != tc.ok {
			t.Errorf("%q read by %s: %q, %v, want %q", tc.text, tc.readBy, got, ok, tc.want)
		}
	}
}

func TestACodeCameWhereNothingLongIsAroundIt(t *testing.T) {
	for text, want := range map[string]bool{
		label: true, "]E0" + label: true, "~F" + label + "#": true, label[1:]: false, "": false,
		label + "281234567890123456": false, "https://example.com/" + label: false,
	} {
		if got := Came(text, label); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !Came("anything", "") {
		t.Error("without a code everything is what was scanned")
	}
}

func TestHabitsNameTheSuffixAsTheConfigurationDoes(t *testing.T) {
	for _, s := range decode.Suffixes() {
		tail := map[decode.Suffix]string{
			decode.SuffixCR: "\r", decode.SuffixLF: "\n", decode.SuffixCRLF: "\r\n", decode.SuffixTab: "\t", decode.SuffixETX: "\x03", decode.SuffixNone: "",
		}
		text, ok := tail[s]
		if !ok {
			continue
		}
		if got, doubled := suffixOf(text); got != s || doubled {
			t.Errorf("%q is %s, doubled %v", text, got, doubled)
		}
		if got, doubled := suffixOf(text + text); got != s || doubled != (text != "") {
			t.Errorf("%q twice is %s, doubled %v", text, got, doubled)
		}
	}
}
