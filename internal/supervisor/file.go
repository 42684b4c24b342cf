package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"posagent/internal/atomicfile"
)

// FileError is what is wrong with a file of this package. It holds none of the
// file's content.
type FileError struct {
	Path    string
	Problem string
	Hint    string // what a person can do
	Err     error  // the system's error, or nil
}

// Error names file, problem and remedy.
func (e *FileError) Error() string { return e.Path + ": " + e.Problem + "; " + e.Hint }

// Unwrap gives the system's error.
func (e *FileError) Unwrap() error { return e.Err }

func fileError(path, what string, err error) *FileError {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return &FileError{
		Path: path, Problem: fmt.Sprintf("%s: %v", what, err), Err: err,
		Hint: "check that the file and its directory belong to the user of the daemon",
	}
}

// maxFile bounds what is read: 1000 supervisors take some 200 KiB.
const maxFile = 1 << 20

// read reads a file that other users must not read.
func read(path string) ([]byte, error) {
	// A named pipe would block for ever; it is refused before it is opened.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(path, "cannot be read", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &FileError{Path: path, Problem: "is not a file", Hint: "correct supervisor.file in the configuration"}
	}
	if fault := exposed(path, info); fault != nil {
		return nil, fault
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, "cannot be read", err)
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fileError(path, "cannot be read", err)
	}
	if len(data) > maxFile {
		return nil, &FileError{Path: path, Problem: fmt.Sprintf("is larger than %d bytes", maxFile), Hint: "correct supervisor.file in the configuration"}
	}
	return data, nil
}

// replace writes a file whole or not at all.
func replace(path string, data []byte) error {
	if err := atomicfile.Replace(path, data); err != nil {
		return fileError(path, "cannot be written", err)
	}
	return nil
}
