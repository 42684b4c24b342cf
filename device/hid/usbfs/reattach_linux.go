//go:build linux && (386 || amd64 || arm || arm64 || loong64 || riscv64)

package usbfs

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// request is struct usbdevfs_ioctl of linux/usbdevice_fs.h: a request to the
// driver of an interface, or about it.
type request struct {
	iface int32
	code  int32
	data  uintptr
}

const (
	// usbdevfsIoctl is _IOWR('U', 18, struct usbdevfs_ioctl).
	usbdevfsIoctl = 3<<30 | unsafe.Sizeof(request{})<<16 | 'U'<<8 | 18
	// usbdevfsConnect is _IO('U', 23): let the kernel look for a driver.
	usbdevfsConnect = 'U'<<8 | 23
)

// Reattach lets the kernel find a driver for interface number of the device
// whose file is node. It needs the right to read and write that file, and fails
// with an error that matches fs.ErrPermission without it, and unix.EBUSY while
// a driver or a program has the interface.
func Reattach(node string, number int) error {
	if number < 0 || number > math.MaxUint8 {
		return fmt.Errorf("give interface %d back to its driver: no such interface", number)
	}
	f, err := os.OpenFile(node, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("give interface %d back to its driver: %w", number, err)
	}
	req := request{iface: int32(number), code: usbdevfsConnect}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), usbdevfsIoctl, uintptr(unsafe.Pointer(&req))) //nolint:gosec // the kernel reads one struct, which lives until the call is over
	runtime.KeepAlive(&req)
	err = f.Close()
	if errno != 0 {
		err = errors.Join(errno, err)
	}
	if err != nil {
		return fmt.Errorf("give interface %d of %s back to its driver: %w", number, node, err)
	}
	return nil
}
