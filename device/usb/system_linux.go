package usb

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// hidName is what the kernel calls a HID device: bus, vendor, product, count.
var hidName = regexp.MustCompile(`^[0-9A-F]{4}:[0-9A-F]{4}:[0-9A-F]{4}\.[0-9A-F]{4,}$`)

// Find gives the devices that match, by path. It reads two small files of every
// device and the rest only of those that match.
func (s System) Find(m Match) ([]Device, error) {
	m = m.Normal()
	root := filepath.Join(s.sys(), "bus/usb/devices")
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(s.sys()); err != nil {
			return nil, fmt.Errorf("list USB devices: %w", err)
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list USB devices: %w", err)
	}
	interfaces := make(map[string][]string) // names, by device
	for _, e := range entries {
		if device, _, ok := strings.Cut(e.Name(), ":"); ok {
			interfaces[device] = append(interfaces[device], e.Name())
		}
	}
	var found []Device
	for _, e := range entries {
		if !pathPattern.MatchString(e.Name()) || m.Path != "" && m.Path != e.Name() {
			continue
		}
		d, ok := s.device(root, e.Name(), m)
		if !ok {
			continue
		}
		for _, name := range interfaces[d.Path] {
			if i, ok := s.iface(filepath.Join(root, name), name); ok && (m.Interface == nil || *m.Interface == i.Number) {
				d.Interfaces = append(d.Interfaces, i)
			}
		}
		if m.Interface != nil && len(d.Interfaces) == 0 {
			continue
		}
		slices.SortFunc(d.Interfaces, func(a, b Interface) int { return cmp.Compare(a.Number, b.Number) })
		found = append(found, d)
	}
	return found, nil
}

// device reads what a device says about itself, but for its interfaces.
func (s System) device(root, name string, m Match) (Device, bool) {
	dir := filepath.Join(root, name)
	d := Device{Path: name, VID: strings.ToLower(attribute(dir, "idVendor")), PID: strings.ToLower(attribute(dir, "idProduct"))}
	if d.VID == "" || d.PID == "" || !m.matchesIDs(d.VID, d.PID) {
		return Device{}, false
	}
	d.Serial = attribute(dir, "serial")
	if m.Serial != "" && m.Serial != d.Serial {
		return Device{}, false
	}
	d.Manufacturer, d.Product = attribute(dir, "manufacturer"), attribute(dir, "product")
	bus, berr := strconv.Atoi(attribute(dir, "busnum"))
	num, nerr := strconv.Atoi(attribute(dir, "devnum"))
	if berr != nil || nerr != nil {
		return Device{}, false // it has just left
	}
	d.Node = filepath.Join(s.dev(), fmt.Sprintf("bus/usb/%03d/%03d", bus, num))
	return d, true
}

func (s System) iface(dir, name string) (Interface, bool) {
	number, err := strconv.ParseUint(attribute(dir, "bInterfaceNumber"), 16, 8)
	if err != nil {
		return Interface{}, false
	}
	i := Interface{
		Path: name, Number: int(number),
		Class: code(dir, "bInterfaceClass"), SubClass: code(dir, "bInterfaceSubClass"), Protocol: code(dir, "bInterfaceProtocol"),
	}
	if target, err := os.Readlink(filepath.Join(dir, "driver")); err == nil {
		i.Driver = filepath.Base(target)
	}
	for _, child := range names(dir) {
		sub := filepath.Join(dir, child)
		switch {
		case hidName.MatchString(child):
			i.HID = append(i.HID, s.hid(sub))
		case child == "tty": // cdc_acm
			i.TTY = append(i.TTY, s.nodes(sub, "tty", "")...)
		case strings.HasPrefix(child, "tty"): // usbserial
			i.TTY = append(i.TTY, s.nodes(filepath.Join(sub, "tty"), "tty", "")...)
		}
	}
	return i, true
}

func (s System) hid(dir string) HID {
	h := HID{Descriptor: content(filepath.Join(dir, "report_descriptor"))}
	for _, input := range names(filepath.Join(dir, "input")) {
		h.Input = append(h.Input, s.nodes(filepath.Join(dir, "input", input), "event", "input")...)
	}
	if raw := s.nodes(filepath.Join(dir, "hidraw"), "hidraw", ""); len(raw) > 0 {
		h.Hidraw = raw[0]
	}
	return h
}

// nodes are the device files of the entries of dir that begin with prefix.
func (s System) nodes(dir, prefix, below string) []string {
	var nodes []string
	for _, name := range names(dir) {
		if strings.HasPrefix(name, prefix) {
			nodes = append(nodes, filepath.Join(s.dev(), below, name))
		}
	}
	return nodes
}

// Bind gives an interface back to its kernel driver. It needs root's rights: the
// error of anybody else matches fs.ErrPermission.
func (s System) Bind(driver, interfacePath string) error {
	if driver != filepath.Base(driver) || interfacePath != filepath.Base(interfacePath) {
		return fmt.Errorf("bind %q to %q: these are not names of an interface and a driver", interfacePath, driver)
	}
	f, err := os.OpenFile(filepath.Join(s.sys(), "bus/usb/drivers", driver, "bind"), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("bind %s to %s: %w", interfacePath, driver, err)
	}
	_, err = io.WriteString(f, interfacePath)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("bind %s to %s: %w", interfacePath, driver, err)
	}
	return nil
}

// names lists a directory in order; empty when it is not there.
func names(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = e.Name()
	}
	return list
}

// attribute reads a line of text; empty when it is not there. A device may say
// anything about itself, and what it says ends up on a terminal.
func attribute(dir, name string) string {
	text := strings.ToValidUTF8(string(content(filepath.Join(dir, name))), "\uFFFD")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, strings.TrimSpace(text))
}

func code(dir, name string) uint8 {
	n, err := strconv.ParseUint(attribute(dir, name), 16, 8)
	if err != nil {
		return 0
	}
	return uint8(n)
}

// content reads a file of sysfs, which is 4 KiB at most; empty when it cannot
// be read.
func content(path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return b
}
