package gadget

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Silent is a HID device on the bus that answers nothing which the kernel's
// gadget side does not answer by itself: the host side enumerates it, asks for
// its report descriptor, and waits.
type Silent struct {
	g     *Gadget
	at    string // where its files are mounted
	ep0   *os.File
	mount bool
}

// NewSilent makes such a device for port; it is not plugged in yet. Files are
// mounted below dir.
func (b Bench) NewSilent(dir string, port int, d Device) (*Silent, error) {
	d.Functions = nil
	g, err := b.New(fmt.Sprintf("silent-%d", port), port, d)
	if err != nil {
		return nil, err
	}
	s := &Silent{g: g, at: filepath.Join(dir, "silent")}
	if err := s.build(); err != nil {
		return nil, fmt.Errorf("make a silent USB device: %w", errors.Join(err, s.Remove()))
	}
	return s, nil
}

func (s *Silent) build() error {
	part := filepath.Join(s.g.dir, "functions", "ffs.silent")
	if err := os.MkdirAll(part, 0o755); err != nil {
		return err
	}
	s.g.parts = append(s.g.parts, part)
	if err := os.Symlink(part, filepath.Join(s.g.dir, "configs/c.1/ffs.silent")); err != nil {
		return err
	}
	if err := os.MkdirAll(s.at, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("silent", s.at, "functionfs", 0, ""); err != nil {
		return fmt.Errorf("mount functionfs: %w", err)
	}
	s.mount = true
	var err error
	if s.ep0, err = os.OpenFile(filepath.Join(s.at, "ep0"), os.O_RDWR, 0); err != nil {
		return err
	}
	for _, b := range [][]byte{functionDescriptors(), noStrings()} {
		if _, err := s.ep0.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// functionDescriptors is what functionfs wants first (linux/usb/functionfs.h):
// magic, length, flags, a count for each speed, and the descriptors.
func functionDescriptors() []byte {
	const magic, fullAndHighSpeed, perSpeed = 3, 1 | 2, 3
	var body []byte
	for _, interval := range []byte{10, 4} { // full speed, high speed: both 10 ms or less
		body = append(body,
			9, 4, 0, 0, 1, 3, 0, 0, 0, // interface 0: HID, one endpoint
			9, 0x21, 0x11, 0x01, 0, 1, 0x22, 75, 0, // HID 1.11, a report descriptor of 75 bytes
			7, 5, 0x81, 3, 64, 0, interval) // interrupt endpoint, in
	}
	var b []byte
	for _, v := range []int{magic, 20 + len(body), fullAndHighSpeed, perSpeed, perSpeed} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return append(b, body...)
}

func noStrings() []byte {
	const magic, length = 2, 16
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, magic|length<<32), 0)
}

// Plug puts the cable in. The device may never be configured.
func (s *Silent) Plug() error { return s.g.Plug() }

// OnBus tells whether the host side has found it, even if it waits for it.
func (s *Silent) OnBus() bool {
	found, err := filepath.Glob(s.g.bench.sys(fmt.Sprintf("devices/platform/dummy_hcd.%d/usb*/*-1", s.g.port)))
	return err == nil && len(found) > 0
}

// Remove takes the device apart, plugged or not.
func (s *Silent) Remove() error {
	var errs []error
	if s.g.plugged {
		errs = append(errs, s.g.Unplug())
	}
	if s.ep0 != nil {
		errs = append(errs, s.ep0.Close())
	}
	errs = append(errs, s.g.Remove())
	if s.mount {
		errs = append(errs, unix.Unmount(s.at, 0))
	}
	return errors.Join(errs...)
}
