//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// sink collects what two sides write.
type sink struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// typist answers each prompt with a PIN, as soon as the terminal has stopped to show
// what is typed.
func typist(t *testing.T, terminal io.Writer, fd int, screen *sink, pins ...string) {
	for i, pin := range pins {
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
			if err == nil && mode.Lflag&unix.ECHO == 0 && strings.Count(screen.String(), ": ") > i {
				break
			}
			if time.Now().After(end) {
				t.Errorf("the terminal shows what is typed; it has %q", screen)
				break
			}
		}
		if _, err := io.WriteString(terminal, pin+"\n"); err != nil {
			t.Error(err)
		}
	}
}

func TestAPINIsTypedTwiceAndUnseen(t *testing.T) {
	for _, row := range []struct {
		name   string
		pins   []string
		exit   int
		stderr string
	}{
		{"the same twice", []string{"314159", "314159"}, exitDone, ""},
		{"two that differ", []string{"314159", "314158"}, exitUsage, "differ"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			config := filepath.Join(dir, "shop.toml")
			if err := os.WriteFile(config, []byte("[supervisor]\nfile = \"pins.json\"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			terminal, tty, err := pty.Open()
			if err != nil {
				t.Skipf("no pseudo-terminal: %v", err)
			}
			screen, fd := &sink{}, int(tty.Fd())
			var reader, hands sync.WaitGroup
			reader.Go(func() { _, _ = io.Copy(screen, terminal) }) // ends when the terminal is closed
			hands.Go(func() { typist(t, terminal, fd, screen, row.pins...) })
			exit := execute(t.Context(), program{args: []string{"supervisor", "set", "Ann", "--config", config}, in: tty, out: tty, err: tty})
			hands.Wait()
			if err := tty.Close(); err != nil {
				t.Error(err)
			}
			reader.Wait()
			_ = terminal.Close() // nothing is left in it
			if exit != row.exit || !strings.Contains(screen.String(), row.stderr) || !strings.Contains(screen.String(), "PIN of Ann: ") {
				t.Errorf("exit %d, want %d: %q", exit, row.exit, screen)
			}
			if strings.Contains(screen.String(), "3141") {
				t.Errorf("the PIN was shown: %q", screen)
			}
			if _, err := os.Stat(filepath.Join(dir, "pins.json")); (err == nil) != (row.exit == exitDone) {
				t.Errorf("the file: %v", err)
			}
		})
	}
}
