package serial

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"posagent/device"
)

// find says where the configured port is now.
func (c Config) find() (device.Location, error) {
	if c.Port == "" {
		return c.findMatch()
	}
	path, err := filepath.EvalSymlinks(c.Port)
	if err != nil {
		return device.Location{}, fault("find", c.Port, bare(err), "")
	}
	info, err := os.Stat(path)
	if err != nil {
		return device.Location{}, fault("find", c.Port, bare(err), "")
	}
	if info.Mode()&os.ModeCharDevice == 0 {
		return device.Location{}, fault("find", c.Port, fmt.Errorf("not a serial port but %s", kindOfFile(info)), "")
	}
	loc := device.Location{Path: path}
	if p, ok := usbPort(c.SysRoot, c.DevRoot, filepath.Base(path)); ok && p.Path == path {
		loc.Detail = p.Detail()
	}
	return loc, nil
}

// findMatch looks for the one port of the configured USB device.
func (c Config) findMatch() (device.Location, error) {
	ports, err := List(c.SysRoot, c.DevRoot)
	if err != nil {
		return device.Location{}, &device.Error{
			Op: "find", Port: c.where(), Kind: device.KindFaulty, Err: err,
			Hint: "the service must be able to read " + c.SysRoot + "; set port instead of match if it is not to",
		}
	}
	var found []PortInfo
	for _, p := range ports {
		if c.Match.matches(p) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return device.Location{}, &device.Error{
			Op: "find", Port: c.where(), Kind: device.KindAbsent,
			Hint: "plug the scanner in; `posagent scanner list` shows what is there; a keyboard-mode scanner has no serial port: scan its USB-COM set-up barcode",
		}
	case 1:
		return device.Location{Path: found[0].Path, Detail: found[0].Detail()}, nil
	}
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.Path
	}
	return device.Location{}, &device.Error{
		Op: "find", Port: c.where(), Kind: device.KindFaulty,
		Err:  fmt.Errorf("%d ports match: %s", len(found), strings.Join(names, ", ")),
		Hint: "say which one: set match.serial, or port = \"/dev/serial/by-id/...\"",
	}
}

// List gives the serial ports of USB devices, in the order of their names.
// Empty roots stand for /sys and /dev.
func List(sysRoot, devRoot string) ([]PortInfo, error) {
	c := Config{SysRoot: sysRoot, DevRoot: devRoot}.withDefaults()
	entries, err := os.ReadDir(filepath.Join(c.SysRoot, "class/tty"))
	if err != nil {
		return nil, fmt.Errorf("list serial ports: %w", err)
	}
	var ports []PortInfo
	for _, e := range entries {
		if p, ok := usbPort(c.SysRoot, c.DevRoot, e.Name()); ok {
			p.ByID = byID(c.DevRoot, p.Path)
			ports = append(ports, p)
		}
	}
	return ports, nil
}

// usbPort describes the tty called name, if it belongs to a USB device: its
// directory in sysfs lies below the one that holds the ids. A device that
// leaves while it is read is not there.
func usbPort(sysRoot, devRoot, name string) (PortInfo, bool) {
	dir, err := filepath.EvalSymlinks(filepath.Join(sysRoot, "class/tty", name, "device"))
	if err != nil {
		return PortInfo{}, false
	}
	root, err := filepath.EvalSymlinks(sysRoot)
	if err != nil {
		return PortInfo{}, false
	}
	for ; strings.HasPrefix(dir, root+string(filepath.Separator)); dir = filepath.Dir(dir) {
		vid := attribute(dir, "idVendor")
		if vid == "" {
			continue
		}
		return PortInfo{
			Path: filepath.Join(devRoot, name),
			VID:  strings.ToLower(vid), PID: strings.ToLower(attribute(dir, "idProduct")),
			Serial:       attribute(dir, "serial"),
			Manufacturer: attribute(dir, "manufacturer"), Product: attribute(dir, "product"),
		}, true
	}
	return PortInfo{}, false
}

// attribute reads a sysfs file; empty when it is not there.
func attribute(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// byID is the stable name of a port; empty when there is none.
func byID(devRoot, path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	links, err := filepath.Glob(filepath.Join(devRoot, "serial/by-id/*"))
	if err != nil {
		return ""
	}
	for _, l := range links {
		if target, err := filepath.EvalSymlinks(l); err == nil && target == real {
			return l
		}
	}
	return ""
}

// bare is the cause without the path, which the error names already.
func bare(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

func kindOfFile(info os.FileInfo) string {
	switch {
	case info.IsDir():
		return "a directory"
	case info.Mode().IsRegular():
		return "a file"
	default:
		return info.Mode().Type().String()
	}
}
