package offline

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unique"
)

// ErrIdentityCode is returned for text that cannot be an Alipay payment code.
// Nothing was sent; the customer shows the code again.
var ErrIdentityCode = errors.New("not a payment code: 16 to 24 digits starting 25 to 30")

// IdentityCode is the short-lived token that a customer's wallet shows as a
// bar code: the wire's identityCode. It lives for about a minute and works
// once. Whoever holds it can charge the customer, so it prints as a mask by
// every route and never reaches a disk; Reveal is for the request alone.
//
// The digits stand behind a pointer: fmt does not call the methods of an
// unexported field, and would print a plain string of a struct that holds a code
// somewhere inside. Two codes of the same digits are equal with ==.
type IdentityCode struct{ digits unique.Handle[string] }

// ParseIdentityCode accepts 16 to 24 ASCII digits that start with 25 to 30,
// the range that Alipay and Alipay+ publish for codes shown by the customer.
func ParseIdentityCode(text string) (IdentityCode, error) {
	if len(text) < 16 || len(text) > 24 {
		return IdentityCode{}, fmt.Errorf("%d characters: %w", len(text), ErrIdentityCode)
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return IdentityCode{}, fmt.Errorf("character %d is not a digit: %w", i+1, ErrIdentityCode)
		}
	}
	if p := text[:2]; p < "25" || p > "30" {
		return IdentityCode{}, fmt.Errorf("starts with %s: %w", p, ErrIdentityCode)
	}
	return IdentityCode{unique.Make(text)}, nil
}

// Reveal returns the whole code. Only the request to the gateway needs it.
func (c IdentityCode) Reveal() string {
	if c.IsZero() {
		return ""
	}
	return c.digits.Value()
}

// IsZero tells whether there is no code, as in a payment read back from disk.
func (c IdentityCode) IsZero() bool { return c == IdentityCode{} }

// Masked shows the first two and the last four digits.
func (c IdentityCode) Masked() string { return MaskCode(c.Reveal()) }

// String is the mask.
func (c IdentityCode) String() string { return c.Masked() }

// GoString is the mask.
func (c IdentityCode) GoString() string { return "IdentityCode(" + c.Masked() + ")" }

// Format prints the mask whatever the verb, so that %x or %#v leak nothing.
func (c IdentityCode) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.Masked()) }

// MarshalText is the mask.
func (c IdentityCode) MarshalText() ([]byte, error) { return []byte(c.Masked()), nil }

// LogValue is the mask.
func (c IdentityCode) LogValue() slog.Value { return slog.StringValue(c.Masked()) }

// MaskCode keeps the first two and the last four characters of a code that is
// long enough to stay unguessable, and nothing of a shorter one.
func MaskCode(digits string) string {
	const keep = 6
	if len(digits) < 16 {
		return strings.Repeat("•", len(digits))
	}
	return digits[:2] + strings.Repeat("•", len(digits)-keep) + digits[len(digits)-4:]
}

// CodeDigest is what may be kept of a payment code: a keyed hash that tells
// whether the same code comes again, and the mask for people.
type CodeDigest struct {
	Hash   string `json:"hash"`   // hex of HMAC-SHA-256, cut to 16 bytes
	Masked string `json:"masked"` // first two and last four digits
}

// DigestCode makes the digest with the journal's own random key; without the
// key the 10^16 possible codes could be tried out against a stolen file.
func DigestCode(key []byte, code IdentityCode) CodeDigest {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(code.Reveal()))
	return CodeDigest{Hash: hex.EncodeToString(mac.Sum(nil)[:16]), Masked: code.Masked()}
}
