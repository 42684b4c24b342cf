//go:build !linux

package usb

// Find is not on this system.
func (s System) Find(Match) ([]Device, error) { return nil, ErrUnsupported }

// Bind is not on this system.
func (s System) Bind(_, _ string) error { return ErrUnsupported }
