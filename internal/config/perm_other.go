//go:build !unix && !windows

package config

// writableByAll has nothing to say where permissions are not known.
func writableByAll(string) (remark, remedy string) { return "", "" }
