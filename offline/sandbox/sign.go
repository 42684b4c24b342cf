package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // version 2.0.0 documents SHA1withRSA
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// verify checks a base64 signature over the exact bytes. Version 2.0.0 pages
// name SHA1withRSA and leave signType out, later ones RSA2 (SHA256withRSA), so
// for 2.0.0 both are taken and the answer is signed as the request was.
func verify(key *rsa.PublicKey, version string, raw []byte, signature string) (isSHA1 bool, ok bool) {
	sig, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return false, false
	}
	sum := sha256.Sum256(raw)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) == nil {
		return false, true
	}
	if version != version200 {
		return false, false
	}
	old := sha1.Sum(raw) //nolint:gosec // see above
	return true, rsa.VerifyPKCS1v15(key, crypto.SHA1, old[:], sig) == nil
}

// sign returns the base64 signature (PKCS #1 v1.5) over the exact bytes.
func sign(key crypto.Signer, isSHA1 bool, raw []byte) (string, error) {
	kind, sum := crypto.SHA256, []byte(nil)
	if isSHA1 {
		old := sha1.Sum(raw) //nolint:gosec // see verify
		kind, sum = crypto.SHA1, old[:]
	} else {
		now := sha256.Sum256(raw)
		sum = now[:]
	}
	sig, err := key.Sign(rand.Reader, sum, kind)
	if err != nil {
		return "", fmt.Errorf("signing the answer: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}
