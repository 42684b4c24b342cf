//go:build !unix

package config

import "os"

// sourceOf tells when a file was written; whose it is stands in an access list.
func sourceOf(path string) Source {
	s := Source{Path: path}
	if info, err := os.Stat(path); err == nil {
		s.Modified = info.ModTime()
	}
	return s
}
