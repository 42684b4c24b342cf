package usb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// The multicast groups of NETLINK_KOBJECT_UEVENT: the kernel's own messages, and
// those that udev sends once its rules have run, when a node has its permissions
// (MONITOR_GROUP_KERNEL and MONITOR_GROUP_UDEV of systemd's device monitor).
const (
	groupKernel = 1
	groupUdev   = 2
)

// kernel is a socket that hears about devices.
type kernel struct {
	file *os.File
	buf  [8 << 10]byte // the kernel's messages have 2 KiB at most (UEVENT_BUFFER_SIZE)
}

func openKernel() (source, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, fmt.Errorf("open a netlink socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groupKernel | groupUdev}); err != nil {
		return nil, errors.Join(fmt.Errorf("listen to the kernel's device messages: %w", err), unix.Close(fd))
	}
	return &kernel{file: os.NewFile(uintptr(fd), "netlink")}, nil
}

func (k *kernel) next() (event, error) {
	conn, err := k.file.SyscallConn()
	if err != nil {
		return event{}, err
	}
	for {
		var n int
		var from unix.Sockaddr
		var rerr error
		err := conn.Read(func(fd uintptr) bool {
			n, from, rerr = unix.Recvfrom(int(fd), k.buf[:], 0)
			return !errors.Is(rerr, unix.EAGAIN)
		})
		switch {
		case err != nil:
			return event{}, fmt.Errorf("hear about devices: %w", err)
		case errors.Is(rerr, unix.ENOBUFS):
			return event{lost: true}, nil
		case errors.Is(rerr, unix.EINTR):
			continue
		case rerr != nil:
			return event{}, fmt.Errorf("hear about devices: %w", rerr)
		}
		// Only root and the kernel may send to the groups; anybody may send to
		// this socket alone.
		if nl, ok := from.(*unix.SockaddrNetlink); !ok || nl.Groups == 0 {
			continue
		}
		if e, ok := parse(k.buf[:n]); ok {
			return e, nil
		}
	}
}

// A deadline that is always over ends waiting; setting it fails only on a file
// that is closed, which waits for nothing.
func (k *kernel) interrupt() { _ = k.file.SetReadDeadline(time.Unix(1, 0)) }

func (k *kernel) Close() error { return k.file.Close() }

// udevMagic is UDEV_MONITOR_MAGIC, in network order behind the prefix.
const udevMagic = 0xfeedcafe

// parse reads a message. The kernel's is "add@/devices/...", then NAME=value
// pairs, each ended by a zero. That of udev has a header that says where the
// pairs are: prefix, magic, header size, offset and length of the pairs
// (monitor_netlink_header of systemd).
func parse(msg []byte) (event, bool) {
	pairs := msg
	if rest, ok := bytes.CutPrefix(msg, []byte("libudev\x00")); ok {
		if len(rest) < 16 || binary.BigEndian.Uint32(rest) != udevMagic {
			return event{}, false
		}
		off, size := binary.NativeEndian.Uint32(rest[8:]), binary.NativeEndian.Uint32(rest[12:])
		if uint64(off)+uint64(size) > uint64(len(msg)) {
			return event{}, false
		}
		pairs = msg[off : off+size]
	} else if head, _, ok := bytes.Cut(msg, []byte{0}); !ok || !bytes.Contains(head, []byte("@")) {
		return event{}, false
	}
	var e event
	for pair := range bytes.SplitSeq(pairs, []byte{0}) {
		switch name, value, _ := bytes.Cut(pair, []byte("=")); string(name) {
		case "ACTION":
			e.action = string(value)
		case "SUBSYSTEM":
			e.subsystem = string(value)
		}
	}
	return e, e.action != ""
}
