package replay

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCaptureLinesAreEvents(t *testing.T) {
	const text = "# comment\n\n0 34 30\n1.5ms 3036 0d # behind\n2s unplug\n100ms replug\n0s 00\n"
	c, err := ParseCapture("x.capture", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Capture{
		{0, OpBytes, []byte("40")}, {1500 * time.Microsecond, OpBytes, []byte("06\r")},
		{2 * time.Second, OpUnplug, nil}, {100 * time.Millisecond, OpReplug, nil}, {0, OpBytes, []byte{0}},
	}
	if fmt.Sprint(c) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", c, want)
	}
	var out bytes.Buffer
	n, err := c.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("WriteTo: %d of %d, %v", n, out.Len(), err)
	}
	again, err := ParseCapture("again", &out)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(want) {
		t.Errorf("written and read again: %v, %v", again, err)
	}
}

func TestBadCapturesAreNamedByLine(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"5 34", `x.capture:1: "5" is not a delay`},
		{"\n-1s 34", "x.capture:2:"},
		{"0 34\n1s", "x.capture:2: nothing after the delay"},
		{"0 3", "x.capture:1: bytes must be pairs"},
		{"0 3g", "x.capture:1: bytes must be pairs"},
		{"0 unplug\n0 34", "x.capture:2: the scanner is unplugged"},
		{"0 replug", "x.capture:1: replug without an unplug"},
		{"0 " + strings.Repeat("34", maxLine), "x.capture:1: "},
	} {
		if _, err := ParseCapture("x.capture", strings.NewReader(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.20q: %v, want %q", tc.text, err, tc.want)
		}
	}
}

// Each capture names in "#> kind label" lines what a caller who always waits
// is handed, in order.
func TestCapturesGiveTheLabelsTheyName(t *testing.T) {
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
			c, err := ParseCapture(file, bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				got := play(t, c)
				if want := named(t, string(text)); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}

func named(t *testing.T, text string) []string {
	t.Helper()
	var want []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "#> "); ok {
			s, err := strconv.Unquote(`"` + rest + `"`)
			if err != nil {
				t.Fatalf("%s: %v", rest, err)
			}
			want = append(want, s)
		}
	}
	return want
}

// play runs a Manager on the capture and takes every scan.
func play(t *testing.T, c Capture) (got []string) {
	t.Helper()
	d := NewDriver("capture", c)
	m, err := device.New(device.Options{Scanners: []device.Scanner{{Name: "lane", Driver: d}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	claim, err := m.Claim(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for {
		wait, stop := context.WithTimeout(ctx, time.Minute)
		s, err := claim.Next(wait)
		stop()
		if err != nil {
			break // a minute without a label
		}
		got = append(got, string(s.Class.Kind)+" "+s.Text.Reveal())
	}
	if !d.Done() {
		t.Error("the capture was not played to its end")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return got
}

func TestAPlaybackKeepsTheTimeOfTheRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDriver("x", Capture{
			{0, OpBytes, []byte("1")}, {250 * time.Millisecond, OpBytes, []byte("2")},
			{time.Second, OpUnplug, nil}, {2 * time.Second, OpReplug, nil}, {time.Second, OpBytes, []byte("3")},
		})
		begun := time.Now()
		var log []string
		note := func(s string) { log = append(log, fmt.Sprintf("%v %s", time.Since(begun), s)) }
		open := func() device.Port {
			loc, err := d.Find()
			if err != nil {
				t.Fatal(err)
			}
			p, err := d.Open(loc)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p := open()
		if _, err := d.Open(device.Location{}); device.KindOf(err) != device.KindBusy {
			t.Errorf("second open: %v", err)
		}
		for {
			c, err := p.Read()
			if err != nil {
				note(string(device.KindOf(err)))
				break
			}
			if len(c.Data) > 0 {
				note(string(c.Data))
			}
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if _, err := d.Open(device.Location{}); device.KindOf(err) != device.KindAbsent {
			t.Errorf("open while unplugged: %v", err)
		}
		for {
			if _, err := d.Find(); err == nil {
				note("found")
				break
			} else if device.KindOf(err) != device.KindAbsent {
				t.Fatal(err)
			}
			pass(10 * time.Millisecond)
		}
		p = open()
		for !d.Done() {
			if c, err := p.Read(); err != nil {
				t.Fatal(err)
			} else if len(c.Data) > 0 {
				note(string(c.Data))
			}
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		const want = "[0s 1 250ms 2 1.25s gone 3.26s found 4.25s 3]"
		if got := fmt.Sprint(log); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestBytesThatCameWhileNobodyReadAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDriver("x", Capture{{0, OpBytes, []byte("1")}, {time.Second, OpBytes, []byte("2")}, {time.Second, OpBytes, []byte("3")}})
		loc, _ := d.Find()
		p, err := d.Open(loc)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := p.Read(); err != nil || string(c.Data) != "1" {
			t.Fatalf("%q, %v", c.Data, err)
		}
		p.Close()
		pass(1500 * time.Millisecond)
		if p, err = d.Open(loc); err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		got := ""
		for !d.Done() {
			c, err := p.Read()
			if err != nil {
				t.Fatal(err)
			}
			got += string(c.Data)
		}
		if got != "3" {
			t.Errorf("read %q, want only what came after the open", got)
		}
	})
}

// pass lets time go by in a bubble, where nobody waits for it.
func pass(d time.Duration) { <-time.After(d) }
