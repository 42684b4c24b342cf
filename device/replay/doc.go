// Package replay has scanners without hardware, for tests, demonstrations and
// support.
//
// A Scanner is a virtual one behind a real pseudo-terminal under a name that
// stays the same: the serial driver opens it as it would open an adapter, and
// Unplug and Replug take it away and bring it back. It works on Linux.
//
// A Capture is a recording: what a scanner sent, and when. NewDriver plays one
// back as a device.Driver, without a terminal and on any system. It waits on
// the clock of package time alone, so that a test in a testing/synctest bubble
// takes no time.
//
// # Capture files
//
// One event per line: the delay since the event before, then bytes in
// hexadecimal, or "unplug" or "replug". "#" begins a comment.
//
//	# EAN-13 at 9600 baud, CR LF
//	0       34 30 30 36
//	4.2ms   33 38 31 33 33 33 39 33 31 0d
//	1.04ms  0a
//	2s      unplug
//	1500ms  replug
//
// Behind the bytes "end" says that the transport itself ends the label there, as
// HID POS does, with the AIM identifier that it tells ("end ]C1"); "damaged" that
// it lost a part. A Recording is a capture with comments that mean something:
// "#= suffix = \"cr\"" is how the scanner is set, "#> payment_code 28..." a label
// that comes of it. A Recorder makes one of a real scanner, with other labels in
// place of those that were read.
package replay
