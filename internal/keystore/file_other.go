//go:build !unix

package keystore

import "io/fs"

// exposed has nothing to judge: access is a list here, not bits, and the installer sets it on the directory.
func exposed(string, fs.FileInfo) *Error { return nil }

func ownerOf(string) string { return "" }

// syncDir has no counterpart: the file system keeps names in its own log.
func syncDir(string) error { return nil }
