package asleep

import (
	"time"

	"golang.org/x/sys/unix"
)

// Total is how long the machine has slept since it was booted.
func Total() time.Duration { return read(unix.CLOCK_BOOTTIME) - read(unix.CLOCK_MONOTONIC) }

// read cannot fail: both clocks are as old as the oldest kernel that Go runs on.
func read(clock int32) time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(clock, &t)
	return time.Duration(t.Nano())
}
