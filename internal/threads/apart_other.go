//go:build !linux

package threads

// Apart runs work on goroutines: only on Linux is there a way to keep
// two threads off one processor that is worth its price.
type Apart struct{}

// NewApart never fails here.
func NewApart() (*Apart, error) { return &Apart{}, nil }

// Go starts f and returns at once.
func (*Apart) Go(f func()) { go f() }

// Close does nothing here.
func (*Apart) Close() {}
