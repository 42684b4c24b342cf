// Package usbfs asks the kernel for what sysfs gives to root alone: a driver
// for an interface that has none. It talks to the device's file below
// /dev/bus/usb (linux/usbdevice_fs.h), which scanners' udev rules open to a
// group, and needs no C.
package usbfs

import "errors"

// ErrUnsupported: this system has no such files.
var ErrUnsupported = errors.New("USB devices have files on Linux only")
