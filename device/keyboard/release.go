package keyboard

import (
	"errors"

	"posagent/device/usb"
)

// Release gives keyboards of matching devices that no driver has back to usbhid,
// and says which interfaces these were. They type again, and can be grabbed. A
// program that took one by libusb and was killed leaves it so; a living one is
// not disturbed. It needs root's rights: the error of anybody else matches
// fs.ErrPermission.
func Release(s usb.System, m usb.Match) (released []string, err error) {
	orphans, err := s.Orphans(m)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, i := range orphans {
		if err := s.Bind("usbhid", i.Path); err != nil {
			errs = append(errs, err)
			continue
		}
		released = append(released, i.Path)
	}
	return released, errors.Join(errs...)
}
