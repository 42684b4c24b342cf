package keyboard

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posagent/device"
	"posagent/device/usb"
	"posagent/device/usb/usbtest"
)

const (
	typesKeys  = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
	volumeKeys = "e0000 0 0 0"
)

// bootKeyboard is the report descriptor of the HID specification 1.11, appendix
// B.1; hidPOS and consumer are the beginnings of such.
var (
	bootKeyboard = []byte{
		0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01,
		0x95, 0x08, 0x81, 0x02, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
	}
	hidPOS = []byte{0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x08, 0x81, 0x02, 0xc0}
)

// machine is a tree with input devices.
type machine struct {
	*usbtest.Tree
	t *testing.T
}

func newMachine(t *testing.T) machine { return machine{usbtest.New(t), t} }

// input adds what the kernel shows about an event node; home is the directory of
// the device that it belongs to, below sys.
func (m machine) input(event, home string, attributes map[string]string) {
	m.t.Helper()
	all := map[string]string{"id/bustype": "0003", "id/vendor": "05e0", "id/product": "1200", "id/version": "0110", "name": "Scanner", "uniq": "", "capabilities/key": typesKeys}
	for k, v := range attributes {
		all[k] = v
	}
	dir := filepath.Join(m.Sys, "devices/input-of-"+event)
	for file, content := range all {
		m.file(filepath.Join(dir, file), content+"\n")
	}
	if home != "" {
		m.must(os.MkdirAll(filepath.Join(m.Sys, home), 0o750))
		m.must(os.Symlink(filepath.Join(m.Sys, home), filepath.Join(dir, "device")))
	}
	m.must(os.MkdirAll(filepath.Join(m.Sys, "class/input", event), 0o750))
	m.must(os.Symlink(dir, filepath.Join(m.Sys, "class/input", event, "device")))
}

func (m machine) file(path, content string) {
	m.t.Helper()
	m.must(os.MkdirAll(filepath.Dir(path), 0o750))
	m.must(os.WriteFile(path, []byte(content), 0o600))
}

func (m machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) driver(cfg Config) *Driver {
	m.t.Helper()
	cfg.System = m.System
	d, err := New(cfg)
	m.must(err)
	return d
}

func wedge(path, serial string, interfaces ...usb.Interface) usb.Device {
	return usb.Device{Path: path, VID: "05e0", PID: "1200", Serial: serial, Manufacturer: "Symbol", Product: "Scanner", Interfaces: interfaces}
}

func boot(number int, nodes ...string) usb.Interface {
	return usb.Interface{
		Number: number, Class: 3, SubClass: 1, Protocol: 1, Driver: "usbhid",
		HID: []usb.HID{{Descriptor: bootKeyboard, Input: nodes}},
	}
}

var matched = Config{Match: usb.Match{VID: "05E0", PID: "0x1200"}}

func TestTheNodesThatTypeAreFoundAndNoOthers(t *testing.T) {
	m := newMachine(t)
	pos := usb.Interface{Number: 1, Class: 3, Driver: "usbhid", HID: []usb.HID{{Descriptor: hidPOS, Input: []string{"event7"}}}}
	m.Plug(wedge("3-1", "S1", boot(0, "event5", "event6"), pos, boot(2, "event8")))
	operator := wedge("3-2", "", boot(0, "event4"))
	operator.VID, operator.PID = "046d", "c31c"
	m.Plug(operator)
	for _, event := range []string{"event4", "event5", "event7", "event8"} {
		m.input(event, "", nil)
	}
	m.input("event6", "", map[string]string{"capabilities/key": volumeKeys})

	loc, err := m.driver(matched).Find()
	m.must(err)
	want := filepath.Join(m.Dev, "input/event5") + "," + filepath.Join(m.Dev, "input/event8")
	if loc.Path != want || loc.Detail != "Symbol Scanner 05e0:1200 serial S1 (keyboard mode, layout us)" {
		t.Errorf("found %+v", loc)
	}
	second := 2
	one := matched
	one.Match.Interface = &second
	one.Layout = LayoutFR
	loc, err = m.driver(one).Find()
	m.must(err)
	if loc.Path != filepath.Join(m.Dev, "input/event8") || !strings.HasSuffix(loc.Detail, "layout fr)") {
		t.Errorf("one interface: %+v", loc)
	}
}

