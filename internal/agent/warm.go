package agent

import (
	"context"
	"time"

	"posagent/offline"
)

// warming opens a connection to the gateway while the customer is still looking
// for the phone, so that the first payment after a pause does not wait for TCP
// and TLS. Nothing is sent on it.
type warming struct {
	*offline.Engine
	wanted chan struct{}
}

// Arm is the engine's, and asks for a connection when a sale opens.
func (w *warming) Arm(on bool) {
	w.Engine.Arm(on)
	if !on {
		return
	}
	select {
	case w.wanted <- struct{}{}:
	default: // one is asked for already
	}
}

// keepWarm opens connections as they are wanted. A failure is no news: the
// payment itself will tell.
func (a *agent) keepWarm(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.warm:
		}
		dial, cancel := context.WithTimeout(ctx, 5*time.Second)
		if err := a.client().Warm(dial); err != nil {
			a.log.Debug("no connection to the gateway yet", "error", err)
		}
		cancel()
	}
}
