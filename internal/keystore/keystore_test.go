package keystore

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// testKey is made once: RSA keys take long to make.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func armour(name string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func pkcs8(key any) []byte { return must(x509.MarshalPKCS8PrivateKey(key)) }

func pkixDER(key any) []byte { return must(x509.MarshalPKIXPublicKey(key)) }

func certificate(t *testing.T) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
	}
	return must(x509.CreateCertificate(rand.Reader, template, template, &testKey().PublicKey, testKey()))
}

func put(t *testing.T, data []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadPrivateTakesBothEncodings(t *testing.T) {
	for name, data := range map[string][]byte{
		"PKCS#8":                   armour("PRIVATE KEY", pkcs8(testKey())),
		"PKCS#1":                   armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey())),
		"with a byte order mark":   append([]byte("\xef\xbb\xbf"), armour("PRIVATE KEY", pkcs8(testKey()))...),
		"with Windows line ends":   []byte(strings.ReplaceAll(string(armour("PRIVATE KEY", pkcs8(testKey()))), "\n", "\r\n")),
		"with a line of text atop": append([]byte("Key of till T03\n"), armour("PRIVATE KEY", pkcs8(testKey()))...),
	} {
		t.Run(name, func(t *testing.T) {
			key, err := LoadPrivate(put(t, data, 0o600))
			if err != nil {
				t.Fatal(err)
			}
			if !key.RSA().Equal(testKey()) {
				t.Error("another key was read")
			}
		})
	}
}

func TestLoadPublicTakesBothEncodings(t *testing.T) {
	for name, data := range map[string][]byte{
		"PKIX":   armour("PUBLIC KEY", pkixDER(&testKey().PublicKey)),
		"PKCS#1": armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&testKey().PublicKey)),
	} {
		t.Run(name, func(t *testing.T) {
			key, err := LoadPublic(put(t, data, 0o644))
			if err != nil {
				t.Fatal(err)
			}
			if !key.RSA().Equal(&testKey().PublicKey) {
				t.Error("another key was read")
			}
		})
	}
}

