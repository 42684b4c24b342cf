// Package asleep tells how long the machine has slept, and when it wakes.
//
// While a PC is suspended its timers stand still and the rest of the world goes
// on: gateways and routers forget connections, scanners lose their power. What
// was agreed with them before is void afterwards, and writing a payment to a
// connection from before would make its result doubtful.
//
// On Linux the difference of two clocks of the kernel tells it exactly:
// CLOCK_BOOTTIME counts while the machine sleeps, CLOCK_MONOTONIC does not
// (clock_gettime(2)). Elsewhere the wall clock stands in for the first one: a
// clock that is set forward is then taken for a sleep, which costs a few
// handshakes.
package asleep

import (
	"context"
	"time"
)

// Shortest is the sleep that counts: below it, it may be the two clocks not being
// read at the same moment, or a wall clock that is adjusted.
const Shortest = time.Second

// every is how often is looked for a sleep that is over.
const every = time.Second

// Watch calls woke after each sleep with its length, at most a second late, until
// ctx ends. total is what Total gives.
func Watch(ctx context.Context, total func() time.Duration, woke func(slept time.Duration)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for known := total(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := total()
		if slept := now - known; slept >= Shortest {
			woke(slept)
		}
		known = now
	}
}
