package logx

import (
	"bytes"
	"regexp"
)

const (
	shortestCode = 16 // a payment code has 16 to 32 digits; two that ran together have more
	shownFirst   = 2
	shownLast    = 4
	bullet       = "•"
	keyMask      = "(private key masked)"
)

// A key cut off before its end is masked up to the end of the text: the rest of it may follow.
var keyBlock = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`)

// Mask replaces whole payment codes in text by their first two and last four digits, and PEM private keys by a word.
// It returns the number of replacements; text itself is unchanged, and returned where that is 0.
func Mask(text []byte) ([]byte, int) {
	return maskAll(text, false)
}

// MaskJSON does the same to a line of JSON and keeps it JSON: a code that stands there as a bare number becomes a
// string.
func MaskJSON(line []byte) ([]byte, int) {
	return maskAll(line, true)
}

func maskAll(text []byte, isJSON bool) ([]byte, int) {
	keys := 0
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) {
		text, keys = maskKeys(text)
	}
	masked, codes := maskCodes(text, isJSON)
	return masked, keys + codes
}

func maskKeys(text []byte) ([]byte, int) {
	n := 0
	masked := keyBlock.ReplaceAllFunc(text, func(found []byte) []byte {
		n++
		tail := ""
		if !bytes.Contains(found, []byte("-----END")) {
			// The end of the line and of a string in it stay, so that the line can still be read as one.
			tail = string(found[len(bytes.TrimRight(found, "\"}]\n")):])
		}
		return []byte(keyMask + tail)
	})
	return masked, n
}

func maskCodes(text []byte, isJSON bool) ([]byte, int) {
	var out bytes.Buffer
	n, copied := 0, 0
	inString, escaped := false, false
	for i := 0; i < len(text); {
		if !digit(text[i]) {
			switch {
			case escaped:
				escaped = false
			case text[i] == '\\':
				escaped = true
			case text[i] == '"':
				inString = !inString
			}
			i++
			continue
		}
		escaped = false
		end := i
		for end < len(text) && digit(text[end]) {
			end++
		}
		start := i
		i = end
		if aimBefore(text, start) {
			// "]C0" and the code run together: the 0 is not the code's.
			start++
		}
		if !paymentCode(text[start:end]) {
			continue
		}
		bare := isJSON && !inString
		if bare {
			i = numberEnd(text, end)
		}
		out.Write(text[copied:start])
		writeMasked(&out, text[start:end], bare)
		copied = i
		n++
	}
	if n == 0 {
		return text, 0
	}
	out.Write(text[copied:])
	return out.Bytes(), n
}

func writeMasked(out *bytes.Buffer, code []byte, quoted bool) {
	if quoted {
		out.WriteByte('"')
	}
	out.Write(code[:shownFirst])
	for range len(code) - shownFirst - shownLast {
		out.WriteString(bullet)
	}
	out.Write(code[len(code)-shownLast:])
	if quoted {
		out.WriteByte('"')
	}
}

// paymentCode is Alipay's rule: digits only, at least 16, beginning with 25 to 30.
func paymentCode(digits []byte) bool {
	if len(digits) < shortestCode {
		return false
	}
	first := (digits[0]-'0')*10 + digits[1] - '0'
	return first >= 25 && first <= 30
}

// aimBefore finds an AIM symbology identifier (ISO/IEC 15424) of which the first digit at i is the last character.
func aimBefore(text []byte, i int) bool {
	return i >= 2 && text[i-2] == ']' && (text[i-1]|0x20) >= 'a' && (text[i-1]|0x20) <= 'z'
}

// numberEnd takes fraction and exponent along with a bare number.
func numberEnd(text []byte, i int) int {
	for i < len(text) && (digit(text[i]) || bytes.IndexByte([]byte(".eE+-"), text[i]) >= 0) {
		i++
	}
	return i
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
