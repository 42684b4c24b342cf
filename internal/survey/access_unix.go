//go:build unix

package survey

import "golang.org/x/sys/unix"

// mayOpen asks without opening: to open a serial port could reset its device.
func mayOpen(path string, write bool) error {
	mode := uint32(unix.R_OK)
	if write {
		mode |= unix.W_OK
	}
	return unix.Access(path, mode)
}
