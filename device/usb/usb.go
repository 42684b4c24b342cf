// Package usb tells which USB devices are plugged in, from what Linux shows in
// sysfs, and when that changes.
//
// Nothing is opened and no driver is disturbed: enumeration reads world-readable
// files only (Documentation/ABI/testing/sysfs-bus-usb and
// sysfs-driver-hid in the kernel's source), so it may run while a scanner is
// being read. Other systems compile and answer ErrUnsupported.
package usb

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The errors of this package.
var (
	// ErrUnsupported: this system shows no USB devices in files. It matches
	// errors.ErrUnsupported as well.
	ErrUnsupported = fmt.Errorf("USB devices are found on Linux only: %w", errors.ErrUnsupported)
	// ErrNotFound: no device matches.
	ErrNotFound = errors.New("no USB device matches")
)

// Device is one USB device as it is plugged in now.
type Device struct {
	// Path is the port it is plugged into, as the kernel writes it: bus, dash,
	// port of each hub on the way, e.g. "3-1" or "1-2.4". It stays the same as
	// long as the device stays in its socket.
	Path string
	// VID and PID are the vendor and product id, four lower-case hexadecimal
	// digits each.
	VID, PID string
	// Serial, Manufacturer and Product are what the device says about itself;
	// empty where it says nothing. Characters that do not print are replaced.
	Serial, Manufacturer, Product string
	// Node is the device's file, e.g. /dev/bus/usb/003/002.
	Node string
	// Interfaces are those of the active configuration, by number.
	Interfaces []Interface
}

// Interface is one function of a device.
type Interface struct {
	// Path is its name in sysfs, e.g. "3-1:1.0": device, configuration, number.
	// The libusb back end of hidapi names interfaces the same.
	Path string
	// Number is bInterfaceNumber; the others are the interface's class code,
	// e.g. 3, 1, 1 for a boot keyboard.
	Number                    int
	Class, SubClass, Protocol uint8
	// Driver is the kernel driver that has it, e.g. "usbhid", "cdc_acm", or
	// "usbfs" while a program has it; empty: none.
	Driver string
	// HID are the HID devices that usbhid made of it; empty without usbhid.
	HID []HID
	// TTY are its serial ports, e.g. /dev/ttyACM0.
	TTY []string
}

// HID is one HID device of an interface.
type HID struct {
	// Descriptor is the report descriptor, as the device sent it.
	Descriptor []byte
	// Input are its event nodes, e.g. /dev/input/event5, and Hidraw its raw
	// node, e.g. /dev/hidraw0; empty: none.
	Input  []string
	Hidraw string
}

// ClassHID is the interface class of human interface devices.
const ClassHID = 3

// String describes the device for people, e.g.
// "Honeywell Voyager 0c2e:0caa serial A1 at usb 3-1".
func (d Device) String() string { return d.Name() + " at usb " + d.Path }

// Name is String without the place.
func (d Device) Name() string {
	parts := make([]string, 0, 4)
	for _, s := range []string{d.Manufacturer, d.Product} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	parts = append(parts, d.VID+":"+d.PID)
	if d.Serial != "" {
		parts = append(parts, "serial "+d.Serial)
	}
	return strings.Join(parts, " ")
}

// Match says which device is meant. Empty fields match every device.
type Match struct {
	// VID and PID are the USB ids: four hexadecimal digits, in either case,
	// with or without "0x".
	VID, PID string
	// Serial is the device's serial number.
	Serial string
	// Path is the port, e.g. "3-1": it tells two devices of the same model
	// apart that have no serial numbers.
	Path string
	// Interface is bInterfaceNumber; nil: any. Devices that are found by it are
	// given with this one interface.
	Interface *int
}

// Normal is the match with its ids in the form that sysfs uses.
func (m Match) Normal() Match {
	m.VID, m.PID = normalID(m.VID), normalID(m.PID)
	m.Serial, m.Path = strings.TrimSpace(m.Serial), strings.TrimSpace(m.Path)
	return m
}

func normalID(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "0x")
}

var (
	idPattern   = regexp.MustCompile(`^[0-9a-f]{4}$`)
	pathPattern = regexp.MustCompile(`^[0-9]+-[0-9]+(\.[0-9]+)*$`)
)

