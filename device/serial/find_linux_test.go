package serial

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"posagent/device"
)

func TestOnLinuxBusyAndForbiddenAreToldApart(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want device.Kind
		hint string
	}{
		{syscall.EBUSY, device.KindBusy, "fuser -v /dev/x"},
		{syscall.EWOULDBLOCK, device.KindBusy, "fuser -v /dev/x"},
		{syscall.EACCES, device.KindNoPermission, "/dev/x"},
		{syscall.EPERM, device.KindNoPermission, "/dev/x"},
	} {
		if e := fault("open", "/dev/x", tc.err, ""); e.Kind != tc.want || !strings.Contains(e.Hint, tc.hint) {
			t.Errorf("%v: %s, %q", tc.err, e.Kind, e.Hint)
		}
	}
}

// node makes a file that stands for a port, with a group and a mode.
func node(t *testing.T, gid int, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ttyUSB0")
	if err := os.WriteFile(path, nil, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	if gid >= 0 {
		if err := os.Chown(path, -1, gid); err != nil {
			t.Skipf("cannot give a file to group %d: %v", gid, err)
		}
	}
	return path
}

func TestThePermissionHintNamesTheGroupOfThePort(t *testing.T) {
	if hint := permissionHint(node(t, 54321, 0o660)); !strings.Contains(hint, "usermod -aG 54321 ") {
		t.Errorf("group without a name: %s", hint)
	}
	if hint := permissionHint(node(t, 54321, 0o600)); !strings.Contains(hint, "udev rule") {
		t.Errorf("no group may use it: %s", hint)
	}
	if hint := permissionHint(node(t, 0, 0o660)); !strings.Contains(hint, "udev rule") {
		t.Errorf("group root: %s", hint)
	}
}

func TestAForbiddenPortIsReportedAsSuch(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may open everything")
	}
	d, err := New(Config{Port: node(t, -1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Open(device.Location{Path: d.cfg.Port})
	if device.KindOf(err) != device.KindNoPermission {
		t.Errorf("error %v", err)
	}
}

func terminal(t *testing.T) (master *os.File, name string) {
	t.Helper()
	m, s, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return m, s.Name()
}

// exclusive asks the terminal for TIOCEXCL.
func exclusive(t *testing.T, fd int) bool {
	t.Helper()
	n, err := unix.IoctlGetInt(fd, unix.TIOCGEXCL)
	if err != nil {
		t.Fatal(err)
	}
	return n != 0
}

func TestAnOpenPortIsLockedAndAClosedOneIsNot(t *testing.T) {
	_, name := terminal(t)
	for range 3 {
		l, err := openLine(Config{}.withDefaults(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := openLine(Config{}.withDefaults(), name); device.KindOf(err) != device.KindBusy {
			t.Errorf("second open: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestADeviceIsMadeExclusiveAndAPseudoTerminalIsNot(t *testing.T) {
	for _, tc := range []struct {
		name  string
		major uint32
		want  bool
	}{
		{"ttyS", 4, true}, {"ttyACM", 166, true}, {"ttyUSB", 188, true}, {"pts, first", 136, false}, {"pts, last", 143, false}, {"after pts", 144, true},
	} {
		if got := !outlives(tc.major); got != tc.want {
			t.Errorf("%s: exclusive %v", tc.name, got)
		}
	}
}

// A killed agent closes nothing in order. What it leaves on a pseudo-terminal
// must not keep its successor out.
func TestAKilledAgentLeavesNothingOnAPseudoTerminal(t *testing.T) {
	_, name := terminal(t)
	l, err := openLine(Config{}.withDefaults(), name)
	if err != nil {
		t.Fatal(err)
	}
	tty := l.(*ttyLine)
	if exclusive(t, tty.guard) {
		t.Error("the terminal is exclusive, and stays so after a kill")
	}
	if err := errors.Join(unix.Close(tty.guard), tty.Port.Close()); err != nil {
		t.Fatal(err)
	}
	l, err = openLine(Config{}.withDefaults(), name)
	if err != nil {
		t.Fatalf("the successor: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseTakesExclusivenessBack(t *testing.T) {
	_, name := terminal(t)
	l, err := openLine(Config{}.withDefaults(), name)
	if err != nil {
		t.Fatal(err)
	}
	// As on a device: set here by hand, since exclude spares pseudo-terminals.
	if err := unix.IoctlSetInt(l.(*ttyLine).guard, unix.TIOCEXCL, 0); err != nil {
		t.Fatal(err)
	}
	other, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.EBUSY) {
		t.Skip("without root's rights nobody else can look")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(other)
	if !exclusive(t, other) {
		t.Error("not exclusive")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if exclusive(t, other) {
		t.Error("still exclusive after Close")
	}
}

func TestClosingAPortWhoseDeviceIsGoneIsNoError(t *testing.T) {
	m, name := terminal(t)
	l, err := openLine(Config{}.withDefaults(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.(*ttyLine).alive(); err != nil {
		t.Errorf("a live port: %v", err)
	}
	m.Close()
	if l.(*ttyLine).alive() == nil {
		t.Error("a dead port passes for alive")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheLineIsRawWithTheConfiguredSettings(t *testing.T) {
	m, name := terminal(t)
	l, err := openLine(Config{Baud: 115200, DataBits: 7, Parity: ParityEven, StopBits: 2}.withDefaults(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := m.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var tio *unix.Termios
	if cerr := conn.Control(func(fd uintptr) { tio, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) }); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	if tio.Lflag != 0 || tio.Oflag != 0 || tio.Cc[unix.VTIME] != 1 || tio.Cc[unix.VMIN] != 0 {
		t.Errorf("not raw with a time-out of a tenth: %+v", tio)
	}
	// A pseudo-terminal keeps to 8N; the rest of the flags are as set.
	if tio.Cflag&unix.CBAUD != unix.B115200 || tio.Cflag&unix.CSTOPB == 0 {
		t.Errorf("cflag %#o", tio.Cflag)
	}
}

func TestWhatIsNoSerialPortIsRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path string
		want device.Kind
		text string
	}{
		{filepath.Join(dir, "none"), device.KindAbsent, "no such file"},
		{dir, device.KindFaulty, "a directory"},
		{file, device.KindFaulty, "a file"},
	} {
		d, err := New(Config{Port: tc.path})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Find()
		if device.KindOf(err) != tc.want || !strings.Contains(fmt.Sprint(err), tc.text) {
			t.Errorf("%s: %v", tc.path, err)
		}
	}
	if _, err := openLine(Config{}.withDefaults(), "/dev/null"); device.KindOf(err) != device.KindFaulty || !strings.Contains(err.Error(), "not a serial port") {
		t.Errorf("/dev/null: %v", err)
	}
}
