package queue

import (
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"

	"posagent/offline"
)

// Kinds of failures, to be tested with errors.Is.
var (
	// ErrLocked: another program has the journal open.
	ErrLocked = errors.New("in use by another program")
	// ErrNewerSchema: a newer version of the agent wrote the journal.
	ErrNewerSchema = errors.New("written by a newer version")
	// ErrDamaged: the file is not a journal, or part of it is lost.
	ErrDamaged = errors.New("damaged")
	// ErrPermission: the operating system does not allow it.
	ErrPermission = errors.New("no permission")
	// ErrReadOnly: the file system or the journal is read-only.
	ErrReadOnly = errors.New("read-only")
	// ErrDiskFull: no room on the disk, or a quota is used up.
	ErrDiskFull = errors.New("disk full")
	// ErrIO: the disk or the network share reports a failure.
	ErrIO = errors.New("the disk reports an error")
	// ErrMissing: there is no such file.
	ErrMissing = errors.New("does not exist")
	// ErrExists: there is a file of that name already; nothing was replaced.
	ErrExists = errors.New("exists already")
	// ErrReplaced: the name of the open journal means another file by now, or none.
	ErrReplaced = errors.New("moved away or replaced while in use")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("closed")
)

// Error is a failure of the store: what was done with which file, the kind (one
// of the sentinels above), the cause, and what a person can do.
type Error struct {
	Op   string // such as "opening"
	Path string
	Kind error
	Err  error // the cause; may be nil
	Hint string
}

// Error is one line for people: operation, file, kind, cause, and what to do. A
// cause that wraps its kind does not say it a second time.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + " journal " + e.Path)
	kind, cause := "", ""
	if e.Kind != nil {
		kind = e.Kind.Error()
		b.WriteString(": " + kind)
	}
	if e.Err != nil {
		cause = strings.TrimSuffix(e.Err.Error(), ": "+kind)
	}
	if cause != "" && cause != kind {
		b.WriteString(": " + cause)
	}
	if e.Hint != "" {
		b.WriteString(". " + e.Hint)
	}
	return b.String()
}

// Unwrap lets errors.Is find the kind and the cause.
func (e *Error) Unwrap() []error {
	var out []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// wrap classifies a failure. An error that has its kind already is returned as
// it is.
func wrap(op, path string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	e := &Error{Op: op, Path: path, Err: err, Kind: kindOf(err)}
	e.Hint = hint(e.Kind, path)
	return e
}

func damaged(op, path string, err error) error {
	return &Error{Op: op, Path: path, Kind: ErrDamaged, Err: err, Hint: hint(ErrDamaged, path)}
}

func kindOf(err error) error {
	text := err.Error() // bbolt prints the cause of a failed growth instead of wrapping it
	has := func(list []syscall.Errno) bool {
		for _, n := range list {
			if errors.Is(err, n) || strings.Contains(text, n.Error()) {
				return true
			}
		}
		return false
	}
	for _, kind := range []error{
		ErrLocked, ErrNewerSchema, ErrDamaged, ErrPermission, ErrReadOnly, ErrDiskFull, ErrIO, ErrMissing,
		ErrExists, ErrReplaced, ErrClosed,
	} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	switch {
	case errors.Is(err, errRecord), errors.Is(err, errPage), errors.Is(err, berrors.ErrInvalid),
		errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		return ErrDamaged
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, berrors.ErrDatabaseReadOnly), has(readOnlyErrnos()):
		return ErrReadOnly
	case errors.Is(err, fs.ErrNotExist):
		return ErrMissing
	case has(fullErrnos()):
		return ErrDiskFull
	case errors.Is(err, fs.ErrPermission):
		return ErrPermission
	}
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return ErrIO
	}
	return nil // not the system's: the cause says it all
}

func hint(kind error, path string) string {
	switch kind {
	case ErrLocked:
		if runtime.GOOS == "windows" {
			return "Another posagent is running on this file; end it in the list of services or in the Task Manager"
		}
		return "Another posagent is running on this file; `fuser -v " + path + "` shows which"
	case ErrNewerSchema:
		return "Install the newer version again, or start with the copy that it made beside the file before it changed it"
	case ErrDamaged:
		return "Keep the file and run `posagent journal repair`; it moves the file aside and carries over what can be read"
	case ErrPermission:
		return "The user of the service needs to read and write the file and to write its folder"
	case ErrReadOnly:
		return "Make the file and its file system writable, then start again"
	case ErrDiskFull:
		return "Make room on the disk, then start again"
	case ErrIO:
		return "Look at the system's log for faults of the disk; keep a backup before starting again"
	case ErrReplaced:
		return "Stop the agent and keep every file of this name: the sales since its start are in the one that was moved away"
	case ErrMissing:
		return "Check journal.path in the configuration"
	}
	return ""
}

// failed makes the error of a write that the store could not finish.
func failed(cause error) error { return &failure{cause} }

// failure is offline.ErrJournal with its first cause.
type failure struct{ cause error }

func (f *failure) Error() string   { return offline.ErrJournal.Error() + ": " + f.cause.Error() }
func (f *failure) Unwrap() []error { return []error{offline.ErrJournal, f.cause} }
