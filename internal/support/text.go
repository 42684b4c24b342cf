package support

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

func sum(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

// firstLine is where the first whole line of a text begins that was cut somewhere.
func firstLine(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return 0
}

// lastLine is where the last whole line ends.
func lastLine(text []byte) int {
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// lastLines keeps so many lines at the end.
func lastLines(text []byte, lines int) []byte {
	at := len(text)
	for range lines + 1 {
		if at = bytes.LastIndexByte(text[:at], '\n'); at < 0 {
			return text
		}
	}
	return text[at+1:]
}

// formatSize gives bytes as people read them.
func formatSize(n int64) string {
	switch {
	case n >= 10<<20:
		return strconv.FormatInt(n>>20, 10) + " MB"
	case n >= 10<<10:
		return strconv.FormatInt(n>>10, 10) + " kB"
	}
	return strconv.FormatInt(n, 10) + " B"
}
