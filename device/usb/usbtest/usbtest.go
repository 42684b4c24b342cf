// Package usbtest builds trees that look like /sys and /dev of a Linux machine,
// for tests of what stands on device/usb.
package usbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"posagent/device/usb"
)

// T is the part of *testing.T that a tree uses. Fatalf must not return.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	TempDir() string
}

// Tree is a machine's /sys and /dev. It is laid out as the kernel does: the
// directories below devices, links to them below bus/usb/devices and class/tty.
type Tree struct {
	usb.System
	t     T
	count int // HID devices so far: the kernel numbers them
	plugs int
}

// New returns a machine with USB and nothing plugged in.
func New(t T) *Tree {
	t.Helper()
	dir := t.TempDir()
	tr := &Tree{System: usb.System{Sys: filepath.Join(dir, "sys"), Dev: filepath.Join(dir, "dev")}, t: t}
	for _, d := range []string{"bus/usb/devices", "bus/usb/drivers", "class/tty"} {
		tr.dir(filepath.Join(tr.Sys, d))
	}
	tr.dir(filepath.Join(tr.Dev, "bus/usb"))
	tr.plug(usb.Device{Path: "usb1", VID: "1d6b", PID: "0002", Product: "xHCI Host Controller"}, nil)
	return tr
}

// Plug plugs a device in. Path, VID and PID are needed; an empty Node is filled
// in, and so are empty paths of interfaces, which get configuration 1. Nodes are
// plain files, unless a test has put something else in their place before. It returns the device as the tree shows it.
func (tr *Tree) Plug(d usb.Device) usb.Device {
	tr.t.Helper()
	if d.Path == "" || d.VID == "" || d.PID == "" {
		tr.t.Fatalf("a device needs a path and ids: %+v", d)
	}
	d.Interfaces = append([]usb.Interface(nil), d.Interfaces...)
	for n := range d.Interfaces {
		if i := &d.Interfaces[n]; i.Path == "" {
			i.Path = fmt.Sprintf("%s:1.%d", d.Path, i.Number)
		}
	}
	return tr.plug(d, d.Interfaces)
}

func (tr *Tree) plug(d usb.Device, interfaces []usb.Interface) usb.Device {
	tr.t.Helper()
	tr.plugs++
	bus := strings.TrimPrefix(strings.SplitN(d.Path, "-", 2)[0], "usb")
	busnum, err := strconv.Atoi(bus)
	if err != nil {
		tr.t.Fatalf("%q is not a path of a USB device", d.Path)
	}
	dir := tr.home(d.Path)
	for name, value := range map[string]string{
		"idVendor": d.VID, "idProduct": d.PID, "busnum": bus, "devnum": strconv.Itoa(tr.plugs),
		"serial": d.Serial, "manufacturer": d.Manufacturer, "product": d.Product,
	} {
		if value != "" { // the kernel shows no file for a string that is not there
			tr.file(filepath.Join(dir, name), value+"\n")
		}
	}
	tr.link(dir, filepath.Join(tr.Sys, "bus/usb/devices", d.Path))
	if d.Node == "" {
		d.Node = filepath.Join(tr.Dev, fmt.Sprintf("bus/usb/%03d/%03d", busnum, tr.plugs))
	}
	tr.node(d.Node)
	for _, i := range interfaces {
		tr.plugInterface(dir, d, i)
	}
	return d
}

