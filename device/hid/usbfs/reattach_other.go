//go:build !linux || !(386 || amd64 || arm || arm64 || loong64 || riscv64)

package usbfs

// Reattach is not on this system.
func Reattach(string, int) error { return ErrUnsupported }
