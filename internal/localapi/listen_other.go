//go:build !unix

package localapi

import (
	"errors"
	"syscall"
)

// ListenSocket is for systems with unix sockets and file modes on them. Until
// there is a named pipe here, api.listen with a token is the way.
func ListenSocket(path string) (Listener, error) {
	return Listener{}, &ListenError{Addr: path, Err: ErrUnsupported, Hint: "set api.listen and api.token_file instead"}
}

// wsaeaddrinuse is Windows' number for an address in use.
const wsaeaddrinuse = syscall.Errno(10048)

func inUse(err error) bool { return errors.Is(err, wsaeaddrinuse) }
