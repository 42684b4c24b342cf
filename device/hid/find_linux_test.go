package hid

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
	"posagent/device/devicetest"
	"posagent/device/usb"
	"posagent/device/usb/usbtest"
)

// The descriptors are composed from the documented layouts.
const (
	posDescriptor = `05 8c 09 02 a1 01 85 02 09 12 a1 02 15 00 26 ff 00 75 08 95 01 05 01 09 3b 81 02
		05 8c 95 03 09 fb 09 fc 09 fd 81 02 95 38 09 fe 82 02 01
		95 02 06 66 ff 09 04 09 00 81 02 05 8c 25 01 75 01 95 01 09 ff 81 02 75 07 81 03 c0
		85 fe 06 66 ff 15 00 26 ff 00 75 08 95 01 09 14 b1 02 c0`
	keyboardDescriptor = `05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01
		95 06 75 08 15 00 25 65 05 07 19 00 29 65 81 00 c0`
	ibmDescriptor   = `06 45 ff 0a 00 4b a1 01 75 08 95 40 15 00 26 ff 00 09 00 81 02 c0`
	mouseDescriptor = `05 01 09 02 a1 01 75 08 95 03 81 06 c0`
	badDescriptor   = `05 8c 09 02 a1 01 26 ff`
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// function is a HID interface with a descriptor.
func function(t *testing.T, number int, descriptor string) usb.Interface {
	return usb.Interface{Number: number, Class: usb.ClassHID, Driver: "usbhid", HID: []usb.HID{{Descriptor: unhex(t, descriptor)}}}
}

func scanner(at string, interfaces ...usb.Interface) usb.Device {
	return usb.Device{Path: at, VID: "0c2e", PID: "0b6a", Manufacturer: "Honeywell", Product: "Voyager", Interfaces: interfaces}
}

// typist stands for the driver of keyboard mode.
type typist struct{ opened []device.Location }

func (*typist) Kind() string { return "keyboard" }
func (*typist) Find() (device.Location, error) {
	return device.Location{Path: "/dev/input/event5", Detail: "keyboard mode"}, nil
}
func (k *typist) Open(loc device.Location) (device.Port, error) {
	k.opened = append(k.opened, loc)
	return nil, nil
}

func driver(t *testing.T, tr *usbtest.Tree, lib *fakeLibrary, match usb.Match) (*Driver, *typist) {
	t.Helper()
	match.VID, match.PID = "0c2e", "0x0B6A"
	d, err := New(Config{Match: match, System: tr.System})
	if err != nil {
		t.Fatal(err)
	}
	k := &typist{}
	d.api, d.keys = lib, k
	return d, k
}

func TestTheModeOfAScannerIsWhatItDeclares(t *testing.T) {
	one := 1
	taken := usb.Interface{Number: 0, Class: usb.ClassHID, Driver: "usbfs"}
	serial := usb.Interface{Number: 2, Class: 2, SubClass: 2, Driver: "cdc_acm", TTY: []string{"ttyACM0"}}
	for _, tc := range []struct {
		name    string
		plugged []usb.Interface
		match   usb.Match
		without bool // cgo
		path    string
		kind    device.Kind
		cause   error
		hint    string
	}{
		{name: "HID POS", plugged: []usb.Interface{function(t, 0, posDescriptor)}, path: "3-1:1.0"},
		{name: "HID POS beside a keyboard", plugged: []usb.Interface{function(t, 0, keyboardDescriptor), function(t, 1, posDescriptor)}, path: "3-1:1.1"},
		{name: "two of HID POS: the first", plugged: []usb.Interface{function(t, 1, posDescriptor), function(t, 0, posDescriptor)}, path: "3-1:1.0"},
		{name: "two of HID POS, one is meant", plugged: []usb.Interface{function(t, 1, posDescriptor), function(t, 0, posDescriptor)}, match: usb.Match{Interface: &one}, path: "3-1:1.1"},
		{name: "HID POS beside a keyboard that somebody has", plugged: []usb.Interface{taken, function(t, 1, posDescriptor)}, path: "3-1:1.1"},
		{name: "HID POS beside what cannot be read", plugged: []usb.Interface{function(t, 0, badDescriptor), function(t, 1, posDescriptor)}, path: "3-1:1.1"},
		{name: "keyboard", plugged: []usb.Interface{function(t, 0, keyboardDescriptor), serial}, path: "/dev/input/event5"},
		{name: "keyboard without cgo", plugged: []usb.Interface{function(t, 0, keyboardDescriptor)}, without: true, path: "/dev/input/event5"},
		{name: "HID POS without cgo", plugged: []usb.Interface{function(t, 0, posDescriptor)}, without: true, kind: device.KindFaulty, cause: ErrNotBuiltIn, hint: "cgo"},
		{name: "IBM hand-held", plugged: []usb.Interface{function(t, 0, ibmDescriptor)}, kind: device.KindFaulty, cause: ErrOEMMode, hint: "HID POS"},
		{name: "a serial port", plugged: []usb.Interface{serial}, kind: device.KindFaulty, cause: ErrNoScanner, hint: `type = "serial"`},
		{name: "a mouse", plugged: []usb.Interface{function(t, 0, mouseDescriptor)}, kind: device.KindFaulty, cause: ErrNoScanner, hint: "HID POS"},
		{name: "a descriptor that cannot be read", plugged: []usb.Interface{function(t, 0, badDescriptor)}, kind: device.KindFaulty, hint: "HID POS"},
		{name: "HID POS without decoded data", plugged: []usb.Interface{function(t, 0, "05 8c 09 02 a1 01 75 08 95 03 09 fb 81 02 c0")}, kind: device.KindFaulty, hint: "HID POS"},
		{name: "nothing", kind: device.KindAbsent, hint: "plug the scanner in"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr, lib := usbtest.New(t), newLibrary(t)
			lib.without = tc.without
			if tc.plugged != nil {
				tr.Plug(scanner("3-1", tc.plugged...))
			}
			d, _ := driver(t, tr, lib, tc.match)
			loc, err := d.Find()
			if tc.path != "" {
				if err != nil || loc.Path != tc.path || !strings.Contains(loc.Detail, "mode") {
					t.Errorf("found %+v, %v", loc, err)
				}
				return
			}
			e, ok := errors.AsType[*device.Error](err)
			if !ok || e.Op != "find" || e.Kind != tc.kind || !errors.Is(err, tc.cause) && tc.cause != nil || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("%+v, hint %v", err, e)
			}
			if _, err := d.Open(device.Location{}); device.KindOf(err) != device.KindAbsent {
				t.Errorf("what was not found is opened: %v", err)
			}
		})
	}
}

