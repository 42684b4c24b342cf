package keystore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSize bounds a key file. The largest accepted key takes some 3300 bytes as PEM.
const maxSize = 64 << 10

// readFile reads a bounded regular file. secret files must be closed to other users, and are opened where they are
// sealed.
func readFile(path string, secret bool) ([]byte, error) {
	data, err := readRaw(path, secret)
	if err != nil || !secret {
		return data, err
	}
	return unseal(path, data, machine())
}

// readRaw reads a bounded regular file as it lies on disk.
func readRaw(path string, secret bool) ([]byte, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	// A named pipe would block the start for ever; it is refused before it is opened.
	if info, err := os.Stat(path); err != nil {
		return nil, openError(path, err)
	} else if !info.Mode().IsRegular() {
		return nil, formatError(path, "is "+modeName(info.Mode())+" and not a file", "give the path of the key's file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	defer f.Close() //nolint:errcheck // only read
	if secret {
		info, err := f.Stat()
		if err != nil {
			return nil, openError(path, err)
		}
		if e := exposed(path, info); e != nil {
			return nil, e
		}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	switch {
	case err != nil:
		return nil, openError(path, err)
	case len(data) > maxSize:
		return nil, formatError(path, fmt.Sprintf("is larger than %d bytes", maxSize), "give the path of the key's file")
	}
	return data, nil
}

func modeName(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	default:
		return "a device"
	}
}

// writeNew makes a file that did not exist, whole or not at all: it is written and synced under a temporary name and
// then linked to its own, which fails where that is taken. A crash before the link leaves a temporary file that no
// one reads; a crash after it, the whole file.
func writeNew(path string, data []byte, mode fs.FileMode) error {
	if _, err := os.Lstat(path); err == nil {
		return existsError(path)
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return writeError(path, err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it is a second name of the file by then, or rubbish
	if err := writeAndClose(tmp, data, mode); err != nil {
		return writeError(path, err)
	}
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return existsError(path)
	} else if err != nil {
		return writeError(path, err)
	}
	if err := syncDir(dir); err != nil {
		return writeError(path, err)
	}
	return nil
}

func writeAndClose(f *os.File, data []byte, mode fs.FileMode) error {
	var err error
	if mode&0o077 == 0 {
		err = restrict(f.Name()) // before the secret is in it
	}
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func existsError(path string) *Error {
	return &Error{Path: path, Problem: "exists already", Hint: "keys are never overwritten: move the file away first if it is no longer in use", Err: ErrExists}
}

func writeError(path string, err error) *Error {
	return &Error{
		Path: path, Problem: "cannot be written: " + reason(err),
		Hint: "choose a directory that this user may write", Err: err,
	}
}
