package usb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// said is a source that says what a test gives it, and checks the contract.
type said struct {
	t      *testing.T
	events chan event
	stop   chan struct{}
	closed bool
	failed bool
}

func newSaid(t *testing.T) *said {
	return &said{t: t, events: make(chan event, 64), stop: make(chan struct{})}
}

func (s *said) next() (event, error) {
	if s.closed || s.failed {
		s.t.Error("next after an error")
	}
	select {
	case e, ok := <-s.events:
		if ok {
			return e, nil
		}
	case <-s.stop:
	}
	s.failed = true
	return event{}, io.ErrClosedPipe
}

func (s *said) interrupt() { close(s.stop) }

func (s *said) Close() error {
	if s.closed {
		s.t.Error("closed twice")
	}
	s.closed = true
	return nil
}

type watching struct {
	*Watcher
	t   *testing.T
	sys string
	log bytes.Buffer
}

// watch runs a Watcher on a source and a sysfs with one tty within a bubble.
func watch(t *testing.T, open func() (source, error)) *watching {
	t.Helper()
	w := &watching{t: t, sys: t.TempDir()}
	w.plug("class/tty/ttyS0")
	w.Watcher = NewWatcher(WatchOptions{System: System{Sys: w.sys}, Log: slog.New(slog.NewTextHandler(&w.log, nil))})
	w.open = open
	return w
}

func (w *watching) start() {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	synctest.Wait()
}

func (w *watching) plug(name string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Join(w.sys, name), 0o755); err != nil {
		w.t.Fatal(err)
	}
}

func told(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestWhatTheKernelSaysIsToldToEverybodyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSaid(t)
		w := watch(t, func() (source, error) { return src, nil })
		first, second := w.Changes(), w.Changes()
		w.start()
		if told(first) || !w.Hearing() {
			t.Fatalf("told before anything happened, or deaf (%v)", w.Hearing())
		}
		begun := time.Now()
		for range 20 { // one plug is many messages
			src.events <- event{action: "add", subsystem: "usb"}
		}
		<-first
		<-second
		if took := time.Since(begun); took != 0 {
			t.Errorf("told after %v", took)
		}
		synctest.Wait()
		told(first) // one more may have followed
		if told(first) {
			t.Error("one plug fills the channel")
		}
	})
}

func TestOnlyWhatMayBeAScannerIsTold(t *testing.T) {
	for _, tc := range []struct {
		event event
		want  bool
	}{
		{event{action: "add", subsystem: "usb"}, true},
		{event{action: "bind", subsystem: "usb"}, true},
		{event{action: "add", subsystem: "tty"}, true},
		{event{action: "change", subsystem: "tty"}, true},
		{event{action: "add", subsystem: "usb-serial"}, true},
		{event{action: "add", subsystem: "hid"}, true},
		{event{action: "add", subsystem: "hidraw"}, true},
		{event{action: "remove", subsystem: "input"}, true},
		{event{lost: true}, true},
		{event{action: "change", subsystem: "power_supply"}, false},
		{event{action: "add", subsystem: "block"}, false},
	} {
		if got := tc.event.concerns(); got != tc.want {
			t.Errorf("%+v: %v", tc.event, got)
		}
	}
}

func TestWithoutTheKernelsMessagesAChangeIsSeenByLooking(t *testing.T) {
	refused := errors.New("address family not supported by protocol")
	for _, tc := range []struct {
		name  string
		open  func(*testing.T) func() (source, error)
		lines int
	}{
		{"refused", func(*testing.T) func() (source, error) {
			return func() (source, error) { return nil, refused }
		}, 1},
		{"silent, as in a container", func(t *testing.T) func() (source, error) {
			return func() (source, error) { return newSaid(t), nil }
		}, 0},
		{"broken off", func(t *testing.T) func() (source, error) {
			s := newSaid(t)
			close(s.events)
			return func() (source, error) { return s, nil }
		}, 1},
		{"not on this system", func(*testing.T) func() (source, error) {
			return func() (source, error) { return nil, ErrUnsupported }
		}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, tc.open(t))
				changes := w.Changes()
				w.start()
				for _, name := range []string{"class/tty/ttyACM0", "bus/usb/devices/3-1", "bus/hid/devices/x", "class/input/event5", "class/hidraw/hidraw0"} {
					<-time.After(10 * time.Second)
					if told(changes) {
						t.Fatal("told although nothing changed")
					}
					w.plug(name)
					plugged := time.Now()
					<-changes
					if took := time.Since(plugged); took > DefaultPollEvery {
						t.Errorf("%s: told after %v", name, took)
					}
				}
				if got := strings.Count(w.log.String(), "\n"); got != tc.lines {
					t.Errorf("%d lines, want %d:\n%s", got, tc.lines, w.log.String())
				}
			})
		})
	}
}

func TestStoppingClosesTheSocketAndSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSaid(t)
		w := watch(t, func() (source, error) { return src, nil })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || !src.closed || w.Hearing() || w.log.Len() > 0 {
			t.Errorf("%v, closed %v, hearing %v, log %q", err, src.closed, w.Hearing(), w.log.String())
		}
	})
}
