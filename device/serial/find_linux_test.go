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

// tree is a little sysfs and /dev.
type tree struct {
	t        *testing.T
	sys, dev string
}

func newTree(t *testing.T) tree {
	dir := t.TempDir()
	tr := tree{t, filepath.Join(dir, "sys"), filepath.Join(dir, "dev")}
	for _, d := range []string{filepath.Join(tr.sys, "class/tty"), filepath.Join(tr.dev, "serial/by-id")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// usb plugs a device with one tty in, as cdc_acm (deep = false) and usbserial
// (deep = true) lay it out.
func (tr tree) usb(bus, tty string, deep bool, attr map[string]string) {
	tr.t.Helper()
	device := filepath.Join(tr.sys, "devices/pci0/usb1", bus)
	target := filepath.Join(device, bus+":1.0")
	if deep {
		target = filepath.Join(target, tty)
	}
	must := func(err error) {
		tr.t.Helper()
		if err != nil {
			tr.t.Fatal(err)
		}
	}
	must(os.MkdirAll(target, 0o755))
	for name, value := range attr {
		must(os.WriteFile(filepath.Join(device, name), []byte(value+"\n"), 0o644))
	}
	must(os.MkdirAll(filepath.Join(tr.sys, "class/tty", tty), 0o755))
	must(os.Symlink(target, filepath.Join(tr.sys, "class/tty", tty, "device")))
	must(os.WriteFile(filepath.Join(tr.dev, tty), nil, 0o644))
}

func TestAScannerIsFoundByItsUSBIds(t *testing.T) {
	tr := newTree(t)
	tr.usb("1-1", "ttyACM0", false, map[string]string{"idVendor": "0c2e", "idProduct": "0CAA", "serial": "A1", "manufacturer": "Honeywell", "product": "Voyager"})
	tr.usb("1-2", "ttyUSB0", true, map[string]string{"idVendor": "0403", "idProduct": "6001"})
	tr.usb("1-3", "ttyACM1", false, map[string]string{"idVendor": "0c2e", "idProduct": "0caa", "serial": "B2"})
	// A port on the board has a device but no USB ids above it.
	board := filepath.Join(tr.sys, "devices/platform/serial8250")
	for _, err := range []error{
		os.MkdirAll(board, 0o755), os.MkdirAll(filepath.Join(tr.sys, "class/tty/ttyS0"), 0o755),
		os.Symlink(board, filepath.Join(tr.sys, "class/tty/ttyS0/device")),
		os.MkdirAll(filepath.Join(tr.sys, "class/tty/console"), 0o755),
		os.Symlink("../../ttyACM1", filepath.Join(tr.dev, "serial/by-id/usb-Acme_B2-if00")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}

	ports, err := List(tr.sys, tr.dev)
	if err != nil || len(ports) != 3 {
		t.Fatalf("List gave %+v, %v", ports, err)
	}
	if p := ports[1]; p.ByID != filepath.Join(tr.dev, "serial/by-id/usb-Acme_B2-if00") || p.Serial != "B2" {
		t.Errorf("second port %+v", p)
	}
	if d := ports[0].Detail(); d != "Honeywell Voyager 0c2e:0caa serial A1" {
		t.Errorf("detail %q", d)
	}

	for _, tc := range []struct {
		name  string
		match Match
		path  string
		kind  device.Kind
		text  string
	}{
		{"by vendor, product and serial number", Match{"0c2e", "0caa", "B2"}, "ttyACM1", "", ""},
		{"ids in capitals and with 0x", Match{"0x0C2E", "0CAA", "A1"}, "ttyACM0", "", ""},
		{"an adapter of usbserial", Match{"0403", "6001", ""}, "ttyUSB0", "", ""},
		{"two that match", Match{"0c2e", "0caa", ""}, "", device.KindFaulty, "2 ports match"},
		{"another serial number", Match{"0c2e", "0caa", "C3"}, "", device.KindAbsent, "0c2e:0caa serial C3"},
		{"not there", Match{"05e0", "1701", ""}, "", device.KindAbsent, "05e0:1701"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := New(Config{Match: tc.match, SysRoot: tr.sys, DevRoot: tr.dev})
			if err != nil {
				t.Fatal(err)
			}
			loc, err := d.Find()
			if tc.kind == "" {
				if err != nil || loc.Path != filepath.Join(tr.dev, tc.path) || loc.Detail == "" {
					t.Errorf("found %+v, %v", loc, err)
				}
				return
			}
			if err == nil || device.KindOf(err) != tc.kind || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %v, want %s with %q", err, tc.kind, tc.text)
			}
		})
	}
}

func TestAMatchWithBadIdsIsNamed(t *testing.T) {
	_, err := New(Config{Match: Match{VID: "c2e", PID: "xyz"}})
	if err == nil || !strings.Contains(err.Error(), `match.vid "c2e"`) || !strings.Contains(err.Error(), `match.pid "xyz"`) {
		t.Errorf("error %v", err)
	}
}

func TestWithoutSysfsAMatchIsAFault(t *testing.T) {
	d, err := New(Config{Match: Match{VID: "0c2e", PID: "0caa"}, SysRoot: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Find(); device.KindOf(err) != device.KindFaulty {
		t.Errorf("error %v", err)
	}
}
