package keystore

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a text that prints as a mask by every route. Reveal gives it whole.
type Secret struct {
	text string
}

const mask = "••••••••"

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal gives the text whole.
func (s Secret) Reveal() string { return s.text }

// IsZero tells whether there is no text.
func (s Secret) IsZero() bool { return s.text == "" }

// Equal compares in a time that does not depend on where the texts differ or how long they are. Nothing equals an
// empty secret: a daemon without a token must not admit a caller without one.
func (s Secret) Equal(other string) bool {
	a, b := sha256.Sum256([]byte(s.text)), sha256.Sum256([]byte(other))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && s.text != ""
}

// String is a mask, or empty where there is no text.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return mask
}

// GoString is a mask.
func (s Secret) GoString() string { return "keystore.Secret(" + s.String() + ")" }

// Format is a mask for every verb.
func (s Secret) Format(state fmt.State, _ rune) {
	io.WriteString(state, s.String()) //nolint:errcheck // fmt.State keeps the error itself
}

// MarshalJSON is a mask.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue is a mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// LoadSecret reads a text of one line from a file that other users cannot read.
func LoadSecret(path string) (Secret, error) {
	data, err := readFile(path, true)
	if err != nil {
		return Secret{}, err
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	if text == "" {
		return Secret{}, formatError(path, "is empty", "put the text into it in one line")
	}
	if strings.ContainsAny(text, "\r\n") {
		return Secret{}, formatError(path, "has more than one line", "keep the one line that is meant")
	}
	return Secret{text}, nil
}

// minToken is the least length of a token that nobody guesses: 128 bits in base64.
const minToken = 22

// LoadToken reads the API token.
func LoadToken(path string) (Secret, error) {
	token, err := LoadSecret(path)
	if err != nil {
		return Secret{}, err
	}
	if len(token.text) < minToken || strings.ContainsAny(token.text, " \t") {
		return Secret{}, formatError(path, fmt.Sprintf("holds no token of at least %d characters without spaces", minToken),
			"delete the file; the daemon makes a good one")
	}
	return token, nil
}

// EnsureToken reads the API token and makes one of 256 random bits, mode 0600, where there is no file yet. Missing
// directories are made with mode 0700.
func EnsureToken(path string) (Secret, error) {
	token, err := LoadToken(path)
	if !errors.Is(err, ErrMissing) {
		return token, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Secret{}, writeError(path, err)
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return Secret{}, fmt.Errorf("making a token: %w", err)
	}
	err = writeNew(path, []byte(base64.RawURLEncoding.EncodeToString(random)+"\n"), 0o600)
	if err != nil && !errors.Is(err, ErrExists) {
		return Secret{}, err
	}
	// Another process may have been first; its token is the one that counts.
	return LoadToken(path)
}
