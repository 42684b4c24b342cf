package survey

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"posagent/device"
	"posagent/device/maker"
	"posagent/device/usb"
	"posagent/device/usb/usbtest"
	"posagent/internal/config"
	"posagent/internal/finding"
)

// Report descriptors as far as the survey reads them: the usages of top-level
// collections (USB HID 1.11, 6.2.2).
var (
	keyboardHID = []byte{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x19, 0xe0, 0x29, 0xe7, 0x81, 0x02, 0xc0}
	scannerHID  = []byte{0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, 0x09, 0xfe, 0x81, 0x02, 0xc0}
	oemHID      = []byte{0x06, 0x45, 0xff, 0x0a, 0x00, 0x4b, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, 0x09, 0x01, 0x81, 0x02, 0xc0}
	mouseHID    = []byte{0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x05, 0x09, 0x19, 0x01, 0x29, 0x08, 0x81, 0x02, 0xc0}
)

func hidInterface(n int, descriptor []byte, input ...string) usb.Interface {
	return usb.Interface{Number: n, Class: 3, SubClass: 1, Protocol: 1, Driver: "usbhid", HID: []usb.HID{{Descriptor: descriptor, Input: input}}}
}

func acm(node string) []usb.Interface {
	return []usb.Interface{{Number: 0, Class: 2, SubClass: 2, Driver: "cdc_acm", TTY: []string{node}}, {Number: 1, Class: 10, Driver: "cdc_acm"}}
}

func all(string, bool) error  { return nil }
func none(string, bool) error { return fs.ErrPermission }

