// Package gadget makes USB devices out of software: the kernel's gadget side,
// set up through configfs, joined to its host side by dummy_hcd. To the host side
// such a device is on the bus like any other: it is enumerated, gets its drivers,
// and leaves.
//
// It needs a kernel with dummy_hcd, libcomposite, usb_f_hid and usb_f_acm, and
// root.
package gadget

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Device is how a scanner presents itself.
type Device struct {
	VID, PID uint16
	// Product and Serial are its strings. Serial may be empty: many scanners
	// have none.
	Product, Serial string
	Functions       []Function
}

// Function is one interface, or pair of them, of a device.
type Function struct {
	// HID is nil for a serial port (CDC-ACM).
	HID *HID
}

// HID is a human interface device.
type HID struct {
	Descriptor []byte
	// SubClass and Protocol are 1 and 1 for a keyboard that a BIOS can use, else
	// 0 and 0.
	SubClass, Protocol int
	// PacketSize of the endpoint. It must be larger than a report: a report that
	// fills it is followed by an empty packet, which is a report to libusb.
	PacketSize int
}

// Bench is where gadgets are made.
type Bench struct {
	// Sys and Dev stand for /sys and /dev; empty: these.
	Sys, Dev string
}

func (b Bench) sys(name string) string { return filepath.Join(orElse(b.Sys, "/sys"), name) }
func (b Bench) dev(name string) string { return filepath.Join(orElse(b.Dev, "/dev"), name) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Gadget is one device on one port. Its methods belong to one goroutine.
type Gadget struct {
	bench   Bench
	dir     string
	port    int
	parts   []string // folders of the functions
	device  Device
	plugged bool
}

// New makes a device for port, 0 to 3; it is not plugged in yet. The kernel has
// room for four HID functions at a time, over all gadgets.
func (b Bench) New(name string, port int, d Device) (*Gadget, error) {
	g := &Gadget{bench: b, dir: filepath.Join(b.sys("kernel/config/usb_gadget"), name), port: port, device: d}
	if err := g.build(); err != nil {
		return nil, fmt.Errorf("make the USB device %s: %w", name, errors.Join(err, g.Remove()))
	}
	return g, nil
}

func (g *Gadget) build() error {
	d := g.device
	for _, dir := range []string{"", "strings/0x409", "configs/c.1", "configs/c.1/strings/0x409"} {
		if err := os.MkdirAll(filepath.Join(g.dir, dir), 0o755); err != nil {
			return err
		}
	}
	values := [][2]string{
		{"idVendor", fmt.Sprintf("0x%04x", d.VID)},
		{"idProduct", fmt.Sprintf("0x%04x", d.PID)},
		{"bcdDevice", "0x0100"},
		{"bcdUSB", "0x0200"},
		{"strings/0x409/manufacturer", "Rig"},
		{"strings/0x409/product", d.Product},
		{"configs/c.1/strings/0x409/configuration", "scanner"},
		{"configs/c.1/MaxPower", "100"},
	}
	if d.Serial != "" {
		values = append(values, [2]string{"strings/0x409/serialnumber", d.Serial})
	}
	for _, v := range values {
		if err := g.write(v[0], []byte(v[1])); err != nil {
			return err
		}
	}
	for i, f := range d.Functions {
		if err := g.add(i, f); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gadget) add(i int, f Function) error {
	name := fmt.Sprintf("acm.%d%d", g.port, i)
	if f.HID != nil {
		name = fmt.Sprintf("hid.%d%d", g.port, i)
	}
	part := filepath.Join(g.dir, "functions", name)
	if err := os.MkdirAll(part, 0o755); err != nil {
		return err
	}
	if h := f.HID; h != nil {
		for _, v := range []struct {
			name  string
			value []byte
		}{
			{"subclass", fmt.Append(nil, h.SubClass)},
			{"protocol", fmt.Append(nil, h.Protocol)},
			{"report_length", fmt.Append(nil, h.PacketSize)},
			{"report_desc", h.Descriptor},
		} {
			if err := g.write(filepath.Join("functions", name, v.name), v.value); err != nil {
				return err
			}
		}
	}
	g.parts = append(g.parts, part)
	return os.Symlink(part, filepath.Join(g.dir, "configs/c.1", name))
}

func (g *Gadget) write(name string, value []byte) error {
	return os.WriteFile(filepath.Join(g.dir, name), value, 0o600)
}

// Plug puts the cable in. Up tells when the host side has seen it.
func (g *Gadget) Plug() error {
	if err := g.write("UDC", fmt.Appendf(nil, "dummy_udc.%d", g.port)); err != nil {
		return fmt.Errorf("plug in the device on port %d: %w", g.port, err)
	}
	g.plugged = true
	return nil
}

// Unplug takes the cable out.
func (g *Gadget) Unplug() error {
	if err := g.write("UDC", []byte("\n")); err != nil {
		return fmt.Errorf("take out the device on port %d: %w", g.port, err)
	}
	g.plugged = false
	return nil
}

// HostPath is what the host side calls the device, e.g. "3-1", once it has
// configured it. It is empty while it is not there. The port's own state file
// is no help: it says "configured" after the device has left.
func (g *Gadget) HostPath() string {
	found, err := filepath.Glob(g.bench.sys(fmt.Sprintf("devices/platform/dummy_hcd.%d/usb*/*-1", g.port)))
	if err != nil || len(found) == 0 {
		return ""
	}
	value, err := os.ReadFile(filepath.Join(found[0], "bConfigurationValue"))
	if err != nil || strings.TrimSpace(string(value)) == "" {
		return ""
	}
	return filepath.Base(found[0])
}

// Node is the device file through which the i-th function is fed: reports for a
// HID function, bytes for a serial one. It is there while the device is plugged.
func (g *Gadget) Node(i int) (string, error) {
	if g.device.Functions[i].HID == nil {
		n, err := os.ReadFile(filepath.Join(g.parts[i], "port_num"))
		if err != nil {
			return "", fmt.Errorf("find the gadget's serial port: %w", err)
		}
		return g.bench.dev("ttyGS" + strings.TrimSpace(string(n))), nil
	}
	number, err := os.ReadFile(filepath.Join(g.parts[i], "dev"))
	if err != nil {
		return "", fmt.Errorf("find the gadget's node: %w", err)
	}
	link, err := os.Readlink(g.bench.sys("dev/char/" + strings.TrimSpace(string(number))))
	if err != nil {
		return "", fmt.Errorf("find the gadget's node: %w", err)
	}
	return g.bench.dev(filepath.Base(link)), nil
}

// Open opens the node of the i-th function, waiting until it is there.
func (g *Gadget) Open(ctx context.Context, i int) (*os.File, error) {
	for {
		node, err := g.Node(i)
		if err == nil {
			var f *os.File
			if f, err = os.OpenFile(node, os.O_RDWR|noControl, 0); err == nil {
				return f, nil
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("feed the device on port %d: %w", g.port, err)
		}
	}
}

// Remove takes the device apart, plugged or not.
func (g *Gadget) Remove() error {
	var errs []error
	if g.plugged {
		errs = append(errs, g.Unplug())
	}
	for _, p := range g.parts {
		errs = append(errs, os.Remove(filepath.Join(g.dir, "configs/c.1", filepath.Base(p))))
	}
	dirs := []string{"configs/c.1/strings/0x409", "configs/c.1"}
	for _, p := range g.parts {
		dirs = append(dirs, filepath.Join("functions", filepath.Base(p)))
	}
	for _, d := range append(dirs, "strings/0x409", "") {
		errs = append(errs, os.Remove(filepath.Join(g.dir, d)))
	}
	for i, err := range errs {
		if errors.Is(err, fs.ErrNotExist) {
			errs[i] = nil // it was never made
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("take the USB device apart: %w", err)
	}
	return nil
}
