package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"posagent/internal/audit"
)

type memory struct {
	entries []audit.Entry
	err     error
}

func (m *memory) Record(_ context.Context, e audit.Entry) error {
	if m.err != nil {
		return m.err
	}
	m.entries = append(m.entries, e)
	return nil
}

func (m *memory) List(uint64, int) ([]audit.Entry, error) { return m.entries, m.err }

func TestWhatTheStoreDoesNotKeepIsInTheLogAsAWarning(t *testing.T) {
	entry := audit.Actor{Name: "uid 0 (root)", Role: "operate", Via: "socket"}.Entry(audit.Drain, "").With("wait", "30s")
	for name, row := range map[string]struct {
		store audit.Trail
		level string
		err   error
	}{
		"kept":       {&memory{}, "INFO", nil},
		"no journal": {nil, "WARN", audit.ErrNotKept},
		"failed":     {&memory{err: errors.New("disk full")}, "WARN", errors.New("disk full")},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := audit.NewLog(row.store, slog.New(slog.NewTextHandler(&out, nil)))
			err := log.Record(context.Background(), entry)
			if (err == nil) != (row.err == nil) || err != nil && err.Error() != row.err.Error() {
				t.Errorf("got %v", err)
			}
			for _, want := range []string{"level=" + row.level, `actor="uid 0 (root)"`, "action=drain", "wait:30s", "result=done"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the log lacks %q: %s", want, out.String())
				}
			}
		})
	}
}

func TestEntriesGetATimeAndLoseCodes(t *testing.T) {
	m := &memory{}
	log := audit.NewLog(m, slog.New(slog.DiscardHandler))
	if err := log.Record(context.Background(), audit.Self().Entry(audit.Resolve, "281234567890124394")); err != nil {
		t.Fatal(err)
	}
	e := m.entries[0]
	if e.At.IsZero() || e.At.Location() != time.UTC || strings.Contains(e.Subject, "281234567890124394") {
		t.Errorf("got %+v", e)
	}
	if err := e.Check(); err != nil {
		t.Error(err)
	}
}

func TestAFailureIsTold(t *testing.T) {
	e := audit.Self().Entry(audit.Backup, "").Outcome(errors.New("no room"))
	if e.Result != audit.Failed || e.Error != "no room" {
		t.Errorf("got %+v", e)
	}
	if e = audit.Self().Entry(audit.Backup, "").Outcome(nil); e.Result != audit.Done {
		t.Errorf("got %+v", e)
	}
}

func TestAnEntryIsWellFormedWhateverItsWordsMean(t *testing.T) {
	good := audit.Entry{At: time.Now(), Actor: "a", Action: "something_newer", Result: "partly"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, e := range map[string]audit.Entry{
		"no time":   {Actor: "a", Action: "drain", Result: "done"},
		"no actor":  {At: time.Now(), Action: "drain", Result: "done"},
		"no action": {At: time.Now(), Actor: "a", Result: "done"},
		"no word":   {At: time.Now(), Actor: "a", Action: "Drain it", Result: "done"},
		"no result": {At: time.Now(), Actor: "a", Action: "drain"},
	} {
		if e.Check() == nil {
			t.Errorf("%s: passed", name)
		}
	}
}
