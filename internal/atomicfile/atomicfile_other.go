//go:build !unix

package atomicfile

import "os"

func adopt(*os.File, string) error { return nil }

// syncDir has no counterpart: the file system keeps names in its own log.
func syncDir(string) error { return nil }
