package agent

import (
	"context"
	"time"

	"posagent/internal/asleep"
)

// watchForSleep has everything that does not outlive a sleep of the machine begun
// anew. Connections to the gateway are not among it: the client itself never uses
// one from before. Open payments need nothing either: they are looked at every
// few seconds, by the wall clock.
func (a *agent) watchForSleep(ctx context.Context) error {
	return asleep.Watch(ctx, asleep.Total, func(slept time.Duration) {
		a.log.Info("the machine has slept", "took", slept.Round(time.Second))
		select {
		case a.woke <- struct{}{}:
		default: // it was told already
		}
	})
}
