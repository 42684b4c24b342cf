package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Backup writes a copy of the journal as it stands, while it is in use: what
// was committed when it begins, nothing of what comes later.
func (j *Journal) Backup(w io.Writer) (n int64, err error) {
	if err := j.shared(func() error { return nil }); err != nil {
		return 0, err
	}
	err = j.read("backing up", func(tx *bolt.Tx) error {
		var err error
		n, err = tx.WriteTo(w)
		return err
	})
	return n, err
}

// BackupTo writes a copy to a file: under another name first, synced, verified,
// and only then under its own. A backup of that name is replaced by the new one
// when that has proven good; the journal itself is refused.
func (j *Journal) BackupTo(ctx context.Context, path string) (Report, error) {
	if same(path, j.info.Path) {
		return Report{}, &Error{Op: "backing up to", Path: path, Kind: ErrExists, Err: errors.New("it is the journal itself")}
	}
	temp, err := j.copyBeside(path)
	if err != nil {
		return Report{}, wrap("backing up to", path, err)
	}
	r, err := Verify(ctx, temp)
	if r.Path = path; err == nil && !r.OK() {
		err = fmt.Errorf("the copy does not verify (%s): %w", r.Findings[0], ErrDamaged)
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return r, wrap("backing up to", path, errors.Join(err, os.Remove(temp)))
	}
	return r, wrap("backing up to", path, syncDir(filepath.Dir(path)))
}

// copyBeside writes a synced copy under a name beside path.
func (j *Journal) copyBeside(path string) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+newSuffix+"*")
	if err != nil {
		return "", err
	}
	_, err = j.Backup(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// same tells whether two names mean one file.
func same(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}