func TestAFileThatIsNotTheKeyIsNamedForWhatItIs(t *testing.T) {
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, public := armour("PRIVATE KEY", pkcs8(testKey())), armour("PUBLIC KEY", pkixDER(&testKey().PublicKey))
	bare := base64.StdEncoding.EncodeToString
	large := make([]byte, maxSize+1)
	for _, row := range []struct {
		name          string
		data          []byte
		inPrivate     string // what LoadPrivate says
		inPublic      string // what LoadPublic says
		privateAccept bool
		publicAccept  bool
	}{
		{name: "the private key", data: private, privateAccept: true, inPublic: "holds a private key"},
		{name: "the public key", data: public, inPrivate: "holds a public key", publicAccept: true},
		{name: "a certificate", data: armour("CERTIFICATE", certificate(t)), inPrivate: "holds a certificate; take the public key out", inPublic: "holds a certificate; take the public key out"},
		{name: "a certificate request", data: armour("CERTIFICATE REQUEST", nil), inPrivate: "certificate request", inPublic: "certificate request"},
		{name: "an EC key", data: armour("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ec))), inPrivate: "elliptic-curve", inPublic: "elliptic-curve"},
		{name: "an EC key with parameters", data: append(armour("EC PARAMETERS", []byte{1}), armour("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ec)))...), inPrivate: "elliptic-curve", inPublic: "elliptic-curve"},
		{name: "an EC key in PKCS#8", data: armour("PRIVATE KEY", pkcs8(ec)), inPrivate: "elliptic-curve", inPublic: "elliptic-curve"},
		{name: "an EC public key", data: armour("PUBLIC KEY", pkixDER(&ec.PublicKey)), inPrivate: "public key that is not RSA", inPublic: "public key that is not RSA"},
		{name: "an Ed25519 key", data: armour("PRIVATE KEY", pkcs8(edPrivate)), inPrivate: "Ed25519", inPublic: "Ed25519"},
		{name: "an Ed25519 public key", data: armour("PUBLIC KEY", pkixDER(edPublic)), inPrivate: "not RSA", inPublic: "not RSA"},
		{name: "an OpenSSH key", data: armour("OPENSSH PRIVATE KEY", []byte{1}), inPrivate: "ssh-keygen", inPublic: "ssh-keygen"},
		{name: "an encrypted key", data: armour("ENCRYPTED PRIVATE KEY", []byte{1}), inPrivate: "encrypted", inPublic: "encrypted"},
		{name: "an encrypted key of the old kind", data: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte{1}}), inPrivate: "encrypted", inPublic: "encrypted"},
		{name: "an unknown block", data: armour("PGP MESSAGE", []byte{1}), inPrivate: "unknown type", inPublic: "unknown type"},
		{name: "two keys", data: append(append([]byte{}, private...), private...), inPrivate: "2 PEM blocks", inPublic: "2 PEM blocks"},
		{name: "a damaged key", data: armour("PRIVATE KEY", pkcs8(testKey())[:600]), inPrivate: "damaged PRIVATE KEY", inPublic: "damaged PRIVATE KEY"},
		{name: "a key without its last line", data: private[:len(private)-12], inPrivate: "broken PEM", inPublic: "broken PEM"},
		{name: "bare base64 of a public key", data: []byte(bare(pkixDER(&testKey().PublicKey)) + "\n"), inPrivate: "-----BEGIN PUBLIC KEY-----", inPublic: "-----BEGIN PUBLIC KEY-----"},
		{name: "bare base64 of a PKCS#8 key", data: []byte(bare(pkcs8(testKey()))), inPrivate: "-----BEGIN PRIVATE KEY-----", inPublic: "-----BEGIN PRIVATE KEY-----"},
		{name: "bare base64 of a PKCS#1 key", data: []byte(bare(x509.MarshalPKCS1PrivateKey(testKey()))), inPrivate: "-----BEGIN RSA PRIVATE KEY-----", inPublic: "-----BEGIN RSA PRIVATE KEY-----"},
		{name: "binary", data: pkixDER(&testKey().PublicKey), inPrivate: "binary (DER)", inPublic: "binary (DER)"},
		{name: "an empty file", data: []byte(" \n"), inPrivate: "is empty", inPublic: "is empty"},
		{name: "some text", data: []byte("hello"), inPrivate: "is not PEM", inPublic: "is not PEM"},
		{name: "a large file", data: large, inPrivate: "larger than", inPublic: "larger than"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := put(t, row.data, 0o600)
			_, err := LoadPrivate(path)
			expect(t, "LoadPrivate", err, row.privateAccept, row.inPrivate, path)
			_, err = LoadPublic(path)
			expect(t, "LoadPublic", err, row.publicAccept, row.inPublic, path)
		})
	}
}

func expect(t *testing.T, what string, err error, accept bool, want, path string) {
	t.Helper()
	if accept {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	if !errors.Is(err, ErrFormat) {
		t.Fatalf("%s: got %v, want a format error", what, err)
	}
	if !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %q, want it to name %s and say %q", what, err, path, want)
	}
	if strings.Contains(err.Error(), "MII") {
		t.Errorf("%s repeats the key: %q", what, err)
	}
	var keyErr *Error
	if errors.As(err, &keyErr); keyErr.Hint == "" {
		t.Errorf("%s: %q says nothing about what to do", what, err)
	}
}

func TestShortAndOverlongKeysAreRefused(t *testing.T) {
	// The modulus is only measured, so that any number of the right length will do: true primes of 8192 bits take minutes.
	modulus := func(bits int) *rsa.PublicKey {
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}
	}
	for _, row := range []struct {
		bits int
		ok   bool
	}{{1024, false}, {2047, false}, {2048, true}, {4096, true}, {4097, false}, {8192, false}} {
		_, err := LoadPublic(put(t, armour("PUBLIC KEY", pkixDER(modulus(row.bits))), 0o644))
		if row.ok && err != nil || !row.ok && !errors.Is(err, ErrStrength) {
			t.Errorf("%d bits: %v", row.bits, err)
		}
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this toolchain makes no weak keys: ", err)
	}
	if _, err := LoadPrivate(put(t, armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(weak)), 0o600)); !errors.Is(err, ErrStrength) {
		t.Errorf("a private key of 1024 bits: %v", err)
	}
}

func TestAPrivateKeyThatOthersCanReadIsRefusedWithOwnerAndRemedy(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access is not a matter of mode bits here")
	}
	data := armour("PRIVATE KEY", pkcs8(testKey()))
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644, 0o610} {
		path := put(t, data, 0o600)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := LoadPrivate(path)
		if !errors.Is(err, ErrExposed) {
			t.Fatalf("mode %o: %v", mode, err)
		}
		for _, want := range []string{"belongs to ", "chmod 0600 " + path, "other users can read"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("mode %o: %q does not say %q", mode, err, want)
			}
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if _, err := LoadPrivate(put(t, data, mode)); err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

func TestAMissingFileAndADirectoryAreToldApart(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadPrivate(filepath.Join(dir, "none.pem")); !errors.Is(err, ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	if _, err := LoadPublic(dir); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "a directory") {
		t.Errorf("directory: %v", err)
	}
}

func TestAFileOfAnotherUserIsUnreadableAndItsOwnerIsNamed(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	path := put(t, []byte("x"), 0o000)
	_, err := LoadPrivate(path)
	if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "belongs to") {
		t.Errorf("got %v", err)
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add(armour("PRIVATE KEY", pkcs8(testKey())))
	f.Add(armour("PUBLIC KEY", pkixDER(&testKey().PublicKey)))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse("key.pem", data)
		if err == nil && c.private == nil && c.public == nil && c.other == "" {
			t.Error("neither a key, nor something else, nor an error")
		}
		var keyErr *Error
		if err != nil && !errors.As(err, &keyErr) {
			t.Errorf("an error of another type: %v", err)
		}
	})
}
