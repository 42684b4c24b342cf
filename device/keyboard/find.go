package keyboard

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"posagent/device"
	"posagent/device/hid/descriptor"
	"posagent/device/keyboard/evdev"
	"posagent/device/usb"
)

// The usage of a keyboard: HID Usage Tables, Generic Desktop page.
const (
	pageDesktop   = 0x01
	usageKeyboard = 0x06
)

// Capable reports whether an interface is a keyboard: by its report descriptors,
// or where no driver shows these, by its class of a boot keyboard (3, 1, 1).
func Capable(i usb.Interface) bool {
	if i.Class != usb.ClassHID {
		return false
	}
	known := false
	for _, h := range i.HID {
		d, err := descriptor.Parse(h.Descriptor)
		if err != nil {
			continue
		}
		known = true
		if slices.ContainsFunc(d.Collections, func(c descriptor.Collection) bool {
			return c.Usage == descriptor.NewUsage(pageDesktop, usageKeyboard)
		}) {
			return true
		}
	}
	return !known && i.SubClass == 1 && i.Protocol == 1
}

// keyboard is a scanner that was found.
type keyboard struct {
	nodes []string
	name  string
}

func (c Config) find() (keyboard, error) {
	if c.byEvent() {
		return c.findEvent()
	}
	k, err := c.findUSB()
	if errors.Is(err, errOrphan) {
		if _, rerr := Release(c.System, c.Match); rerr != nil {
			return keyboard{}, c.orphaned(rerr)
		}
		return c.findUSB()
	}
	return k, err
}

// errOrphan is the cause when a keyboard has no driver.
var errOrphan = errors.New("no driver has the device's keyboard: a program that used it was killed")

func (c Config) findUSB() (keyboard, error) {
	d, err := c.System.One(c.Match)
	if err != nil {
		return keyboard{}, c.notFound(err)
	}
	k := keyboard{name: d.Name()}
	for _, i := range d.Interfaces {
		if !Capable(i) {
			continue
		}
		for _, h := range i.HID {
			for _, node := range h.Input {
				// Volume keys and the like have nodes of their own, and stay theirs.
				if info, ok := evdev.One(sysDir(c.System), node); ok && info.Keys.Types() {
					k.nodes = append(k.nodes, node)
				}
			}
		}
	}
	// Without usbhid no descriptor is known, and any HID interface may be the one.
	driver := func(name string) bool {
		return slices.ContainsFunc(d.Interfaces, func(i usb.Interface) bool { return i.Class == usb.ClassHID && i.Driver == name })
	}
	switch {
	case len(k.nodes) > 0:
		return k, nil
	case driver("usbfs"):
		return keyboard{}, c.error(device.KindBusy, fmt.Errorf("another program has taken %s away from the kernel", d), busyHint(d.Node))
	case driver(""):
		return keyboard{}, c.error(device.KindFaulty, fmt.Errorf("%s: %w", d, errOrphan), "")
	case !slices.ContainsFunc(d.Interfaces, Capable):
		return keyboard{}, c.error(device.KindFaulty, fmt.Errorf("%s is not in keyboard mode", d), "look with `posagent scanner list` which mode it is in")
	default:
		return keyboard{}, c.error(device.KindAbsent, fmt.Errorf("%s has no event node", d), "if this lasts, load the module evdev: `modprobe evdev`")
	}
}

func (c Config) notFound(err error) error {
	var many *usb.AmbiguousError
	switch {
	case errors.Is(err, usb.ErrNotFound):
		return c.error(device.KindAbsent, err, "plug the scanner in, and compare vendor and product id with `posagent scanner list`")
	case errors.As(err, &many):
		return c.error(device.KindFaulty, err, many.Hint())
	case errors.Is(err, usb.ErrUnsupported):
		return c.error(device.KindFaulty, err, unsupportedHint)
	default:
		return c.error(device.KindFaulty, err, "check that the service may read /sys/bus/usb")
	}
}

const unsupportedHint = "a scanner in keyboard mode can be used on Linux only: scan the set-up barcode for HID POS or for a serial port (USB-COM)"

func (c Config) orphaned(err error) error {
	kind := device.KindFaulty
	if errors.Is(err, fs.ErrPermission) {
		kind = device.KindNoPermission
	}
	return c.error(kind, errors.Join(errOrphan, err), "unplug the scanner and plug it in again, or run `posagent scanner release` as root")
}

func (c Config) findEvent() (keyboard, error) {
	all, err := evdev.List(sysDir(c.System), devDir(c.System))
	if err != nil {
		return keyboard{}, c.error(device.KindFaulty, err, "check that the service may read /sys/class/input")
	}
	found := make(map[string][]evdev.Info) // by parent
	for _, i := range all {
		if c.Event.matches(i) && i.Keys.Types() {
			found[i.Parent] = append(found[i.Parent], i)
		}
	}
	switch len(found) {
	case 0:
		return keyboard{}, c.error(device.KindAbsent, nil, "switch the scanner on and pair it, and compare with /proc/bus/input/devices")
	case 1:
	default:
		var names []string
		for _, nodes := range found {
			names = append(names, fmt.Sprintf("%s %q %s", nodes[0].Path, nodes[0].Name, nodes[0].Uniq))
		}
		slices.Sort(names)
		return keyboard{}, c.error(device.KindFaulty, fmt.Errorf("%d devices match: %s", len(found), strings.Join(names, "; ")), "say which one is meant by its name or serial number")
	}
	var k keyboard
	for _, nodes := range found {
		k.name = strings.TrimSpace(nodes[0].Name + " " + c.Event.Vendor + ":" + c.Event.Product)
		for _, i := range nodes {
			k.nodes = append(k.nodes, i.Path)
		}
	}
	slices.Sort(k.nodes)
	return k, nil
}

func sysDir(s usb.System) string {
	if s.Sys == "" {
		return "/sys"
	}
	return s.Sys
}

func devDir(s usb.System) string {
	if s.Dev == "" {
		return "/dev"
	}
	return s.Dev
}

func (c Config) error(kind device.Kind, err error, hint string) error {
	return &device.Error{Op: "find", Port: c.where(), Kind: kind, Err: err, Hint: hint}
}