func (tr *Tree) plugInterface(device string, d usb.Device, i usb.Interface) {
	tr.t.Helper()
	dir := filepath.Join(device, i.Path)
	for name, value := range map[string]string{
		"bInterfaceNumber": fmt.Sprintf("%02x", i.Number), "bInterfaceClass": fmt.Sprintf("%02x", i.Class),
		"bInterfaceSubClass": fmt.Sprintf("%02x", i.SubClass), "bInterfaceProtocol": fmt.Sprintf("%02x", i.Protocol),
	} {
		tr.file(filepath.Join(dir, name), value+"\n")
	}
	tr.link(dir, filepath.Join(tr.Sys, "bus/usb/devices", i.Path))
	if i.Driver != "" {
		home := filepath.Join(tr.Sys, "bus/usb/drivers", i.Driver)
		tr.file(filepath.Join(home, "bind"), "")
		tr.link(home, filepath.Join(dir, "driver"))
	}
	for _, h := range i.HID {
		tr.count++
		tr.plugHID(filepath.Join(dir, strings.ToUpper(fmt.Sprintf("0003:%s:%s.%04x", d.VID, d.PID, tr.count))), h)
	}
	for _, node := range i.TTY {
		name := filepath.Base(node)
		home := filepath.Join(dir, "tty", name) // cdc_acm
		device := dir
		if strings.HasPrefix(name, "ttyUSB") { // usbserial: one directory more
			device = filepath.Join(dir, name)
			home = filepath.Join(device, "tty", name)
		}
		tr.dir(home)
		tr.link(device, filepath.Join(home, "device"))
		tr.link(home, filepath.Join(tr.Sys, "class/tty", name))
		tr.node(filepath.Join(tr.Dev, name))
	}
}

func (tr *Tree) plugHID(dir string, h usb.HID) {
	tr.t.Helper()
	tr.file(filepath.Join(dir, "report_descriptor"), string(h.Descriptor))
	for n, node := range h.Input {
		name := filepath.Base(node)
		tr.dir(filepath.Join(dir, "input", "input"+strconv.Itoa(tr.count*8+n), name))
		tr.node(filepath.Join(tr.Dev, "input", name))
	}
	if h.Hidraw != "" {
		name := filepath.Base(h.Hidraw)
		tr.dir(filepath.Join(dir, "hidraw", name))
		tr.node(filepath.Join(tr.Dev, name))
	}
}

// Unplug takes the device out that is plugged in at path, with its nodes.
func (tr *Tree) Unplug(path string) {
	tr.t.Helper()
	found, err := tr.Find(usb.Match{Path: path})
	if err != nil || len(found) != 1 {
		tr.t.Fatalf("nothing is plugged in at %s (%v)", path, err)
	}
	d := found[0]
	tr.remove(d.Node)
	for _, i := range d.Interfaces {
		for _, node := range i.TTY {
			tr.remove(filepath.Join(tr.Sys, "class/tty", filepath.Base(node)))
			tr.remove(node)
		}
		for _, h := range i.HID {
			for _, node := range h.Input {
				tr.remove(node)
			}
			if h.Hidraw != "" {
				tr.remove(h.Hidraw)
			}
		}
		tr.remove(filepath.Join(tr.Sys, "bus/usb/devices", i.Path))
	}
	tr.remove(filepath.Join(tr.Sys, "bus/usb/devices", path))
	if err := os.RemoveAll(tr.home(path)); err != nil {
		tr.t.Fatalf("%v", err)
	}
}

// Bound gives what was written to a driver's bind file.
func (tr *Tree) Bound(driver string) string {
	tr.t.Helper()
	b, err := os.ReadFile(filepath.Join(tr.Sys, "bus/usb/drivers", driver, "bind"))
	if err != nil {
		tr.t.Fatalf("%v", err)
	}
	return string(b)
}

// home is where a device's files are; that of the kernel is deeper.
func (tr *Tree) home(path string) string {
	return filepath.Join(tr.Sys, "devices/pci0000:00/0000:00:14.0", path)
}

func (tr *Tree) dir(path string) {
	tr.t.Helper()
	if err := os.MkdirAll(path, 0o750); err != nil {
		tr.t.Fatalf("%v", err)
	}
}

func (tr *Tree) file(path, content string) {
	tr.t.Helper()
	tr.dir(filepath.Dir(path))
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tr.t.Fatalf("%v", err)
	}
}

// node makes a device file, if there is none.
func (tr *Tree) node(path string) {
	tr.t.Helper()
	if _, err := os.Lstat(path); err != nil {
		tr.file(path, "")
	}
}

func (tr *Tree) link(target, path string) {
	tr.t.Helper()
	tr.dir(filepath.Dir(path))
	if err := os.Symlink(target, path); err != nil {
		tr.t.Fatalf("%v", err)
	}
}

func (tr *Tree) remove(path string) {
	tr.t.Helper()
	if err := os.Remove(path); err != nil {
		tr.t.Fatalf("%v", err)
	}
}
