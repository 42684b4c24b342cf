//go:build unix

package supervisor

import (
	"fmt"
	"io/fs"
)

// exposed refuses a file that other users can read or change.
func exposed(path string, info fs.FileInfo) *FileError {
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return &FileError{
		Path: path, Problem: fmt.Sprintf("has mode %04o: other users can read or change it", info.Mode().Perm()), Hint: "chmod 0600 " + path,
	}
}
