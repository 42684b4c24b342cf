//go:build !unix

package config

// writableByAll has nothing to say where permissions are lists and not bits.
func writableByAll(string) string { return "" }
