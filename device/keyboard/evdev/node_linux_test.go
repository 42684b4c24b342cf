package evdev

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A named pipe stands for a node: reading and waiting are the same, and what a
// pipe cannot do it refuses as a wrong device would.
func fifo(t *testing.T) (*Node, *os.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "event0")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return n, w
}

func bytesOf(events ...Event) []byte {
	var b []byte
	for _, e := range events {
		b = append(b, make([]byte, 2*unix.SizeofLong)...)
		b = binary.NativeEndian.AppendUint16(b, e.Type)
		b = binary.NativeEndian.AppendUint16(b, e.Code)
		b = binary.NativeEndian.AppendUint32(b, uint32(e.Value))
	}
	return b
}

func TestEventsAreReadAsTheyCome(t *testing.T) {
	n, w := fifo(t)
	var got [100]Event
	if count, err := n.Read(got[:]); count != 0 || err != nil {
		t.Fatalf("with nothing to read: %d, %v", count, err)
	}
	if i, err := Wait([]*Node{n}, 0); i != -1 || err != nil {
		t.Fatalf("wait with nothing to read: %d, %v", i, err)
	}
	sent := []Event{{Key, KeyA, Pressed}, {Syn, SynReport, 0}, {Key, KeyA, Released}, {0xffff, 0xfffe, -1}}
	if _, err := w.Write(bytesOf(sent...)); err != nil {
		t.Fatal(err)
	}
	if i, err := Wait([]*Node{n}, time.Minute); i != 0 || err != nil {
		t.Fatalf("wait: %d, %v", i, err)
	}
	var read []Event
	for _, room := range []int{1, 3} {
		count, err := n.Read(got[:room])
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, got[:count]...)
	}
	if len(read) != len(sent) {
		t.Fatalf("read %v", read)
	}
	for i := range sent {
		if read[i] != sent[i] {
			t.Errorf("event %d: %v, want %v", i, read[i], sent[i])
		}
	}
}

func TestTheNodeThatHasSomethingIsFoundAmongOthers(t *testing.T) {
	a, _ := fifo(t)
	b, w := fifo(t)
	if _, err := w.Write(bytesOf(Event{Syn, SynReport, 0})); err != nil {
		t.Fatal(err)
	}
	if i, err := Wait([]*Node{a, b}, time.Minute); i != 1 || err != nil {
		t.Errorf("wait: %d, %v", i, err)
	}
}

func TestAnEndIsADeviceThatIsGone(t *testing.T) {
	n, w := fifo(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got [1]Event
	if _, err := n.Read(got[:]); !errors.Is(err, unix.ENODEV) {
		t.Errorf("read: %v", err)
	}
}

func TestWhatIsNoInputDeviceIsNamed(t *testing.T) {
	n, _ := fifo(t)
	_, held := n.Held()
	_, id := n.ID()
	_, keys := n.Keys()
	for what, err := range map[string]error{"grab": n.Grab(), "release": n.Release(), "held": held, "id": id, "keys": keys, "mask": n.KeysOnly()} {
		if !errors.Is(err, unix.ENOTTY) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "event0")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open of nothing: %v", err)
	}
}
