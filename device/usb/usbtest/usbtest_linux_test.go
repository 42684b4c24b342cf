package usbtest

import (
	"os"
	"path/filepath"
	"testing"

	"posagent/device/usb"
)

func TestWhatIsPluggedInIsSeenUntilItIsUnplugged(t *testing.T) {
	tr := New(t)
	nodes := []string{"ttyACM0", "ttyUSB0", "input/event5", "input/event6", "hidraw0"}
	d := tr.Plug(usb.Device{Path: "3-1", VID: "05e0", PID: "1200", Interfaces: []usb.Interface{
		{Number: 0, TTY: []string{"ttyACM0"}},
		{Number: 1, Driver: "ftdi_sio", TTY: []string{"ttyUSB0"}},
		{Number: 2, Class: 3, HID: []usb.HID{{Input: []string{"event5", "event6"}, Hidraw: "hidraw0"}}},
	}})
	if d.Node == "" || d.Interfaces[2].Path != "3-1:1.2" {
		t.Errorf("not filled in: %+v", d)
	}
	found, err := tr.List()
	if err != nil || len(found) != 1 || len(found[0].Interfaces) != 3 || found[0].Node != d.Node {
		t.Fatalf("the tree shows %+v, %v", found, err)
	}
	for _, name := range append(nodes, "bus/usb/003/002") {
		if _, err := os.Stat(filepath.Join(tr.Dev, name)); err != nil {
			t.Error(err)
		}
	}
	for _, tty := range []string{"ttyACM0", "ttyUSB0"} {
		dir, err := filepath.EvalSymlinks(filepath.Join(tr.Sys, "class/tty", tty, "device"))
		if err != nil || filepath.Base(filepath.Dir(dir)) != "3-1" && filepath.Base(filepath.Dir(filepath.Dir(dir))) != "3-1" {
			t.Errorf("%s belongs to %s, %v", tty, dir, err)
		}
	}
	tr.Unplug("3-1")
	for _, name := range append(nodes, "bus/usb/003/002") {
		if _, err := os.Lstat(filepath.Join(tr.Dev, name)); err == nil {
			t.Errorf("%s stayed", name)
		}
	}
	left, err := os.ReadDir(filepath.Join(tr.Sys, "class/tty"))
	if err != nil || len(left) != 0 {
		t.Errorf("class/tty still has %v, %v", left, err)
	}
}

// failure stops a tree as Fatalf of a test does.
type failure struct{ *testing.T }

func (failure) Fatalf(string, ...any) { panic(failure{}) }

func TestATreeRefusesWhatTheKernelCouldNotShow(t *testing.T) {
	for name, broken := range map[string]func(*Tree){
		"a device without ids":   func(tr *Tree) { tr.Plug(usb.Device{Path: "3-1"}) },
		"a path without a bus":   func(tr *Tree) { tr.Plug(usb.Device{Path: "x", VID: "05e0", PID: "1200"}) },
		"two in the same socket": func(tr *Tree) { plugTwice(tr) },
		"nothing to unplug":      func(tr *Tree) { tr.Unplug("3-1") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(failure); !ok {
					t.Error("was accepted")
				}
			}()
			broken(New(failure{t}))
		})
	}
}

func plugTwice(tr *Tree) {
	for range 2 {
		tr.Plug(usb.Device{Path: "3-1", VID: "05e0", PID: "1200"})
	}
}
