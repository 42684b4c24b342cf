// Package serial drives scanners on serial ports: USB-CDC (/dev/ttyACM*), USB
// adapters (/dev/ttyUSB*), RS-232 (/dev/ttyS*), COM ports on Windows.
//
// It stands on github.com/tarm/serial, whose behaviour on Linux sets the rules
// here:
//
//   - A read time-out is always set. Without one, Close waits for a byte that
//     may never come. Time-outs come in whole tenths of a second.
//   - A time-out and an unplugged adapter read the same, zero bytes and io.EOF,
//     and the latter at once and for ever. A zero-length write tells them apart:
//     it fails only when the device is gone.
//   - A port that is open can be opened again by anybody, who then steals scans.
//     So the port is locked (flock) and made exclusive (TIOCEXCL). Root passes
//     the latter; the former keeps two agents apart. On a pseudo-terminal the
//     latter outlives a killed process and would lock its successor out, so
//     there the lock stands alone.
//   - While a dead port is open, a replugged adapter gets another name
//     (ttyUSB1 for ttyUSB0). The Manager closes first and looks then, and a port
//     is best named by what does not change: /dev/serial/by-id/..., or a Match
//     on vendor, product and serial number.
//
// Input from before the port was opened is discarded: a code that was scanned
// then is nobody's.
package serial
