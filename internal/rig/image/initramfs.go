package image

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// File modes of what an archive holds (stat.h).
const (
	modeDir  = 0o040000
	modeFile = 0o100000
	modeChar = 0o020000
)

// Archive writes an initial file system in the newc form of cpio, which the
// kernel unpacks at boot (Documentation/driver-api/early-userspace/
// buffer-format.rst). It is not packed: unpacking would cost the machine more
// than loading does.
type Archive struct {
	file *os.File
	w    *bufio.Writer
	at   int64
	ino  int
	err  error
}

// CreateArchive begins an archive at path.
func CreateArchive(path string) (*Archive, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("initial file system: %w", err)
	}
	return &Archive{file: f, w: bufio.NewWriterSize(f, 1<<20)}, nil
}

// Dir adds a folder. Its parent must have been added before.
func (a *Archive) Dir(name string) {
	a.entry(name, modeDir|0o755, nil, 0, 0, 0)
}

// Device adds a character device.
func (a *Archive) Device(name string, major, minor int) {
	a.entry(name, modeChar|0o600, nil, 0, major, minor)
}

// File adds a file that any user may read, and run if it may be run.
func (a *Archive) File(name string, perm os.FileMode, content io.Reader, size int64) {
	a.entry(name, modeFile|int(perm.Perm()), content, size, 0, 0)
}

// Copy adds a file from outside.
func (a *Archive) Copy(name string, perm os.FileMode, from string) {
	f, err := os.Open(from)
	if err != nil {
		a.fail(err)
		return
	}
	info, err := f.Stat()
	if err == nil {
		a.File(name, perm, f, info.Size())
	}
	a.fail(errors.Join(err, f.Close()))
}

// Close ends the archive. It returns the first thing that went wrong.
func (a *Archive) Close() error {
	a.entry("TRAILER!!!", 0, nil, 0, 0, 0)
	a.fail(a.w.Flush())
	a.fail(a.file.Close())
	if a.err != nil {
		return fmt.Errorf("initial file system: %w", a.err)
	}
	return nil
}

func (a *Archive) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// entry is a header of 13 numbers in hexadecimal, the name with a zero byte, and
// the content, both filled up to four bytes.
func (a *Archive) entry(name string, mode int, content io.Reader, size int64, major, minor int) {
	if a.err != nil {
		return
	}
	a.ino++
	head := fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		a.ino, mode, 0, 0, 1, 0, size, 0, 0, major, minor, len(name)+1, 0, name)
	a.write([]byte(head))
	a.pad()
	if content == nil {
		return
	}
	n, err := io.Copy(a.w, content)
	a.at += n
	a.fail(err)
	if n != size {
		a.fail(fmt.Errorf("%s has %d bytes, %d were announced", name, n, size))
	}
	a.pad()
}

func (a *Archive) write(b []byte) {
	n, err := a.w.Write(b)
	a.at += int64(n)
	a.fail(err)
}

func (a *Archive) pad() {
	if over := a.at % 4; over != 0 {
		a.write(make([]byte, 4-over))
	}
}
