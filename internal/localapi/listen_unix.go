//go:build unix

package localapi

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	socketMode = 0o660 // the service's user and the group of those who may sell
	socketDir  = 0o750
	answerTime = 2 * time.Second // for whoever owns an existing socket to answer
)

// ListenSocket listens on a unix socket of mode 0660, in a directory that is
// made with mode 0750 where it is missing. A socket that nobody answers on is
// left over from a crash and replaced; anything else in the way is an error and
// is left alone. The group is for Windows: here that of the file decides.
func ListenSocket(path, _ string) (Listener, error) {
	return listenSocket("api.socket", path, socketMode)
}

// ListenPrivate does the same with mode 0600, for the service's user and root
// alone. The key is that of the configuration, for hints.
func ListenPrivate(key, path string) (Listener, error) {
	return listenSocket(key, path, 0o600)
}

func listenSocket(key, path string, mode fs.FileMode) (Listener, error) {
	fail := func(err error, hint string) (Listener, error) {
		return Listener{}, &ListenError{Addr: path, Err: err, Hint: hint}
	}
	if err := os.MkdirAll(filepath.Dir(path), socketDir); err != nil {
		return fail(err, "make the directory, owned by the user that runs posagent")
	}
	if err := clearStale(path); err != nil {
		switch {
		case errors.Is(err, ErrInUse):
			return fail(err, "another posagent runs: stop it first, or set another "+key)
		case errors.Is(err, ErrNotSocket):
			return fail(err, "it was not touched; move it away or set another "+key)
		}
		return fail(err, "check who owns the socket and its directory")
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		switch {
		case inUse(err):
			return fail(fmt.Errorf("%w: %w", ErrInUse, err), "another posagent is starting at the same moment")
		case errors.Is(err, syscall.EINVAL):
			return fail(err, fmt.Sprintf("the path has %d bytes; the system takes about 100: set a shorter %s", len(path), key))
		}
		return fail(err, "check who owns the directory")
	}
	// Only widened, never narrowed too late: until here the umask decides, and
	// connecting needs the right to write, which no usual umask gives to others.
	if err := os.Chmod(path, mode); err != nil {
		return fail(errors.Join(err, l.Close()), "check who owns the directory")
	}
	return Listener{Listener: l, Trusted: true}, nil
}

// clearStale removes a socket that nobody answers on.
func clearStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("a %s is in the way: %w", info.Mode().Type(), ErrNotSocket)
	}
	c, err := net.DialTimeout("unix", path, answerTime)
	switch {
	case err == nil:
		return errors.Join(fmt.Errorf("somebody answers there: %w", ErrInUse), c.Close())
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	case errors.Is(err, fs.ErrNotExist):
		return nil // its owner has just left
	case errors.Is(err, fs.ErrPermission):
		return err
	}
	// A full queue of connections, a time-out: somebody has it.
	return fmt.Errorf("%w: %w", ErrInUse, err)
}

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
