package replay

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/device"
	"posagent/device/aim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCaptureLinesAreEvents(t *testing.T) {
	const text = "# comment\n\n0 34 30\n1.5ms 3036 0d # behind\n2s unplug\n100ms replug\n0s 00\n0s 3435 end\n1s 34 end ]C1\n0s end\n5ms 37 damaged\n"
	c, err := ParseCapture("x.capture", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Capture{
		{After: 0, Op: OpBytes, Data: []byte("40")}, {After: 1500 * time.Microsecond, Op: OpBytes, Data: []byte("06\r")},
		{After: 2 * time.Second, Op: OpUnplug}, {After: 100 * time.Millisecond, Op: OpReplug}, {After: 0, Op: OpBytes, Data: []byte{0}},
		{Op: OpBytes, Data: []byte("45"), End: true}, {After: time.Second, Op: OpBytes, Data: []byte("4"), End: true, AIM: aim.ID{Code: 'C', Modifier: '1'}},
		{Op: OpBytes, Data: []byte{}, End: true}, {After: 5 * time.Millisecond, Op: OpBytes, Data: []byte("7"), Damaged: true},
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
		{"0 end ]C", `x.capture:1: "]C" is not an AIM identifier`},
		{"0 34 end ]C0 35", `x.capture:1: nothing can follow "end"`},
		{"0 34 damaged ]C0", `x.capture:1: nothing can follow "damaged"`},
		{"0 34 end 35 36", `x.capture:1: nothing can follow`},
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
			r, err := ParseRecording(file, bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Labels) == 0 {
				t.Fatal("no label is named")
			}
			synctest.Test(t, func(t *testing.T) {
				if got := play(t, r); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", r.Labels) {
					t.Errorf("got %q, want %q", got, r.Labels)
				}
			})
		})
	}
}

// play runs a Manager on the recording and takes every scan.
func play(t *testing.T, r Recording) (got []string) {
	t.Helper()
	d := NewDriver("capture", r.Events)
	m, err := device.New(device.Options{Scanners: []device.Scanner{{Name: "lane", Driver: d, Framing: r.Framing}}})
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
			{After: 0, Op: OpBytes, Data: []byte("1")}, {After: 250 * time.Millisecond, Op: OpBytes, Data: []byte("2")},
			{After: time.Second, Op: OpUnplug}, {After: 2 * time.Second, Op: OpReplug}, {After: time.Second, Op: OpBytes, Data: []byte("3")},
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
		d := NewDriver("x", Capture{{After: 0, Op: OpBytes, Data: []byte("1")}, {After: time.Second, Op: OpBytes, Data: []byte("2")}, {After: time.Second, Op: OpBytes, Data: []byte("3")}})
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
