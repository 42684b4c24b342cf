//go:build unix

package queue_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

const aloneVariable = "POSAGENT_TEST_ALONE"

// alone runs the test in a process of its own, and tells whether this is it: the
// limit on files would also hit the files that "go test" itself writes.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), aloneVariable+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("PASS")) {
		t.Errorf("%v:\n%s", err, out)
	}
	return false
}

// limitFiles makes the system refuse every write beyond a file's first bytes, as
// a full disk does, until lift is called.
func limitFiles(t *testing.T, most int) (lift func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	limit := old
	limit.Cur = uint64(most)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	lift = func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { lift(); signal.Reset(syscall.SIGXFSZ) })
	return lift
}

// What is under way must be written down while there is room for it; a sale that
// nobody has begun can wait.
func TestOnAFullDiskNothingNewIsBegunAndWhatIsUnderWayIsFinished(t *testing.T) {
	if !alone(t) {
		return
	}
	path := small(t)
	data := readFile(t, path)[:usedBytes(t, path)]
	path = place(t, append(data, make([]byte, 128<<10)...)) // less room than the journal wants
	lift := limitFiles(t, len(data)+128<<10)
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	if err := j.Full(); !errors.Is(err, queue.ErrDiskFull) {
		t.Errorf("after opening: %v, want ErrDiskFull", err)
	}
	s := queuetest.NewScript(j)
	for _, w := range []offline.Write{
		s.Open("R-5"), s.Start("R-6", "M-6", queuetest.Code(6)),
		s.Pay("R-4", "M-4", queuetest.Code(4)), s.Refund("R-1", "M-1", "F-1", 100),
	} {
		if _, err := j.Commit(w); !errors.Is(err, offline.ErrJournal) || !errors.Is(err, queue.ErrDiskFull) {
			t.Errorf("something new of sale %s: %v, want ErrJournal, as the disk is full", w.SaleID, err)
		}
	}
	queuetest.Commit(t, j, s.Paid("R-3", "M-3"), s.Close("R-4", offline.SaleCancelled))
	if err := j.Err(); err != nil {
		t.Errorf("the journal stopped taking writes: %v", err)
	}
	lift()
	queuetest.Commit(t, j, s.Open("R-5")) // as soon as there is room, without a restart
	if err := j.Full(); err != nil {
		t.Errorf("with room: %v", err)
	}
	next := queuetest.Reopen(t, j)
	for id, want := range map[offline.SaleID]offline.SaleState{
		"R-3": offline.SaleStatePaid, "R-4": offline.SaleStateCancelled, "R-5": offline.SaleStateWaiting,
	} {
		if sale, err := next.Sale(id); err != nil || sale.State() != want {
			t.Errorf("sale %s is %s, %v; want %s", id, sale.State(), err, want)
		}
	}
}

// Without any room left, the write that does not fit closes the journal: nobody
// is told of it, and the next start finds all of it or nothing.
func TestAWriteThatTheDiskRefusesIsNotShownAndStopsTheTill(t *testing.T) {
	if !alone(t) {
		return
	}
	path := small(t)
	data := readFile(t, path)[:usedBytes(t, path)]
	path = place(t, data)
	lift := limitFiles(t, len(data))
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	s := queuetest.NewScript(j)
	attempt := 1
	refused := false
	for ; attempt < 400 && !refused; attempt++ { // free pages are used up first
		last, err := j.Sale("R-3")
		if err != nil {
			t.Fatal(err)
		}
		_, err = j.Commit(s.Facts("R-3", "M-3",
			s.Finished(attempt, offline.Outcome{Kind: offline.NoAnswer, Detail: "time-out"}), s.Begun(attempt+1, offline.OpQuery)))
		if refused = err != nil; !refused {
			continue
		}
		if !errors.Is(err, offline.ErrJournal) || !errors.Is(err, queue.ErrDiskFull) {
			t.Errorf("got %v, want ErrJournal, as the disk is full", err)
		}
		wantSale(t, j, last)
		if _, err := j.Commit(s.Close("R-4", offline.SaleCancelled)); !errors.Is(err, queue.ErrDiskFull) {
			t.Errorf("the next write: %v, want the first cause", err)
		}
	}
	if !refused {
		t.Fatal("the disk was never full")
	}
	shown, err := j.Sale("R-3")
	if err != nil {
		t.Fatal(err)
	}
	lift()
	next := queuetest.Reopen(t, j)
	found, err := next.Sale("R-3")
	if err != nil || found.Version != shown.Version && found.Version != shown.Version+2 {
		t.Errorf("the next start finds %d facts, %v; %d were there, and 2 in doubt", found.Version, err, shown.Version)
	}
}

func TestNothingHalfMadeStaysOnAFullDisk(t *testing.T) {
	if !alone(t) {
		return
	}
	path := small(t)
	want := readFile(t, path)
	broken := append([]byte(nil), want...)
	clear(broken[pageSize : 2*pageSize])
	damaged := place(t, broken)
	old := place(t, want)
	for _, row := range []struct {
		name  string
		limit int
		dir   string
		names []string
		do    func(dir string) error
	}{
		{"a first journal, at its first page", 0, t.TempDir(), nil, func(dir string) error {
			_, err := queue.Open(filepath.Join(dir, "journal.db"), queue.Options{})
			return err
		}},
		{"a first journal, at its reserve", 512 << 10, t.TempDir(), nil, func(dir string) error {
			_, err := queue.Open(filepath.Join(dir, "journal.db"), queue.Options{})
			return err
		}},
		{"a backup", 8 << 10, t.TempDir(), nil, func(dir string) error {
			j, err := queue.Open(path, queue.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = j.BackupTo(context.Background(), filepath.Join(dir, "copy.db"))
			return errors.Join(err, j.Close())
		}},
		{"a repair", 8 << 10, filepath.Dir(damaged), []string{"journal.db"}, func(string) error {
			_, err := queue.Repair(context.Background(), damaged, queue.Options{})
			return err
		}},
		{"a migration's copy", 8 << 10, filepath.Dir(old), []string{"journal.db"}, func(string) error {
			_, err := queue.Open(old, newer(queue.Options{}))
			return err
		}},
	} {
		lift := limitFiles(t, row.limit)
		err := row.do(row.dir)
		lift()
		if !errors.Is(err, queue.ErrDiskFull) {
			t.Errorf("%s: %v, want ErrDiskFull", row.name, err)
		}
		wantFiles(t, row.dir, row.names...)
	}
	if string(readFile(t, damaged)) != string(broken) || string(readFile(t, old)) != string(want) {
		t.Error("a file that could not be replaced was changed")
	}
}
