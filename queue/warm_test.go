package queue_test

import (
	"context"
	"path/filepath"
	"testing"

	"posagent/queue"
	"posagent/queue/queuetest"
)

func TestWarmReadsTheWholeIndexOfCodes(t *testing.T) {
	const filed = 4500 // more than two steps
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queuetest.Fill(path, filed); err != nil {
		t.Fatal(err)
	}
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if n, err := j.Warm(t.Context()); n != filed || err != nil {
		t.Errorf("%d entries, %v; want %d", n, err, filed)
	}
}

func TestWarmEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queuetest.Fill(path, 4500); err != nil {
		t.Fatal(err)
	}
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := j.Warm(ctx); n > 2000 || err != nil {
		t.Errorf("%d entries after the end, %v", n, err)
	}
}

func TestWarmOfAnEmptyJournalReadsNothing(t *testing.T) {
	j, err := queue.Open(filepath.Join(t.TempDir(), "journal.db"), queue.Options{Terminal: "S01/T03"})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if n, err := j.Warm(t.Context()); n != 0 || err != nil {
		t.Errorf("%d entries, %v", n, err)
	}
}
