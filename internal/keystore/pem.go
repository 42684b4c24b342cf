package keystore

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"unicode"
)

const (
	minBits = 2048
	maxBits = 4096
)

// content is what a key file was found to hold: one of the two keys, or the name of something else.
type content struct {
	private *rsa.PrivateKey
	public  *rsa.PublicKey
	other   string // "an X.509 certificate"
	hint    string
}

// parse reads the one PEM block of a file.
func parse(path string, data []byte) (content, error) {
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var blocks []*pem.Block
	for rest := text; ; {
		block, next := pem.Decode(rest)
		if block == nil {
			break
		}
		if rest = next; block.Type != "EC PARAMETERS" && block.Type != "DH PARAMETERS" {
			blocks = append(blocks, block)
		}
	}
	switch len(blocks) {
	case 0:
		return content{}, unarmoured(path, text)
	case 1:
		return parseBlock(path, blocks[0])
	default:
		return content{}, formatError(path, fmt.Sprintf("holds %d PEM blocks", len(blocks)), "keep the one key in it that is meant")
	}
}

func parseBlock(path string, block *pem.Block) (content, error) {
	if block.Headers["DEK-Info"] != "" || block.Type == "ENCRYPTED PRIVATE KEY" {
		return content{}, formatError(path, "holds an encrypted private key",
			"decrypt it, as nobody types a passphrase at start: openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW")
	}
	switch block.Type {
	case "PRIVATE KEY", "RSA PRIVATE KEY", "PUBLIC KEY", "RSA PUBLIC KEY":
		if c, ok := parseDER(block.Bytes); ok {
			return c, nil
		}
		return content{}, formatError(path, "holds a damaged "+block.Type, "copy the file again from where it was made")
	case "EC PRIVATE KEY":
		return content{other: "an elliptic-curve private key", hint: rsaHint}, nil
	case "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE":
		return content{other: "a certificate", hint: "take the public key out of it: openssl x509 -pubkey -noout -in FILE"}, nil
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return content{other: "a certificate request", hint: rsaHint}, nil
	case "OPENSSH PRIVATE KEY":
		return content{other: "a private key in OpenSSH's own format", hint: "convert it: ssh-keygen -p -m PKCS8 -f FILE"}, nil
	default:
		return content{other: "a PEM block of an unknown type", hint: rsaHint}, nil
	}
}

const rsaHint = "use an RSA key of 2048 bits; posagent keys generate makes one"

// parseDER tries the four encodings of an RSA key and names keys of other kinds.
func parseDER(der []byte) (content, bool) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		switch k := key.(type) {
		case *rsa.PrivateKey:
			return content{private: k}, true
		case *ecdsa.PrivateKey:
			return content{other: "an elliptic-curve private key", hint: rsaHint}, true
		case ed25519.PrivateKey:
			return content{other: "an Ed25519 private key", hint: rsaHint}, true
		default:
			return content{other: "a private key that is not RSA", hint: rsaHint}, true
		}
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return content{private: key}, true
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		switch k := key.(type) {
		case *rsa.PublicKey:
			return content{public: k}, true
		default:
			return content{other: "a public key that is not RSA", hint: "ask for the RSA2 key"}, true
		}
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return content{public: key}, true
	}
	return content{}, false
}

// unarmoured says what a file without PEM armour probably is, and how to make PEM of it.
func unarmoured(path string, text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return formatError(path, "is empty", "put the key into it")
	}
	if bytes.Contains(text, []byte("-----BEGIN")) {
		return formatError(path, "holds a broken PEM block",
			"copy the key again with its whole first and last line, each on a line of its own")
	}
	der, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.Map(dropSpace, string(text)), "="))
	if err == nil {
		if name := armourOf(der); name != "" {
			return formatError(path, "is base64 without PEM armour",
				fmt.Sprintf("put the line -----BEGIN %s----- above it and -----END %s----- below it", name, name))
		}
	}
	if name := armourOf(text); name != "" {
		return formatError(path, "is binary (DER)", "convert it to PEM with openssl, -inform DER -outform PEM")
	}
	return formatError(path, "is not PEM", "a key file begins with a line like -----BEGIN PUBLIC KEY-----")
}

func dropSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}

// armourOf names the PEM type that a DER encoding belongs into, "" where it is no key.
func armourOf(der []byte) string {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PRIVATE KEY"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "RSA PRIVATE KEY"
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "PUBLIC KEY"
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return "RSA PUBLIC KEY"
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return "CERTIFICATE"
	}
	return ""
}

func checkBits(path string, key *rsa.PublicKey) error {
	bits := key.N.BitLen()
	if bits >= minBits && bits <= maxBits {
		return nil
	}
	return &Error{
		Path: path, Problem: fmt.Sprintf("is an RSA key of %d bits", bits),
		Hint: fmt.Sprintf("use %d to %d bits; posagent keys generate makes one of 2048", minBits, maxBits), Err: ErrStrength,
	}
}
