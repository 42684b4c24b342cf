package queue

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// codeKeyLen is the length of the key with which payment codes are hashed.
const codeKeyLen = 32

// newSuffix marks a journal that is still being made.
const newSuffix = ".new-"

// create makes a journal under another name and gives it its own when it is
// durable. It never replaces a file: where another program was faster, made is
// false and its journal is used.
func create(path string, opt Options) (made bool, err error) {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return false, err
	}
	temp, err := build(path, opt, false, func(db *bolt.DB) error {
		return db.Update(func(tx *bolt.Tx) error { return initialise(tx, opt, nil) })
	})
	if err != nil {
		return false, err
	}
	made, err = publishNew(temp, path)
	if err != nil {
		return false, err
	}
	return made, opt.Faults.step("created")
}

// build makes a journal file beside path and syncs it. After a fault of a test
// it leaves the file as it is, as a power cut would. Without sync fill has to
// sync itself.
func build(path string, opt Options, noSync bool, fill func(*bolt.DB) error) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+newSuffix+"*")
	if err != nil {
		return "", err
	}
	temp = f.Name()
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(temp))
	}
	if err := opt.Faults.step("named"); err != nil {
		return "", err
	}
	err = guard(func() error {
		db, err := bolt.Open(temp, 0o600, &bolt.Options{
			Timeout: lockWait, FreelistType: bolt.FreelistMapType, NoSync: noSync,
		})
		if err != nil {
			return err
		}
		return errors.Join(fill(db), db.Close())
	})
	if err != nil {
		return "", errors.Join(err, os.Remove(temp))
	}
	if err := opt.Faults.step("filled"); err != nil {
		return "", err
	}
	if err := growFile(temp, reserveStep); err != nil {
		return "", errors.Join(err, os.Remove(temp))
	}
	return temp, opt.Faults.step("synced")
}

// initialise makes the buckets and the meta records of an empty journal. A nil
// key asks for a new one.
func initialise(tx *bolt.Tx, opt Options, codeKey []byte) error {
	for _, name := range allBuckets() {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	if codeKey == nil {
		codeKey = make([]byte, codeKeyLen)
		_, _ = rand.Read(codeKey) // never fails: it ends the program instead
	}
	return errors.Join(
		putMeta(tx, metaSchema, schemaVersion),
		putMeta(tx, metaCodeKey, codeKey),
		putMeta(tx, metaTerminal, opt.Terminal),
		putMeta(tx, metaCreated, opt.now().UTC().Round(0)),
		putMeta(tx, metaRun, runClosed),
	)
}

// publishNew gives a new file its name, unless there is a file of that name.
func publishNew(temp, path string) (made bool, err error) {
	err = os.Link(temp, path)
	switch {
	case err == nil:
		// Both names mean the same file now; only the other name goes.
		err = errors.Join(os.Remove(temp), syncDir(filepath.Dir(path)))
		return true, err
	case errors.Is(err, os.ErrExist):
		return false, os.Remove(temp)
	}
	// A file system without links (FAT). Renaming could replace a journal that
	// another program makes in this very moment; only the check is left.
	if _, err := os.Lstat(path); err == nil {
		return false, os.Remove(temp)
	}
	if err := os.Rename(temp, path); err != nil {
		return false, errors.Join(err, os.Remove(temp))
	}
	return true, syncDir(filepath.Dir(path))
}

// removeLeftovers deletes unfinished files of an earlier first start that a
// power cut ended. None of them was ever the journal. What cannot be deleted
// does no harm.
func removeLeftovers(path string) {
	list, err := filepath.Glob(globEscape(path) + newSuffix + "*")
	if err != nil {
		return
	}
	for _, name := range list {
		_ = os.Remove(name)
	}
}

// globEscape makes a path mean itself in a pattern.
func globEscape(path string) string {
	var out []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' {
			out = append(out, '[', r, ']')
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// makeDir makes a missing folder for the owner alone, and syncs the folders
// that got a new entry.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return &os.PathError{Op: "open", Path: dir, Err: errors.New("not a folder")}
		}
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(parent)
}
