package serial

import "posagent/device/usb"

// PortInfo is a serial port that is plugged in over USB.
type PortInfo struct {
	// Path is the port now, e.g. /dev/ttyACM0.
	Path string
	// USBPath is the socket, e.g. "1-2.4".
	USBPath string
	// VID and PID are the USB ids in lower case. The others are empty where the
	// device does not tell them.
	VID, PID, Serial      string
	Manufacturer, Product string
}

// Detail describes the device for people.
func (p PortInfo) Detail() string {
	return usb.Device{VID: p.VID, PID: p.PID, Serial: p.Serial, Manufacturer: p.Manufacturer, Product: p.Product}.Name()
}
