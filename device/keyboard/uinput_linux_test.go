package keyboard_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"posagent/device"
	"posagent/device/devicetest"
	"posagent/device/keyboard"
	"posagent/device/keyboard/evdev"
)

// Requests of uinput, which makes a device that the kernel cannot tell from a
// real one: include/uapi/linux/uinput.h.
const (
	uiSetEvBit   = 1<<30 | 4<<16 | 'U'<<8 | 100
	uiSetKeyBit  = 1<<30 | 4<<16 | 'U'<<8 | 101
	uiSetMscBit  = 1<<30 | 4<<16 | 'U'<<8 | 104
	uiDevCreate  = 'U'<<8 | 1
	uiDevDestroy = 'U'<<8 | 2
)

// virtual is a keyboard made by uinput.
type virtual struct {
	t    *testing.T
	name string
	f    *os.File // nil: unplugged
}

func newVirtual(t *testing.T) *virtual {
	t.Helper()
	v := &virtual{t: t, name: fmt.Sprintf("posagent test %d %s", os.Getpid(), t.Name())}
	if len(v.name) > 79 {
		v.name = v.name[:79]
	}
	if err := v.plug(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if v.f != nil {
			if err := v.unplug(); err != nil {
				t.Error(err)
			}
		}
	})
	return v
}

func (v *virtual) plug() error {
	f, err := os.OpenFile("/dev/uinput", os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		v.t.Skipf("no virtual keyboards on this machine: %v", err)
	}
	if err != nil {
		return err
	}
	fd := int(f.Fd())
	for _, bit := range []evdev.Event{{Type: evdev.Syn}, {Type: evdev.Key}, scanCode} {
		if err := unix.IoctlSetInt(fd, uiSetEvBit, int(bit.Type)); err != nil {
			return err
		}
	}
	if err := unix.IoctlSetInt(fd, uiSetMscBit, int(scanCode.Code)); err != nil {
		return err
	}
	for key := 1; key < 0x80; key++ {
		if err := unix.IoctlSetInt(fd, uiSetKeyBit, key); err != nil {
			return err
		}
	}
	var user [80 + 8 + 4 + 4*64*4]byte // uinput_user_dev: name, id, and nothing else
	copy(user[:79], v.name)
	for i, id := range []uint16{evdev.BusVirtual, 0x05e0, 0x1200, 1} {
		binary.NativeEndian.PutUint16(user[80+2*i:], id)
	}
	if _, err := f.Write(user[:]); err != nil {
		return err
	}
	if err := unix.IoctlSetInt(fd, uiDevCreate, 0); err != nil {
		return err
	}
	v.f = f
	return v.await(true)
}

func (v *virtual) unplug() error {
	err := errors.Join(unix.IoctlSetInt(int(v.f.Fd()), uiDevDestroy, 0), v.f.Close())
	v.f = nil
	return errors.Join(err, v.await(false))
}

// await waits until the node is there and can be opened, or is not.
func (v *virtual) await(there bool) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		loc, err := v.driver().Find()
		if err == nil {
			_, err = os.Stat(loc.Path)
		}
		if (err == nil) == there {
			return nil
		}
	}
	return fmt.Errorf("the node of %s is not as it should be: there %v", v.name, there)
}

func (v *virtual) driver() *keyboard.Driver {
	v.t.Helper()
	d, err := keyboard.New(keyboard.Config{Event: keyboard.EventMatch{Bus: "virtual", Vendor: "05e0", Product: "1200", Name: v.name}})
	if err != nil {
		v.t.Fatal(err)
	}
	return d
}

func (v *virtual) emit(events ...evdev.Event) error {
	var b []byte
	for _, e := range events {
		b = append(b, make([]byte, 2*unix.SizeofLong)...)
		b = binary.NativeEndian.AppendUint16(b, e.Type)
		b = binary.NativeEndian.AppendUint16(b, e.Code)
		b = binary.NativeEndian.AppendUint32(b, uint32(e.Value))
	}
	_, err := v.f.Write(b)
	return err
}

