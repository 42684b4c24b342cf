//go:build !unix && !windows

package keystore

import "io/fs"

// exposed has nothing to judge: this system's permissions are not known.
func exposed(string, fs.FileInfo) *Error { return nil }

func restrict(string) error { return nil }

func ownerOf(string) string { return "" }

// syncDir has no counterpart: the file system keeps names in its own log.
func syncDir(string) error { return nil }
