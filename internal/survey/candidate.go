package survey

import (
	"fmt"
	"slices"

	"posagent/device/hid/descriptor"
	"posagent/device/maker"
	"posagent/device/usb"
)

// Candidate is one function of a USB device that is a scanner or could be one.
type Candidate struct {
	// VID to Product are what the device says of itself; USBPath is the socket.
	VID          string `json:"vid"`
	PID          string `json:"pid"`
	Serial       string `json:"serial,omitempty"`
	Manufacturer string `json:"manufacturer,omitempty"`
	Product      string `json:"product,omitempty"`
	USBPath      string `json:"usbPath"`
	Interface    int    `json:"interface"`

	// Maker is who the vendor id was given to; empty: not known.
	Maker string `json:"maker,omitempty"`
	// Mode is how the function presents itself; empty: it does not tell.
	Mode maker.Mode `json:"mode"`
	// Certain says that it is a scanner. Otherwise it is something that scanners
	// also look like: a keyboard, a serial adapter.
	Certain bool `json:"certain"`
	// Nodes are the device files that have to be opened.
	Nodes []string `json:"nodes"`
	// Driver is the kernel driver that has it; empty: none.
	Driver string `json:"driver,omitempty"`

	// Problem says why it cannot be used now, Remedy what to do. Empty: it can.
	Problem string `json:"problem,omitempty"`
	Remedy  string `json:"remedy,omitempty"`

	path   string // of the interface
	setup  string // where the maker says how to set another mode
	orphan bool   // HID without a driver
	denied bool   // a node may not be opened by this user
	twins  bool   // another device with the same ids and serial number is there
}

// Usable reports whether nothing is known that stands in the way.
func (c Candidate) Usable() bool { return c.Problem == "" }

// Name describes the device for people.
func (c Candidate) Name() string {
	name := c.Maker
	for _, said := range []string{c.Manufacturer, c.Product} {
		if said != "" {
			name = said
		}
	}
	if c.Manufacturer != "" && c.Product != "" {
		name = c.Manufacturer + " " + c.Product
	}
	if name != "" {
		name += " "
	}
	name += c.VID + ":" + c.PID
	if c.Serial != "" {
		name += " serial " + c.Serial
	}
	return name
}

// Orphan gives the interface's name in sysfs where no kernel driver has it that
// should: it can be given back with usb.System.Bind.
func (c Candidate) Orphan() (path string, ok bool) { return c.path, c.orphan }

// Denied reports whether it cannot be used because of this user's permissions.
func (c Candidate) Denied() bool { return c.denied }

// TakenFor says what the function is taken for.
func (c Candidate) TakenFor() string {
	switch {
	case c.Certain && c.Mode == "":
		return "a scanner in a mode that cannot be told"
	case c.Certain:
		return "a scanner in " + c.Mode.Words()
	case c.Driver == driverOfPrograms:
		return "a HID device that a program has, perhaps a scanner"
	case c.Mode == maker.ModeKeyboard:
		return "a keyboard, perhaps a scanner in keyboard mode"
	default:
		return "a serial port, perhaps a scanner's"
	}
}

// The interface classes of the USB-IF that a scanner can have beside HID.
const (
	classCDC     = 0x02
	classCDCData = 0x0a
	classVendor  = 0xff
)

// The usages of top-level collections, from the USB-IF's HID Usage Tables.
const (
	pageScanner = 0x8c   // bar code scanners
	pageOEM     = 0xff45 // IBM's hand-held and table-top scanners
	pageDesktop = 0x01
	idKeyboard  = 0x06
)

// candidate judges one interface; ok is false for what is no scanner's.
func candidate(d usb.Device, i usb.Interface) (Candidate, bool) {
	c := Candidate{
		VID: d.VID, PID: d.PID, Serial: d.Serial, Manufacturer: d.Manufacturer, Product: d.Product,
		USBPath: d.Path, Interface: i.Number, Driver: i.Driver, Nodes: []string{}, path: i.Path,
	}
	m, known := maker.Of(d.VID)
	c.Maker, c.setup = m.Name, m.Setup
	c.Certain = known && !m.Generic
	switch {
	case len(i.TTY) > 0:
		c.Mode, c.Nodes = maker.ModeSerial, slices.Clone(i.TTY)
	case i.Class == usb.ClassHID:
		return c.hid(d, i, m)
	case i.Class == classCDC:
		if !c.Certain {
			return Candidate{}, false // a modem, a network adapter
		}
		c.Mode = maker.ModeSerial
	case i.Class == classCDCData:
		return Candidate{}, false // goes with the interface before it
	case i.Class == classVendor && c.Certain:
		c.Mode = m.Mode(d.PID)
	default:
		return Candidate{}, false
	}
	return c, true
}

func (c Candidate) hid(d usb.Device, i usb.Interface, m maker.Maker) (Candidate, bool) {
	c.orphan = i.Driver == ""
	modes := map[maker.Mode][]string{}
	for _, h := range i.HID {
		mode := modeOf(h.Descriptor)
		modes[mode] = append(modes[mode], h.Input...)
	}
	switch {
	case has(modes, maker.ModeHIDPOS):
		c.Mode, c.Certain, c.Nodes = maker.ModeHIDPOS, true, []string{d.Node}
	case has(modes, maker.ModeOEM):
		c.Mode, c.Certain = maker.ModeOEM, true
	case has(modes, maker.ModeKeyboard):
		c.Mode, c.Nodes = maker.ModeKeyboard, append(c.Nodes, modes[maker.ModeKeyboard]...)
	case len(i.HID) > 0: // it says what it is: a mouse, a volume control
		return Candidate{}, false
	case i.Driver == driverOfPrograms: // what it is cannot be seen meanwhile
		c.Mode = m.Mode(d.PID)
	case !c.Certain && !(i.SubClass == 1 && i.Protocol == 1): // the boot keyboard's codes
		return Candidate{}, false
	default:
		// No driver, no descriptor: the ids and codes have to do.
		if c.Mode = m.Mode(d.PID); c.Mode == "" && i.SubClass == 1 && i.Protocol == 1 {
			c.Mode = maker.ModeKeyboard
		}
		if c.Mode == maker.ModeHIDPOS {
			c.Nodes = []string{d.Node}
		}
	}
	return c, true
}

func has(modes map[maker.Mode][]string, m maker.Mode) bool {
	_, ok := modes[m]
	return ok
}

// modeOf reads the mode from a report descriptor; empty: no scanner's.
func modeOf(raw []byte) maker.Mode {
	d, err := descriptor.Parse(raw)
	switch {
	case err != nil: // nobody could read its reports
		return ""
	case d.Has(pageScanner):
		return maker.ModeHIDPOS
	case d.Has(pageOEM):
		return maker.ModeOEM
	case d.HasUsage(descriptor.NewUsage(pageDesktop, idKeyboard)):
		return maker.ModeKeyboard
	default:
		return ""
	}
}

// switchTo is how to bring the scanner into a mode that can be read.
func (c Candidate) switchTo() string {
	if c.setup == "" {
		return "set the scanner to HID POS or serial mode with the set-up bar codes of its manual"
	}
	return fmt.Sprintf("set the scanner to HID POS or serial mode; see %s", c.setup)
}
