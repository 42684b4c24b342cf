package keyboard

import (
	"errors"
	"io/fs"
	"syscall"

	"posagent/device"
)

// fault makes a device.Error of what the system said.
func fault(op, path string, err error) *device.Error {
	kind := kindOf(op, err)
	return &device.Error{Op: op, Port: path, Kind: kind, Err: err, Hint: hintFor(kind, path)}
}

// kindOf classifies by the error's value. A device that vanished between the
// look and the open is absent; one that did so later is gone.
func kindOf(op string, err error) device.Kind {
	switch {
	case errors.Is(err, syscall.ENODEV) && op == "read":
		return device.KindGone
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV), errors.Is(err, errOther):
		return device.KindAbsent
	case errors.Is(err, syscall.EBUSY), errors.Is(err, errHeld):
		return device.KindBusy
	case errors.Is(err, fs.ErrPermission):
		return device.KindNoPermission
	default:
		return device.KindFaulty
	}
}

var (
	// errOther: the node is another device's by now.
	errOther = errors.New("the node belongs to another device now")
	// errHeld: grabbing now would leave a key stuck in the desktop.
	errHeld = errors.New("a key of the scanner is held down")
)