func TestAScannerThatCannotBeFoundIsToldWithItsRemedy(t *testing.T) {
	withDriver := func(i usb.Interface, driver string) usb.Interface {
		i.Driver, i.HID = driver, nil
		return i
	}
	for _, tc := range []struct {
		name string
		plug func(machine)
		kind device.Kind
		text string // in the error
		hint string
	}{
		{"nothing is plugged in", func(machine) {}, device.KindAbsent, "05e0:1200", "plug"},
		{"two alike", func(m machine) {
			m.Plug(wedge("3-1", "", boot(0)))
			m.Plug(wedge("3-2", "", boot(0)))
		}, device.KindFaulty, "2 devices", "socket"},
		{"it is in another mode", func(m machine) {
			m.Plug(wedge("3-1", "", usb.Interface{Class: 3, Driver: "usbhid", HID: []usb.HID{{Descriptor: hidPOS}}}))
		}, device.KindFaulty, "not in keyboard mode", "scanner list"},
		{"it has no event node yet", func(m machine) { m.Plug(wedge("3-1", "", boot(0))) }, device.KindAbsent, "no event node", "evdev"},
		{"a program has taken it from the kernel", func(m machine) {
			m.Plug(wedge("3-1", "", withDriver(boot(0), "usbfs")))
		}, device.KindBusy, "another program", "fuser"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newMachine(t)
			tc.plug(m)
			_, err := m.driver(matched).Find()
			var e *device.Error
			if !errors.As(err, &e) || e.Op != "find" || e.Kind != tc.kind || !strings.Contains(err.Error(), tc.text) || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("%v (%+v)", err, e)
			}
		})
	}
}

// orphan is a keyboard that a killed program has left without a driver.
func (m machine) orphan() {
	i := boot(0)
	i.Driver, i.HID = "", nil
	m.Plug(wedge("3-1", "S1", i))
	m.file(filepath.Join(m.Sys, "bus/usb/drivers/usbhid/bind"), "")
}

func TestAnOrphanIsGivenBackToItsDriver(t *testing.T) {
	m := newMachine(t)
	m.orphan()
	// The tree's bind file does nothing, so the keyboard stays an orphan here.
	_, err := m.driver(matched).Find()
	if m.Bound("usbhid") != "3-1:1.0" {
		t.Errorf("wrote %q to usbhid/bind", m.Bound("usbhid"))
	}
	if !errors.Is(err, errOrphan) {
		t.Errorf("%v", err)
	}
	released, err := Release(m.System, matched.Match)
	if err != nil || len(released) != 1 || released[0] != "3-1:1.0" {
		t.Errorf("released %v, %v", released, err)
	}
	if released, err := Release(m.System, usb.Match{VID: "ffff", PID: "ffff"}); err != nil || len(released) != 0 {
		t.Errorf("others: released %v, %v", released, err)
	}
}

func TestAnOrphanThatMayNotBeGivenBackIsToldWithItsRemedy(t *testing.T) {
	for _, tc := range []struct {
		err  error
		kind device.Kind
	}{{fs.ErrPermission, device.KindNoPermission}, {errors.New("no such device"), device.KindFaulty}} {
		var e *device.Error
		if err := matched.orphaned(tc.err); !errors.As(err, &e) || e.Kind != tc.kind || !strings.Contains(e.Hint, "scanner release") || !errors.Is(err, errOrphan) {
			t.Errorf("%v", err)
		}
	}
	m := newMachine(t)
	m.orphan()
	m.must(os.Remove(filepath.Join(m.Sys, "bus/usb/drivers/usbhid/bind")))
	m.must(os.Mkdir(filepath.Join(m.Sys, "bus/usb/drivers/usbhid/bind"), 0o750)) // cannot be written to
	_, err := m.driver(matched).Find()
	if device.KindOf(err) != device.KindFaulty || !errors.Is(err, errOrphan) {
		t.Errorf("%v", err)
	}
}

