// Package atomicfile replaces small files whole or not at all: a crash leaves the
// old one, and at worst a temporary file that nobody reads.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes a file of mode 0600 in the place of another, and makes both its
// content and its name survive a power cut. Where root writes, the file belongs to
// whom the old one belonged, or to the directory's owner: the daemon that reads it
// is another user. Errors are the system's.
func Replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // renamed by then, or rubbish
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(0o600)
	}
	if err == nil {
		err = adopt(tmp, path)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}
