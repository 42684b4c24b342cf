package replay

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// read opens the scanner's port and reads n bytes of what it sends meanwhile.
func read(t *testing.T, s *Scanner, n int, send func() error) string {
	t.Helper()
	tty, err := os.OpenFile(s.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	if err := send(); err != nil {
		t.Fatal(err)
	}
	if err := tty.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, n)
	for got := 0; got < n; {
		m, err := tty.Read(buf[got:])
		if err != nil {
			t.Fatalf("after %d of %d bytes: %v", got, n, err)
		}
		got += m
	}
	return string(buf)
}

func TestBytesComeThroughUnchanged(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.HasSuffix(s.Path(), "/scanner") {
		t.Errorf("path %s", s.Path())
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if got := read(t, s, 256, func() error { return s.SendRaw(all) }); got != string(all) {
		t.Errorf("received %q", got)
	}
	s.SetSuffix("\r\n")
	if got := read(t, s, 5, func() error { return s.Send("123") }); got != "123\r\n" {
		t.Errorf("received %q", got)
	}
	if got := read(t, s, 5, func() error { return s.SendSlowly(t.Context(), "123", time.Millisecond) }); got != "123\r\n" {
		t.Errorf("received %q", got)
	}
}

func TestTheNameStaysWhileTheScannerComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lane3")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		tty, err := os.OpenFile(s.Path(), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second changes nothing
			if err := s.Unplug(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tty.Write([]byte("x")); err == nil {
			t.Error("an unplugged port can be written to")
		}
		tty.Close()
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the name of an unplugged scanner: %v", err)
		}
		if err := s.Send("123"); !errors.Is(err, ErrUnplugged) {
			t.Errorf("Send while unplugged: %v", err)
		}
		for range 2 {
			if err := s.Replug(); err != nil {
				t.Fatal(err)
			}
		}
		if got := read(t, s, 4, func() error { return s.Send("123") }); got != "123\r" {
			t.Errorf("received %q", got)
		}
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Replug(); !errors.Is(err, ErrClosed) {
		t.Errorf("Replug after Close: %v", err)
	}
	if err := s.Send("123"); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after Close: %v", err)
	}
}

func TestAnOldLinkIsReplacedAndAnyOtherFileIsNot(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := errors.Join(os.Symlink("/dev/pts/999999", link), os.WriteFile(file, []byte("mine"), 0o600)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(link)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := os.Stat(link); err != nil {
		t.Error(err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "not a symbolic link") {
		t.Errorf("replaced a file: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none", "x")); err == nil {
		t.Error("opened below a directory that is not there")
	}
}

func TestSendingSlowlyCanBeCutOff(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.SendSlowly(ctx, "123456", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := s.Unplug(); err != nil {
		t.Fatal(err)
	}
	if err := s.SendSlowly(t.Context(), "123456", time.Millisecond); !errors.Is(err, ErrUnplugged) {
		t.Errorf("error %v", err)
	}
}
