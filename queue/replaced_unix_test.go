//go:build unix

package queue_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// What is sold into a file that nobody will ever open again is forgotten: a
// journal whose file was replaced or moved away stops taking sales.
func TestAJournalThatLosesItsNameStopsSelling(t *testing.T) {
	for _, row := range []struct {
		name string
		lose func(t *testing.T, path string)
		says string
	}{
		{"another file was put in its place", func(t *testing.T, path string) {
			if err := os.WriteFile(path+".other", readFile(t, path), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+".other", path); err != nil {
				t.Fatal(err)
			}
		}, "another file has this name now"},
		{"it was moved away", func(t *testing.T, path string) {
			if err := os.Rename(path, path+".moved"); err != nil {
				t.Fatal(err)
			}
		}, "no file of this name"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var told atomic.Int32
			path := filepath.Join(t.TempDir(), "journal.db")
			j, err := queue.Open(path, queue.Options{OnFailure: func(error) { told.Add(1) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.Close() })
			s := queuetest.NewScript(j)
			queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
			if err := j.Tidy(); err != nil {
				t.Fatal(err)
			}
			row.lose(t, path)
			found, _ := os.ReadFile(path)

			err = j.Tidy()
			if !errors.Is(err, offline.ErrJournal) || !errors.Is(err, queue.ErrReplaced) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("tidying: %v, want ErrReplaced that says %q", err, row.says)
			}
			if _, err := j.Commit(s.Open("R-2")); !errors.Is(err, queue.ErrReplaced) {
				t.Errorf("a new sale: %v, want ErrReplaced", err)
			}
			if told.Load() != 1 {
				t.Errorf("OnFailure was called %d times, want once", told.Load())
			}
			if sale, err := j.Sale("R-1"); err != nil || sale.State() != offline.SaleStatePaid {
				t.Errorf("reading goes on: got %s, %v; want the paid sale", sale.State(), err)
			}
			if err := j.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
			if now, _ := os.ReadFile(path); string(now) != string(found) {
				t.Error("the file that now has the name was changed")
			}
		})
	}
}
