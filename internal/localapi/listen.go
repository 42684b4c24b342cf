package localapi

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Errors of listening. Each comes in a *ListenError with a hint.
var (
	// ErrInUse: somebody answers there already, most likely another posagent.
	ErrInUse = errors.New("address in use")
	// ErrNotSocket: a file that is no socket is in the way; it is left alone.
	ErrNotSocket = errors.New("not a socket")
	// ErrNotLoopback: the address could be reached from other machines.
	ErrNotLoopback = errors.New("not a loopback address")
	// ErrUnsupported: this system has no such listener.
	ErrUnsupported = errors.New("not supported on this system")
)

// ListenError says where listening failed and what to do.
type ListenError struct {
	Addr string
	Err  error
	Hint string
}

func (e *ListenError) Error() string {
	s := "listening on " + e.Addr + ": " + e.Err.Error()
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func (e *ListenError) Unwrap() error { return e.Err }

// Listener is where the API is reached. Trusted listeners admit only whom the
// operating system lets through (a socket's file mode, a pipe's access list);
// on all others every request needs the token.
type Listener struct {
	net.Listener
	Trusted bool
}

// ListenTCP listens on a loopback address such as "127.0.0.1:7373". Every
// request there needs the token.
func ListenTCP(addr string) (Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return Listener{}, &ListenError{Addr: addr, Err: err, Hint: "write it as 127.0.0.1:PORT"}
	}
	if host != "localhost" {
		ip, err := netip.ParseAddr(host)
		if err != nil || !ip.IsLoopback() {
			return Listener{}, &ListenError{Addr: addr, Err: ErrNotLoopback, Hint: "the API is for programs of this machine: use 127.0.0.1 or [::1]"}
		}
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		if inUse(err) {
			err = fmt.Errorf("%w: %w", ErrInUse, err)
		}
		return Listener{}, &ListenError{Addr: addr, Err: err, Hint: "choose another port for api.listen, or stop the program that has it"}
	}
	// localhost is what the resolver makes of it.
	if ip, err := netip.ParseAddrPort(l.Addr().String()); err != nil || !ip.Addr().IsLoopback() {
		return Listener{}, errors.Join(&ListenError{Addr: addr, Err: ErrNotLoopback, Hint: "use 127.0.0.1"}, l.Close())
	}
	return Listener{Listener: l}, nil
}
