//go:build !linux

package usb

func openKernel() (source, error) { return nil, ErrUnsupported }