// scanCode is what a USB keyboard reports ahead of every key: MSC_SCAN.
var scanCode = evdev.Event{Type: 4, Code: 4, Value: 0x70024}

var syn = evdev.Event{Type: evdev.Syn, Code: evdev.SynReport}

func key(code uint16, value int32) evdev.Event {
	return evdev.Event{Type: evdev.Key, Code: code, Value: value}
}

// send types digits and Enter.
func (v *virtual) send(label string) error {
	for _, c := range label + "\r" {
		code := evdev.KeyEnter
		if c != '\r' {
			code = evdev.Key1 + uint16((c-'0'+9)%10)
		}
		if err := v.emit(scanCode, key(code, evdev.Pressed), syn, scanCode, key(code, evdev.Released), syn); err != nil {
			return err
		}
	}
	return nil
}

func (v *virtual) open() device.Port {
	v.t.Helper()
	loc, err := v.driver().Find()
	if err != nil {
		v.t.Fatal(err)
	}
	p, err := v.driver().Open(loc)
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

// read gives what a port gives until a label ends or is called damaged.
func (v *virtual) read(p device.Port) string {
	v.t.Helper()
	text := ""
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		c, err := p.Read()
		if err != nil {
			v.t.Fatal(err)
		}
		text += string(c.Data)
		if c.Fault != nil {
			return text + "!"
		}
		if c.End {
			return text
		}
	}
	v.t.Fatalf("after %q nothing comes", text)
	return ""
}

func (v *virtual) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func TestTheDriverKeepsTheContractOnTheRealKernel(t *testing.T) {
	for _, c := range devicetest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			v := newVirtual(t)
			c.Check(t, devicetest.Rig{
				Driver: v.driver(), Send: v.send, Received: func(label string) string { return label + "\r" }, Unplug: v.unplug, Replug: v.plug,
			})
		})
	}
}

// other is a reader such as the desktop.
func (v *virtual) other() *evdev.Node {
	v.t.Helper()
	loc, err := v.driver().Find()
	v.must(err)
	n, err := evdev.Open(loc.Path)
	v.must(err)
	v.t.Cleanup(func() { v.must(n.Close()) })
	return n
}

func count(t *testing.T, n *evdev.Node) (pressed int) {
	t.Helper()
	var events [64]evdev.Event
	for {
		got, err := n.Read(events[:])
		if err != nil {
			t.Fatal(err)
		}
		if got == 0 {
			return pressed
		}
		for _, e := range events[:got] {
			if e.Type == evdev.Key && e.Value == evdev.Pressed {
				pressed++
			}
		}
	}
}

func TestNothingOfALabelReachesTheDesktop(t *testing.T) {
	v := newVirtual(t)
	desktop := v.other()
	v.must(v.send("123"))
	if n := count(t, desktop); n != 4 {
		t.Fatalf("before the grab the desktop got %d of 4 keys", n)
	}
	p := v.open()
	for range 20 {
		v.must(v.send("4006381333931"))
		if got := v.read(p); got != "4006381333931\r" {
			t.Fatalf("read %q", got)
		}
	}
	if n := count(t, desktop); n != 0 {
		t.Errorf("the desktop got %d keys", n)
	}
	v.must(p.Close())
	v.must(v.send("123"))
	if n := count(t, desktop); n != 4 {
		t.Errorf("after the close the desktop got %d of 4 keys", n)
	}
}

