package queuetest

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"

	"posagent/offline"
	"posagent/offline/offlinetest"
	"posagent/queue"
)

func exportAll(reflect.Type) bool { return true }

// Open opens a journal in a folder of the test. When the test is over the
// journal is closed and verified, its sales' invariants included.
func Open(t *testing.T) *queue.Journal {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "journal.db"), queue.Options{})
}

// OpenAt opens or makes a journal, and verifies it like Open.
func OpenAt(t *testing.T, path string, opt queue.Options) *queue.Journal {
	t.Helper()
	j, err := queue.Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAndVerify(t, j) })
	return j
}

// Reopen closes a journal and opens it again.
func Reopen(t *testing.T, j *queue.Journal) *queue.Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return OpenAt(t, j.Path(), queue.Options{})
}

func closeAndVerify(t *testing.T, j *queue.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Errorf("closing the journal: %v", err)
	}
	Verify(t, j.Path())
}

// Verify checks a closed journal and the invariants of every sale in it.
func Verify(t *testing.T, path string) queue.Report {
	t.Helper()
	r, err := queue.Verify(context.Background(), path)
	if err != nil {
		t.Errorf("verifying: %v", err)
		return r
	}
	for _, f := range r.Findings {
		t.Errorf("verifying %s: %s", path, f)
	}
	j, err := queue.Open(path, queue.Options{ReadOnly: true})
	if err != nil {
		t.Errorf("opening to read: %v", err)
		return r
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Errorf("closing after reading: %v", err)
		}
	}()
	f := offline.SaleFilter{Limit: 500}
	for {
		page, err := j.Sales(f)
		if err != nil {
			t.Errorf("listing: %v", err)
			return r
		}
		for _, s := range page.Sales {
			if err := offlinetest.CheckInvariants(offline.Sale{}, s); err != nil {
				t.Errorf("invariants: %v", err)
			}
		}
		if f.Cursor = page.Cursor; f.Cursor == "" {
			return r
		}
	}
}
