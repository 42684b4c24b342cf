package supervisor

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths of a PIN, in digits.
const (
	MinPIN = 6
	MaxPIN = 16
)

// maxName bounds a supervisor's name, in bytes: the audit trail has no room for
// more.
const maxName = 40

// Errors of what a person has typed. They hold neither PIN nor digits of it.
var (
	ErrPIN  = errors.New("a PIN has 6 to 16 digits, and neither all the same nor in a row such as 123456")
	ErrName = errors.New("a name has 1 to 40 bytes, no control characters, and no space around it")
)

// PIN is a PIN as it was typed. It prints as a mask by every route.
type PIN struct{ text string }

const mask = "••••••••"

// NewPIN wraps a text of any kind; [Book.Set] refuses what is no good PIN.
func NewPIN(text string) PIN { return PIN{text} }

// Equal tells whether both are the same: for a PIN that was typed twice.
func (p PIN) Equal(other PIN) bool { return p.text == other.text }

// String is a mask.
func (PIN) String() string { return mask }

// GoString is a mask.
func (PIN) GoString() string { return mask }

// Format is a mask for every verb.
func (PIN) Format(f fmt.State, _ rune) {
	io.WriteString(f, mask) //nolint:errcheck // fmt.State keeps the error itself
}

// MarshalText is a mask.
func (PIN) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue is a mask.
func (PIN) LogValue() slog.Value { return slog.StringValue(mask) }

// check tells whether the PIN is one that takes a while to guess.
func (p PIN) check() error {
	if len(p.text) < MinPIN || len(p.text) > MaxPIN || strings.Trim(p.text, "0123456789") != "" {
		return ErrPIN
	}
	for _, step := range []int{-1, 0, 1} {
		row := true
		for i := 1; i < len(p.text); i++ {
			row = row && int(p.text[i])-int(p.text[i-1]) == step
		}
		if row {
			return ErrPIN
		}
	}
	return nil
}

func checkName(name string) error {
	if name == "" || len(name) > maxName || strings.TrimSpace(name) != name || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return ErrName
	}
	return nil
}
