// Package descriptor reads HID report descriptors: which reports a device
// sends, and what stands where in them.
//
// The format is that of the USB Device Class Definition for Human Interface
// Devices 1.11, sections 5 and 6.2.2; it is public at usb.org. Where the text
// leaves room, the package does what Linux does (drivers/hid/hid-core.c):
// a usage of one or two bytes gets the usage page that is in force at its main
// item, and of alternatives between delimiters the first one counts.
//
// A descriptor comes from a device and may say anything. Everything in it is
// bounded, and what cannot be meant is an *Error with the offset of the byte.
package descriptor
