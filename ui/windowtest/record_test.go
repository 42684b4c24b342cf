package windowtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRecord writes down when keys reach the window: those of a program that types as a
// scanner does, through the X server, the toolkit and a processor that does other work
// as well. POSAGENT_RECORD is the folder for the recordings, which keystream's tests
// play. The label is a made-up one.
func TestRecord(t *testing.T) {
	dir := os.Getenv("POSAGENT_RECORD")
	if dir == "" {
		t.Skip("POSAGENT_RECORD names no folder")
	}
	s := newShop(t)
	s.open()
	w := s.start()
	w.await(0, "idle")
	const label = "281234567890124394"
	for _, row := range []struct {
		name, how string
		delay     int // milliseconds between keys
		busy      bool
	}{
		{"xtest-1ms", "a key each millisecond", 1, false},
		{"xtest-8ms", "a key every 8 ms, the interval of a full-speed USB keyboard", 8, false},
		{"xtest-16ms", "a key every 16 ms: a report down and a report up", 16, false},
		{"xtest-30ms", "a key every 30 ms: a scanner with a delay between characters", 30, false},
		{"xtest-8ms-busy", "a key every 8 ms, with all processors busy", 8, true},
		{"xtest-16ms-busy", "a key every 16 ms, with all processors busy", 16, true},
	} {
		stop := func() {}
		if row.busy {
			stop = busy()
		}
		at := w.mark()
		s.display.do("type --delay %d %s", row.delay, label)
		s.display.do("key Return")
		keys := w.keys(at, len(label)+1)
		stop()
		var text strings.Builder
		fmt.Fprintf(&text, "# Recorded from an emulated keyboard: xdotool typed (XTEST), %s, through Xvfb and the real window (make window-record).\n", row.how)
		fmt.Fprintf(&text, "# A line is: milliseconds since the key before, the character (or Enter, Tab, none), the digit key it lies on, shift.\nwant scan %s\n", label)
		last := keys[0] - 1e6
		for i, k := range keys {
			name := "Enter -"
			if i < len(label) {
				name = string(label[i]) + " " + string(label[i])
			}
			fmt.Fprintf(&text, "%.1f %s\n", float64(k-last)/1e3, name)
			last = k
		}
		check(t, os.WriteFile(filepath.Join(dir, "recorded-"+row.name+".keys"), []byte(text.String()), 0o600))
		pause(3 * time.Second)
	}
}

// keys waits for so many keys, and returns when they came, in microseconds.
func (w *window) keys(since, n int) []int64 {
	w.t.Helper()
	var at []int64
	for len(at) < n {
		line := w.line(since, "key at=")
		us, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(line, "key at=")), 10, 64)
		check(w.t, err)
		at = append(at, us)
		since = w.after(since, line)
	}
	return at
}

// after is the mark behind a line.
func (w *window) after(since int, line string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return since + slices.Index(w.lines[since:], line) + 1
}

// busy keeps all processors at work until stop is called.
func busy() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	for range 2 * runtime.NumCPU() {
		workers.Go(func() {
			for ctx.Err() == nil { // to be busy is the purpose
			}
		})
	}
	return func() { cancel(); workers.Wait() }
}
