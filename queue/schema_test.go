package queue_test

import (
	"errors"
	"path/filepath"
	"testing"

	"posagent/queue"
)

func TestTheSchemaOfAJournalIsToldAlsoIfItIsNewer(t *testing.T) {
	path := worldCopy(t)
	if got, err := queue.SchemaOf(path); got != queue.Schema || err != nil {
		t.Errorf("got %d, %v; want %d", got, err, queue.Schema)
	}
	j, err := queue.Open(path, newer(queue.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := queue.SchemaOf(path); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("got %v of a journal in use, want %v", err, queue.ErrLocked)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Open(path, queue.Options{}); !errors.Is(err, queue.ErrNewerSchema) {
		t.Fatalf("got %v, want a journal that is too new", err)
	}
	before := readFile(t, path)
	if got, err := queue.SchemaOf(path); got != 3 || err != nil {
		t.Errorf("got %d, %v; want 3", got, err)
	}
	if string(readFile(t, path)) != string(before) {
		t.Error("the journal was changed")
	}
}

func TestTheSchemaOfNoJournalIsAnError(t *testing.T) {
	if _, err := queue.SchemaOf(filepath.Join(t.TempDir(), "none.db")); !errors.Is(err, queue.ErrMissing) {
		t.Errorf("got %v, want %v", err, queue.ErrMissing)
	}
	if _, err := queue.SchemaOf(place(t, []byte("no journal"))); !errors.Is(err, queue.ErrDamaged) {
		t.Errorf("got %v, want %v", err, queue.ErrDamaged)
	}
}
