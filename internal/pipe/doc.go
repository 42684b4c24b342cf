// Package pipe is the daemon's named pipe on Windows: for whom it is open, and for
// its clients the proof that the daemon, and no other program, answers on it.
//
// A name in \\.\pipe\ belongs to whoever takes it first, so that both sides look
// twice. The daemon makes the pipe as its first instance or not at all. A client
// lets the other side learn who it is and no more (no acting in its name), and
// speaks only if the pipe belongs to the service, the system, an administrator or
// the client's own user.
//
// Other machines reach no pipe of this package, whatever their rights there.
package pipe

import (
	"errors"
	"strings"
)

// Errors of listening and dialling.
var (
	// ErrUnsupported: this system has no named pipes.
	ErrUnsupported = errors.New("named pipes are only on Windows")
	// ErrInUse: the pipe exists already.
	ErrInUse = errors.New("the pipe exists already")
	// ErrStranger: the pipe belongs to somebody who is not to be trusted with a
	// payment.
	ErrStranger = errors.New("the pipe is not the daemon's")
)

const prefix = `\\.\pipe\`

// Is tells whether an address is that of a pipe on this machine.
func Is(address string) bool {
	return len(address) > len(prefix) && strings.EqualFold(address[:len(prefix)], prefix)
}

// ForAdmin is the pipe of the administrators beside the one of the local API.
func ForAdmin(address string) string { return address + "-admin" }
