package serial

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"posagent/device"
	"posagent/device/usb"
	"posagent/device/usb/usbtest"
)

// acm is a USB-CDC scanner with a port on each of its first interfaces.
func acm(path, serial string, ttys ...string) usb.Device {
	d := usb.Device{Path: path, VID: "0c2e", PID: "0CAA", Serial: serial, Manufacturer: "Honeywell", Product: "Voyager"}
	for n, tty := range ttys {
		d.Interfaces = append(d.Interfaces,
			usb.Interface{Number: 2 * n, Class: 2, SubClass: 2, Protocol: 1, Driver: "cdc_acm", TTY: []string{tty}},
			usb.Interface{Number: 2*n + 1, Class: 10, Driver: "cdc_acm"})
	}
	return d
}

// old is a scanner, or its adapter, with a driver of usbserial.
func old(path, vid, pid, driver, tty string) usb.Device {
	return usb.Device{Path: path, VID: vid, PID: pid, Interfaces: []usb.Interface{{Class: 255, Driver: driver, TTY: []string{tty}}}}
}

func matching(t *testing.T, tr *usbtest.Tree, m Match) *Driver {
	t.Helper()
	d, err := New(Config{Match: m, SysRoot: tr.Sys, DevRoot: tr.Dev})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAScannerIsFoundByItsUSBIds(t *testing.T) {
	second := 2
	tr := usbtest.New(t)
	tr.Plug(acm("1-1", "A1", "ttyACM0"))
	tr.Plug(acm("1-3", "B2", "ttyACM1"))
	tr.Plug(old("1-2", "0403", "6001", "ftdi_sio", "ttyUSB0"))
	tr.Plug(old("1-4", "05e0", "0600", "symbolserial", "ttyUSB1"))
	tr.Plug(old("1-5", "065a", "0009", "opticon", "ttyUSB2"))
	tr.Plug(old("1-6", "0c2e", "0700", "metro-usb", "ttyUSB3"))
	base := acm("1-7", "C3", "ttyACM2", "ttyACM3")
	base.PID = "0cab"
	tr.Plug(base)
	for _, tc := range []struct {
		name  string
		match Match
		tty   string
	}{
		{"by vendor, product and serial number", Match{VID: "0c2e", PID: "0caa", Serial: "B2"}, "ttyACM1"},
		{"ids in capitals and with 0x", Match{VID: "0x0C2E", PID: "0CAA", Serial: "A1"}, "ttyACM0"},
		{"by its socket", Match{VID: "0c2e", PID: "0caa", Path: "1-3"}, "ttyACM1"},
		{"by its interface", Match{VID: "0c2e", PID: "0cab", Interface: &second}, "ttyACM3"},
		{"an adapter", Match{VID: "0403", PID: "6001"}, "ttyUSB0"},
		{"an old Symbol", Match{VID: "05e0", PID: "0600"}, "ttyUSB1"},
		{"an old Opticon", Match{VID: "065a", PID: "0009"}, "ttyUSB2"},
		{"an old Metrologic", Match{VID: "0c2e", PID: "0700"}, "ttyUSB3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			loc, err := matching(t, tr, tc.match).Find()
			if err != nil || loc.Path != filepath.Join(tr.Dev, tc.tty) || !strings.Contains(loc.Detail, ":") {
				t.Errorf("found %+v, %v", loc, err)
			}
		})
	}
}

func TestAScannerThatIsNotFoundIsExplained(t *testing.T) {
	tr := usbtest.New(t)
	keyboard := usb.Device{Path: "1-1", VID: "05e0", PID: "1200", Product: "Bar Code Scanner", Interfaces: []usb.Interface{{Class: 3, Driver: "usbhid"}}}
	tr.Plug(keyboard)
	tr.Plug(acm("1-2", "", "ttyACM0"))
	tr.Plug(acm("1-3", "", "ttyACM1"))
	base := acm("1-7", "C3", "ttyACM2", "ttyACM3")
	base.PID = "0cab"
	tr.Plug(base)
	for _, tc := range []struct {
		name  string
		match Match
		kind  device.Kind
		text  string
		hint  string
	}{
		{"nothing of the kind", Match{VID: "1eab", PID: "0006"}, device.KindAbsent, "1eab:0006", "plug the scanner in"},
		{"another serial number", Match{VID: "0c2e", PID: "0caa", Serial: "C3"}, device.KindAbsent, "0c2e:0caa serial C3", ""},
		{"in keyboard mode", Match{VID: "05e0", PID: "1200"}, device.KindAbsent, "Bar Code Scanner 05e0:1200 at usb 1-1 has no serial port", "USB-COM"},
		{"set to another mode", Match{VID: "05e0", PID: "1701"}, device.KindAbsent, "of the same maker there is Bar Code Scanner 05e0:1200", "match.pid"},
		{"two of one kind", Match{VID: "0c2e", PID: "0caa"}, device.KindFaulty, "ttyACM0 (usb 1-2)", "match.usb_path (1-2 or 1-3)"},
		{"one with two ports", Match{VID: "0c2e", PID: "0cab"}, device.KindFaulty, "2 ports match", "by-id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := matching(t, tr, tc.match).Find()
			var e *device.Error
			if !errors.As(err, &e) || e.Kind != tc.kind || !strings.Contains(err.Error(), tc.text) || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("error %v, hint %+v; want %s with %q and %q", err, e, tc.kind, tc.text, tc.hint)
			}
		})
	}
}

func TestAMatchThatCannotBeMeantIsNamed(t *testing.T) {
	_, err := New(Config{Match: Match{VID: "c2e", PID: "xyz", Path: "usb1"}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{`match.vid "c2e"`, `match.pid "xyz"`, `match.usb_path "usb1"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in %v", part, err)
		}
	}
}

func TestWithoutSysfsAMatchIsAFault(t *testing.T) {
	d, err := New(Config{Match: Match{VID: "0c2e", PID: "0caa"}, SysRoot: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Find(); device.KindOf(err) != device.KindFaulty {
		t.Errorf("error %v", err)
	}
}
