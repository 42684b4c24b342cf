package replay

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/aim"
	"posagent/device/decode"
)

func picker(seed uint64) func(int) int { return rand.New(rand.NewPCG(seed, 1)).IntN }

// A recording that is handed on plays as the one that was made: as many labels,
// of the same kinds, and none of them the real one.
func TestAHiddenRecordingPlaysTheSameAndTellsNoCode(t *testing.T) {
	files, err := filepath.Glob("testdata/*.capture")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".capture"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := ParseRecording(file, bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(20) {
				hidden, err := r.Hidden(picker(seed))
				if err != nil {
					t.Fatal(err)
				}
				synctest.Test(t, func(t *testing.T) {
					got := play(t, hidden)
					if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", hidden.Labels) {
						t.Errorf("plays as %q, names %q", got, hidden.Labels)
					}
					if len(got) != len(r.Labels) {
						t.Fatalf("%d labels %q, the real one has %d", len(got), got, len(r.Labels))
					}
					for i := range got {
						was, wasLabel, _ := strings.Cut(r.Labels[i], " ")
						is, isLabel, _ := strings.Cut(got[i], " ")
						if is != was || len(isLabel) != len(wasLabel) {
							t.Errorf("%s became %s", r.Labels[i], got[i])
						}
						if was != string(decode.KindProduct) && isLabel == wasLabel {
							t.Errorf("%s was not replaced", was)
						}
						if was == string(decode.KindPaymentCode) && isLabel[:2] != wasLabel[:2] {
							t.Errorf("a code beginning %s became one beginning %s", wasLabel[:2], isLabel[:2])
						}
					}
				})
			}
		})
	}
}

// Whatever part of a code arrives, and however the reads cut it up, its digits
// are not in the result: not as a label, not as the rest of one.
func TestNoPieceOfALabelStaysInAHiddenRecording(t *testing.T) {
	const code = "281234567890123456"
	for name, events := range map[string]Capture{
		"whole":                        {{Op: OpBytes, Data: []byte(code + "\r")}},
		"in pieces":                    {{Op: OpBytes, Data: []byte(code[:7])}, {After: time.Millisecond, Op: OpBytes, Data: []byte(code[7:] + "\r")}},
		"without an end":               {{Op: OpBytes, Data: []byte(code)}},
		"cut off by an unplug":         {{Op: OpBytes, Data: []byte(code)}, {Op: OpUnplug}, {Op: OpReplug}},
		"damaged":                      {{Op: OpBytes, Data: []byte(code), Damaged: true}},
		"ended by the transport":       {{Op: OpBytes, Data: []byte(code), End: true, AIM: aim.ID{Code: 'C', Modifier: '0'}}},
		"with prefix and identifier":   {{Op: OpBytes, Data: []byte("\x02]C0" + code + "\x03")}},
		"joined":                       {{Op: OpBytes, Data: []byte(code + code + "\r")}},
		"in the middle of other text":  {{Op: OpBytes, Data: []byte("https://example.com/pay?c=" + code + "\r")}},
		"too long":                     {{Op: OpBytes, Data: []byte(strings.Repeat("7", 8000) + code + "\r")}},
		"behind an identifier alone":   {{Op: OpBytes, Data: []byte("]C0\r" + code + "\r")}},
		"after a start that was lost":  {{Op: OpBytes, Data: []byte(code + "\x02" + "4006381333931\r")}},
		"half of it, then another one": {{Op: OpBytes, Data: []byte(code[:12])}, {After: 5 * time.Second, Op: OpBytes, Data: []byte("4006381333931\r")}},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(10) {
				r, err := Recording{Events: events, Labels: []string{"payment_code " + code}}.Hidden(picker(seed))
				if err != nil {
					t.Fatal(err)
				}
				all := []byte(r.Labels[0])
				for i, e := range r.Events {
					if len(e.Data) != len(events[i].Data) || e.After != events[i].After || e.Op != events[i].Op || e.End != events[i].End {
						t.Fatalf("event %d changed its shape: %+v", i, e)
					}
					all = append(all, e.Data...)
				}
				// Eight digits in a row cannot have stayed by chance.
				for at := 2; at+8 <= len(code); at++ {
					if bytes.Contains(all, []byte(code[at:at+8])) {
						t.Fatalf("digits %d to %d of the code stayed in %q", at, at+8, all)
					}
				}
			}
		})
	}
}

func TestTheSameLabelIsReplacedByTheSame(t *testing.T) {
	const a, b = "281234567890123456", "286543210987654321"
	c := Capture{}
	for _, label := range []string{a, b, a, "4006381333931"} {
		c = append(c, Event{After: 5 * time.Second, Op: OpBytes, Data: []byte(label + "\r\n")})
	}
	r, err := Recording{Events: c}.Hidden(picker(3))
	if err != nil {
		t.Fatal(err)
	}
	hidden := r.Events
	if string(hidden[0].Data) != string(hidden[2].Data) || string(hidden[0].Data) == string(hidden[1].Data) {
		t.Errorf("repeats are not kept: %q %q %q", hidden[0].Data, hidden[1].Data, hidden[2].Data)
	}
	if string(hidden[3].Data) != "4006381333931\r\n" {
		t.Errorf("a product's barcode became %q", hidden[3].Data)
	}
	if string(c[0].Data) != a+"\r\n" {
		t.Error("the capture itself was changed")
	}
}

func TestAStoreCodeKeepsItsHost(t *testing.T) {
	c := Capture{{Op: OpBytes, Data: []byte("https://qr.alipayplus.com/281666010007\r")}}
	hidden, err := Recording{Events: c}.Hidden(picker(1))
	if err != nil {
		t.Fatal(err)
	}
	got := string(hidden.Events[0].Data)
	if !strings.HasPrefix(got, "https://qr.alipayplus.com/") || strings.Contains(got, "281666010007") {
		t.Errorf("became %q", got)
	}
}

func TestHidingNeedsAUsableFraming(t *testing.T) {
	if _, err := (Recording{Framing: decode.Framing{Suffix: "bell"}}).Hidden(picker(1)); err == nil {
		t.Error("an unknown suffix was accepted")
	}
}

func FuzzHidden(f *testing.F) {
	f.Add([]byte("281234567890123456\r4006381333931\n"), uint8(5), true)
	f.Add([]byte("\x02]C0281234567890123456\x03"), uint8(1), false)
	f.Fuzz(func(t *testing.T, data []byte, cut uint8, end bool) {
		n := min(int(cut), len(data))
		c := Capture{{Op: OpBytes, Data: data[:n], End: end}, {After: time.Second, Op: OpBytes, Data: data[n:]}}
		hidden, err := Recording{Events: c}.Hidden(picker(uint64(cut)))
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range hidden.Events {
			if len(e.Data) != len(c[i].Data) {
				t.Fatalf("event %d has %d bytes for %d", i, len(e.Data), len(c[i].Data))
			}
			for j, b := range e.Data {
				if was := c[i].Data[j]; b != was && fmt.Sprintf("%q", was) != fmt.Sprintf("%q", b) && was < '0' {
					t.Fatalf("%q became %q", was, b)
				}
			}
		}
	})
}
