package config

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

const secretRemedy = "put the key into a file of its own with mode 0600 and give that file's path here; " +
	"a key that stood in a configuration file should be replaced"

// holdsSecret finds a pasted key: PEM armour, or base64 too long to be anything else. Such a text is refused
// wherever it stands, and never repeated in a message.
func holdsSecret(s string) bool {
	if strings.Contains(s, "-----BEGIN") || strings.Contains(s, "PRIVATE KEY") {
		return true
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'=,[]", r) }) {
		if longBase64(word) {
			return true
		}
	}
	return false
}

func longBase64(s string) bool {
	if len(s) < 100 || strings.HasPrefix(s, "/") || strings.Count(s, "/") > len(s)/12 {
		return false
	}
	_, err := base64.RawStdEncoding.DecodeString(s[:len(s)/4*4])
	return err == nil
}

// quote shows a value in a message: not a secret, and not endlessly long.
func quote(s string) string {
	const longest = 60
	if holdsSecret(s) {
		return "(a key, not shown)"
	}
	if digits := strings.Trim(s, "0123456789"); digits == "" && len(s) >= 16 {
		return "(" + strconv.Itoa(len(s)) + " digits)"
	}
	if len(s) > longest {
		cut := longest
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return strconv.Quote(s[:cut]) + "..."
	}
	return strconv.Quote(s)
}

// quotePath shows a path whole, as its end is what tells it from others.
func quotePath(path string) string {
	if holdsSecret(path) || len(path) > 1024 {
		return quote(path)
	}
	return strconv.Quote(path)
}
