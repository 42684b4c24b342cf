package agent

import (
	"context"
	"log/slog"
	"time"

	"posagent/queue"
)

const (
	pruneEvery = 6 * time.Hour
	prunePerTx = 50 // sales in one transaction, so that no customer waits for long
)

// prune removes finished sales past their retention, in small transactions.
func prune(ctx context.Context, j *queue.Journal, retention time.Duration, log *slog.Logger) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		n, err := j.Prune(time.Now(), retention, prunePerTx, func() bool { return ctx.Err() != nil })
		switch {
		case err != nil:
			log.Error("old sales could not be removed; it is tried again", "error", err, "in", pruneEvery)
		case n.Sales > 0:
			log.Info("sales past their retention were removed", "sales", n.Sales, "events", n.Events)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
