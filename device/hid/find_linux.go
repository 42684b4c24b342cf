package hid

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"posagent/device"
	"posagent/device/hid/descriptor"
	"posagent/device/hid/pos"
	"posagent/device/hid/usbfs"
	"posagent/device/keyboard"
	"posagent/device/usb"
)

const openHint = "unplug the scanner and plug it in again; the library needs AF_NETLINK: look at RestrictAddressFamilies= and PrivateDevices= of the service"

// find looks into sysfs.
func (d *Driver) find() (target, error) {
	dev, err := d.cfg.System.One(d.cfg.Match)
	if err != nil {
		return target{}, d.notFound(err)
	}
	if d.adopt(dev) {
		if dev, err = d.cfg.System.One(d.cfg.Match); err != nil {
			return target{}, d.notFound(err)
		}
	}
	return d.pick(dev)
}

func (d *Driver) notFound(err error) error {
	e := d.fault("find", d.cfg.Match.String(), device.KindFaulty, err, "the service must be able to read /sys")
	if several, ok := errors.AsType[*usb.AmbiguousError](err); ok {
		e.Hint = several.Hint()
	}
	if errors.Is(err, usb.ErrNotFound) {
		d.repair.gone()
		e.Kind, e.Hint = device.KindAbsent, "plug the scanner in; `posagent scanner list` shows what is there"
	}
	return e
}

// adopt gives interfaces without a driver back to the kernel and tells whether
// there was one: only with its driver an interface shows what it is, and only
// so a keyboard types.
func (d *Driver) adopt(dev usb.Device) bool {
	var orphans []usb.Interface
	for _, i := range dev.Interfaces {
		if i.Class == usb.ClassHID && i.Driver == "" {
			orphans = append(orphans, i)
		}
	}
	if len(orphans) == 0 || !d.repair.due(dev.Node) {
		return false
	}
	var err error
	for _, i := range orphans {
		err = usbfs.Reattach(dev.Node, i.Number)
		if err != nil && d.cfg.System.Bind("usbhid", i.Path) == nil {
			err = nil
		}
	}
	d.repair.done(dev.Node, err)
	return true
}

// functions are what the interfaces of a device turned out to be.
type functions struct {
	pos           *target
	keyboard, ibm bool
	orphan, tty   bool
	busy          string // an interface that a program has
	err           error  // of a descriptor that cannot be read
}

// pick decides how the device is read.
func (d *Driver) pick(dev usb.Device) (target, error) {
	f := d.functions(dev)
	path := dev.Path
	switch {
	case f.pos != nil:
		return *f.pos, nil
	case f.busy != "":
		// What it is cannot be seen while a program has it.
		return target{loc: device.Location{Path: f.busy, Detail: dev.Name()}, node: dev.Node, busy: true}, nil
	case f.orphan:
		return target{}, d.orphaned(dev)
	case f.err != nil:
		return target{}, d.fault("find", path, device.KindFaulty, f.err, switchHint)
	case d.comingUp(dev):
		// The function that is missing may be the one to read: a scanner may be a
		// keyboard and a HID POS scanner in one.
		return target{}, d.fault("find", path, device.KindFaulty, errComingUp, "if this lasts, unplug the scanner and plug it in again")
	case f.keyboard:
		return d.typing()
	case f.ibm:
		return target{}, d.fault("find", path, device.KindFaulty, ErrOEMMode, switchHint)
	case f.tty:
		return target{}, d.fault("find", path, device.KindFaulty, ErrNoScanner, "it has a serial port: set type = \"serial\"")
	}
	return target{}, d.fault("find", path, device.KindFaulty, ErrNoScanner, switchHint)
}

func (d *Driver) functions(dev usb.Device) functions {
	var f functions
	for _, i := range dev.Interfaces {
		f.tty = f.tty || len(i.TTY) > 0
		if i.Class != usb.ClassHID {
			continue
		}
		if i.Driver == "usbfs" && f.busy == "" {
			f.busy = i.Path
		}
		f.orphan = f.orphan || i.Driver == ""
		for _, h := range i.HID {
			if len(h.Descriptor) == 0 {
				continue // the kernel has not bound it yet, see comingUp
			}
			desc, err := descriptor.Parse(h.Descriptor)
			switch {
			case err != nil:
				f.err = fmt.Errorf("interface %s: %w", i.Path, err)
			case desc.Has(pos.Page) && f.pos == nil:
				f.pos, err = d.posTarget(dev, i, desc)
				if err != nil {
					f.err = fmt.Errorf("interface %s: %w", i.Path, err)
				}
			case desc.HasUsage(descriptor.NewUsage(pageDesktop, usageKeyboard)):
				f.keyboard = true
			case desc.Has(pageIBM):
				f.ibm = true
			}
		}
	}
	return f
}

