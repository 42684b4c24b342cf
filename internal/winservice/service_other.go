//go:build !windows

package winservice

import "context"

// Run is for Windows.
func Run(Options) (int, error) { return 0, ErrUnsupported }

// Install is for Windows.
func Install(Plan) error { return ErrUnsupported }

// Remove is for Windows.
func Remove(context.Context) error { return ErrUnsupported }

// Start is for Windows.
func Start(context.Context) error { return ErrUnsupported }

// End is for Windows.
func End(context.Context) error { return ErrUnsupported }

// Handed is for Windows.
func Handed() (map[string]string, error) { return nil, ErrUnsupported }

// Query is for Windows.
func Query() (Registered, error) { return Registered{}, ErrUnsupported }
