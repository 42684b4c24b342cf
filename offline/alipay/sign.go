package alipay

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // RSA1 of version 2.0.0
	_ "crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

var errSignature = errors.New("the signature does not verify with the configured Alipay public key")

func (t SignType) hash() crypto.Hash {
	if t == RSA1 {
		return crypto.SHA1
	}
	return crypto.SHA256
}

// sign returns the base64 signature of exactly these bytes.
func sign(key crypto.Signer, t SignType, message []byte) (string, error) {
	h := t.hash()
	digest := h.New()
	digest.Write(message)
	sig, err := key.Sign(rand.Reader, digest.Sum(nil), h)
	if err != nil {
		return "", fmt.Errorf("signing with the merchant's key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

// verify checks a base64 signature of exactly these bytes.
func verify(key *rsa.PublicKey, t SignType, message []byte, signature string) error {
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return errors.New("the signature is not base64")
	}
	h := t.hash()
	digest := h.New()
	digest.Write(message)
	if rsa.VerifyPKCS1v15(key, h, digest.Sum(nil), sig) != nil {
		return errSignature
	}
	return nil
}
