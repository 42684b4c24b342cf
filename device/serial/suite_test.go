//go:build linux

package serial_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/devicetest"
	"posagent/device/serial"
	"posagent/device/usb"
	"posagent/device/usb/usbtest"
)

func TestTheDriverKeepsTheContract(t *testing.T) {
	for _, c := range devicetest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			s := virtual(t)
			c.Check(t, devicetest.Rig{
				Driver: configured(t, serial.Config{Port: s.Path()}).Driver, Send: s.Send,
				Received: func(label string) string { return label + "\r" }, Unplug: s.Unplug, Replug: s.Replug,
			})
		})
	}
}

func TestAPortThatAnotherAgentHasIsBusyUntilItIsFree(t *testing.T) {
	s := virtual(t)
	other := configured(t, serial.Config{Port: s.Path()}).Driver
	loc, err := other.Find()
	if err != nil {
		t.Fatal(err)
	}
	port, err := other.Open(loc)
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
	h := r.waitState(t, device.StateBusy)
	if !strings.Contains(h.Hint, "fuser") || h.Advice == "" {
		t.Errorf("health %+v", h)
	}
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	r.waitState(t, device.StateReady)
	got := r.next(t, r.claim(t))
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

func TestAMissingPortIsAbsentUntilItIsThere(t *testing.T) {
	s := virtual(t)
	if err := s.Unplug(); err != nil {
		t.Fatal(err)
	}
	r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
	// Absent without an error is the state before the first look.
	h := r.waitHealth(t, 0, func(h device.Health) bool { return h.LastError != "" })
	if h.State != device.StateAbsent || !strings.Contains(h.Hint, "by-id") {
		t.Errorf("health %+v", h)
	}
	if err := s.Replug(); err != nil {
		t.Fatal(err)
	}
	r.waitState(t, device.StateReady)
}

func TestAScannerMatchedByItsIdsIsFoundAgainUnderAnotherName(t *testing.T) {
	s := virtual(t)
	tr := usbtest.New(t)
	plug := func(tty string) {
		t.Helper()
		plugACM(t, tr, "1-1", tty, s.Path())
	}
	plug("ttyACM0")
	r := run(t, configured(t, serial.Config{Name: "lane", Match: serial.Match{VID: "0c2e", PID: "0caa"}, DevRoot: tr.Dev, SysRoot: tr.Sys}))
	if h := r.waitState(t, device.StateReady); h.Port != filepath.Join(tr.Dev, "ttyACM0") || h.Detail != "0c2e:0caa" {
		t.Errorf("health %+v", h)
	}
	tr.Unplug("1-1")
	if err := s.Unplug(); err != nil {
		t.Fatal(err)
	}
	r.waitState(t, device.StateAbsent)
	if err := s.Replug(); err != nil {
		t.Fatal(err)
	}
	plug("ttyACM1")
	if h := r.waitState(t, device.StateReady); h.Port != filepath.Join(tr.Dev, "ttyACM1") {
		t.Errorf("health %+v", h)
	}
	got := r.next(t, r.claim(t))
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

// The rhythm of the looks is an hour here: the watcher alone brings the scanner
// back.
func TestAWatcherBringsAReplacedScannerBack(t *testing.T) {
	s := virtual(t)
	tr := usbtest.New(t)
	w := usb.NewWatcher(usb.WatchOptions{System: tr.System, PollEvery: 20 * time.Millisecond})
	scanner := configured(t, serial.Config{Name: "lane", Match: serial.Match{VID: "0c2e", PID: "0caa"}, DevRoot: tr.Dev, SysRoot: tr.Sys})
	r := runWith(t, device.Options{Scanners: []device.Scanner{scanner}, FindEvery: time.Hour, FindAfterLoss: time.Hour, Plugged: w.Changes()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	r.waitHealth(t, 0, func(h device.Health) bool { return h.LastError != "" })
	got := r.next(t, r.claim(t))
	plugACM(t, tr, "2-1.4", "ttyACM7", s.Path())
	if h := r.waitState(t, device.StateReady); h.Port != filepath.Join(tr.Dev, "ttyACM7") {
		t.Errorf("health %+v", h)
	}
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

// plugACM plugs a scanner into a tree whose port is a pseudo-terminal.
func plugACM(t *testing.T, tr *usbtest.Tree, path, tty, terminal string) {
	t.Helper()
	// First the terminal: a watcher may be looking.
	if err := os.Symlink(terminal, filepath.Join(tr.Dev, tty)); err != nil {
		t.Fatal(err)
	}
	tr.Plug(usb.Device{Path: path, VID: "0c2e", PID: "0caa", Interfaces: []usb.Interface{{Class: 2, Driver: "cdc_acm", TTY: []string{tty}}}})
}
