package usb_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"posagent/device/usb"
	"posagent/device/usb/usbtest"
)

func keyboard(path, serial string) usb.Device {
	return usb.Device{
		Path: path, VID: "05e0", PID: "1200", Serial: serial, Manufacturer: "Symbol", Product: "Bar Code Scanner",
		Interfaces: []usb.Interface{{
			Class: usb.ClassHID, SubClass: 1, Protocol: 1, Driver: "usbhid",
			HID: []usb.HID{{Descriptor: []byte{0x05, 0x01, 0x09, 0x06, 0xc0}, Input: []string{"event5"}, Hidraw: "hidraw0"}},
		}},
	}
}

func paths(devices []usb.Device) string {
	var list []string
	for _, d := range devices {
		list = append(list, d.Path)
	}
	return strings.Join(list, " ")
}

func TestEveryDeviceIsListedWithWhatTheKernelMadeOfIt(t *testing.T) {
	tr := usbtest.New(t)
	tr.Plug(keyboard("3-1", "S1"))
	tr.Plug(usb.Device{
		Path: "1-2.4", VID: "0c2e", PID: "0caa",
		Interfaces: []usb.Interface{
			{Number: 1, Class: 10, Driver: "cdc_acm"},
			{Number: 0, Class: 2, SubClass: 2, Protocol: 1, Driver: "cdc_acm", TTY: []string{"ttyACM0"}},
			{Number: 10, Class: 3},
		},
	})
	tr.Plug(usb.Device{Path: "1-3", VID: "0403", PID: "6001", Interfaces: []usb.Interface{{Class: 255, SubClass: 255, Protocol: 255, Driver: "ftdi_sio", TTY: []string{"ttyUSB0"}}}})

	got, err := tr.List()
	if err != nil {
		t.Fatal(err)
	}
	dev := func(name string) string { return filepath.Join(tr.Dev, name) }
	want := []usb.Device{
		{
			Path: "1-2.4", VID: "0c2e", PID: "0caa", Node: dev("bus/usb/001/003"),
			Interfaces: []usb.Interface{
				{Path: "1-2.4:1.0", Class: 2, SubClass: 2, Protocol: 1, Driver: "cdc_acm", TTY: []string{dev("ttyACM0")}},
				{Path: "1-2.4:1.1", Number: 1, Class: 10, Driver: "cdc_acm"},
				{Path: "1-2.4:1.10", Number: 10, Class: 3},
			},
		},
		{
			Path: "1-3", VID: "0403", PID: "6001", Node: dev("bus/usb/001/004"),
			Interfaces: []usb.Interface{{Path: "1-3:1.0", Class: 255, SubClass: 255, Protocol: 255, Driver: "ftdi_sio", TTY: []string{dev("ttyUSB0")}}},
		},
		{
			Path: "3-1", VID: "05e0", PID: "1200", Serial: "S1", Manufacturer: "Symbol", Product: "Bar Code Scanner", Node: dev("bus/usb/003/002"),
			Interfaces: []usb.Interface{{
				Path: "3-1:1.0", Class: 3, SubClass: 1, Protocol: 1, Driver: "usbhid",
				HID: []usb.HID{{Descriptor: []byte{0x05, 0x01, 0x09, 0x06, 0xc0}, Input: []string{dev("input/event5")}, Hidraw: dev("hidraw0")}},
			}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestADeviceIsFoundByWhatItIs(t *testing.T) {
	one, none := 1, 7
	tr := usbtest.New(t)
	tr.Plug(keyboard("3-1", "S1"))
	tr.Plug(keyboard("3-2", "S2"))
	composite := keyboard("3-10", "")
	composite.PID = "1900"
	composite.Interfaces = append(composite.Interfaces, usb.Interface{Number: 1, Class: 3})
	tr.Plug(composite)
	for _, tc := range []struct {
		name  string
		match usb.Match
		want  string
	}{
		{"everything", usb.Match{}, "3-1 3-10 3-2"},
		{"ids in capitals with 0x", usb.Match{VID: "0x05E0", PID: "1200"}, "3-1 3-2"},
		{"serial number", usb.Match{VID: "05e0", PID: "1200", Serial: " S2 "}, "3-2"},
		{"another serial number", usb.Match{VID: "05e0", PID: "1200", Serial: "S3"}, ""},
		{"socket", usb.Match{VID: "05e0", PID: "1200", Path: "3-1"}, "3-1"},
		{"another device in the socket", usb.Match{VID: "0c2e", PID: "1200", Path: "3-1"}, ""},
		{"interface", usb.Match{VID: "05e0", Interface: &one}, "3-10"},
		{"interface that is not there", usb.Match{VID: "05e0", Interface: &none}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tr.Find(tc.match)
			if err != nil || paths(got) != tc.want {
				t.Errorf("found %q, %v; want %q", paths(got), err, tc.want)
			}
			for _, d := range got {
				if tc.match.Interface != nil && (len(d.Interfaces) != 1 || d.Interfaces[0].Number != *tc.match.Interface) {
					t.Errorf("interfaces %+v", d.Interfaces)
				}
			}
		})
	}
}

func TestAnUnpluggedDeviceIsNotFoundAnyMore(t *testing.T) {
	tr := usbtest.New(t)
	first := tr.Plug(keyboard("3-1", ""))
	tr.Unplug("3-1")
	if got, err := tr.List(); err != nil || len(got) != 0 {
		t.Errorf("still there: %v, %v", got, err)
	}
	if again := tr.Plug(keyboard("3-1", "")); again.Node == first.Node {
		t.Errorf("the kernel numbers a replugged device anew, not %s again", again.Node)
	}
}

func TestADeviceThatLeavesWhileItIsReadIsLeftOut(t *testing.T) {
	tr := usbtest.New(t)
	tr.Plug(keyboard("3-1", ""))
	tr.Plug(keyboard("3-2", ""))
	tr.Plug(keyboard("3-3", ""))
	gone := filepath.Join(tr.Sys, "bus/usb/devices")
	for _, err := range []error{
		os.Remove(filepath.Join(gone, "3-1", "idProduct")),
		os.Remove(filepath.Join(gone, "3-2", "devnum")),
		os.Remove(filepath.Join(gone, "3-3:1.0", "bInterfaceNumber")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := tr.List()
	if err != nil || paths(got) != "3-3" || len(got[0].Interfaces) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhereOneDeviceIsNeededTheOthersAreNamed(t *testing.T) {
	for _, tc := range []struct {
		name    string
		serials []string
		hint    string
	}{
		{"own serial numbers", []string{"A", "B"}, "set match.serial"},
		{"no serial numbers", []string{"", ""}, "match.usb_path (3-1 or 3-2)"},
		{"the same serial number", []string{"A", "A"}, "match.usb_path (3-1 or 3-2)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr := usbtest.New(t)
			for i, serial := range tc.serials {
				tr.Plug(keyboard(fmt.Sprintf("3-%d", i+1), serial))
			}
			_, err := tr.One(usb.Match{VID: "05e0", PID: "1200"})
			var many *usb.AmbiguousError
			if !errors.As(err, &many) || !strings.Contains(err.Error(), "usb 3-1") || !strings.Contains(err.Error(), "usb 3-2") {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(many.Hint(), tc.hint) {
				t.Errorf("hint %q", many.Hint())
			}
			if d, err := tr.One(usb.Match{VID: "05e0", PID: "1200", Path: "3-2"}); err != nil || d.Path != "3-2" {
				t.Errorf("by its socket: %v, %v", d, err)
			}
			if _, err := tr.One(usb.Match{VID: "05e0", PID: "9999"}); !errors.Is(err, usb.ErrNotFound) || !strings.Contains(err.Error(), "05e0:9999") {
				t.Errorf("not there: %v", err)
			}
		})
	}
}

func TestAnInterfaceWithoutADriverIsAnOrphanAndIsGivenBack(t *testing.T) {
	tr := usbtest.New(t)
	tr.Plug(keyboard("3-1", "")) // makes the driver known
	d := keyboard("3-2", "")
	d.PID = "1900"
	d.Interfaces = []usb.Interface{
		{Number: 0, Class: 3}, {Number: 1, Class: 3, Driver: "usbfs"}, {Number: 2, Class: 255},
	}
	tr.Plug(d)
	if got, err := tr.Orphans(usb.Match{VID: "05e0", PID: "1200"}); err != nil || len(got) != 0 {
		t.Errorf("a device that is not meant: %v, %v", got, err)
	}
	got, err := tr.Orphans(usb.Match{VID: "05e0", PID: "1900"})
	if err != nil || len(got) != 1 || got[0].Path != "3-2:1.0" {
		t.Fatalf("orphans %+v, %v", got, err)
	}
	if err := tr.Bind("usbhid", got[0].Path); err != nil {
		t.Fatal(err)
	}
	if bound := tr.Bound("usbhid"); bound != "3-2:1.0" {
		t.Errorf("bound %q", bound)
	}
}

func TestBindSaysWhyItCouldNot(t *testing.T) {
	tr := usbtest.New(t)
	if err := tr.Bind("usbhid", "3-1:1.0"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "3-1:1.0") {
		t.Errorf("a driver that is not loaded: %v", err)
	}
	for _, names := range [][2]string{{"../../x", "3-1:1.0"}, {"usbhid", "../3-1:1.0"}} {
		if err := tr.Bind(names[0], names[1]); err == nil {
			t.Errorf("%q was accepted", names)
		}
	}
}

func TestAMachineWithoutUSBHasNoDevicesAndOneWithoutSysfsAnError(t *testing.T) {
	empty := usb.System{Sys: t.TempDir()}
	if got, err := empty.List(); err != nil || len(got) != 0 {
		t.Errorf("without USB: %v, %v", got, err)
	}
	hidden := usb.System{Sys: filepath.Join(t.TempDir(), "none")}
	if _, err := hidden.List(); err == nil {
		t.Error("without sysfs: no error")
	}
	if _, err := hidden.Orphans(usb.Match{}); err == nil {
		t.Error("without sysfs: no error of Orphans")
	}
	if _, err := hidden.One(usb.Match{}); err == nil || errors.Is(err, usb.ErrNotFound) {
		t.Errorf("without sysfs: %v", err)
	}
	if _, err := (usb.System{}).List(); err != nil {
		t.Errorf("this machine: %v", err)
	}
}

func TestWhatADeviceSaysOfItselfCannotDisturbATerminal(t *testing.T) {
	tr := usbtest.New(t)
	d := keyboard("3-1", "A\x1b[2JB")
	d.Product = "line\nbreak\xff"
	tr.Plug(d)
	got, err := tr.List()
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if got[0].Serial != "A\uFFFD[2JB" || strings.ContainsAny(got[0].Name(), "\x1b\n") || !utf8.ValidString(got[0].Name()) {
		t.Errorf("%q, %q", got[0].Serial, got[0].Name())
	}
}

func BenchmarkOneLookAmongTwentyDevices(b *testing.B) {
	tr := usbtest.New(b)
	for i := range 20 {
		d := keyboard(fmt.Sprintf("1-%d", i+1), "")
		if i > 0 {
			d.VID = "046d"
		}
		tr.Plug(d)
	}
	for _, bc := range []struct {
		name  string
		match usb.Match
	}{{"the one that is there", usb.Match{VID: "05e0", PID: "1200"}}, {"one that is not there", usb.Match{VID: "0c2e", PID: "0caa"}}, {"all", usb.Match{}}} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tr.Find(bc.match); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
