package localapi

import (
	"errors"
	"fmt"
	"syscall"

	"posagent/internal/pipe"
)

// ListenSocket listens on a named pipe such as \\.\pipe\posagent, which the members
// of the group, by name or SID, may use; where it is empty, whoever is logged on at
// the machine.
func ListenSocket(path, group string) (Listener, error) {
	if !pipe.Is(path) {
		return Listener{}, &ListenError{Addr: path, Err: ErrUnsupported, Hint: `on Windows api.socket is a named pipe: '\\.\pipe\posagent'`}
	}
	l, err := pipe.Listen(path, group)
	switch {
	case errors.Is(err, pipe.ErrInUse):
		return Listener{}, &ListenError{Addr: path, Err: fmt.Errorf("%w: %w", ErrInUse, err), Hint: "another posagent runs: stop it first, or set another api.socket"}
	case err != nil:
		return Listener{}, &ListenError{Addr: path, Err: err, Hint: "check api.socket and api.group"}
	}
	return Listener{Listener: l, Trusted: true}, nil
}

// wsaeaddrinuse is Windows' number for an address in use.
const wsaeaddrinuse = syscall.Errno(10048)

func inUse(err error) bool { return errors.Is(err, wsaeaddrinuse) }