func TestAKeyboardOffUSBIsFoundByItsEventNode(t *testing.T) {
	m := newMachine(t)
	bluetooth := map[string]string{"id/bustype": "0005", "uniq": "aa:bb:cc", "name": "Cordless"}
	m.input("event5", "devices/hid1", bluetooth)
	m.input("event6", "devices/hid1", map[string]string{"id/bustype": "0005", "capabilities/key": volumeKeys})
	m.input("event7", "devices/hid1", bluetooth)
	m.input("event8", "", map[string]string{"id/bustype": "0006", "name": "Virtual"})
	m.input("event9", "", map[string]string{"id/vendor": "046d", "id/product": "c31c"})
	both := filepath.Join(m.Dev, "input/event5") + "," + filepath.Join(m.Dev, "input/event7")
	for _, tc := range []struct {
		name  string
		match EventMatch
		path  string
		kind  device.Kind
	}{
		{"by bus", EventMatch{Bus: "bluetooth", Vendor: "05E0", Product: "1200"}, both, ""},
		{"by address", EventMatch{Vendor: "05e0", Product: "1200", Uniq: "aa:bb:cc"}, both, ""},
		{"by name", EventMatch{Vendor: "05e0", Product: "1200", Name: "Virtual"}, filepath.Join(m.Dev, "input/event8"), ""},
		{"two devices", EventMatch{Vendor: "05e0", Product: "1200"}, "", device.KindFaulty},
		{"none", EventMatch{Vendor: "05e0", Product: "1201"}, "", device.KindAbsent},
		{"a part of a name", EventMatch{Vendor: "05e0", Product: "1200", Name: "Virt"}, "", device.KindAbsent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			loc, err := m.driver(Config{Event: tc.match}).Find()
			if tc.kind != "" {
				var e *device.Error
				if !errors.As(err, &e) || e.Kind != tc.kind || e.Hint == "" {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || loc.Path != tc.path || !strings.Contains(loc.Detail, "05e0:1200") {
				t.Errorf("%+v, %v", loc, err)
			}
		})
	}
}

func TestWhatIsNoEventNodeIsNotTaken(t *testing.T) {
	m := newMachine(t)
	d := m.driver(matched)
	path := filepath.Join(t.TempDir(), "event5")
	for _, tc := range []struct {
		name string
		make func()
		kind device.Kind
	}{
		{"nothing there", func() {}, device.KindAbsent},
		{"a file", func() { m.file(path, "") }, device.KindFaulty},
	} {
		tc.make()
		_, err := d.Open(device.Location{Path: path})
		var e *device.Error
		if !errors.As(err, &e) || e.Kind != tc.kind || e.Op != "open" || e.Hint == "" {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestThePermissionHintNamesTheNodesGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "event5")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		group int
		mode  fs.FileMode
		want  string
	}{{0, 0o660, "udev rule"}, {4242, 0o600, "udev rule"}, {4242, 0o640, "usermod -aG 4242"}} {
		if err := os.Chown(path, -1, tc.group); err != nil {
			t.Skipf("cannot give a file to another group here: %v", err)
		}
		if err := os.Chmod(path, tc.mode); err != nil {
			t.Fatal(err)
		}
		if hint := permissionHint(path + ",/dev/null"); !strings.Contains(hint, tc.want) {
			t.Errorf("group %d, mode %v: %s", tc.group, tc.mode, hint)
		}
	}
	if hint := permissionHint(filepath.Join(t.TempDir(), "none")); !strings.Contains(hint, "none") {
		t.Error(hint)
	}
}
