package queue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"posagent/queue"
	"posagent/queue/queuetest"
)

const notes = "notes" // the bucket that schema 2 of these tests adds

// steps lead to schema 3: 2 adds a bucket, 3 puts a record into it.
func steps() map[int]func(*bolt.Tx) error {
	return map[int]func(*bolt.Tx) error{
		1: func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket([]byte(notes))
			return err
		},
		2: func(tx *bolt.Tx) error { return tx.Bucket([]byte(notes)).Put([]byte("k"), []byte("v")) },
	}
}

// worldCopy is a world that may end up as no journal of this program.
func worldCopy(t *testing.T) string {
	t.Helper()
	return place(t, readFile(t, world(t)))
}

func newer(opt queue.Options) queue.Options { return queue.WithSchema(opt, 3, steps()) }

func TestAnOlderJournalIsBroughtUpInOneTransactionAfterACopy(t *testing.T) {
	path := worldCopy(t)
	want := mustReadAll(t, path)
	j, err := queue.Open(path, newer(queue.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if info := j.Info(); info.Schema != 3 || info.Migrated != 1 {
		t.Errorf("got %+v, want schema 3 that was 1", info)
	}
	if r, err := j.Verify(context.Background()); err != nil || !r.OK() || r.Sales != len(want) || r.Schema != 3 {
		t.Errorf("got %+v, %v; want %d sales in a sound journal", r, err, len(want))
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// The copy is what a person goes back to with the older program.
	backup := path + ".v1-backup"
	queuetest.Verify(t, backup)
	if got := mustReadAll(t, backup); len(got) != len(want) {
		t.Errorf("the copy holds %d sales, want %d", len(got), len(want))
	}
	j, err = queue.Open(path, newer(queue.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if info := j.Info(); info.Migrated != 0 || info.Schema != 3 {
		t.Errorf("the next start: %+v, want schema 3 and nothing to do", info)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// An older program does not know what a newer one has written: it neither sells
// nor repairs, and leaves every byte.
func TestANewerJournalIsRefusedByEveryoneAndKept(t *testing.T) {
	path := worldCopy(t)
	j, err := queue.Open(path, newer(queue.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	before := readFile(t, path)
	refused := func(t *testing.T, path string, before []byte) {
		t.Helper()
		_, errOpen := queue.Open(path, queue.Options{})
		_, errRead := queue.Open(path, queue.Options{ReadOnly: true})
		_, errRepair := queue.Repair(context.Background(), path, queue.Options{})
		for _, err := range []error{errOpen, errRead, errRepair} {
			if !errors.Is(err, queue.ErrNewerSchema) {
				t.Errorf("got %v, want ErrNewerSchema", err)
			}
		}
		if string(readFile(t, path)) != string(before) {
			t.Error("the file was changed")
		}
		wantFiles(t, filepath.Dir(path), "journal.db")
	}
	if err := os.Remove(path + ".v1-backup"); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Verify(context.Background(), path); !errors.Is(err, queue.ErrNewerSchema) {
		t.Errorf("got %v, want ErrNewerSchema", err)
	}
	refused(t, path, before)
}

// Damage does not make a newer journal an older program's business: a repair
// would drop what it does not know.
func TestANewerJournalThatIsDamagedIsNotRepairedByAnOlderProgram(t *testing.T) {
	path := worldCopy(t)
	j, err := queue.Open(path, newer(queue.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	data := readFile(t, path)
	clear(data[:pageSize])
	broken := place(t, data)
	if _, err := queue.Repair(context.Background(), broken, queue.Options{}); !errors.Is(err, queue.ErrNewerSchema) {
		t.Errorf("got %v, want ErrNewerSchema", err)
	}
	if string(readFile(t, broken)) != string(data) {
		t.Error("the file was changed")
	}
	wantFiles(t, filepath.Dir(broken), "journal.db")
}

func TestAMigrationThatCannotBeDoneLeavesTheJournal(t *testing.T) {
	bad := errors.New("the step does not fit")
	for _, row := range []struct {
		name string
		opt  queue.Options
		want error
	}{
		{"a step fails", queue.WithSchema(queue.Options{}, 3, map[int]func(*bolt.Tx) error{
			1: steps()[1], 2: func(*bolt.Tx) error { return bad },
		}), bad},
		{"a step is missing", queue.WithSchema(queue.Options{}, 3, map[int]func(*bolt.Tx) error{1: steps()[1]}), queue.ErrDamaged},
		{"opened to read", newer(queue.Options{ReadOnly: true}), queue.ErrReadOnly},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := worldCopy(t)
			want := mustReadAll(t, path)
			if _, err := queue.Open(path, row.opt); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			queuetest.Verify(t, path)
			if got := mustReadAll(t, path); len(got) != len(want) {
				t.Errorf("%d sales, want %d", len(got), len(want))
			}
		})
	}
}

func TestAPowerCutDuringAMigrationLeavesTheOldJournalOrTheNew(t *testing.T) {
	cut := errors.New("power cut")
	for _, step := range []string{"copied", "backed up", "migrated"} {
		t.Run(step, func(t *testing.T) {
			path := worldCopy(t)
			want := mustReadAll(t, path)
			_, err := queue.Open(path, newer(queue.Options{Faults: queue.Faults{Step: func(name string) error {
				if name == step {
					return cut
				}
				return nil
			}}}))
			if !errors.Is(err, cut) {
				t.Fatalf("got %v, want the power cut", err)
			}
			j, err := queue.Open(path, newer(queue.Options{}))
			if err != nil {
				t.Fatal(err)
			}
			migrated := j.Info().Migrated
			if (step == "migrated") != (migrated == 0) {
				t.Errorf("the next start migrates from %d", migrated)
			}
			got, err := readAll(j)
			if err != nil || len(got) != len(want) {
				t.Errorf("%d sales, %v; want %d", len(got), err, len(want))
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The copy goes beside the journal. Where a folder has its name nothing is
// changed.
func TestAMigrationWithoutItsCopyDoesNotBegin(t *testing.T) {
	path := worldCopy(t)
	if err := os.Mkdir(path+".v1-backup", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Open(path, newer(queue.Options{})); err == nil {
		t.Error("the journal was changed without a copy")
	}
	queuetest.Verify(t, path)
	wantFiles(t, filepath.Dir(path), "journal.db", "journal.db.v1-backup")
}
