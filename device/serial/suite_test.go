//go:build linux

package serial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		tr.Plug(usb.Device{Path: "1-1", VID: "0c2e", PID: "0caa", Interfaces: []usb.Interface{{Class: 2, Driver: "cdc_acm", TTY: []string{tty}}}})
		for _, err := range []error{os.Remove(filepath.Join(tr.Dev, tty)), os.Symlink(s.Path(), filepath.Join(tr.Dev, tty))} {
			if err != nil {
				t.Fatal(err)
			}
		}
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
