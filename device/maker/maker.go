// Package maker knows the makers of barcode scanners by their USB ids: what a
// product id says about the mode that a scanner is set to, and where its maker
// says how to set it to another.
//
// It informs people. No scanner is opened or refused because of what stands
// here: that is decided by what the device itself says.
package maker

import "slices"

// Mode is how a scanner presents itself. The names are stable.
type Mode string

// The modes.
const (
	ModeKeyboard Mode = "keyboard" // types as a keyboard does
	ModeHIDPOS   Mode = "hid_pos"  // USB usage page 0x8C
	ModeSerial   Mode = "serial"   // USB-CDC, or a serial port of a kind of its own
	ModeOEM      Mode = "oem"      // IBM hand-held or table-top, "USB OEM": cannot be read here
	ModeVendor   Mode = "vendor"   // the maker's own protocol: cannot be read here
)

// Readable reports whether a scanner in this mode can be used.
func (m Mode) Readable() bool {
	return m == ModeKeyboard || m == ModeHIDPOS || m == ModeSerial
}

// Words describes the mode for people.
func (m Mode) Words() string {
	switch m {
	case ModeKeyboard:
		return "keyboard mode"
	case ModeHIDPOS:
		return "HID POS mode"
	case ModeSerial:
		return "serial mode"
	case ModeOEM:
		return "IBM or OEM mode, which cannot be read"
	case ModeVendor:
		return "a mode of its maker's own, which cannot be read"
	default:
		return "unknown mode"
	}
}

// Maker is who a vendor id was given to.
type Maker struct {
	// VID is the USB vendor id, four lower-case hexadecimal digits.
	VID string
	// Name is what people call the maker.
	Name string
	// Generic says that the id belongs to a maker of chips and adapters: many
	// devices that are no scanners have it, and many scanners of others too.
	Generic bool
	// Setup says where the set-up bar codes are that change the mode, and from
	// whom that is known; empty: not known.
	Setup, Source string

	modes    map[string]Mode // by product id
	lastByte map[string]Mode // by the end of the product id, where the maker has a scheme
}

// Mode is the mode that a product id stands for; empty: the id does not tell.
func (m Maker) Mode(pid string) Mode {
	if mode, ok := m.modes[pid]; ok {
		return mode
	}
	if len(pid) != 4 {
		return ""
	}
	return m.lastByte[pid[2:]]
}

// Of finds the maker of a vendor id, which must be in lower case.
func Of(vid string) (Maker, bool) {
	all := All()
	i := slices.IndexFunc(all, func(m Maker) bool { return m.VID == vid })
	if i < 0 {
		return Maker{}, false
	}
	return all[i], true
}