func (d *Driver) posTarget(dev usb.Device, i usb.Interface, desc *descriptor.Descriptor) (*target, error) {
	layout, err := pos.FromDescriptor(desc, dev.VID)
	if err != nil {
		return nil, err
	}
	return &target{
		loc:    device.Location{Path: i.Path, Detail: dev.Name() + ", HID POS mode"},
		layout: layout, node: dev.Node, vid: dev.VID,
		packet:  d.packet(i.Path),
		enables: desc.Size(descriptor.Feature, 0xfe) > 0,
	}, nil
}

// errComingUp: the kernel has not looked at the whole device yet.
var errComingUp = errors.New("not all interfaces of the device are there yet")

// comingUp tells whether interfaces of the device, or what usbhid makes of
// them, are still missing.
func (d *Driver) comingUp(dev usb.Device) bool {
	for _, i := range dev.Interfaces {
		if i.Class == usb.ClassHID && i.Driver == "usbhid" && !slices.ContainsFunc(i.HID, described) {
			return true
		}
	}
	if d.cfg.Match.Interface != nil {
		return false // the others are not listed
	}
	b, err := os.ReadFile(filepath.Join(d.devices(), dev.Path, "bNumInterfaces"))
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	return err == nil && len(dev.Interfaces) < n
}

func described(h usb.HID) bool { return len(h.Descriptor) > 0 }

func (d *Driver) devices() string {
	root := d.cfg.System.Sys
	if root == "" {
		root = "/sys"
	}
	return filepath.Join(root, "bus/usb/devices")
}

// packet is the largest packet of the interface's interrupt input; 0 when it is
// not shown.
func (d *Driver) packet(iface string) int {
	dirs, err := filepath.Glob(filepath.Join(d.devices(), iface, "ep_8*"))
	if err != nil || len(dirs) == 0 {
		return 0
	}
	b, err := os.ReadFile(filepath.Join(dirs[0], "wMaxPacketSize"))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 16, 16)
	if err != nil {
		return 0
	}
	return int(n & 0x7ff) // the other bits are for high speed's several packets
}

// newKeyboard is the driver of keyboard mode.
func newKeyboard(cfg Config) (device.Driver, error) {
	k, err := keyboard.New(keyboard.Config{Name: cfg.Name, Match: cfg.Match, Layout: cfg.Layout, Framing: cfg.Framing, System: cfg.System})
	if err != nil {
		return nil, err // not k: a nil *Driver in an interface is not nil
	}
	return k, nil
}

// typing hands the device to the driver of keyboard mode.
func (d *Driver) typing() (target, error) {
	loc, err := d.keys.Find()
	if err != nil {
		return target{}, err
	}
	return target{loc: loc, keyboard: true}, nil
}

func (d *Driver) orphaned(dev usb.Device) error {
	err := d.repair.err
	if errors.Is(err, fs.ErrPermission) {
		return d.fault("find", dev.Path, device.KindNoPermission, fmt.Errorf("%w: %w", ErrNoDriver, err), permissionHint(dev))
	}
	if err == nil {
		err = ErrNoDriver
	} else {
		err = fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	return d.fault("find", dev.Path, device.KindFaulty, err, "unplug the scanner and plug it in again, or run `posagent scanner release` as root")
}

// access tries the device's file, which the library opens: it says no more than
// that it failed.
func (d *Driver) access(t target) error {
	f, err := os.OpenFile(t.node, os.O_RDWR, 0)
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		return nil
	}
	e := d.fault("open", t.node, device.KindFaulty, bare(err), openHint)
	switch {
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.Hint = device.KindNoPermission, permissionHint(usb.Device{VID: t.vid, Node: t.node})
	case errors.Is(err, fs.ErrNotExist):
		e.Kind, e.Hint = device.KindAbsent, "the kernel shows the scanner and its file is not there: the service may not see /dev/bus/usb (PrivateDevices=)"
	}
	return e
}

// bare is the cause without the path, which the error names already.
func bare(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
