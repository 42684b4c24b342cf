package serial

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"posagent/device"
	"posagent/device/usb"
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
	return device.Location{Path: path, Detail: c.detail(path)}, nil
}

// detail describes the USB device that has the port; empty for other ports, and
// where sysfs cannot be read: the port itself can be used all the same.
func (c Config) detail(path string) string {
	devices, err := c.system().List()
	if err != nil {
		return ""
	}
	for _, p := range portsOf(devices) {
		if p.Path == path {
			return p.Detail()
		}
	}
	return ""
}

// findMatch looks for the one port of the configured USB device.
func (c Config) findMatch() (device.Location, error) {
	devices, err := c.system().Find(c.Match)
	if err != nil {
		return device.Location{}, &device.Error{
			Op: "find", Port: c.where(), Kind: device.KindFaulty, Err: err,
			Hint: "the service must be able to read " + c.SysRoot + "; set port instead of match if it is not to",
		}
	}
	switch found := portsOf(devices); len(found) {
	case 0:
		return device.Location{}, c.absent(devices)
	case 1:
		return device.Location{Path: found[0].Path, Detail: found[0].Detail()}, nil
	default:
		return device.Location{}, c.ambiguous(devices, found)
	}
}

// absent says why there is no port: the scanner is not plugged in, is plugged in
// and has none, or is set to another mode, which changes its product id.
func (c Config) absent(devices []usb.Device) error {
	e := &device.Error{
		Op: "find", Port: c.where(), Kind: device.KindAbsent,
		Hint: "plug the scanner in; `posagent scanner list` shows what is there; a keyboard-mode scanner has no serial port: scan its USB-COM set-up barcode",
	}
	if len(devices) > 0 {
		e.Err = fmt.Errorf("%s has no serial port", devices[0])
		e.Hint = "scan its USB-COM set-up barcode; if it is in that mode, its kernel driver (cdc_acm or usbserial) is missing"
		return e
	}
	others, err := c.system().Find(usb.Match{VID: c.Match.VID})
	if err == nil && len(others) > 0 {
		e.Err = fmt.Errorf("of the same maker there is %s", others[0])
		e.Hint = "if that is the scanner, scan its USB-COM set-up barcode, or correct match.pid; other modes have other product ids"
	}
	return e
}

func (c Config) ambiguous(devices []usb.Device, found []PortInfo) error {
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.Path + " (usb " + p.USBPath + ")"
	}
	hint := usb.Distinguish(devices)
	if len(devices) == 1 {
		hint = "the scanner has several ports: say which one with port = \"/dev/serial/by-id/...\""
	}
	return &device.Error{
		Op: "find", Port: c.where(), Kind: device.KindFaulty,
		Err: fmt.Errorf("%d ports match: %s", len(found), strings.Join(names, ", ")), Hint: hint,
	}
}

func (c Config) system() usb.System { return usb.System{Sys: c.SysRoot, Dev: c.DevRoot} }

// portsOf gives the ports of the devices' interfaces. Drivers of both kinds are
// seen: cdc_acm, and those of usbserial (ftdi_sio, pl2303, cp210x, ch341, and of
// old scanners symbolserial, opticon and metro-usb).
func portsOf(devices []usb.Device) []PortInfo {
	var ports []PortInfo
	for _, d := range devices {
		for _, i := range d.Interfaces {
			for _, path := range i.TTY {
				ports = append(ports, PortInfo{
					Path: path, USBPath: d.Path, VID: d.VID, PID: d.PID,
					Serial: d.Serial, Manufacturer: d.Manufacturer, Product: d.Product,
				})
			}
		}
	}
	return ports
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
