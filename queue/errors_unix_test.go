//go:build unix

package queue_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	berrors "go.etcd.io/bbolt/errors"

	"posagent/queue"
	"posagent/queue/queuetest"
)

// The cashier's terminal shows the error in one line: a kind that is also the
// cause is said once.
func TestAnErrorSaysItsKindOnce(t *testing.T) {
	j := queuetest.Open(t)
	_, err := queue.Open(j.Path(), queue.Options{})
	if !errors.Is(err, queue.ErrLocked) || strings.Count(err.Error(), queue.ErrLocked.Error()) != 1 {
		t.Errorf("got %v, want ErrLocked, said once", err)
	}
	var e *queue.Error
	if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), e.Hint) {
		t.Errorf("got %v, want a hint in it", err)
	}
}

func TestEachFailureHasItsKindAndAnAdviceForPeople(t *testing.T) {
	for _, row := range []struct {
		cause error
		kind  error
		hint  string // part of it; "": no advice is better than a wrong one
	}{
		{&fs.PathError{Op: "write", Path: "j", Err: syscall.ENOSPC}, queue.ErrDiskFull, "Make room"},
		{&fs.PathError{Op: "write", Path: "j", Err: syscall.EIO}, queue.ErrIO, "faults of the disk"},
		{&fs.PathError{Op: "open", Path: "j", Err: syscall.EACCES}, queue.ErrPermission, "user of the service"},
		{&fs.PathError{Op: "open", Path: "j", Err: syscall.EPERM}, queue.ErrPermission, "user of the service"},
		{&fs.PathError{Op: "open", Path: "j", Err: os.ErrNotExist}, queue.ErrMissing, "journal.path"},
		// bbolt prints the system's error of a failed growth and does not wrap it.
		{errors.New("file resize error: " + syscall.ENOSPC.Error()), queue.ErrDiskFull, "Make room"},
		{berrors.ErrTimeout, queue.ErrLocked, "Another posagent"},
		{berrors.ErrChecksum, queue.ErrDamaged, "journal repair"},
		{berrors.ErrVersionMismatch, queue.ErrDamaged, "journal repair"},
		{berrors.ErrInvalid, queue.ErrDamaged, "journal repair"},
		{berrors.ErrDatabaseNotOpen, queue.ErrClosed, ""},
		{berrors.ErrDatabaseReadOnly, queue.ErrReadOnly, "writable"},
		{queue.ErrNewerSchema, queue.ErrNewerSchema, "newer version"},
		{queue.ErrReplaced, queue.ErrReplaced, "keep every file"},
		{queue.ErrExists, queue.ErrExists, ""},
		{errors.New("a writer's own complaint"), nil, ""},
	} {
		err := queue.Wrap("writing", "/var/lib/posagent/journal.db", fmt.Errorf("below: %w", row.cause))
		var e *queue.Error
		if !errors.As(err, &e) || !errors.Is(e.Kind, row.kind) || !errors.Is(err, row.cause) {
			t.Errorf("%v: got %#v, want kind %v and the cause kept", row.cause, err, row.kind)
			continue
		}
		if !strings.Contains(e.Hint, row.hint) || row.hint == "" && e.Hint != "" {
			t.Errorf("%v: advice %q, want %q in it", row.cause, e.Hint, row.hint)
		}
		if text := err.Error(); !strings.HasPrefix(text, "writing journal /var/lib/posagent/journal.db: ") || strings.Contains(text, "\n") {
			t.Errorf("%v: it prints as %q, want one line with operation and file", row.cause, text)
		}
		if again := queue.Wrap("closing", "elsewhere", err); again.Error() != err.Error() {
			t.Errorf("%v: classified a second time, as %v", row.cause, again)
		}
	}
}
