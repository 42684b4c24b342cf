//go:build !windows

package dpapi

// Seal is for Windows.
func Seal(_, _ []byte, _ string) ([]byte, error) { return nil, ErrUnsupported }

// Open is for Windows.
func Open(_, _ []byte) ([]byte, error) { return nil, ErrUnsupported }
