//go:build !linux

package replay

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Errors of a virtual scanner.
var (
	// ErrUnplugged: bytes were sent while the scanner was unplugged.
	ErrUnplugged = errors.New("the virtual scanner is unplugged")
	// ErrClosed: the virtual scanner was closed.
	ErrClosed = errors.New("the virtual scanner is closed")
)

// Scanner needs pseudo-terminals; there is none on this system.
type Scanner struct{}

// Open fails with errors.ErrUnsupported.
func Open(string) (*Scanner, error) {
	return nil, fmt.Errorf("virtual scanner: %w on %s", errors.ErrUnsupported, runtime.GOOS)
}

// Path is empty.
func (*Scanner) Path() string { return "" }

// SetSuffix does nothing.
func (*Scanner) SetSuffix(string) {}

// Send fails with ErrClosed.
func (*Scanner) Send(string) error { return ErrClosed }

// SendRaw fails with ErrClosed.
func (*Scanner) SendRaw([]byte) error { return ErrClosed }

// SendSlowly fails with ErrClosed.
func (*Scanner) SendSlowly(context.Context, string, time.Duration) error { return ErrClosed }

// Unplug fails with ErrClosed.
func (*Scanner) Unplug() error { return ErrClosed }

// Replug fails with ErrClosed.
func (*Scanner) Replug() error { return ErrClosed }

// Close does nothing.
func (*Scanner) Close() error { return nil }