func TestWhatIsPluggedInIsTakenForWhatItIs(t *testing.T) {
	for _, tc := range []struct {
		name     string
		device   usb.Device
		access   Access
		mode     maker.Mode
		takenFor string // "": not listed
		problem  string // "": usable
		remedy   string
	}{
		{"a Honeywell in HID POS mode", usb.Device{VID: "0c2e", PID: "0b81", Interfaces: []usb.Interface{hidInterface(0, scannerHID)}}, all,
			maker.ModeHIDPOS, "a scanner in HID POS mode", "", ""},
		{"a no-name scanner in HID POS mode", usb.Device{VID: "abcd", PID: "0001", Interfaces: []usb.Interface{hidInterface(0, scannerHID)}}, all,
			maker.ModeHIDPOS, "a scanner in HID POS mode", "", ""},
		{"the same without permission", usb.Device{VID: "abcd", PID: "0001", Interfaces: []usb.Interface{hidInterface(0, scannerHID)}}, none,
			maker.ModeHIDPOS, "a scanner in HID POS mode", "may not open", "lines of its own for abcd:0001"},
		{"a Zebra as keyboard", usb.Device{VID: "05e0", PID: "1200", Interfaces: []usb.Interface{hidInterface(0, keyboardHID, "event5")}}, all,
			maker.ModeKeyboard, "a scanner in keyboard mode", "", ""},
		{"somebody's keyboard", usb.Device{VID: "046d", PID: "c31c", Interfaces: []usb.Interface{hidInterface(0, keyboardHID, "event3")}}, all,
			maker.ModeKeyboard, "a keyboard, perhaps a scanner in keyboard mode", "", ""},
		{"a mouse", usb.Device{VID: "046d", PID: "c077", Interfaces: []usb.Interface{hidInterface(0, mouseHID, "event4")}}, all, "", "", "", ""},
		{"a Zebra in IBM mode", usb.Device{VID: "05e0", PID: "1300", Interfaces: []usb.Interface{hidInterface(0, oemHID)}}, all,
			maker.ModeOEM, "a scanner in IBM or OEM mode, which cannot be read", "cannot be read", `"USB CDC Host" is serial mode`},
		{"a Zebra in SNAPI mode", usb.Device{VID: "05e0", PID: "1900", Interfaces: []usb.Interface{{Class: 0xff}}}, all,
			maker.ModeVendor, "a scanner in a mode of its maker's own, which cannot be read", "cannot be read", "HID POS or serial mode"},
		{"a Zebra as serial port", usb.Device{VID: "05e0", PID: "1701", Interfaces: acm("ttyACM0")}, all,
			maker.ModeSerial, "a scanner in serial mode", "", ""},
		{"the same without permission", usb.Device{VID: "05e0", PID: "1701", Interfaces: acm("ttyACM0")}, none,
			maker.ModeSerial, "a scanner in serial mode", "may not open", "dialout"},
		{"the same without a driver", usb.Device{VID: "05e0", PID: "1701", Interfaces: []usb.Interface{{Class: 2, SubClass: 2}}}, all,
			maker.ModeSerial, "a scanner in serial mode", "no kernel driver", "modprobe cdc_acm"},
		{"an adapter", usb.Device{VID: "0403", PID: "6001", Interfaces: []usb.Interface{{Class: 0xff, Driver: "ftdi_sio", TTY: []string{"ttyUSB0"}}}}, all,
			maker.ModeSerial, "a serial port, perhaps a scanner's", "", ""},
		{"a modem without a driver", usb.Device{VID: "12d1", PID: "1001", Interfaces: []usb.Interface{{Class: 2}}}, all, "", "", "", ""},
		{"a memory stick", usb.Device{VID: "0781", PID: "5567", Interfaces: []usb.Interface{{Class: 8}}}, all, "", "", "", ""},
		{"a scanner that a killed program had", usb.Device{VID: "05e0", PID: "1200", Interfaces: []usb.Interface{{Class: 3, SubClass: 1, Protocol: 1}}}, all,
			maker.ModeKeyboard, "a scanner in keyboard mode", "no kernel driver", "posagent scanner release"},
		{"a Newland that a killed program had", usb.Device{VID: "1eab", PID: "0d10", Interfaces: []usb.Interface{{Class: 3}}}, all,
			maker.ModeHIDPOS, "a scanner in HID POS mode", "no kernel driver", "posagent scanner release"},
		{"a scanner that a program has", usb.Device{VID: "1eab", PID: "0d10", Interfaces: []usb.Interface{{Class: 3, Driver: "usbfs"}}}, all,
			maker.ModeHIDPOS, "a scanner in HID POS mode", "another program has it", "posagent's own service"},
		{"a no-name scanner that a program has", usb.Device{VID: "abcd", PID: "0001", Interfaces: []usb.Interface{{Class: 3, Driver: "usbfs"}}}, all,
			"", "a HID device that a program has, perhaps a scanner", "another program has it", "posagent's own service"},
		{"a keyboard without an input device", usb.Device{VID: "05e0", PID: "1200", Interfaces: []usb.Interface{hidInterface(0, keyboardHID)}}, all,
			maker.ModeKeyboard, "a scanner in keyboard mode", "no input device", "modprobe usbhid evdev"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr := usbtest.New(t)
			tc.device.Path = "3-1"
			tr.Plug(tc.device)
			got, err := Look(tr.System, tc.access)
			if err != nil {
				t.Fatal(err)
			}
			if tc.takenFor == "" {
				if len(got) != 0 {
					t.Fatalf("listed as %+v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("listed as %+v", got)
			}
			c := got[0]
			if c.Mode != tc.mode || c.TakenFor() != tc.takenFor {
				t.Errorf("mode %q, taken for %s", c.Mode, c.TakenFor())
			}
			if c.Usable() != (tc.problem == "") || !strings.Contains(c.Problem, tc.problem) || !strings.Contains(c.Remedy, tc.remedy) {
				t.Errorf("problem %q, remedy %q", c.Problem, c.Remedy)
			}
			if !c.Usable() && c.Remedy == "" {
				t.Error("a problem without a remedy")
			}
		})
	}
}

func TestACompositeScannerIsListedByFunction(t *testing.T) {
	tr := usbtest.New(t)
	tr.Plug(usb.Device{Path: "3-1", VID: "0c2e", PID: "0b6a", Serial: "A1", Interfaces: []usb.Interface{
		hidInterface(0, keyboardHID, "event5"), hidInterface(1, scannerHID),
	}})
	got, err := Look(tr.System, all)
	if err != nil || len(got) != 2 || got[0].Mode != maker.ModeKeyboard || got[1].Mode != maker.ModeHIDPOS {
		t.Fatalf("%+v, %v", got, err)
	}
	if n := got[1].Nodes; len(n) != 1 || !strings.HasSuffix(n[0], "/bus/usb/003/002") {
		t.Errorf("HID POS is read through %v", n)
	}
	if n := got[0].Nodes; len(n) != 1 || !strings.HasSuffix(n[0], "/input/event5") {
		t.Errorf("the keyboard is read through %v", n)
	}
}

func TestABlockOfTheConfigurationFindsItsScannerAgain(t *testing.T) {
	for _, tc := range []struct {
		name    string
		devices []usb.Device
		want    string
	}{
		{"by ids", []usb.Device{{Path: "3-1", VID: "abcd", PID: "0001", Interfaces: []usb.Interface{hidInterface(0, scannerHID)}}},
			"[[scanner]]\nname = \"scanner\"\ntype = \"hid\"\nmatch = { vid = \"abcd\", pid = \"0001\" }\n"},
		{"by serial number", []usb.Device{{Path: "3-1", VID: "05e0", PID: "1701", Serial: "S/1 \"x\"", Product: "Symbol Bar Code Scanner DS9308 (CDC)", Interfaces: acm("ttyACM0")}},
			"[[scanner]]\nname = \"symbol-bar-code-scanner-ds9308-c\"\ntype = \"serial\"\nmatch = { vid = \"05e0\", pid = \"1701\", serial = 'S/1 \"x\"' }\n"},
		{"by socket, where two are the same", []usb.Device{
			{Path: "3-1.2", VID: "05e0", PID: "1200", Interfaces: []usb.Interface{hidInterface(0, keyboardHID, "event5")}},
			{Path: "3-1.3", VID: "05e0", PID: "1200", Interfaces: []usb.Interface{hidInterface(0, keyboardHID, "event6")}},
		}, "[[scanner]]\nname = \"zebra-symbol\"\ntype = \"hid\"\nmatch = { vid = \"05e0\", pid = \"1200\", usb_path = \"3-1.2\" }\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr := usbtest.New(t)
			for _, d := range tc.devices {
				tr.Plug(d)
			}
			got, err := Look(tr.System, all)
			if err != nil || len(got) != len(tc.devices) {
				t.Fatalf("%+v, %v", got, err)
			}
			s := got[0].Scanner()
			if block := Block(s); block != tc.want {
				t.Errorf("got\n%swant\n%s", block, tc.want)
			}
			if mine := belonging(s, device.Location{}, got); len(mine) != 1 || mine[0].USBPath != tc.devices[0].Path {
				t.Errorf("the block means %+v", mine)
			}
			if d, err := tr.One(usb.Match{VID: s.Match.VID, PID: s.Match.PID, Serial: s.Match.Serial, Path: s.Match.USBPath}); err != nil || d.Path != tc.devices[0].Path {
				t.Errorf("the block finds %v, %v", d, err)
			}
		})
	}
}

