package model

import (
	"fmt"
	"io"
	"log/slog"
)

// Code is what a scanner typed: perhaps a payment code, which is as good as money
// until it is used. It prints as a mask.
type Code string

// PIN is a supervisor's PIN. It prints as a mask.
type PIN string

// Supervisor allows an action. The zero value is nobody.
type Supervisor struct {
	Name string
	PIN  PIN
}

const mask = "••••••••"

// String is a mask.
func (Code) String() string { return mask }

// GoString is a mask.
func (Code) GoString() string { return mask }

// Format is a mask for every verb.
func (Code) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText is a mask.
func (Code) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue is a mask.
func (Code) LogValue() slog.Value { return slog.StringValue(mask) }

// Reveal is the text itself, for the one request that sends it.
func (c Code) Reveal() string { return string(c) }

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

// Reveal is the PIN itself, for the one request that sends it.
func (p PIN) Reveal() string { return string(p) }
