package sandbox

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// style is one way to lay out an answer. A client that re-serialises before it
// verifies passes with none but the compact one. The same reqMsgId always gives
// the same layout, so that a failing test fails again.
type style struct {
	rng            *rand.Rand
	kind           int
	signatureFirst bool
}

const styles = 4

func newStyle(seed string) *style {
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed))
	n := h.Sum64()
	return &style{rng: rand.New(rand.NewPCG(n, n>>7)), kind: int(n % styles), signatureFirst: n/styles%3 == 0}
}

// space is the white space after a structural character.
func (s *style) space() string {
	switch s.kind {
	case 1:
		return " "
	case 2:
		return "\n\t"
	case 3:
		return []string{"", " ", "  ", "\r\n", "\t", "\n "}[s.rng.IntN(6)]
	}
	return ""
}

// layout puts white space between the tokens of compact JSON and, in one style,
// writes some characters of strings as \uXXXX: both are legal and change nothing
// but the bytes.
func (s *style) layout(compact []byte) []byte {
	if s.kind == 0 {
		return compact
	}
	var out strings.Builder
	inString, escaped := false, false
	for i, c := range compact {
		switch {
		case inString && escaped:
			escaped = false
			out.WriteByte(c)
		case inString && c == '\\':
			escaped = true
			out.WriteByte(c)
		case c == '"':
			inString = !inString
			out.WriteByte(c)
		case inString && s.kind == 3 && c == '-' && s.rng.IntN(3) == 0:
			fmt.Fprintf(&out, `\u%04x`, c)
		case inString:
			out.WriteByte(c)
		case c == '}' || c == ']':
			out.WriteString(s.space())
			out.WriteByte(c)
		default:
			out.WriteByte(c)
			if (c == '{' || c == '[' || c == ',' || c == ':') && i < len(compact)-1 {
				out.WriteString(s.space())
			}
		}
	}
	return []byte(out.String())
}

// envelope puts the signed value and its signature together.
func (s *style) envelope(raw []byte, signature string) []byte {
	response := `"response"` + s.space() + ":" + s.space() + string(raw)
	if signature == "" {
		return []byte("{" + response + "}")
	}
	sig := `"signature":` + s.space() + `"` + signature + `"`
	if s.signatureFirst {
		return []byte("{" + s.space() + sig + "," + response + s.space() + "}")
	}
	return []byte("{" + s.space() + response + "," + sig + s.space() + "}")
}
