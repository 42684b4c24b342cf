package keystore

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Pair names the two files of a key pair.
type Pair struct {
	Private string `json:"private"`
	Public  string `json:"public"`
}

// PairIn puts NAME_private.pem and NAME_public.pem into dir.
func PairIn(dir, name string) Pair {
	return Pair{filepath.Join(dir, name+"_private.pem"), filepath.Join(dir, name+"_public.pem")}
}

// Generate makes a new RSA key of 2048 bits: the private half as PKCS#8 with mode 0600, the public one as PKIX with
// mode 0644, each in PEM. Missing directories are made with mode 0700. An existing file is never overwritten; then
// the error is ErrExists and nothing was written.
func Generate(p Pair) (*PrivateKey, error) {
	for _, path := range []string{p.Private, p.Public} {
		if _, err := os.Lstat(path); err == nil {
			return nil, existsError(path)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, writeError(path, err)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, minBits)
	if err != nil {
		return nil, fmt.Errorf("making an RSA key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding the new key: %w", err)
	}
	if err := writeNew(p.Private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	private := &PrivateKey{key}
	if err := writeNew(p.Public, []byte(private.PublicKey().PEM()), 0o644); err != nil {
		return nil, err
	}
	return private, nil
}

// Ensure gives the pair's private key and makes what is missing: both files, or the public one from the private one.
// A crash in Generate between the two files is mended this way. A pair whose halves do not match is an error.
func Ensure(p Pair) (*PrivateKey, error) {
	private, err := LoadPrivate(p.Private)
	if errors.Is(err, ErrMissing) {
		return Generate(p)
	}
	if err != nil {
		return nil, err
	}
	err = writeNew(p.Public, []byte(private.PublicKey().PEM()), 0o644)
	if err != nil && !errors.Is(err, ErrExists) {
		return nil, err
	}
	if report, err := Check(p); err != nil {
		return nil, err
	} else if !report.Match {
		return nil, formatError(p.Public, "is not the public half of "+p.Private, "move it away; it is then made again")
	}
	return private, nil
}

// Report is what [Check] found.
type Report struct {
	Match              bool   `json:"match"`
	Bits               int    `json:"bits"`
	PrivateFingerprint string `json:"privateFingerprint"` // of its public half
	PublicFingerprint  string `json:"publicFingerprint"`
}

// Check loads both halves and tells whether they belong together.
func Check(p Pair) (Report, error) {
	private, err := LoadPrivate(p.Private)
	if err != nil {
		return Report{}, err
	}
	public, err := LoadPublic(p.Public)
	if err != nil {
		return Report{}, err
	}
	return Report{
		Match:              private.PublicKey().Equal(public),
		Bits:               private.key.N.BitLen(),
		PrivateFingerprint: private.PublicKey().Fingerprint(),
		PublicFingerprint:  public.Fingerprint(),
	}, nil
}

// Shown is a public key in the forms in which people need it.
type Shown struct {
	PEM         string `json:"pem"`
	Base64      string `json:"base64"` // one line, for Alipay's portal
	Fingerprint string `json:"fingerprint"`
	Bits        int    `json:"bits"`
}

// ShowPublic reads a private or a public key file and shows the public half.
func ShowPublic(path string) (Shown, error) {
	public, err := LoadPublic(path)
	if err != nil {
		private, privateErr := LoadPrivate(path)
		if privateErr != nil {
			// The file was meant to be one of the two; the judgement of the likelier one is the useful one.
			if errors.Is(privateErr, ErrExposed) {
				return Shown{}, privateErr
			}
			return Shown{}, err
		}
		public = private.PublicKey()
	}
	return Shown{PEM: public.PEM(), Base64: public.Line(), Fingerprint: public.Fingerprint(), Bits: public.key.N.BitLen()}, nil
}
