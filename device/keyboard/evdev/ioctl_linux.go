package evdev

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// reqGrab is EVIOCGRAB: _IOW('E', 0x90, int).
const reqGrab = 1<<30 | 4<<16 | 'E'<<8 | 0x90

// readRequest is _IOC(_IOC_READ, 'E', nr, size). MIPS, PowerPC and SPARC number
// directions otherwise; the program is not built for them.
func readRequest(nr, size uintptr) uintptr { return 2<<30 | size<<16 | 'E'<<8 | nr }

// get lets the kernel fill a variable of a type without pointers; the request
// carries its size, so that nothing behind it is touched. golang.org/x/sys has
// no function for these requests.
func get[T ID | KeySet](n *Node, nr uintptr) (T, error) {
	var v T
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.fd), readRequest(nr, unsafe.Sizeof(v)), uintptr(unsafe.Pointer(&v))) //nolint:gosec // G103: the one way to hand a struct to ioctl(2)
	if errno != 0 {
		return v, fmt.Errorf("ask %s: %w", n.path, errno)
	}
	return v, nil
}

// inputMask is struct input_mask.
type inputMask struct {
	kind, size uint32
	bits       uint64 // address
}

// reqMask is EVIOCSMASK.
const reqMask = 1<<30 | unsafe.Sizeof(inputMask{})<<16 | 'E'<<8 | 0x93

// KeysOnly makes the kernel keep no events for this node but those of keys. A
// USB keyboard reports a scan code with every key, and the kernel keeps 64 events
// for a reader that is late: 15 characters without scan codes, 10 with them. A
// kernel before 4.4 cannot do it, which is no error.
func (n *Node) KeysOnly() error {
	n.types = 1<<Syn | 1<<Key
	// The mask of type 0 is the one of types.
	mask := inputMask{size: uint32(unsafe.Sizeof(n.types)), bits: uint64(uintptr(unsafe.Pointer(&n.types)))} //nolint:gosec // G103: n is on the heap and lives until the call is over
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.fd), reqMask, uintptr(unsafe.Pointer(&mask)))      //nolint:gosec // G103: as in get
	runtime.KeepAlive(n)
	if errno != 0 && !errors.Is(errno, unix.EINVAL) {
		return fmt.Errorf("ask %s for keys only: %w", n.path, errno)
	}
	return nil
}

// ID asks the device who made it.
func (n *Node) ID() (ID, error) { return get[ID](n, 0x02) }

// Held asks which keys are down now.
func (n *Node) Held() (KeySet, error) { return get[KeySet](n, 0x18) }

// Keys asks which keys the device has.
func (n *Node) Keys() (KeySet, error) { return get[KeySet](n, 0x20+uintptr(Key)) }
