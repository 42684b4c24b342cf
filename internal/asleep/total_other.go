//go:build !linux

package asleep

import "time"

// Total is by how much the wall clock went ahead of the process's own clock. It
// falls when the wall clock is set back.
func Total() time.Duration {
	now := time.Now()
	wall := time.Duration(now.UnixNano())
	return wall - now.Sub(origin)
}

var origin = time.Now()
