package support

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrExists: a bundle is never written over another file.
var ErrExists = errors.New("there is a file of this name already")

// FileName is what a bundle is called unless somebody says otherwise.
func FileName(opt Options) string {
	name := "posagent-support"
	if opt.Config != nil {
		for _, s := range []string{opt.Config.Terminal.StoreID, opt.Config.Terminal.TerminalID} {
			if s = strings.Trim(s, "."); s != "" && filepath.IsLocal(s) {
				name += "-" + filepath.Base(s)
			}
		}
	}
	return name + "-" + opt.Now.UTC().Format("20060102T150405Z") + ".zip"
}

// Save makes a bundle and puts it into a file of mode 0600 that did not exist: whole, or not at all. It is written under
// another name beside it and moved into place when it is safe on the disk.
func Save(ctx context.Context, path string, opt Options) (Manifest, error) {
	// Asked first: collecting takes seconds.
	if err := free(path); err != nil {
		return Manifest{}, err
	}
	packed, m, err := Make(ctx, opt)
	if err != nil {
		return m, err
	}
	if err := place(path, packed); err != nil {
		return m, fmt.Errorf("the bundle cannot be written: %w", err)
	}
	return m, nil
}

func free(path string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fmt.Errorf("%s: %w", path, ErrExists)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the bundle cannot be written: %w", err)
	}
	return nil
}

func place(path string, packed []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".posagent-support-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(packed)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		if err = free(path); err == nil {
			err = os.Rename(f.Name(), path)
		}
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
