//go:build unix

package logx

import (
	"log/slog"

	"github.com/coreos/go-systemd/v22/journal"
)

// journald writes to the systemd journal by its native protocol.
type journald struct {
	send func(text string, p journal.Priority, fields map[string]string) error
}

func newJournald() (sink, error) {
	return &journald{send: journal.Send}, nil
}

// stderrIsJournal tells whether standard error is a stream of the journal's, as it is in a service: then its native
// protocol says the same and more.
func stderrIsJournal() bool {
	is, err := journal.StderrIsJournalStream()
	return err == nil && is
}

func (j *journald) put(e *event) error {
	return j.send(e.text, priority(e.level), e.fields)
}

func (j *journald) close() error { return nil }

// priority is the level as syslog counts it (RFC 5424).
func priority(l slog.Level) journal.Priority {
	switch {
	case l >= slog.LevelError:
		return journal.PriErr
	case l >= slog.LevelWarn:
		return journal.PriWarning
	case l >= slog.LevelInfo:
		return journal.PriInfo
	}
	return journal.PriDebug
}
