package offline

import (
	"context"
	"sync"
	"time"
)

// yield lets the clean-up of old payments step back for the customer who stands
// at the till: while a sale waits for its code only one clean-up works at a
// time, with pauses, and none begins a step while a payment is being sent.
type yield struct {
	mu      sync.Mutex
	armed   bool // a sale is in the foreground
	sending int  // payments between their scan and their first answer
	turns   chan struct{}
	changed chan struct{} // closed and replaced when sending falls to 0 or armed changes
}

const (
	cleanupWorkers = 4                     // clean-ups at a time while no sale is in the foreground
	cleanupPause   = 20 * time.Millisecond // between two steps beside a foreground sale
	yieldAtMost    = 2 * time.Second       // then a clean-up goes on even beside a slow payment
)

func newYield() *yield {
	return &yield{turns: make(chan struct{}, 1), changed: make(chan struct{})}
}

func (y *yield) signal() {
	close(y.changed)
	y.changed = make(chan struct{})
}

// arm tells whether a sale is in the foreground.
func (y *yield) arm(on bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.armed != on {
		y.armed = on
		y.signal()
	}
}

// begin marks a payment as being sent; the returned func ends that, once.
func (y *yield) begin() func() {
	y.mu.Lock()
	y.sending++
	y.mu.Unlock()
	return sync.OnceFunc(func() {
		y.mu.Lock()
		defer y.mu.Unlock()
		if y.sending--; y.sending == 0 {
			y.signal()
		}
	})
}

func (y *yield) look() (armed bool, sending bool, changed <-chan struct{}) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.armed, y.sending > 0, y.changed
}

// step runs one step of a clean-up when it may, or returns ctx's error.
func (y *yield) step(ctx context.Context, do func()) error {
	patience := time.NewTimer(yieldAtMost)
	defer patience.Stop()
	for {
		armed, sending, changed := y.look()
		switch {
		case sending:
			select {
			case <-changed:
				continue
			case <-patience.C:
				do()
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		case !armed:
			do()
			return ctx.Err()
		}
		select {
		case y.turns <- struct{}{}:
		case <-changed:
			continue
		case <-ctx.Done():
			return ctx.Err()
		}
		do()
		pause := time.NewTimer(cleanupPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
		<-y.turns
		return ctx.Err()
	}
}
