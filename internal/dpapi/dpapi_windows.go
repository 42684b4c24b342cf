package dpapi

import (
	"bytes"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// nobody asks: a service has no screen.
const silent = windows.CRYPTPROTECT_UI_FORBIDDEN

// Seal seals the secret for this machine. The entropy must be given again to open
// it; the description is stored in the clear.
func Seal(secret, entropy []byte, description string) ([]byte, error) {
	name, err := windows.UTF16PtrFromString(description)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	var out windows.DataBlob
	err = windows.CryptProtectData(blob(secret), name, blob(entropy), 0, nil, silent|windows.CRYPTPROTECT_LOCAL_MACHINE, &out)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return take(out), nil
}

// Open opens what Seal sealed with the same entropy on this machine.
func Open(sealed, entropy []byte) ([]byte, error) {
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blob(sealed), nil, blob(entropy), 0, nil, silent, &out); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return take(out), nil
}

func blob(data []byte) *windows.DataBlob {
	if len(data) == 0 {
		return &windows.DataBlob{}
	}
	return &windows.DataBlob{Size: uint32(len(data)), Data: &data[0]}
}

// take copies what the system allocated, wipes it and gives it back.
func take(out windows.DataBlob) []byte {
	theirs := unsafe.Slice(out.Data, out.Size) //nolint:gosec // the size that the system gives with it
	ours := bytes.Clone(theirs)
	clear(theirs)
	_, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data))) //nolint:gosec // allocated by the system for us; a failure leaks a few kilobytes
	return ours
}
