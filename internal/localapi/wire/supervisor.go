package wire

import (
	"fmt"
	"io"
	"log/slog"
)

// Supervisor names who allows an action. It goes into a request alone and prints
// as a mask by every route, JSON included: the client writes the PIN out itself.
type Supervisor struct {
	Name string `json:"name"`
	PIN  PIN    `json:"pin"`
}

// PIN is a supervisor's PIN. It prints as a mask.
type PIN struct{ text string }

const mask = "••••••••"

// NewPIN wraps a text.
func NewPIN(text string) PIN { return PIN{text} }

// Reveal gives the text whole.
func (p PIN) Reveal() string { return p.text }

// String is a mask.
func (PIN) String() string { return mask }

// GoString is a mask.
func (PIN) GoString() string { return mask }

// Format is a mask for every verb.
func (PIN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText is a mask.
func (PIN) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue is a mask.
func (PIN) LogValue() slog.Value { return slog.StringValue(mask) }
