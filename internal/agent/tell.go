package agent

import (
	"context"
	"log/slog"

	"posagent/internal/health"
	"posagent/internal/logx"
	"posagent/internal/till"
)

// standing names one condition, as health tells them apart.
type standing struct {
	code    health.Code
	subject string
}

// tellWarnings writes one line when a condition begins and one when it is over:
// without it the log of a till that stopped selling does not say so.
func (a *agent) tellWarnings(ctx context.Context) error {
	known := map[standing]health.Warning{}
	for version := uint64(0); ; {
		s, err := a.till.Wait(ctx, version)
		if err != nil {
			return nil // stopping
		}
		version = s.Version
		known = tellChanges(a.log, known, s.Warnings)
	}
}

// tellChanges logs what began and what is over, and returns what stands now.
func tellChanges(log *slog.Logger, known map[standing]health.Warning, now []health.Warning) map[standing]health.Warning {
	next := make(map[standing]health.Warning, len(now))
	for _, w := range now {
		id := standing{w.Code, w.Subject}
		next[id] = w
		if old, stood := known[id]; stood && old.Severity == w.Severity {
			continue // its text may count megabytes or minutes
		}
		if w.Code == till.WarnScanner { // its port has told it, with more detail
			continue
		}
		level := slog.LevelWarn
		switch w.Severity {
		case health.BlocksSelling:
			level = slog.LevelError
		case health.Info:
			level = slog.LevelInfo
		case health.Warn:
		}
		log.Log(context.Background(), level, "condition begins: "+w.Title, "action", logx.ActionConditionBegins, "condition", w.Code, "subject", w.Subject,
			"severity", w.Severity, "detail", w.Text, "remedy", w.Remedy)
	}
	for id, w := range known {
		if _, stands := next[id]; !stands && id.code != till.WarnScanner {
			log.Info("condition is over: "+w.Title, "action", logx.ActionConditionOver, "condition", id.code, "subject", id.subject)
		}
	}
	return next
}
