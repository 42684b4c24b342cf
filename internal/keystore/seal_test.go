package keystore

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"posagent/internal/dpapi"
)

// fakeMachine seals as the system does: what it sealed opens only there, for the
// same purpose, and unchanged.
func fakeMachine(name string) sealer {
	sum := func(secret, purpose []byte) []byte {
		h := sha256.New()
		for _, part := range [][]byte{[]byte(name), purpose, secret} {
			h.Write(part)
			h.Write([]byte{0})
		}
		return h.Sum(nil)
	}
	flip := func(b []byte) []byte {
		out := bytes.Clone(b)
		for i := range out {
			out[i] ^= 0x5a
		}
		return out
	}
	return sealer{
		seal: func(secret, purpose []byte, _ string) ([]byte, error) {
			return append(sum(secret, purpose), flip(secret)...), nil
		},
		open: func(sealed, purpose []byte) ([]byte, error) {
			if len(sealed) < sha256.Size {
				return nil, dpapi.ErrSealed
			}
			secret := flip(sealed[sha256.Size:])
			if !bytes.Equal(sum(secret, purpose), sealed[:sha256.Size]) {
				return nil, dpapi.ErrSealed
			}
			return secret, nil
		},
	}
}

func TestASealedKeyOpensOnItsMachineOnly(t *testing.T) {
	plain := armour("PRIVATE KEY", pkcs8(testKey()))
	path := put(t, plain, 0o600)
	till := fakeMachine("till 3")
	key, err := protect(path, till)
	if err != nil || !key.RSA().Equal(testKey()) {
		t.Fatalf("%v %v", key, err)
	}
	sealed := must(os.ReadFile(path))
	if bytes.Contains(sealed, []byte("PRIVATE KEY")) || !bytes.Contains(sealed, []byte("Protection: dpapi-machine")) {
		t.Errorf("the file holds\n%s", sealed)
	}
	if got, err := unseal(path, sealed, till); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened: %d bytes, %v", len(got), err)
	}
	if _, err := unseal(path, sealed, fakeMachine("till 4")); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "another machine") {
		t.Errorf("elsewhere: %v", err)
	}
	// Whoever seals it once more changes nothing.
	if _, err := protect(path, till); err != nil || !bytes.Equal(must(os.ReadFile(path)), sealed) {
		t.Errorf("sealed twice: %v", err)
	}
	left := must(os.ReadDir(filepath.Dir(path)))
	if len(left) != 1 {
		t.Errorf("%d files beside it", len(left)-1)
	}
}

func TestWhatIsNotSealedIsTakenAsItIs(t *testing.T) {
	for _, text := range []string{"", "a token", string(armour("PRIVATE KEY", []byte("x")))} {
		if got, err := unseal("file", []byte(text), fakeMachine("any")); err != nil || string(got) != text {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

func TestAFailedSealingLeavesTheKeyAsItWas(t *testing.T) {
	good := fakeMachine("till")
	plain := armour("PRIVATE KEY", pkcs8(testKey()))
	for name, row := range map[string]struct {
		s    sealer
		want error
	}{
		"no such protection here":  {sealer{func(_, _ []byte, _ string) ([]byte, error) { return nil, dpapi.ErrUnsupported }, good.open}, dpapi.ErrUnsupported},
		"it does not open again":   {sealer{good.seal, fakeMachine("other").open}, dpapi.ErrSealed},
		"something else comes out": {sealer{good.seal, func(_, _ []byte) ([]byte, error) { return []byte("x"), nil }}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, plain, 0o600)
			if _, err := protect(path, row.s); err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v", err)
			}
			if !bytes.Equal(must(os.ReadFile(path)), plain) {
				t.Error("the key is gone")
			}
		})
	}
}

func TestOnlyAPrivateKeyIsSealed(t *testing.T) {
	public := put(t, armour("PUBLIC KEY", pkixDER(&testKey().PublicKey)), 0o600)
	if _, err := protect(public, fakeMachine("till")); !errors.Is(err, ErrFormat) {
		t.Errorf("a public key: %v", err)
	}
	if _, err := protect(filepath.Join(t.TempDir(), "none"), fakeMachine("till")); !errors.Is(err, ErrMissing) {
		t.Errorf("no file: %v", err)
	}
	unknown := put(t, []byte("-----BEGIN POSAGENT SEALED SECRET-----\nProtection: tpm\n\nAAAA\n-----END POSAGENT SEALED SECRET-----\n"), 0o600)
	if _, err := LoadPrivate(unknown); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "tpm") {
		t.Errorf("an unknown protection: %v", err)
	}
}

func TestASealedKeyOfWindowsIsNamedElsewhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("here it opens")
	}
	path := put(t, []byte("-----BEGIN POSAGENT SEALED SECRET-----\nProtection: dpapi-machine\n\nAAAA\n-----END POSAGENT SEALED SECRET-----\n"), 0o600)
	if _, err := LoadPrivate(path); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "Windows") {
		t.Errorf("got %v", err)
	}
	if _, err := Protect(put(t, armour("PRIVATE KEY", pkcs8(testKey())), 0o600)); err == nil || !strings.Contains(err.Error(), "LoadCredentialEncrypted") {
		t.Errorf("got %v", err)
	}
}
