package gadget

import "fmt"

// KeyboardReportSize is the length of a keyboard's report: modifiers, a reserved
// byte, six keys.
const KeyboardReportSize = 8

// Keyboard is the function of a scanner in keyboard mode: the boot keyboard of
// the HID specification 1.11, appendix B.1.
func Keyboard() *HID {
	return &HID{
		SubClass: 1, Protocol: 1, PacketSize: 2 * KeyboardReportSize,
		Descriptor: []byte{
			0x05, 0x01, // Usage Page (Generic Desktop)
			0x09, 0x06, // Usage (Keyboard)
			0xa1, 0x01, // Collection (Application)
			0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, // eight modifiers
			0x95, 0x01, 0x75, 0x08, 0x81, 0x03, // a reserved byte
			0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02, // five lamps
			0x95, 0x01, 0x75, 0x03, 0x91, 0x03,
			0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, // six keys
			0xc0,
		},
	}
}

// KeyReports are what a keyboard with the US layout sends for a text: each key
// down, and up again. It knows digits, letters, minus, Enter for \r and Tab for
// \t (HID Usage Tables, page 0x07).
func KeyReports(text string) ([][]byte, error) {
	reports := make([][]byte, 0, 2*len(text))
	for _, c := range text {
		key, shift, ok := usage(c)
		if !ok {
			return nil, fmt.Errorf("the rig's keyboard has no key for %q", c)
		}
		down := make([]byte, KeyboardReportSize)
		down[2] = key
		if shift {
			down[0] = 0x02
		}
		reports = append(reports, down, make([]byte, KeyboardReportSize))
	}
	return reports, nil
}

func usage(c rune) (key byte, shift, ok bool) {
	switch {
	case c >= 'a' && c <= 'z':
		return byte(c-'a') + 0x04, false, true
	case c >= 'A' && c <= 'Z':
		return byte(c-'A') + 0x04, true, true
	case c >= '1' && c <= '9':
		return byte(c-'1') + 0x1e, false, true
	case c == '0':
		return 0x27, false, true
	case c == '\r':
		return 0x28, false, true
	case c == '\t':
		return 0x2b, false, true
	case c == '-':
		return 0x2d, false, true
	}
	return 0, false, false
}
