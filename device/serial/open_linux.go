package serial

import (
	"errors"
	"fmt"

	tarm "github.com/tarm/serial"
	"golang.org/x/sys/unix"
)

// ttyLine is a serial line and the second descriptor that keeps others off it.
type ttyLine struct {
	*tarm.Port
	guard int
}

// openLine opens the line. The order matters: the lock first, since it tells
// whether another agent has the port; the library's own open next; TIOCEXCL
// last, since it would keep the library off as well.
func openLine(cfg Config, path string) (line, error) {
	guard, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fault("open", path, err, "")
	}
	l, err := openGuarded(cfg, path, guard)
	if err != nil {
		return nil, errors.Join(err, unix.Close(guard))
	}
	return l, nil
}

func openGuarded(cfg Config, path string, guard int) (line, error) {
	if _, err := unix.IoctlGetTermios(guard, unix.TCGETS); err != nil {
		return nil, fault("open", path, fmt.Errorf("not a serial port: %w", err), "")
	}
	if err := unix.Flock(guard, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, fault("open", path, fmt.Errorf("locked by another program: %w", err), "")
	}
	p, err := tarm.OpenPort(tarmConfig(cfg, path))
	if err != nil {
		return nil, fault("open", path, bare(err), "")
	}
	// What stands in the buffer was scanned before anybody could be waiting.
	err = p.Flush()
	if err == nil {
		err = exclude(guard)
	}
	if err != nil {
		return nil, errors.Join(fault("open", path, err, ""), p.Close())
	}
	return &ttyLine{Port: p, guard: guard}, nil
}

// alive writes nothing: that fails only when the device is gone.
func (l *ttyLine) alive() error {
	_, err := l.Write(nil)
	return err
}

// Close lets others in again. On a device that is gone there is nothing to let
// them into.
func (l *ttyLine) Close() error {
	excl := unix.IoctlSetInt(l.guard, unix.TIOCNXCL, 0)
	if errors.Is(excl, unix.EIO) || errors.Is(excl, unix.ENODEV) || errors.Is(excl, unix.ENXIO) {
		excl = nil
	}
	return errors.Join(excl, unix.Close(l.guard), l.Port.Close())
}

// exclude keeps other programs off a port, unless it is a pseudo-terminal.
func exclude(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if outlives(unix.Major(st.Rdev)) {
		return nil
	}
	return unix.IoctlSetInt(fd, unix.TIOCEXCL, 0)
}

// outlives reports whether TIOCEXCL stays behind when the process that set it
// is killed. A device forgets it with the last close. The near end of a
// pseudo-terminal (majors 136 to 143) keeps it as long as the far end is open,
// and would lock the restarted agent out; there the lock alone has to do.
func outlives(major uint32) bool { return major >= 136 && major <= 143 }