func TestAScannerThatAnotherProgramHasIsBusy(t *testing.T) {
	for _, without := range []bool{false, true} {
		tr, lib := usbtest.New(t), newLibrary(t)
		lib.without = without
		tr.Plug(scanner("3-1", usb.Interface{Class: usb.ClassHID, Driver: "usbfs"}))
		d, _ := driver(t, tr, lib, usb.Match{})
		loc, err := d.Find()
		if err != nil || loc.Path != "3-1:1.0" {
			t.Fatalf("%+v, %v", loc, err)
		}
		_, err = d.Open(loc)
		if e, ok := errors.AsType[*device.Error](err); !ok || e.Kind != device.KindBusy || !strings.Contains(e.Hint, "fuser -v") {
			t.Errorf("%v", err)
		}
	}
}

func TestAKeyboardIsOpenedByTheDriverOfKeyboards(t *testing.T) {
	tr, lib := usbtest.New(t), newLibrary(t)
	tr.Plug(scanner("3-1", function(t, 0, keyboardDescriptor)))
	d, k := driver(t, tr, lib, usb.Match{})
	loc, err := d.Find()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(loc); err != nil || len(k.opened) != 1 || k.opened[0] != loc {
		t.Errorf("opened %v, %v", k.opened, err)
	}
}

// One plug is many steps of the kernel, and the driver may look between them.
func TestAScannerIsNotTakenForAKeyboardBeforeAllOfItIsThere(t *testing.T) {
	half := usb.Interface{Number: 1, Class: usb.ClassHID, Driver: "usbhid"}
	for _, tc := range []struct {
		name    string
		count   string // what bNumInterfaces holds
		plugged []usb.Interface
		path    string // empty: wait
	}{
		{"the second interface is missing", " 2\n", []usb.Interface{function(t, 0, keyboardDescriptor)}, ""},
		{"the second interface is being looked at", " 2\n", []usb.Interface{function(t, 0, keyboardDescriptor), half}, ""},
		{"what the second is cannot be read yet", " 2\n", []usb.Interface{function(t, 0, keyboardDescriptor), {Number: 1, Class: usb.ClassHID, Driver: "usbhid", HID: []usb.HID{{}}}}, ""},
		{"there is but one", " 1\n", []usb.Interface{function(t, 0, keyboardDescriptor)}, "/dev/input/event5"},
		{"the first is missing, and the second is enough", " 2\n", []usb.Interface{function(t, 1, posDescriptor)}, "3-1:1.1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr, lib := usbtest.New(t), newLibrary(t)
			tr.Plug(scanner("3-1", tc.plugged...))
			if err := os.WriteFile(filepath.Join(tr.Sys, "bus/usb/devices/3-1/bNumInterfaces"), []byte(tc.count), 0o600); err != nil {
				t.Fatal(err)
			}
			d, _ := driver(t, tr, lib, usb.Match{})
			loc, err := d.Find()
			if loc.Path != tc.path || tc.path == "" && (!errors.Is(err, errComingUp) || device.KindOf(err) != device.KindFaulty) {
				t.Errorf("%+v, %v", loc, err)
			}
		})
	}
}

