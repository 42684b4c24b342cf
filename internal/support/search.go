package support

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Found is a place where a secret stands. It does not hold the secret.
type Found struct {
	File string `json:"file"`
	Line int    `json:"line"` // from 1
	What string `json:"what"`
}

// String is one line for people.
func (f Found) String() string { return fmt.Sprintf("%s, line %d: %s", f.File, f.Line, f.What) }

// foundLimit bounds what an error lists.
const foundLimit = 50

// SecretError tells that a bundle would show secrets, and where. It was not written.
type SecretError struct {
	Found []Found
	More  int // places beyond those
}

// Error names the places.
func (e *SecretError) Error() string {
	places := make([]string, len(e.Found))
	for i, f := range e.Found {
		places[i] = f.String()
	}
	text := "the bundle is not written, as it would show secrets:\n  " + strings.Join(places, "\n  ")
	if e.More > 0 {
		text += fmt.Sprintf("\n  and %d more", e.More)
	}
	return text
}

// Hint says what can be done.
func (e *SecretError) Hint() string {
	var names []string
	for _, f := range e.Found {
		if !slices.Contains(names, f.File) {
			names = append(names, f.File)
		}
	}
	return "Report it: the program should not have written it there. To get a bundle now, leave the file out: --without " + strings.Join(names, " --without ")
}

// pattern is the shape of a secret.
type pattern struct {
	what string
	re   *regexp.Regexp
	any  []string // one of these stands in every match; none: the expression is tried on everything
}

func (p pattern) possible(text []byte) bool {
	return len(p.any) == 0 || slices.ContainsFunc(p.any, func(word string) bool { return bytes.Contains(text, []byte(word)) })
}

// patterns are shapes that no bundle may hold, whoever's secret it is. A value that is masked has none of them.
func patterns() []pattern {
	return []pattern{
		{"a PEM block", regexp.MustCompile(`-----BEGIN [A-Z0-9 ]+-----`), []string{"-----BEGIN "}},
		{"a bearer token", regexp.MustCompile(`(?i)bearer\s+[A-Za-z0-9._~+/=-]{16,}`), nil},
		{"a password in an address", regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'*•]+:[^\s/@"'*•]+@`), []string{"://"}},
		{"an integrator's access token", regexp.MustCompile(`(?i)isvAccesstoken\W{1,6}[A-Za-z0-9._-]{8,}`), nil},
		{"the hash of a PIN", regexp.MustCompile(`\$argon2id\$v=`), []string{"$argon2id$"}},
		{"a payment code in hexadecimal digits", regexp.MustCompile(`(?:323[5-9]|3330)(?:3[0-9]){14,}`), nil},
	}
}

// searched says in words what is looked for.
func searched() []string {
	list := []string{"whole payment codes: 16 or more digits that begin with 25 to 30"}
	for _, p := range patterns() {
		list = append(list, p.what)
	}
	return append(list, "this till's own keys, tokens and passwords, where they can be read")
}

// search looks through one file of the bundle, its name included.
func search(name string, content []byte, needles []needle) (found []Found) {
	text := append([]byte(name+"\n"), content...)
	at := func(i int) int { return max(1, bytes.Count(text[:i], []byte("\n"))) }
	for _, i := range wholeCodes(text, strings.HasPrefix(name, "metrics")) {
		found = append(found, Found{name, at(i), "a whole payment code"})
	}
	for _, p := range patterns() {
		if !p.possible(text) {
			continue
		}
		for _, m := range p.re.FindAllIndex(text, foundLimit+1) {
			found = append(found, Found{name, at(m[0]), p.what})
		}
	}
	tight := tighten(text)
	for _, n := range needles {
		if i := n.in(text, tight); i >= 0 {
			found = append(found, Found{name, at(i), n.what})
		}
	}
	slices.SortStableFunc(found, func(a, b Found) int { return a.Line - b.Line })
	return found
}

// Alipay's rule for payment codes.
const shortestCode = 16

// wholeCodes returns where runs of digits stand that are payment codes. Digits that are part of a checksum, and in
// metrics the digits behind a decimal point, are none.
func wholeCodes(text []byte, metrics bool) (at []int) {
	for i := 0; i < len(text); {
		if !digit(text[i]) {
			i++
			continue
		}
		end := i
		for end < len(text) && digit(text[end]) {
			end++
		}
		start := i
		i = end
		if start >= 2 && text[start-2] == ']' && letter(text[start-1]) {
			start++ // the last character of an AIM identifier
		}
		if end-start < shortestCode || !codePrefix(text[start:]) || checksum(text, start, end) || metrics && fraction(text, start) {
			continue
		}
		at = append(at, start)
	}
	return at
}

func codePrefix(digits []byte) bool {
	first := (digits[0]-'0')*10 + digits[1] - '0'
	return first >= 25 && first <= 30
}

// checksum tells whether the digits stand within a word of as many hexadecimal digits as common checksums have, with
// letters among them: a commit, a SHA-256, the journal's mark of a code.
func checksum(text []byte, start, end int) bool {
	from, to := start, end
	for from > 0 && hexDigit(text[from-1]) {
		from--
	}
	for to < len(text) && hexDigit(text[to]) {
		to++
	}
	n := to - from
	return (n == 32 || n == 40 || n == 64) && bytes.ContainsAny(text[from:to], "abcdef")
}

// fraction tells whether the digits are those behind the point of a number.
func fraction(text []byte, start int) bool {
	return start >= 2 && text[start-1] == '.' && digit(text[start-2])
}

func digit(b byte) bool    { return b >= '0' && b <= '9' }
func letter(b byte) bool   { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func hexDigit(b byte) bool { return digit(b) || b >= 'a' && b <= 'f' }
