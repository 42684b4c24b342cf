//go:build unix

package gadget

import "golang.org/x/sys/unix"

// noControl keeps a serial port from becoming the terminal that ends us.
const noControl = unix.O_NOCTTY
