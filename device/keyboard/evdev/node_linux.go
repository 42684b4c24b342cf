package evdev

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// eventSize is that of input_event: two longs of time, type, code, value.
const eventSize = 2*unix.SizeofLong + 8

// Node is an open event node. It belongs to one goroutine.
type Node struct {
	fd   int
	path string
	buf  [64 * eventSize]byte // what the kernel keeps for a keyboard

	types uint // the kernel's unsigned long: types of events that are wanted
}

// Open opens a node for reading; nothing changes for others. Errors are those
// of open(2).
func Open(path string) (*Node, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &Node{fd: fd, path: path}, nil
}

// Path is what Open was given.
func (n *Node) Path() string { return n.path }

// Grab takes the device for this node alone, the desktop and the console
// included; EBUSY when somebody else has done so. The kernel undoes it when the
// node is closed, however the process ends.
func (n *Node) Grab() error { return n.setGrab(1) }

// Release undoes Grab.
func (n *Node) Release() error { return n.setGrab(0) }

func (n *Node) setGrab(on int) error {
	if err := unix.IoctlSetInt(n.fd, reqGrab, on); err != nil {
		return fmt.Errorf("grab %s: %w", n.path, err)
	}
	return nil
}

// Read gives the events that have come, at most as many as fit into events;
// none when there are none. ENODEV: the device is gone.
func (n *Node) Read(events []Event) (int, error) {
	size := min(len(events)*eventSize, len(n.buf))
	for {
		got, err := unix.Read(n.fd, n.buf[:size])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		case err != nil:
			return 0, fmt.Errorf("read %s: %w", n.path, err)
		case got == 0:
			// A device never ends; what does is something else at its path.
			return 0, fmt.Errorf("read %s: %w", n.path, unix.ENODEV)
		}
		events = events[:got/eventSize]
		for i := range events {
			events[i] = parse(n.buf[i*eventSize:])
		}
		return len(events), nil
	}
}

func parse(b []byte) Event {
	b = b[2*unix.SizeofLong:]
	return Event{
		Type:  binary.NativeEndian.Uint16(b),
		Code:  binary.NativeEndian.Uint16(b[2:]),
		Value: int32(binary.NativeEndian.Uint32(b[4:])),
	}
}

// Close closes the node and with it undoes Grab.
func (n *Node) Close() error {
	if err := unix.Close(n.fd); err != nil {
		return fmt.Errorf("close %s: %w", n.path, err)
	}
	return nil
}

// Wait waits until one of the nodes can be read, or is gone, or d has passed,
// and gives its index; -1 when none can.
func Wait(nodes []*Node, d time.Duration) (int, error) {
	fds := make([]unix.PollFd, len(nodes))
	for i, n := range nodes {
		fds[i] = unix.PollFd{Fd: int32(n.fd), Events: unix.POLLIN}
	}
	for end := time.Now().Add(d); ; {
		left := time.Until(end)
		ready, err := unix.Poll(fds, int(max(left, 0)/time.Millisecond))
		switch {
		case errors.Is(err, unix.EINTR): // the runtime's own signals, some a second
			continue
		case err != nil:
			return -1, fmt.Errorf("wait for input: %w", err)
		case ready == 0:
			return -1, nil
		}
		for i := range fds {
			if fds[i].Revents != 0 {
				return i, nil
			}
		}
	}
}
