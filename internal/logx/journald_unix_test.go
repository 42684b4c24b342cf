//go:build unix

package logx

import (
	"log/slog"
	"testing"

	"github.com/coreos/go-systemd/v22/journal"
)

func TestLevelsAreSyslogsPriorities(t *testing.T) {
	var got []journal.Priority
	j := &journald{send: func(_ string, p journal.Priority, _ map[string]string) error {
		got = append(got, p)
		return nil
	}}
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if err := j.put(&event{level: level}); err != nil {
			t.Error(err)
		}
	}
	for i, want := range []journal.Priority{7, 6, 4, 3} {
		if got[i] != want {
			t.Errorf("priority %d, want %d", got[i], want)
		}
	}
}

func TestTheJournalIsChosenOnlyWhereStandardErrorIsItsStream(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "1:1") // of some other process
	if stderrIsJournal() {
		t.Error("a foreign stream was taken for the journal's")
	}
	t.Setenv("JOURNAL_STREAM", "nonsense")
	if stderrIsJournal() {
		t.Error("nonsense was taken for the journal's stream")
	}
}
