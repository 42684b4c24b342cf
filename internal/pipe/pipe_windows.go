package pipe

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"posagent/internal/acl"
)

// buffer is how much of a request or answer the system takes before the other side
// reads, in bytes.
const buffer = 64 << 10

// Listen makes the pipe of the local API. The members of the group, by name or SID,
// may connect; where it is empty, whoever is logged on at the machine.
func Listen(address, group string) (net.Listener, error) {
	sid := acl.Interactive
	if group != "" {
		var err error
		if sid, err = acl.Group(group); err != nil {
			return nil, err
		}
	}
	return listen(address, acl.Pipe(sid))
}

// ListenAdmin makes a pipe for administrators alone.
func ListenAdmin(address string) (net.Listener, error) { return listen(address, acl.AdminPipe()) }

func listen(address, list string) (net.Listener, error) {
	owner, err := acl.Maker()
	if err != nil {
		return nil, err
	}
	l, err := winio.ListenPipe(address, &winio.PipeConfig{
		SecurityDescriptor: "O:" + owner + list, InputBufferSize: buffer, OutputBufferSize: buffer,
	})
	switch {
	case err == nil:
		return l, nil
	// The first instance alone is made: an existing pipe of that name is an error,
	// and one of another user's denies access.
	case errors.Is(err, windows.STATUS_OBJECT_NAME_COLLISION), errors.Is(err, windows.ERROR_ALREADY_EXISTS),
		errors.Is(err, windows.ERROR_ACCESS_DENIED), errors.Is(err, windows.ERROR_PIPE_BUSY):
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return nil, err
}

// Dial connects to the pipe and makes sure whose it is. Errors are the system's, or
// ErrStranger.
func Dial(ctx context.Context, address string) (net.Conn, error) {
	// The rights of acl.Pipe's clients. To ask for more would be refused.
	const access = windows.FILE_GENERIC_READ | windows.FILE_GENERIC_WRITE&^windows.FILE_APPEND_DATA
	conn, err := winio.DialPipeAccessImpLevel(ctx, address, access, winio.PipeImpLevelIdentification)
	if err != nil {
		return nil, err
	}
	if err := trust(conn); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", address, err), conn.Close())
	}
	return conn, nil
}

// trust refuses a pipe that somebody else has put in the daemon's place.
func trust(conn net.Conn) error {
	file, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return fmt.Errorf("%w: a %T tells no owner", ErrStranger, conn)
	}
	d, err := acl.OfHandle(file.Fd())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStranger, err)
	}
	trusted, err := acl.Trusted()
	if err != nil {
		return err
	}
	if err := d.OwnedBy(trusted...); err != nil {
		return fmt.Errorf("%w: %w", ErrStranger, err)
	}
	return nil
}
