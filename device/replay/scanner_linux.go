package replay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// writeTimeout bounds a Send to a port that nobody reads: a terminal's buffer
// holds about 4 KiB.
const writeTimeout = 5 * time.Second

// Errors of a virtual scanner.
var (
	// ErrUnplugged: bytes were sent while the scanner was unplugged.
	ErrUnplugged = errors.New("the virtual scanner is unplugged")
	// ErrClosed: the virtual scanner was closed.
	ErrClosed = errors.New("the virtual scanner is closed")
)

// Scanner is a virtual scanner behind a pseudo-terminal. Its methods may be
// called from any goroutine.
type Scanner struct {
	link string

	mu     sync.Mutex
	suffix string
	master *os.File // nil: unplugged
	closed bool
}

// Open makes a virtual scanner and plugs it in. at is where the serial driver
// finds it: a symbolic link of that name, or one called "scanner" in it if it
// is a directory. An existing link is replaced, any other file is not.
func Open(at string) (*Scanner, error) {
	if info, err := os.Stat(at); err == nil && info.IsDir() {
		at = filepath.Join(at, "scanner")
	}
	if info, err := os.Lstat(at); err == nil && info.Mode()&os.ModeSymlink == 0 {
		return nil, fmt.Errorf("virtual scanner: %s exists and is not a symbolic link; name another path", at)
	}
	s := &Scanner{link: at, suffix: "\r"}
	if err := s.Replug(); err != nil {
		return nil, err
	}
	return s, nil
}

// Path is the name for the serial driver's Port. It stays the same.
func (s *Scanner) Path() string { return s.link }

// SetSuffix sets what Send and SendSlowly put after a label; CR to begin with.
func (s *Scanner) SetSuffix(suffix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.suffix = suffix
}

// Send sends a label and the suffix.
func (s *Scanner) Send(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write([]byte(text + s.suffix))
}

// SendRaw sends bytes as they are.
func (s *Scanner) SendRaw(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(p)
}

// SendSlowly sends a label and the suffix byte by byte, gap apart, as a line of
// 9600 baud does with 1.04 ms. It can be cut off by ctx, and by Unplug.
func (s *Scanner) SendSlowly(ctx context.Context, text string, gap time.Duration) error {
	s.mu.Lock()
	text += s.suffix
	s.mu.Unlock()
	tick := time.NewTicker(max(gap, time.Nanosecond))
	defer tick.Stop()
	for i := range len(text) {
		if i > 0 {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := s.SendRaw([]byte{text[i]}); err != nil {
			return err
		}
	}
	return nil
}

// write sends without the error ever holding what was sent.
func (s *Scanner) write(p []byte) error {
	switch {
	case s.closed:
		return ErrClosed
	case s.master == nil:
		return ErrUnplugged
	}
	if err := s.master.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("virtual scanner %s: %w", s.link, err)
	}
	if n, err := s.master.Write(p); err != nil {
		return fmt.Errorf("virtual scanner %s: sent %d of %d bytes: %w", s.link, n, len(p), err)
	}
	return nil
}

// Unplug takes the scanner away: whoever has it open is hung up on, and the
// link is gone. Unplugging twice does nothing.
func (s *Scanner) Unplug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unplug()
}

func (s *Scanner) unplug() error {
	if s.master == nil {
		return nil
	}
	// As the kernel does it: the device fails first, the name goes next.
	err := s.master.Close()
	s.master = nil
	if rerr := os.Remove(s.link); !errors.Is(rerr, os.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}

// Replug plugs the scanner in again: another terminal, the same link.
func (s *Scanner) Replug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.master != nil:
		return nil
	}
	master, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("virtual scanner: %w", err)
	}
	name := slave.Name()
	// Nothing of the pair but the master stays open here, so that opening,
	// locking and closing are the driver's alone.
	err = errors.Join(raw(slave), slave.Close())
	if err == nil {
		err = symlink(name, s.link)
	}
	if err != nil {
		return fmt.Errorf("virtual scanner %s: %w", s.link, errors.Join(err, master.Close()))
	}
	s.master = master
	return nil
}

// Close unplugs the scanner for good. Calling it again does nothing.
func (s *Scanner) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.unplug()
}

// symlink makes the link appear at once or not at all.
func symlink(target, link string) error {
	tmp := fmt.Sprintf("%s.%d.tmp", link, os.Getpid())
	if err := os.Symlink(target, tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, link); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return nil
}

// raw makes the terminal pass bytes unchanged and without echo, as a serial
// line does. A line discipline would else turn CR into LF until the driver
// has set the terminal itself.
func raw(tty *os.File) error {
	conn, err := tty.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = conn.Control(func(fd uintptr) {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			set = err
			return
		}
		t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		t.Oflag &^= unix.OPOST
		t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
		t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
		set = unix.IoctlSetTermios(int(fd), unix.TCSETS, t)
	})
	return errors.Join(err, set)
}
