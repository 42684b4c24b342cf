package serial

import (
	"errors"
	"io/fs"
	"syscall"

	"posagent/device"
)

// fault makes a device.Error of what the system said. hint is for store IT and
// may be empty: then the kind's own is used.
func fault(op, path string, err error, hint string) *device.Error {
	kind := kindOf(err)
	if hint == "" {
		hint = hintFor(kind, path)
	}
	return &device.Error{Op: op, Port: path, Kind: kind, Err: err, Hint: hint}
}

// kindOf classifies by the error's value. A device that vanished between the
// look and the open answers ENXIO or ENODEV: it is absent.
func kindOf(err error) device.Kind {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return device.KindAbsent
	case busyBySystem(err):
		return device.KindBusy
	case errors.Is(err, fs.ErrPermission):
		return device.KindNoPermission
	default:
		return device.KindFaulty
	}
}

// gone is a fault of an open port.
func gone(path string, err error) *device.Error {
	return &device.Error{
		Op: "read", Port: path, Kind: device.KindGone, Err: bare(err),
		Hint: "the adapter or scanner left the bus: check the cable, the hub and its power supply",
	}
}

// bare is the cause without the path, which the error names already.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
