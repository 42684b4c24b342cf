package agent

import (
	"context"
	"log/slog"
	"time"

	"posagent/queue"
)

const (
	pruneEvery = 6 * time.Hour
	pruneAsk   = time.Minute // while the clock is not confirmed
	prunePerTx = 50          // sales in one transaction, so that no customer waits for long
)

// lookAfter reads ahead what every payment will need from the journal's file, and
// from then on removes old sales.
func lookAfter(ctx context.Context, j *queue.Journal, retention func() time.Duration, clock func() bool, log *slog.Logger) error {
	if _, err := j.Warm(ctx); err != nil {
		log.Warn("the journal's index of payment codes could not be read ahead", "error", err)
	}
	return prune(ctx, j, retention, clock, log)
}

// prune removes finished sales past their retention, in small transactions. It
// waits until the gateway's clock has confirmed this machine's: one that starts in
// a wrong year would make every sale old, and its refunds impossible.
func prune(ctx context.Context, j *queue.Journal, retention func() time.Duration, clock func() bool, log *slog.Logger) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	ask := time.NewTicker(pruneAsk)
	defer ask.Stop()
	for {
		if !clock() {
			select {
			case <-ask.C:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		n, err := j.Prune(time.Now(), retention(), prunePerTx, func() bool { return ctx.Err() != nil })
		switch {
		case err != nil:
			log.Error("old sales could not be removed; it is tried again", "error", err, "in", pruneEvery)
		case n.Sales > 0:
			log.Info("sales past their retention were removed", "sales", n.Sales, "events", n.Events)
		case n.Audit > 0:
			log.Info("entries of the audit trail past their retention were removed", "entries", n.Audit)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
