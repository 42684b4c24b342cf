package queue_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

var errPowerCut = errors.New("power cut")

// cutAt is a power cut after the named step.
func cutAt(step string) queue.Faults {
	return queue.Faults{Step: func(name string) error {
		if name == step {
			return errPowerCut
		}
		return nil
	}}
}

// An empty file of the journal's name would pass for a till without a past.
func TestAPowerCutDuringTheFirstStartLeavesNoJournalOrAWholeOne(t *testing.T) {
	for _, step := range []string{"named", "filled", "synced", "created", "inspected"} {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "journal.db")
			if _, err := queue.Open(path, queue.Options{Faults: cutAt(step)}); !errors.Is(err, errPowerCut) {
				t.Fatalf("got %v, want the power cut", err)
			}
			_, err := os.Lstat(path)
			there := err == nil
			if want := step == "created" || step == "inspected"; there != want {
				t.Errorf("after the cut the journal is there: %v, want %v", there, want)
			}
			if there {
				queuetest.Verify(t, path)
			}
			j := queuetest.OpenAt(t, path, queue.Options{})
			if info := j.Info(); info.New == there {
				t.Errorf("the next start made it anew: %v", info.New)
			}
			wantFiles(t, dir, "journal.db")
		})
	}
}

func TestAFirstStartMakesItsFolderForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "var", "lib [till] *?")
	path := filepath.Join(dir, "journal.db")
	created := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	if _, err := queue.Open(path, queue.Options{Faults: cutAt("synced")}); !errors.Is(err, errPowerCut) {
		t.Fatal(err)
	}
	j := queuetest.OpenAt(t, path, queue.Options{Terminal: "S01/T03", Now: func() time.Time { return created }})
	if info := j.Info(); info.Terminal != "S01/T03" || !info.Created.Equal(created) {
		t.Errorf("got %+v, want the terminal's name and the time", info)
	}
	wantFiles(t, dir, "journal.db") // what the cut left has gone, although the name looks like a pattern
	for _, name := range []string{dir, path} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, want it for the owner alone", name, info.Mode())
		}
	}
}

func TestAPlaceWhereNoJournalCanBeIsRefusedByName(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "journal.db"), filepath.Join(file, "below", "journal.db"), dir} {
		_, err := queue.Open(path, queue.Options{})
		var e *queue.Error
		if !errors.As(err, &e) || e.Path != path || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want an error that names it", path, err)
		}
		if err := queue.Import(path, queue.Options{}, nil); err == nil {
			t.Errorf("%s: imported", path)
		}
	}
	if _, err := queue.Open(filepath.Join(dir, "none.db"), queue.Options{ReadOnly: true}); !errors.Is(err, queue.ErrMissing) {
		t.Errorf("reading what is not there: %v, want ErrMissing", err)
	}
	wantFiles(t, dir, "file")
}

// Two programs start on an empty folder at once. One journal comes of it, and
// none is replaced.
func TestAJournalThatAppearsDuringTheFirstStartIsUsedAndNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	faster := func(name string) error {
		if name != "synced" {
			return nil
		}
		return queuetest.Fill(path, 3)
	}
	j := queuetest.OpenAt(t, path, queue.Options{Faults: queue.Faults{Step: faster}})
	if sales, err := readAll(j); err != nil || len(sales) != 3 || j.Info().New {
		t.Errorf("%d sales, %v, new: %v; want the 3 of the other program", len(sales), err, j.Info().New)
	}
	wantFiles(t, filepath.Dir(path), "journal.db")

	path = filepath.Join(t.TempDir(), "journal.db")
	if err := queue.Import(path, queue.Options{Faults: queue.Faults{Step: faster}}, slices.Values([][]offline.Write{})); !errors.Is(err, queue.ErrExists) {
		t.Errorf("import: %v, want ErrExists", err)
	}
	if got := mustReadAll(t, path); len(got) != 3 {
		t.Errorf("%d sales, want the 3 of the other program", len(got))
	}
}

