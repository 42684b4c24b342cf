//go:build !windows

package pipe

import (
	"context"
	"fmt"
	"net"
)

// Listen is for Windows.
func Listen(address, _ string) (net.Listener, error) {
	return nil, fmt.Errorf("%s: %w", address, ErrUnsupported)
}

// ListenAdmin is for Windows.
func ListenAdmin(address string) (net.Listener, error) {
	return nil, fmt.Errorf("%s: %w", address, ErrUnsupported)
}

// Dial is for Windows.
func Dial(_ context.Context, address string) (net.Conn, error) {
	return nil, fmt.Errorf("%s: %w", address, ErrUnsupported)
}
