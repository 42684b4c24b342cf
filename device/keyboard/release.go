package keyboard

import (
	"errors"
	"fmt"

	"posagent/device/hid/usbfs"
	"posagent/device/usb"
)

// Release gives HID interfaces of matching devices that no driver has back to
// usbhid, and says which these were. They type again, and can be grabbed. A
// program that took one by libusb and was killed leaves it so; a living one is
// not disturbed. Whoever may read and write the device's file may do it, or
// root: the error of anybody else matches fs.ErrPermission.
func Release(s usb.System, m usb.Match) (released []string, err error) {
	found, err := s.Find(m)
	if err != nil {
		return nil, fmt.Errorf("look for keyboards without a driver: %w", err)
	}
	var errs []error
	for _, d := range found {
		for _, i := range d.Interfaces {
			if i.Class != usb.ClassHID || i.Driver != "" {
				continue
			}
			if err := giveBack(s, d, i); err != nil {
				errs = append(errs, err)
				continue
			}
			released = append(released, i.Path)
		}
	}
	return released, errors.Join(errs...)
}

// giveBack tries the way that needs no root first.
func giveBack(s usb.System, d usb.Device, i usb.Interface) error {
	err := usbfs.Reattach(d.Node, i.Number)
	if err == nil {
		return nil
	}
	if berr := s.Bind("usbhid", i.Path); berr != nil {
		return errors.Join(err, berr)
	}
	return nil
}
