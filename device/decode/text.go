package decode

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Text is what a label says. Every way of printing it gives a mask; Reveal is
// the only way to the whole. The zero value is an empty label.
//
// The string is behind a pointer because fmt prints the unexported fields of
// an enclosing struct by reflection, without asking for String: there it finds
// an address and not a payment code.
type Text struct {
	_ [0]func() // == would compare addresses; use Equal
	s *string
}

// NewText wraps the text of a label.
func NewText(s string) Text { return Text{s: &s} }

// Reveal gives the whole text. What it returns must not be printed or stored.
func (t Text) Reveal() string {
	if t.s == nil {
		return ""
	}
	return *t.s
}

// Len is the length in bytes.
func (t Text) Len() int { return len(t.Reveal()) }

// Equal reports whether both labels say the same.
func (t Text) Equal(u Text) bool { return t.Reveal() == u.Reveal() }

const (
	maskFrom  = 12 // shorter texts show nothing: six of eleven would be too much
	maskHead  = 2
	maskTail  = 4
	maskLimit = 32 // dots at most, so that a long QR does not fill the line
)

// Masked is the text with all but the first two and the last four characters
// as dots, or nothing but dots when it is shorter than 12 characters. What is
// not a printable ASCII character shows as "?", so that a mask cannot carry a
// line break or an escape sequence into a log.
func (t Text) Masked() string {
	runes := []rune(t.Reveal())
	hidden := len(runes) - maskHead - maskTail
	if len(runes) < maskFrom {
		return strings.Repeat("•", len(runes))
	}
	return plain(runes[:maskHead]) + strings.Repeat("•", min(hidden, maskLimit)) + plain(runes[len(runes)-maskTail:])
}

func plain(runes []rune) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, string(runes))
}

// String is Masked.
func (t Text) String() string { return t.Masked() }

// GoString is Masked, for %#v.
func (t Text) GoString() string { return t.Masked() }

// Format prints the mask for every verb: %x and %q would else see the digits.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.Masked()) }

// MarshalJSON gives the mask as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.Masked()) }

// MarshalText gives the mask, for every encoder that asks for text.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.Masked()), nil }

// LogValue gives the mask.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.Masked()) }
