package config

import "time"

// Scanner is one code reader and how its bytes become labels.
type Scanner struct {
	// Name in status, log and drop-ins, unique. Default: scanner-1, scanner-2, ...
	Name string `toml:"name" reload:"live"`
	// false takes the scanner out without deleting its lines.
	Enabled bool `toml:"enabled" reload:"live"`
	// How it is attached: serial is RS-232 or a USB device that acts as a serial port; hid is a USB device in HID POS or
	// keyboard mode. Required.
	Type ScannerType `toml:"type" reload:"live"`
	// Serial port: a device file, preferably under /dev/serial/by-id/, or COM3. Either port or match.
	Port string `toml:"port" path:"port" reload:"live"`
	// The USB device, wherever it is plugged in. Either port or match; type hid needs match, type serial has it on Linux only.
	Match Match `toml:"match"`
	// Keyboard layout that the scanner itself is set to, not the computer's; for type hid in keyboard mode alone. Scanners
	// leave the factory with us.
	Layout Layout `toml:"layout" reload:"live"`
	// Bits per second. Without effect on USB scanners that only pretend to be a serial port.
	Baud int `toml:"baud" reload:"live"`
	// Data bits, 7 or 8.
	DataBits int `toml:"data_bits" min:"7" max:"8" reload:"live"`
	// Parity bit.
	Parity Parity `toml:"parity" reload:"live"`
	// Stop bits, 1 or 2.
	StopBits int `toml:"stop_bits" min:"1" max:"2" reload:"live"`
	// Characters that the scanner is set to send before each label, taken off. At most 16.
	Prefix string `toml:"prefix" reload:"live"`
	// What ends a label. auto: CR, LF or ETX, and a pause as long as the scanner was not seen to send one of them.
	// none: a pause only.
	Suffix Suffix `toml:"suffix" reload:"live"`
	// AIM symbology identifier (]C0) before the label. auto: taken off when there. strip: anything of that form is
	// taken off. none: part of the label.
	AIM AIM `toml:"aim" reload:"live"`
	// A pause of this length ends a label that has no suffix, 50ms to 5s; with type hid 100ms or more.
	IdleGap time.Duration `toml:"idle_gap" min:"50ms" max:"5s" reload:"live"`
	// Longest label in bytes; a longer one is dropped and counted. 64 to 65536. The longest QR code holds 7089 digits.
	MaxLength int `toml:"max_length" min:"64" max:"65536" reload:"live"`
}

// Match names a USB device by what it says of itself.
type Match struct {
	// Vendor ID, four hexadecimal digits.
	VID string `toml:"vid" reload:"live"`
	// Product ID, four hexadecimal digits.
	PID string `toml:"pid" reload:"live"`
	// Serial number, where two of the same model are attached. Empty: any.
	Serial string `toml:"serial" reload:"live"`
	// USB socket such as 1-2.4, where two of the same model have no serial number; Linux only. Empty: any.
	USBPath string `toml:"usb_path" reload:"live"`
}

// IsZero says that no device is named.
func (m Match) IsZero() bool { return m == Match{} }

// ActiveScanners are the enabled ones.
func (c *Config) ActiveScanners() []Scanner {
	var active []Scanner
	for _, s := range c.Scanners {
		if s.Enabled {
			active = append(active, s)
		}
	}
	return active
}