func TestAKeyThatIsDownHoldsTheGrabUp(t *testing.T) {
	v := newVirtual(t)
	desktop := v.other()
	v.must(v.emit(key(evdev.KeyA, evdev.Pressed), syn))
	loc, err := v.driver().Find()
	v.must(err)
	if _, err := v.driver().Open(loc); device.KindOf(err) != device.KindBusy || !strings.Contains(err.Error(), "held down") {
		t.Fatalf("open with a key down: %v", err)
	}
	released := make(chan error)
	go func() {
		time.Sleep(50 * time.Millisecond)
		released <- v.emit(key(evdev.KeyA, evdev.Released), syn)
	}()
	var p device.Port
	for end := time.Now().Add(30 * time.Second); p == nil && time.Now().Before(end); {
		if p, err = v.driver().Open(loc); err != nil && device.KindOf(err) != device.KindBusy {
			t.Fatal(err)
		}
	}
	v.must(err)
	v.must(<-released)
	var events [64]evdev.Event
	n, err := desktop.Read(events[:])
	v.must(err)
	if !slices.Contains(events[:n], key(evdev.KeyA, evdev.Released)) {
		t.Error("the desktop did not see the key go up")
	}
	// If Open saw the scanner type, the first label is the rest of that one.
	v.must(v.send("123"))
	v.must(v.send("123"))
	if got := v.read(p); got != "123\r" {
		t.Errorf("read %q", got)
	}
	v.must(p.Close())
}

func TestWhatTheKernelHadToDropIsNoLabel(t *testing.T) {
	v := newVirtual(t)
	p := v.open()
	v.must(v.send("1"))
	if got := v.read(p); got != "1\r" {
		t.Fatalf("read %q", got)
	}
	for range 20 { // nobody reads: the kernel keeps some dozens of events
		v.must(v.send("281234567890123456"))
	}
	if got := v.read(p); got != "!" {
		t.Fatalf("read %q", got)
	}
	v.must(v.send("9")) // ends what is damaged
	v.must(v.send("73513"))
	if got := v.read(p); got != "73513\r" {
		t.Errorf("read %q", got)
	}
	v.must(p.Close())
}

func TestFifteenCharactersWaitForALateReader(t *testing.T) {
	v := newVirtual(t)
	p := v.open()
	const label = "28123456789012" // and Enter
	for range 20 {
		v.must(v.send(label))
		if got := v.read(p); got != label+"\r" {
			t.Fatalf("read %q", got)
		}
	}
	v.must(p.Close())
}

func TestAKilledProcessGivesTheKeysBack(t *testing.T) {
	if path := os.Getenv("POSAGENT_TEST_GRAB"); path != "" {
		n, err := evdev.Open(path)
		if err == nil {
			err = n.Grab()
		}
		fmt.Println(err)
		_, err = io.Copy(io.Discard, os.Stdin) // until killed, or orphaned
		fmt.Println(err)
		return
	}
	v := newVirtual(t)
	desktop := v.other()
	loc, err := v.driver().Find()
	v.must(err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestAKilledProcessGivesTheKeysBack$")
	cmd.Env = append(os.Environ(), "POSAGENT_TEST_GRAB="+loc.Path)
	out, err := cmd.StdoutPipe()
	v.must(err)
	_, err = cmd.StdinPipe()
	v.must(err)
	v.must(cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "<nil>\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	if _, err := v.driver().Open(loc); device.KindOf(err) != device.KindBusy {
		t.Errorf("open while another has it: %v", err)
	}
	v.must(v.send("123"))
	if n := count(t, desktop); n != 0 {
		t.Errorf("while another has it the desktop got %d keys", n)
	}
	v.must(cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Error("the process was not killed")
	}
	v.must(v.send("123"))
	if n := count(t, desktop); n != 4 {
		t.Errorf("after the kill the desktop got %d of 4 keys", n)
	}
	v.must(v.open().Close())
}

func TestANodeThatBecameAnothersIsNotTaken(t *testing.T) {
	v := newVirtual(t)
	loc, err := v.driver().Find()
	v.must(err)
	wrong, err := keyboard.New(keyboard.Config{Event: keyboard.EventMatch{Vendor: "05e0", Product: "1201"}})
	v.must(err)
	if _, err := wrong.Open(loc); device.KindOf(err) != device.KindAbsent || !strings.Contains(err.Error(), "another device") {
		t.Fatalf("%v", err)
	}
	v.must(v.open().Close()) // nobody holds it
}
