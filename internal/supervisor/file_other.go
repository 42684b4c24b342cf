//go:build !unix && !windows

package supervisor

import "io/fs"

// exposed has nothing to judge: this system does not tell who may read a file.
func exposed(string, fs.FileInfo) *FileError { return nil }
