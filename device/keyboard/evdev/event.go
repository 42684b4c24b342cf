// Package evdev reads Linux input devices: /dev/input/event*.
//
// The formats and request numbers are those of the kernel's
// include/uapi/linux/input.h and input-event-codes.h, the rules those of
// Documentation/input/event-codes.rst. Events and key codes are known on every
// system, so that what is made of them can be tested everywhere; opening a node
// works on Linux only.
package evdev

// Event is one input_event without its time.
type Event struct {
	Type, Code uint16
	Value      int32
}

// Types of events, and the codes of Syn. Other types exist and mean nothing to a
// keyboard.
const (
	Syn uint16 = 0x00
	Key uint16 = 0x01

	SynReport  uint16 = 0 // a device's report is complete
	SynDropped uint16 = 3 // the reader was too slow: events are lost up to the next SynReport
)

// Values of a Key event.
const (
	Released int32 = 0
	Pressed  int32 = 1
	Repeated int32 = 2 // made by the kernel for a key that is held down
)

// Codes of keys. They name positions, by what a US keyboard has there.
const (
	Key1          uint16 = 2
	Key6          uint16 = 7
	Key0          uint16 = 11
	KeyMinus      uint16 = 12
	KeyTab        uint16 = 15
	KeyQ          uint16 = 16
	KeyP          uint16 = 25
	KeyLeftBrace  uint16 = 26
	KeyRightBrace uint16 = 27
	KeyEnter      uint16 = 28
	KeyLeftCtrl   uint16 = 29
	KeyA          uint16 = 30
	KeyApostrophe uint16 = 40
	KeyGrave      uint16 = 41
	KeyLeftShift  uint16 = 42
	KeyBackslash  uint16 = 43
	KeyZ          uint16 = 44
	KeySlash      uint16 = 53
	KeyRightShift uint16 = 54
	KeyKPAsterisk uint16 = 55
	KeyLeftAlt    uint16 = 56
	KeySpace      uint16 = 57
	KeyCapsLock   uint16 = 58
	KeyF1         uint16 = 59
	KeyNumLock    uint16 = 69
	KeyScrollLock uint16 = 70
	KeyKP7        uint16 = 71
	KeyKP8        uint16 = 72
	KeyKP9        uint16 = 73
	KeyKPMinus    uint16 = 74
	KeyKP4        uint16 = 75
	KeyKP5        uint16 = 76
	KeyKP6        uint16 = 77
	KeyKPPlus     uint16 = 78
	KeyKP1        uint16 = 79
	KeyKP2        uint16 = 80
	KeyKP3        uint16 = 81
	KeyKP0        uint16 = 82
	KeyKPDot      uint16 = 83
	Key102nd      uint16 = 86 // beside the left Shift of ISO keyboards
	KeyRo         uint16 = 89 // beside the right Shift of Japanese ones
	KeyKPEnter    uint16 = 96
	KeyRightCtrl  uint16 = 97
	KeyKPSlash    uint16 = 98
	KeyRightAlt   uint16 = 100
	KeyKPEqual    uint16 = 117
	KeyKPComma    uint16 = 121
	KeyYen        uint16 = 124 // beside Backspace of Japanese keyboards
	KeyLeftMeta   uint16 = 125
	KeyRightMeta  uint16 = 126

	// KeyCount is one more than the highest code, buttons included.
	KeyCount = 0x300
)

// KeySet says of each key whether it is in the set: keys that a device has, or
// that are down.
type KeySet [KeyCount / 8]byte

// Has reports whether the key is in the set.
func (s *KeySet) Has(code uint16) bool {
	return code < KeyCount && s[code/8]&(1<<(code%8)) != 0
}

// Add puts the key into the set; a code that no key has is left out.
func (s *KeySet) Add(code uint16) {
	if code < KeyCount {
		s[code/8] |= 1 << (code % 8)
	}
}

// Remove takes the key out of the set.
func (s *KeySet) Remove(code uint16) {
	if code < KeyCount {
		s[code/8] &^= 1 << (code % 8)
	}
}

// Empty reports whether no key is in the set.
func (s *KeySet) Empty() bool { return *s == KeySet{} }

// Types reports whether a device with these keys can type a label: it has the
// digits, the first letters and Enter. The nodes of volume keys, power keys and
// mice, which composite devices have beside their keyboard, do not.
func (s *KeySet) Types() bool {
	for code := Key1; code <= Key0; code++ {
		if !s.Has(code) {
			return false
		}
	}
	for code := KeyQ; code <= KeyP; code++ {
		if !s.Has(code) {
			return false
		}
	}
	return s.Has(KeyEnter)
}

// ID is who made a device: input_id.
type ID struct {
	// Bus is how it is connected: BusUSB, BusBluetooth, BusVirtual and others.
	Bus uint16
	// Vendor and Product are USB ids, on Bluetooth too; Version the device's own.
	Vendor, Product, Version uint16
}

// Buses that keyboards are found on.
const (
	BusUSB       uint16 = 0x03
	BusBluetooth uint16 = 0x05
	BusVirtual   uint16 = 0x06
)
