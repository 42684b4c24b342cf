package main

import (
	"errors"
	"io/fs"
	"os"
	"runtime/debug"
)

// maxErrors is how long the file of standard error may get before it begins anew at
// the next start, in bytes.
const maxErrors = 1 << 20

// keepErrors sends standard error, and what the runtime writes when the program
// breaks down, to a file. The one before it is kept beside it.
func keepErrors(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxErrors {
		if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	os.Stderr = f
	return f, nil
}
