package keystore

import (
	"errors"
	"fmt"
	"io/fs"
)

// Sentinels tell the kinds of an [Error] apart.
var (
	// ErrMissing: the file does not exist.
	ErrMissing = errors.New("key file does not exist")
	// ErrUnreadable: the file exists and this user cannot read it.
	ErrUnreadable = errors.New("key file cannot be read")
	// ErrExposed: other users of the machine can read a secret file.
	ErrExposed = errors.New("key file can be read by others")
	// ErrFormat: the file is not what it should be.
	ErrFormat = errors.New("not the expected key")
	// ErrStrength: an RSA key shorter than 2048 or longer than 4096 bits.
	ErrStrength = errors.New("key length not accepted")
	// ErrExists: a file is in the way, and keys are never overwritten.
	ErrExists = errors.New("file exists already")
)

// Error is what is wrong with a key file. It never holds any of the file's content.
type Error struct {
	Path    string
	Problem string // what is wrong
	Hint    string // what a person can do about it
	Err     error  // one of the sentinels, or the system's error
}

// Error names file, problem and remedy.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Path + ": " + e.Problem
	}
	return e.Path + ": " + e.Problem + "; " + e.Hint
}

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Err }

func formatError(path, problem, hint string) *Error {
	return &Error{Path: path, Problem: problem, Hint: hint, Err: ErrFormat}
}

// openError words a failure to open or read path.
func openError(path string, err error) *Error {
	problem := "cannot be read: " + reason(err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Path: path, Problem: "does not exist", Hint: "correct the path, or put the file there", Err: errors.Join(ErrMissing, err)}
	case errors.Is(err, fs.ErrPermission):
		hint := "run as its owner, or give the file to the user of the service"
		if owner := ownerOf(path); owner != "" {
			hint = fmt.Sprintf("it belongs to %s; run as %s, or give the file to the user of the service", owner, owner)
		}
		return &Error{Path: path, Problem: problem, Hint: hint, Err: errors.Join(ErrUnreadable, err)}
	default:
		return &Error{Path: path, Problem: problem, Hint: "check the path and the disk", Err: errors.Join(ErrUnreadable, err)}
	}
}

// reason is the system's own words without operation and path.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