func TestTwoScannersOfOneModelAreToldApart(t *testing.T) {
	tr, lib := usbtest.New(t), newLibrary(t)
	tr.Plug(scanner("3-1", function(t, 0, posDescriptor)))
	tr.Plug(scanner("3-2", function(t, 0, posDescriptor)))
	d, _ := driver(t, tr, lib, usb.Match{})
	_, err := d.Find()
	if e, ok := errors.AsType[*device.Error](err); !ok || e.Kind != device.KindFaulty || !strings.Contains(e.Hint, "3-1 or 3-2") {
		t.Errorf("%v", err)
	}
	d, _ = driver(t, tr, lib, usb.Match{Path: "3-2"})
	if loc, err := d.Find(); err != nil || loc.Path != "3-2:1.0" {
		t.Errorf("%+v, %v", loc, err)
	}
}

func TestWhatTheDescriptorAndTheEndpointSayIsKept(t *testing.T) {
	tr, lib := usbtest.New(t), newLibrary(t)
	tr.Plug(scanner("3-1", function(t, 0, posDescriptor)))
	d, _ := driver(t, tr, lib, usb.Match{})
	for _, tc := range []struct {
		size string
		want int
	}{{"", 0}, {"0040\n", 64}, {"0008\n", 8}, {"1040\n", 64}, {"what\n", 0}} {
		if tc.size != "" {
			ep := filepath.Join(tr.Sys, "bus/usb/devices/3-1:1.0/ep_81")
			if err := errors.Join(os.MkdirAll(ep, 0o750), os.WriteFile(filepath.Join(ep, "wMaxPacketSize"), []byte(tc.size), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Find(); err != nil {
			t.Fatal(err)
		}
		if f := d.found; f.packet != tc.want || !f.enables || f.layout.AIM != 2 || f.layout.Code != 61 || f.node == "" {
			t.Errorf("%q: %+v", tc.size, f)
		}
	}
}

func TestAnInterfaceThatAKilledProgramLeftIsGivenBackOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, lib := usbtest.New(t), newLibrary(t)
		tr.Plug(usb.Device{Path: "1-1", VID: "dead", PID: "beef", Interfaces: []usb.Interface{function(t, 0, mouseDescriptor)}}) // brings usbhid
		tr.Plug(scanner("3-1", usb.Interface{Class: usb.ClassHID}))
		d, _ := driver(t, tr, lib, usb.Match{})
		bind := filepath.Join(tr.Sys, "bus/usb/drivers/usbhid/bind")
		look := func(wantTried bool) {
			t.Helper()
			_, err := d.Find()
			if !errors.Is(err, ErrNoDriver) || device.KindOf(err) != device.KindFaulty {
				t.Errorf("%v", err)
			}
			if tried := tr.Bound("usbhid") == "3-1:1.0"; tried != wantTried {
				t.Errorf("written to bind: %q", tr.Bound("usbhid"))
			}
			if err := os.WriteFile(bind, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		look(true)
		look(false)
		pass(repairEvery)
		look(true)
		tr.Unplug("3-1")
		tr.Plug(scanner("3-1", usb.Interface{Class: usb.ClassHID}))
		look(true) // another plug is another interface
	})
}

// The kernel is still looking at it: a second question would only hold the agent.
func TestAScannerThatWasJustPluggedInIsLeftToTheKernelForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, lib := usbtest.New(t), newLibrary(t)
		tr.Plug(usb.Device{Path: "1-1", VID: "dead", PID: "beef", Interfaces: []usb.Interface{function(t, 0, mouseDescriptor)}}) // brings usbhid
		d, _ := driver(t, tr, lib, usb.Match{})
		if _, err := d.Find(); device.KindOf(err) != device.KindAbsent {
			t.Fatalf("before the plug: %v", err)
		}
		tr.Plug(scanner("3-1", usb.Interface{Class: usb.ClassHID}))
		for _, row := range []struct {
			wait  time.Duration
			tried bool
		}{{0, false}, {kernelsOwn - time.Second, false}, {time.Second, true}} {
			pass(row.wait)
			if _, err := d.Find(); !errors.Is(err, ErrNoDriver) {
				t.Errorf("%v", err)
			}
			if tried := tr.Bound("usbhid") == "3-1:1.0"; tried != row.tried {
				t.Errorf("after %s more: written to bind: %q", row.wait, tr.Bound("usbhid"))
			}
		}
	})
}

