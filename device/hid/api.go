package hid

import (
	"github.com/karalabe/hid"
)

// library is what is needed of hidapi.
type library interface {
	// supported is false where the program was built without cgo.
	supported() bool
	// list gives the HID interfaces of a device by its ids. On Linux it opens
	// them and does not know usages; it is not used there.
	list(vid, pid uint16) ([]listed, error)
	// open takes the interface at path: on Linux its name in sysfs.
	open(path string) (handle, error)
}

// listed is a HID interface as hidapi lists it, on Windows one for each
// top-level collection.
type listed struct {
	Path                          string
	Serial, Manufacturer, Product string
	Page, Usage                   uint16
	Interface                     int
}

// handle is an open device. It belongs to the goroutine that opened it.
type handle interface {
	// ReadTimeout reads one report, its id first where reports have one. It
	// gives 0 and no error when none came within so many milliseconds, and at
	// once for an empty one. An error is final.
	ReadTimeout(b []byte, milliseconds int) (int, error)
	// SendFeatureReport sends a report whose first byte is its id.
	SendFeatureReport(b []byte) (int, error)
	Close() error
}

// karalabe is the library.
type karalabe struct{}

func (karalabe) supported() bool { return hid.Supported() }

func (karalabe) list(vid, pid uint16) ([]listed, error) {
	infos, err := hid.Enumerate(vid, pid)
	if err != nil {
		return nil, err
	}
	all := make([]listed, len(infos))
	for i, info := range infos {
		all[i] = listed{
			Path: info.Path, Serial: info.Serial, Manufacturer: info.Manufacturer, Product: info.Product,
			Page: info.UsagePage, Usage: info.Usage, Interface: info.Interface,
		}
	}
	return all, nil
}

func (karalabe) open(path string) (handle, error) {
	return hid.DeviceInfo{Path: path}.Open()
}
