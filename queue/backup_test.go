package queue_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// wantFiles fails unless a folder holds these names and nothing else: a copy that
// failed leaves no file that looks like one.
func wantFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		got = append(got, e.Name())
	}
	if len(got) != len(names) {
		t.Errorf("the folder holds %v, want %v", got, names)
		return
	}
	for i := range names {
		if got[i] != names[i] {
			t.Errorf("the folder holds %v, want %v", got, names)
		}
	}
}

// tamper changes a closed journal behind its back, with right checksums of the
// pages.
func tamper(t *testing.T, path string, change func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestABackupIsAWholeJournalOfTheMomentItBegan(t *testing.T) {
	j := queuetest.OpenAt(t, world(t), queue.Options{})
	want, err := readAll(j)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	to := filepath.Join(dir, "copy.db")
	r, err := j.BackupTo(context.Background(), to)
	if err != nil || !r.OK() || r.Path != to || r.Sales != len(want) {
		t.Fatalf("got %+v, %v; want a sound copy of %d sales", r, err, len(want))
	}
	wantFiles(t, dir, "copy.db")
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Open("R-later"))
	got := mustReadAll(t, to)
	if _, ok := got["R-later"]; ok || len(got) != len(want) {
		t.Errorf("the copy holds %d sales, want %d", len(got), len(want))
	}
	if r, err = j.BackupTo(context.Background(), to); err != nil || r.Sales != len(want)+1 {
		t.Errorf("the next backup of that name: %+v, %v; want %d sales", r, err, len(want)+1)
	}
	queuetest.Verify(t, to)
	queuetest.OpenAt(t, to, queue.Options{}) // sells on from it
}

func TestBackupsAndSalesDoNotDisturbEachOther(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	var wg sync.WaitGroup
	defer wg.Wait()
	stop := make(chan struct{})
	defer close(stop)
	wg.Go(func() {
		for i := 0; ; i++ {
			id, m := saleNo(i)
			if _, err := j.Commit(s.Start(id, m, queuetest.Code(i))); err != nil {
				t.Errorf("selling during a backup: %v", err)
				return
			}
			if _, err := j.Commit(s.Paid(id, m)); err != nil {
				t.Errorf("selling during a backup: %v", err)
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for range 5 {
		to := filepath.Join(t.TempDir(), "copy.db")
		if r, err := j.BackupTo(context.Background(), to); err != nil || !r.OK() {
			t.Errorf("got %+v, %v; want a sound copy", r, err)
		}
		if r, err := j.Verify(context.Background()); err != nil || !r.OK() {
			t.Errorf("verifying while selling: %+v, %v", r.Findings, err)
		}
	}
}

func TestABackupThatCannotBeMadeLeavesTheLastOneInPlace(t *testing.T) {
	path := world(t)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	good := filepath.Join(dir, "copy.db")
	if err := os.WriteFile(good, []byte("the last good backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := queuetest.OpenAt(t, path, queue.Options{})
	for _, row := range []struct {
		name string
		ctx  context.Context
		to   string
		kind error
	}{
		{"to the journal itself", context.Background(), path, queue.ErrExists},
		{"to the journal by another name", context.Background(), filepath.Join(filepath.Dir(path), ".", "journal.db"), queue.ErrExists},
		{"into no folder", context.Background(), filepath.Join(dir, "no", "copy.db"), queue.ErrMissing},
		{"broken off", cancelled, good, context.Canceled},
		{"in place of a folder", context.Background(), dir, nil},
	} {
		before := readFile(t, path)
		if _, err := j.BackupTo(row.ctx, row.to); err == nil || row.kind != nil && !errors.Is(err, row.kind) {
			t.Errorf("%s: %v, want %v", row.name, err, row.kind)
		}
		if !bytes.Equal(before, readFile(t, path)) {
			t.Fatalf("%s: the journal was changed", row.name)
		}
	}
	wantFiles(t, dir, "copy.db")
	if string(readFile(t, good)) != "the last good backup" {
		t.Error("the last backup was replaced by one that is not sound")
	}
}

// A record can go bad while the journal is in use. Its copy is as bad, and must
// not replace a good one.
func TestADamagedJournalIsNotTakenForABackup(t *testing.T) {
	path := worldCopy(t)
	tamper(t, path, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("sales")).Put([]byte("R-00\x00h"), []byte("nonsense"))
	})
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err) // the sale is filed: selling goes on
	}
	t.Cleanup(func() { j.Close() })
	dir := t.TempDir()
	to := filepath.Join(dir, "copy.db")
	r, err := j.BackupTo(context.Background(), to)
	if !errors.Is(err, queue.ErrDamaged) || r.OK() || r.Findings[0].SaleID != "R-00" {
		t.Errorf("got %v, %v; want ErrDamaged that names R-00", r.Findings, err)
	}
	wantFiles(t, dir)
	if r, err := j.Verify(context.Background()); err != nil || r.OK() || r.Findings[0].SaleID != "R-00" {
		t.Errorf("verifying in place: %v, %v; want a finding about R-00", r.Findings, err)
	}
}

func TestABackupToABrokenWriterFailsAndTheJournalGoesOn(t *testing.T) {
	j := queuetest.Open(t)
	gone := errors.New("the connection is gone")
	if _, err := j.Backup(brokenWriter{gone}); err == nil || !strings.Contains(err.Error(), gone.Error()) {
		t.Errorf("got %v, want an error that says %v", err, gone)
	}
	queuetest.Commit(t, j, queuetest.NewScript(j).Open("R-1"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Backup(&bytes.Buffer{}); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
	if _, err := j.BackupTo(context.Background(), j.Path()+".copy"); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
	wantFiles(t, filepath.Dir(j.Path()), "journal.db")
}

// Verify of the file itself needs it alone; while a till has it, the answer is
// that it is in use, and nothing about damage.
func TestVerifyOfAFileInUseSaysSo(t *testing.T) {
	j := queuetest.Open(t)
	if _, err := queue.Verify(context.Background(), j.Path()); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if _, err := queue.Repair(context.Background(), j.Path(), queue.Options{}); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("repair: got %v, want ErrLocked", err)
	}
	queuetest.Commit(t, j, queuetest.NewScript(j).Open("R-1"))
	if _, err := queue.Verify(context.Background(), j.Path()+".no"); !errors.Is(err, queue.ErrMissing) {
		t.Errorf("no such file: got %v, want ErrMissing", err)
	}
	var unknown offline.SaleID = "R-2"
	if _, err := j.Sale(unknown); !errors.Is(err, offline.ErrUnknownSale) {
		t.Errorf("got %v, want ErrUnknownSale", err)
	}
}
