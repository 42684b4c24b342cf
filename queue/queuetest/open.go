package queuetest

import (
	"path/filepath"
	"reflect"
	"testing"

	"posagent/queue"
)

func exportAll(reflect.Type) bool { return true }

// Open opens a journal in a folder of the test.
func Open(t *testing.T) *queue.Journal {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "journal.db"), queue.Options{})
}

// OpenAt opens or makes a journal.
func OpenAt(t *testing.T, path string, opt queue.Options) *queue.Journal {
	t.Helper()
	j, err := queue.Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
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
