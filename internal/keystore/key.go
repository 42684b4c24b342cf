package keystore

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
)

// PrivateKey is a terminal's own RSA key. It prints as a mask with the fingerprint of its public half.
type PrivateKey struct {
	key *rsa.PrivateKey
}

// LoadPrivate reads a PEM file with one RSA private key, PKCS#8 or PKCS#1, of 2048 to 4096 bits, or one that
// [Protect] sealed. The file must be closed to other users: on Unix by its mode, on Windows by its access list. The
// error is an [*Error].
func LoadPrivate(path string) (*PrivateKey, error) {
	data, err := readFile(path, true)
	if err != nil {
		return nil, err
	}
	return parsePrivate(path, data)
}

func parsePrivate(path string, data []byte) (*PrivateKey, error) {
	c, err := parse(path, data)
	switch {
	case err != nil:
		return nil, err
	case c.public != nil:
		return nil, formatError(path, "holds a public key", "give the file of the private key of the pair")
	case c.private == nil:
		return nil, formatError(path, "holds "+c.other, c.hint)
	}
	if err := checkBits(path, &c.private.PublicKey); err != nil {
		return nil, err
	}
	return &PrivateKey{c.private}, nil
}

// RSA is the key itself, for signing.
func (k *PrivateKey) RSA() *rsa.PrivateKey { return k.key }

// Public implements [crypto.Signer].
func (k *PrivateKey) Public() crypto.PublicKey { return &k.key.PublicKey }

// PublicKey is the public half.
func (k *PrivateKey) PublicKey() *PublicKey { return &PublicKey{&k.key.PublicKey} }

// Sign implements [crypto.Signer].
func (k *PrivateKey) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.key.Sign(rand, digest, opts)
}

// String names the key by its length and fingerprint.
func (k *PrivateKey) String() string {
	if k == nil || k.key == nil {
		return "no private key"
	}
	return fmt.Sprintf("RSA-%d private key %s", k.key.N.BitLen(), k.PublicKey().Fingerprint())
}

// GoString is as masked as String.
func (k *PrivateKey) GoString() string { return k.String() }

// Format is as masked as String for every verb.
func (k *PrivateKey) Format(s fmt.State, _ rune) {
	io.WriteString(s, k.String()) //nolint:errcheck // fmt.State keeps the error itself
}

// MarshalJSON is as masked as String.
func (k *PrivateKey) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }

// LogValue is as masked as String.
func (k *PrivateKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// PublicKey is an RSA public key.
type PublicKey struct {
	key *rsa.PublicKey
}

// LoadPublic reads a PEM file with one RSA public key, PKIX or PKCS#1, of 2048 to 4096 bits. The error is an [*Error].
func LoadPublic(path string) (*PublicKey, error) {
	data, err := readFile(path, false)
	if err != nil {
		return nil, err
	}
	c, err := parse(path, data)
	switch {
	case err != nil:
		return nil, err
	case c.private != nil:
		return nil, formatError(path, "holds a private key", "give the file of the public key; a private key never leaves the machine it was made on")
	case c.public == nil:
		return nil, formatError(path, "holds "+c.other, c.hint)
	}
	if err := checkBits(path, c.public); err != nil {
		return nil, err
	}
	return &PublicKey{c.public}, nil
}

// RSA is the key itself, for verifying.
func (k *PublicKey) RSA() *rsa.PublicKey { return k.key }

// Equal tells whether both are the same key.
func (k *PublicKey) Equal(other *PublicKey) bool { return k.key.Equal(other.key) }

// der is the PKIX encoding. An RSA key always has one.
func (k *PublicKey) der() []byte {
	der, err := x509.MarshalPKIXPublicKey(k.key)
	if err != nil {
		return nil
	}
	return der
}

// Fingerprint is "SHA256:" and the hex digest of the PKIX encoding; openssl pkey -pubin -outform DER | sha256sum
// gives the same.
func (k *PublicKey) Fingerprint() string {
	sum := sha256.Sum256(k.der())
	return "SHA256:" + hex.EncodeToString(sum[:])
}

// PEM is the PKIX encoding in PEM armour.
func (k *PublicKey) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.der()}))
}

// Line is the PKIX encoding as one line of base64, the form in which Alipay's portal takes it.
func (k *PublicKey) Line() string { return base64.StdEncoding.EncodeToString(k.der()) }

// String names the key by its length and fingerprint.
func (k *PublicKey) String() string {
	return fmt.Sprintf("RSA-%d public key %s", k.key.N.BitLen(), k.Fingerprint())
}

// LogValue is the same as String.
func (k *PublicKey) LogValue() slog.Value { return slog.StringValue(k.String()) }