func TestWhyAnOpenFailedIsAskedOfTheSystem(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*testing.T, *usbtest.Tree, *fakeDevice, usb.Device)
		kind  device.Kind
		hint  string
	}{
		{"the node is not there", func(t *testing.T, _ *usbtest.Tree, _ *fakeDevice, d usb.Device) {
			if err := os.Remove(d.Node); err != nil {
				t.Fatal(err)
			}
		}, device.KindAbsent, "PrivateDevices"},
		{"the node may not be opened", func(t *testing.T, _ *usbtest.Tree, _ *fakeDevice, d usb.Device) {
			if os.Geteuid() == 0 {
				t.Skip("root may open everything")
			}
			if err := os.Chmod(d.Node, 0); err != nil {
				t.Fatal(err)
			}
		}, device.KindNoPermission, "60-posagent-scanner.rules"},
		{"somebody was quicker", func(t *testing.T, tr *usbtest.Tree, dev *fakeDevice, _ usb.Device) {
			dev.openErr = errHidapi
			take(t, tr)
		}, device.KindBusy, "fuser"},
		{"it left meanwhile", func(_ *testing.T, tr *usbtest.Tree, dev *fakeDevice, d usb.Device) {
			dev.openErr = errHidapi
			// The node is still there, as it is for a moment.
			tr.Unplug("3-1")
			_ = os.WriteFile(d.Node, nil, 0o600)
		}, device.KindAbsent, "plug the scanner in"},
		{"nobody knows", func(_ *testing.T, _ *usbtest.Tree, dev *fakeDevice, _ usb.Device) {
			dev.openErr = errHidapi
		}, device.KindFaulty, "AF_NETLINK"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr, lib := usbtest.New(t), newLibrary(t)
			dev := tr.Plug(scanner("3-1", function(t, 0, posDescriptor)))
			d, _ := driver(t, tr, lib, usb.Match{})
			fake := lib.plug("3-1:1.0")
			loc, err := d.Find()
			if err != nil {
				t.Fatal(err)
			}
			tc.spoil(t, tr, fake, dev)
			_, err = d.Open(loc)
			if e, ok := errors.AsType[*device.Error](err); !ok || e.Kind != tc.kind || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("%v, hint %q", err, e.Hint)
			}
		})
	}
}

// take shows what sysfs shows while a program has the interface; give undoes it.
func take(t *testing.T, tr *usbtest.Tree) {
	t.Helper()
	iface := filepath.Join(tr.Sys, "bus/usb/devices/3-1:1.0")
	hids, err := filepath.Glob(filepath.Join(iface, "0003:*"))
	if err != nil || len(hids) != 1 {
		t.Fatalf("%v %v", hids, err)
	}
	if err := errors.Join(os.Rename(hids[0], filepath.Join(tr.Sys, "hid")), os.Remove(filepath.Join(iface, "driver")), os.Symlink("usbfs", filepath.Join(iface, "driver"))); err != nil {
		t.Fatal(err)
	}
}

func give(t *testing.T, tr *usbtest.Tree) {
	t.Helper()
	iface := filepath.Join(tr.Sys, "bus/usb/devices/3-1:1.0")
	if _, err := os.Lstat(iface); err != nil {
		_ = os.RemoveAll(filepath.Join(tr.Sys, "hid"))
		return // it was unplugged
	}
	if err := errors.Join(os.Rename(filepath.Join(tr.Sys, "hid"), filepath.Join(iface, "0003:0C2E:0B6A.0001")), os.Remove(filepath.Join(iface, "driver")), os.Symlink("usbhid", filepath.Join(iface, "driver"))); err != nil {
		t.Fatal(err)
	}
}

func TestTheDriverKeepsTheContract(t *testing.T) {
	for _, c := range devicetest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.Check(t, rig(t)) })
		})
	}
}

func rig(t *testing.T) devicetest.Rig {
	tr, lib := usbtest.New(t), newLibrary(t)
	d, _ := driver(t, tr, lib, usb.Match{})
	var fake *fakeDevice
	plug := func() error {
		tr.Plug(scanner("3-1", function(t, 0, posDescriptor)))
		fake = lib.plug("3-1:1.0")
		fake.onOpen, fake.onClose = func() { take(t, tr) }, func() { give(t, tr) }
		return nil
	}
	if err := plug(); err != nil {
		t.Fatal(err)
	}
	return devicetest.Rig{
		Driver: d, Received: func(label string) string { return label },
		Send: func(label string) error {
			for _, r := range reports(label + "\r") {
				fake.send(r)
			}
			return nil
		},
		Unplug: func() error {
			tr.Unplug("3-1")
			fake.unplug()
			return nil
		},
		Replug: plug,
	}
}