func TestABlockSaysWhatIsNotUsual(t *testing.T) {
	s := config.DefaultScanner()
	s.Name, s.Type, s.Port, s.Baud, s.Prefix, s.Layout, s.IdleGap, s.Enabled = "a", config.ScannerSerial, `C:\x`, 115200, "\x02", "fr", 2e9, false
	want := "[[scanner]]\nname = \"a\"\nenabled = false\ntype = \"serial\"\nport = 'C:\\x'\nlayout = \"fr\"\nbaud = 115200\nprefix = \"\\u0002\"\nidle_gap = \"2s\"\n"
	if got := Block(s); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// lookout is a driver that only looks.
type lookout struct {
	device.Driver
	at  device.Location
	err error
}

func (l lookout) Find() (device.Location, error) { return l.at, l.err }

func TestAScannerThatIsNotUsableGetsAReasonAndARemedy(t *testing.T) {
	absent := &device.Error{Op: "find", Port: "USB 05e0:1701", Kind: device.KindAbsent, Hint: "plug it in"}
	for _, tc := range []struct {
		name    string
		devices []usb.Device
		scanner config.Scanner
		driver  lookout
		access  Access
		want    []string // check verdict, then parts of detail and remedy
	}{
		{"ready in HID POS mode", []usb.Device{{Path: "3-1", VID: "0c2e", PID: "0b81", Interfaces: []usb.Interface{hidInterface(0, scannerHID)}}},
			config.Scanner{Type: config.ScannerHID, Match: config.Match{VID: "0c2e", PID: "0b81"}}, lookout{at: device.Location{Path: "3-1:1.0"}}, all,
			[]string{"found pass", "mode pass", "access pass"}},
		{"in keyboard mode", []usb.Device{{Path: "3-1", VID: "0c2e", PID: "0204", Interfaces: []usb.Interface{hidInterface(0, keyboardHID, "event5")}}},
			config.Scanner{Type: config.ScannerHID, Match: config.Match{VID: "0c2e", PID: "0204"}}, lookout{at: device.Location{Path: "event5"}}, all,
			[]string{"found pass", "mode warn PAP131", "access pass"}},
		{"serial by port", []usb.Device{{Path: "3-1", VID: "0403", PID: "6001", Interfaces: []usb.Interface{{Class: 0xff, Driver: "ftdi_sio", TTY: []string{"ttyUSB0"}}}}},
			config.Scanner{Type: config.ScannerSerial, Port: "/dev/ttyUSB0"}, lookout{at: device.Location{Path: "DEV/ttyUSB0"}}, none,
			[]string{"found pass", "mode pass", "access fail dialout"}},
		{"RS-232", nil, config.Scanner{Type: config.ScannerSerial, Port: "/dev/ttyS0"}, lookout{at: device.Location{Path: "/dev/ttyS0"}}, all,
			[]string{"found pass"}},
		{"not there", nil, config.Scanner{Type: config.ScannerSerial, Match: config.Match{VID: "05e0", PID: "1701"}}, lookout{err: absent}, all,
			[]string{"found fail plug it in"}},
		{"there in serial mode, looked for in HID mode", []usb.Device{{Path: "3-1", VID: "05e0", PID: "1701", Interfaces: acm("ttyACM0")}},
			config.Scanner{Type: config.ScannerHID, Match: config.Match{VID: "05e0", PID: "1701"}}, lookout{err: absent}, all,
			[]string{`found fail type = "serial"`}},
		{"there in keyboard mode, looked for as serial port", []usb.Device{{Path: "3-1", VID: "05e0", PID: "1200", Interfaces: []usb.Interface{hidInterface(0, keyboardHID, "event5")}}},
			config.Scanner{Type: config.ScannerSerial, Match: config.Match{VID: "05e0", PID: "1200"}}, lookout{err: absent}, all,
			[]string{`found fail type = "hid"`}},
		{"there in a mode that cannot be read", []usb.Device{{Path: "3-1", VID: "05e0", PID: "1300", Interfaces: []usb.Interface{hidInterface(0, oemHID)}}},
			config.Scanner{Type: config.ScannerHID, Match: config.Match{VID: "05e0", PID: "1300"}}, lookout{err: errors.New("no")}, all,
			[]string{"found fail plug the scanner in", "access fail USB CDC Host"}},
		{"a no-name one held by the service", []usb.Device{{Path: "3-1", VID: "abcd", PID: "0001", Interfaces: []usb.Interface{{Class: 3, Driver: "usbfs"}}}},
			config.Scanner{Type: config.ScannerHID, Match: config.Match{VID: "abcd", PID: "0001"}}, lookout{at: device.Location{Path: "3-1:1.0"}}, all,
			[]string{"found pass", "access warn another program has it"}},
		{"held by the service", []usb.Device{{Path: "3-1", VID: "1eab", PID: "0d10", Interfaces: []usb.Interface{{Class: 3, Driver: "usbfs"}}}},
			config.Scanner{Type: config.ScannerHID, Match: config.Match{VID: "1eab", PID: "0d10"}}, lookout{at: device.Location{Path: "3-1:1.0"}}, all,
			[]string{"found pass", "mode pass", "access warn another program has it"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr := usbtest.New(t)
			for _, d := range tc.devices {
				tr.Plug(d)
			}
			tc.driver.at.Path = strings.Replace(tc.driver.at.Path, "DEV", tr.Dev, 1)
			found, err := Look(tr.System, tc.access)
			if err != nil {
				t.Fatal(err)
			}
			got := Diagnose(tc.scanner, tc.driver, found)
			if len(got) != len(tc.want) {
				t.Fatalf("findings %+v, want %v", got, tc.want)
			}
			for i, f := range got {
				words := strings.SplitN(tc.want[i], " ", 3)
				if f.Check != words[0] || string(f.Verdict) != words[1] || len(words) > 2 && !strings.Contains(f.Detail+f.Remedy, words[2]) {
					t.Errorf("finding %+v, want %s", f, tc.want[i])
				}
				if f.Verdict == finding.Fail && f.Remedy == "" {
					t.Errorf("%+v has no remedy", f)
				}
			}
		})
	}
}

func TestTheUsersNameHasNoDomain(t *testing.T) {
	if slices.Contains([]byte(whoami()), '\\') {
		t.Error(whoami())
	}
}
