package alipay

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"posagent/offline"
)

// The most that is kept of foreign text, in bytes.
const (
	maxCode   = 64
	maxMsg    = 256
	maxDetail = 256
)

// clean makes foreign text fit to be stored and shown: no control or direction
// characters, at most limit bytes, and nothing in it that could be a payment
// code, should the gateway or a proxy echo one.
func clean(s string, limit int, code offline.IdentityCode) string {
	s = maskCodes(s, code)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return cut(strings.TrimSpace(s), limit)
}

// cut shortens s to at most limit bytes with a sign that something is missing,
// without splitting a character.
func cut(s string, limit int) string {
	const sign = "…"
	if len(s) <= limit {
		return s
	}
	n := limit - len(sign)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + sign
}

// maskCodes hides this payment's code wherever it stands, and every run of
// digits that has the shape of one.
func maskCodes(s string, code offline.IdentityCode) string {
	if !code.IsZero() {
		s = strings.ReplaceAll(s, code.Reveal(), code.Masked())
	}
	var out strings.Builder
	start, digits := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] >= '0' && s[i] <= '9' {
			digits++
			continue
		}
		if digits > 0 {
			run := s[i-digits : i]
			if _, err := offline.ParseIdentityCode(run); err == nil {
				out.WriteString(s[start : i-digits])
				out.WriteString(offline.MaskCode(run))
				start = i
			}
			digits = 0
		}
	}
	if start == 0 {
		return s
	}
	out.WriteString(s[start:])
	return out.String()
}

// isID tells whether text can be an id of the gateway: it is stored and sent
// back as it stands, so it is never cut or cleaned.
func isID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}