// Validate names every value that cannot be meant, by its key in the
// configuration. Both ids are needed: a match
// without them would take whatever is plugged in, the cashier's keyboard too.
func (m Match) Validate() error {
	m = m.Normal()
	var errs []error
	for _, id := range []struct{ key, value string }{{"vid", m.VID}, {"pid", m.PID}} {
		if !idPattern.MatchString(id.value) {
			errs = append(errs, fmt.Errorf("match.%s %q is not a USB id of four hexadecimal digits, e.g. 0c2e", id.key, id.value))
		}
	}
	if m.Path != "" && !pathPattern.MatchString(m.Path) {
		errs = append(errs, fmt.Errorf("match.usb_path %q is not of the form bus-port, e.g. 3-1 or 1-2.4", m.Path))
	}
	if m.Interface != nil && (*m.Interface < 0 || *m.Interface > 255) {
		errs = append(errs, fmt.Errorf("match.interface %d is not a number from 0 to 255", *m.Interface))
	}
	return errors.Join(errs...)
}

// String is what the match looks for, in words.
func (m Match) String() string {
	m = m.Normal()
	s := "USB " + orAny(m.VID) + ":" + orAny(m.PID)
	if m.Serial != "" {
		s += " serial " + m.Serial
	}
	if m.Path != "" {
		s += " at usb " + m.Path
	}
	if m.Interface != nil {
		s += " interface " + strconv.Itoa(*m.Interface)
	}
	return s
}

func orAny(id string) string {
	if id == "" {
		return "any"
	}
	return id
}

// matchesIDs reports whether the ids are those that are meant. m is Normal.
func (m Match) matchesIDs(vid, pid string) bool {
	return (m.VID == "" || m.VID == vid) && (m.PID == "" || m.PID == pid)
}

// AmbiguousError says that several devices match where one is needed.
type AmbiguousError struct {
	Match   Match
	Devices []Device
}

func (e *AmbiguousError) Error() string {
	names := make([]string, len(e.Devices))
	for i, d := range e.Devices {
		names[i] = d.String()
	}
	return fmt.Sprintf("%d devices match %s: %s", len(e.Devices), e.Match, strings.Join(names, "; "))
}

// Hint is what store IT can do.
func (e *AmbiguousError) Hint() string {
	return Distinguish(e.Devices)
}

// Distinguish says by what the devices can be told apart: by serial number if
// each has its own, else by the socket.
func Distinguish(devices []Device) string {
	seen := make(map[string]bool)
	for _, d := range devices {
		if d.Serial == "" || seen[d.Serial] {
			paths := make([]string, len(devices))
			for i, d := range devices {
				paths[i] = d.Path
			}
			return "they have no serial numbers of their own: set match.usb_path (" + strings.Join(paths, " or ") + ") and leave the scanner in that socket, or unplug the others"
		}
		seen[d.Serial] = true
	}
	return "say which one is meant: set match.serial"
}

// System is where the kernel shows its devices. The zero value is this machine;
// tests give a tree of their own.
type System struct {
	// Sys and Dev stand for /sys and /dev; empty: these.
	Sys, Dev string
}

func (s System) sys() string {
	if s.Sys == "" {
		return "/sys"
	}
	return s.Sys
}

func (s System) dev() string {
	if s.Dev == "" {
		return "/dev"
	}
	return s.Dev
}

// List gives every device but the root hubs, by path. A device that leaves
// while it is read is left out. An error means that the bus cannot be seen at
// all; a kernel without USB has no devices and no error.
func (s System) List() ([]Device, error) { return s.Find(Match{}) }

// One is the one device that matches. It fails with ErrNotFound or an
// *AmbiguousError.
func (s System) One(m Match) (Device, error) {
	found, err := s.Find(m)
	switch {
	case err != nil:
		return Device{}, err
	case len(found) == 0:
		return Device{}, fmt.Errorf("%w %s", ErrNotFound, m)
	case len(found) > 1:
		return Device{}, &AmbiguousError{Match: m.Normal(), Devices: found}
	}
	return found[0], nil
}

// Orphans gives the HID interfaces of matching devices that no driver has. A
// program that took one from usbhid and was killed leaves it so: the scanner is
// dead until it is replugged or given back with Bind. An interface that a living
// program has is not one: its driver is usbfs.
func (s System) Orphans(m Match) ([]Interface, error) {
	found, err := s.Find(m)
	if err != nil {
		return nil, err
	}
	var orphans []Interface
	for _, d := range found {
		for _, i := range d.Interfaces {
			if i.Class == ClassHID && i.Driver == "" {
				orphans = append(orphans, i)
			}
		}
	}
	return orphans, nil
}
