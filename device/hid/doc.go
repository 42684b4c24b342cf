// Package hid drives scanners of type "hid": in HID POS mode through
// github.com/karalabe/hid, and in keyboard mode, on Linux, through
// device/keyboard. What the device declares decides which.
//
// The library stands on hidapi, whose behaviour sets the rules here:
//
//   - Reading and closing at the same time is undefined, so one goroutine opens,
//     reads and closes a device, and reads with a time-out, or a stop would have
//     to wait for a scan.
//   - hidapi keeps 31 reports and drops the oldest without a word. That
//     goroutine does nothing but take reports over into a queue of thousands.
//   - Its errors have no kinds. A failed read is an unplugged scanner; why an
//     open failed is asked of the system.
//   - On Linux it takes the interface from the kernel's driver and gives it back
//     in Close. A program that is killed in between leaves it without a driver:
//     Find gives it back first.
//   - On Linux it does not tell usage pages and to list devices it opens them,
//     so nothing is listed: the interface and its report descriptor are found in
//     sysfs, and opened by the name that they have there.
//
// Reports that stood in the scanner before Open are read and thrown away: a code
// that was scanned then is nobody's.
//
// Without cgo the library is an empty shell. Everything compiles, scanners in
// keyboard mode work, and those in HID POS mode are faulty, with the reason.
package hid