func TestImportJudgesEveryWriteAndLeavesNothingHalf(t *testing.T) {
	s := queuetest.NewScript(digester{})
	good := []offline.Write{s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1")}
	sales := func(list ...[]offline.Write) iter.Seq[[]offline.Write] { return slices.Values(list) }
	for _, row := range []struct {
		name  string
		sales iter.Seq[[]offline.Write]
	}{
		{"a sale that was never opened", sales(good, []offline.Write{s.Paid("R-2", "M-2")})},
		{"a sale without a write", sales(good, nil)},
		{"a payment without a code", sales([]offline.Write{withoutCode(s.Start("R-3", "M-3", queuetest.Code(3))), s.Paid("R-3", "M-3")})},
	} {
		dir := t.TempDir()
		err := queue.Import(filepath.Join(dir, "journal.db"), queue.Options{}, row.sales)
		if !errors.Is(err, offline.ErrIllegal) {
			t.Errorf("%s: %v, want ErrIllegal", row.name, err)
		}
		wantFiles(t, dir)
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queue.Import(path, queue.Options{}, sales(good, []offline.Write{s.Open("R-4")})); err != nil {
		t.Fatal(err)
	}
	got := mustReadAll(t, path)
	if first := got["R-1"]; len(got) != 2 || first.State() != offline.SaleStatePaid {
		t.Errorf("got %v, want both sales", got)
	}
	queuetest.Verify(t, path)
	before := readFile(t, path)
	if err := queue.Import(path, queue.Options{}, sales(good)); !errors.Is(err, queue.ErrExists) {
		t.Errorf("into a journal that is there: %v, want ErrExists", err)
	}
	if string(before) != string(readFile(t, path)) {
		t.Error("the journal was changed")
	}
}

// digester is what a Script needs of a journal that does not exist yet.
type digester struct{ offline.Journal }

func (digester) Digest(c offline.IdentityCode) offline.CodeDigest {
	return offline.DigestCode([]byte("a key"), c)
}

func withoutCode(w offline.Write) offline.Write {
	w.Payments[0].New.Code.Hash = ""
	return w
}

// More sales than one transaction of an import holds.
func TestALargeImportIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queuetest.Fill(path, 2100); err != nil {
		t.Fatal(err)
	}
	r := queuetest.Verify(t, path)
	if r.Sales != 2100 || r.Events != 4200 || r.Unsettled != 0 {
		t.Errorf("got %+v, want 2100 sales with 4200 events", r)
	}
	// Branches, pages of overflow and full leaves: each found where it is zeroed
	// among many, and the rest carried over.
	data := readFile(t, path)[:usedBytes(t, path)]
	clear(data[len(data)/2/pageSize*pageSize:][:pageSize])
	broken := place(t, data)
	rep := mustRepair(t, broken)
	if rep.Sales < 2000 {
		t.Errorf("%d sales were carried over, want nearly all: %v", rep.Sales, rep.Findings)
	}
	queuetest.Verify(t, broken)
}

// At any moment there is a file of the journal's name: the damaged one, which no
// till opens, or the repaired one.
func TestAPowerCutDuringARepairLeavesADamagedJournalOrAWholeOne(t *testing.T) {
	for _, step := range []string{"named", "filled", "synced", "kept", "repaired"} {
		t.Run(step, func(t *testing.T) {
			path := small(t)
			want := mustReadAll(t, path)
			tamper(t, path, func(tx *bolt.Tx) error { return remove(tx, "live", "R-3\x00s") })
			if _, err := queue.Repair(context.Background(), path, queue.Options{Faults: cutAt(step)}); !errors.Is(err, errPowerCut) {
				t.Fatalf("got %v, want the power cut", err)
			}
			j, err := queue.Open(path, queue.Options{})
			if err == nil {
				err = j.Close()
			}
			if repaired := step == "repaired"; repaired != (err == nil) || !repaired && !errors.Is(err, queue.ErrDamaged) {
				t.Errorf("the next start: %v", err)
			}
			r, err := queue.Repair(context.Background(), path, queue.Options{})
			if err != nil {
				t.Fatal(err)
			}
			queuetest.Verify(t, path)
			checkCarried(t, step, want, mustReadAll(t, path), r)
		})
	}
}

// A second repair in the same second keeps both damaged files.
func TestEveryDamagedFileIsKept(t *testing.T) {
	path := small(t)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	kept := map[string]bool{}
	for n := range 3 {
		tamper(t, path, func(tx *bolt.Tx) error { return remove(tx, "payments", "M-1") })
		damaged := readFile(t, path)
		r, err := queue.Repair(context.Background(), path, queue.Options{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		if kept[r.KeptAs] || string(readFile(t, r.KeptAs)) != string(damaged) {
			t.Errorf("repair %d kept it as %q, want another name with the damaged file", n+1, r.KeptAs)
		}
		kept[r.KeptAs] = true
	}
}
