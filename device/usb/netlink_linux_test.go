package usb

import (
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// udevMessage is laid out as systemd's device monitor does.
func udevMessage(pairs string, offset uint32) []byte {
	msg := append([]byte("libudev\x00"), make([]byte, 32)...)
	binary.BigEndian.PutUint32(msg[8:], udevMagic)
	binary.NativeEndian.PutUint32(msg[12:], 40)
	binary.NativeEndian.PutUint32(msg[16:], offset)
	binary.NativeEndian.PutUint32(msg[20:], uint32(len(pairs)))
	return append(msg, pairs...)
}

func TestMessagesOfTheKernelAndOfUdevAreRead(t *testing.T) {
	pairs := strings.Join([]string{"ACTION=add", "DEVPATH=/devices/x", "SUBSYSTEM=tty", "DEVNAME=ttyACM0", "SEQNUM=7", ""}, "\x00")
	want := event{action: "add", subsystem: "tty"}
	for name, msg := range map[string][]byte{
		"kernel": []byte("add@/devices/x\x00" + pairs),
		"udev":   udevMessage(pairs, 40),
	} {
		if got, ok := parse(msg); !ok || got != want {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
	wrong := udevMessage(pairs, 40)
	wrong[8] = 0
	for name, msg := range map[string][]byte{
		"nothing":                 nil,
		"no zero":                 []byte("add@/devices/x"),
		"no action":               []byte("add@/devices/x\x00SUBSYSTEM=tty\x00"),
		"something else":          []byte("hello\x00ACTION=add\x00"),
		"a short header":          []byte("libudev\x00\xfe\xed\xca\xfe"),
		"another magic":           wrong,
		"pairs beyond the end":    udevMessage(pairs, 4000),
		"an offset that overflow": udevMessage(pairs, 0xffffffff),
	} {
		if got, ok := parse(msg); ok {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
}

func FuzzAnyMessageIsReadOrRefused(f *testing.F) {
	f.Add([]byte("add@/devices/x\x00ACTION=add\x00SUBSYSTEM=tty\x00"))
	f.Add(udevMessage("ACTION=add\x00SUBSYSTEM=usb\x00", 40))
	f.Fuzz(func(t *testing.T, msg []byte) {
		if e, ok := parse(msg); ok && e.action == "" {
			t.Errorf("%q is %+v", msg, e)
		}
	})
}

// This machine's own socket: waiting ends when it is told to.
func TestAWaitForTheKernelCanBeEnded(t *testing.T) {
	src, err := openKernel()
	if err != nil {
		t.Skipf("this machine refuses netlink: %v", err)
	}
	done := make(chan error, 1)
	go func() {
		for {
			if _, err := src.next(); err != nil {
				done <- err
				return
			}
		}
	}()
	src.interrupt()
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

func TestAMessageThatIsSentToThisSocketAloneIsIgnored(t *testing.T) {
	src, conn := socket(t)
	defer closed(t, src)
	var me unix.Sockaddr
	var serr error
	if err := conn.Control(func(fd uintptr) { me, serr = unix.Getsockname(int(fd)) }); err != nil || serr != nil {
		t.Fatal(err, serr)
	}
	out, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Close(out); err != nil {
			t.Error(err)
		}
	}()
	forged := []byte("add@/devices/forged\x00ACTION=forged\x00SUBSYSTEM=tty\x00")
	if err := unix.Sendto(out, forged, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: me.(*unix.SockaddrNetlink).Pid}); err != nil {
		t.Skipf("this machine lets nobody send: %v", err)
	}
	heard := make(chan []string, 1)
	go func() {
		var actions []string
		for {
			e, err := src.next()
			if err != nil {
				heard <- actions
				return
			}
			actions = append(actions, e.action)
		}
	}()
	for drained := false; !drained; { // it was read: nothing waits any more
		if err := conn.Control(func(fd uintptr) {
			ready, perr := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
			drained, serr = ready == 0, perr
		}); err != nil || serr != nil && !errors.Is(serr, unix.EINTR) {
			t.Fatal(err, serr)
		}
	}
	src.interrupt()
	if actions := <-heard; slices.Contains(actions, "forged") {
		t.Error("believed")
	}
}

func TestBothTheKernelAndUdevAreListenedTo(t *testing.T) {
	src, conn := socket(t)
	defer closed(t, src)
	var me unix.Sockaddr
	var serr error
	if err := conn.Control(func(fd uintptr) { me, serr = unix.Getsockname(int(fd)) }); err != nil || serr != nil {
		t.Fatal(err, serr)
	}
	if groups := me.(*unix.SockaddrNetlink).Groups; groups != groupKernel|groupUdev {
		t.Errorf("groups %b", groups)
	}
}

func TestMessagesThatWereDroppedAreAReasonToLook(t *testing.T) {
	src, conn := socket(t)
	defer closed(t, src)
	var serr error
	if err := conn.Control(func(fd uintptr) { serr = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 1) }); err != nil || serr != nil {
		t.Fatal(err, serr)
	}
	for range 100 { // far more than the least buffer holds
		if err := announce(); err != nil {
			t.Skipf("only root can make the kernel speak: %v", err)
		}
	}
	for range 100 {
		e, err := src.next()
		if err != nil {
			t.Fatal(err)
		}
		if e.lost {
			return
		}
	}
	t.Error("nothing tells of the loss")
}

// socket is this machine's own.
func socket(t *testing.T) (source, syscall.RawConn) {
	t.Helper()
	src, err := openKernel()
	if err != nil {
		t.Skipf("this machine refuses netlink: %v", err)
	}
	conn, err := src.(*kernel).file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	return src, conn
}

func closed(t *testing.T, src source) {
	t.Helper()
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}
