package keystore

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestGenerateWritesAPairThatMatchesAndNeverOverwrites(t *testing.T) {
	p := PairIn(filepath.Join(t.TempDir(), "keys"), "terminal")
	private, err := Generate(p)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(p.Private)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("private key: mode %v, %v; want 0600", info.Mode(), err)
		}
	}
	report, err := Check(p)
	if err != nil || !report.Match || report.Bits != 2048 || report.PrivateFingerprint != report.PublicFingerprint {
		t.Errorf("check: %+v, %v", report, err)
	}
	if fp := private.PublicKey().Fingerprint(); fp != report.PublicFingerprint {
		t.Errorf("fingerprint %s, on disk %s", fp, report.PublicFingerprint)
	}
	before, _ := os.ReadFile(p.Private)
	if _, err := Generate(p); !errors.Is(err, ErrExists) {
		t.Errorf("second time: %v", err)
	}
	after, _ := os.ReadFile(p.Private)
	if string(before) != string(after) {
		t.Error("the private key was overwritten")
	}
	entries, err := os.ReadDir(filepath.Dir(p.Private))
	if err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %d files: %v", len(entries), err)
	}
}

func TestGenerateTouchesNothingWhereOneHalfExists(t *testing.T) {
	p := PairIn(t.TempDir(), "terminal")
	if err := os.WriteFile(p.Public, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(p); !errors.Is(err, ErrExists) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(p.Private); !os.IsNotExist(err) {
		t.Error("a private key was written beside a foreign public one")
	}
}

func TestEnsureMendsAPairWhosePublicHalfWasNeverWritten(t *testing.T) {
	p := PairIn(t.TempDir(), "terminal")
	first, err := Ensure(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(p.Public); err != nil {
		t.Fatal(err)
	}
	second, err := Ensure(p)
	if err != nil {
		t.Fatal(err)
	}
	if !first.PublicKey().Equal(second.PublicKey()) {
		t.Error("another key was made")
	}
	if report, err := Check(p); err != nil || !report.Match {
		t.Errorf("check: %+v, %v", report, err)
	}
}

func TestAPairOfStrangersIsFound(t *testing.T) {
	dir := t.TempDir()
	a, b := PairIn(dir, "a"), PairIn(dir, "b")
	for _, p := range []Pair{a, b} {
		if _, err := Generate(p); err != nil {
			t.Fatal(err)
		}
	}
	mixed := Pair{Private: a.Private, Public: b.Public}
	if report, err := Check(mixed); err != nil || report.Match {
		t.Errorf("check: %+v, %v", report, err)
	}
	if _, err := Ensure(mixed); !errors.Is(err, ErrFormat) {
		t.Errorf("ensure: %v", err)
	}
}

func TestShowPublicGivesTheSameForBothHalves(t *testing.T) {
	p := PairIn(t.TempDir(), "terminal")
	if _, err := Generate(p); err != nil {
		t.Fatal(err)
	}
	fromPrivate, err := ShowPublic(p.Private)
	if err != nil {
		t.Fatal(err)
	}
	fromPublic, err := ShowPublic(p.Public)
	if err != nil || fromPrivate != fromPublic {
		t.Errorf("differ: %+v, %+v, %v", fromPrivate, fromPublic, err)
	}
	if !strings.HasPrefix(fromPublic.PEM, "-----BEGIN PUBLIC KEY-----\n") || strings.ContainsAny(fromPublic.Base64, "\n -") ||
		!strings.HasPrefix(fromPublic.Fingerprint, "SHA256:") || fromPublic.Bits != 2048 {
		t.Errorf("shown: %+v", fromPublic)
	}
	if _, err := ShowPublic(filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrMissing) {
		t.Errorf("missing: %v", err)
	}
}

func TestThePrivateKeySignsAndItsPublicHalfVerifies(t *testing.T) {
	key := &PrivateKey{testKey()}
	var signer crypto.Signer = key
	digest := sha256.Sum256([]byte("request"))
	signature, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(key.PublicKey().RSA(), crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
}

func TestSecretsPrintAsMasksByEveryRoute(t *testing.T) {
	const token = "correct-horse-battery-staple"
	secret, key := NewSecret(token), &PrivateKey{testKey()}
	holder := struct {
		Token Secret
		Key   *PrivateKey
	}{secret, key}
	var logged strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("x", "token", secret, "key", key, "holder", holder, "pointer", &holder)
	}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	exponent := testKey().D.String()
	for route, text := range map[string]string{
		"%v": fmt.Sprintf("%v %v %v", secret, key, holder), "%+v": fmt.Sprintf("%+v %+v %+v", secret, key, holder),
		"%#v": fmt.Sprintf("%#v %#v %#v", secret, key, holder), "%s": fmt.Sprintf("%s %s", secret, key),
		"%q": fmt.Sprintf("%q %q", secret, key), "%x": fmt.Sprintf("%x %x", secret, key), "%d": fmt.Sprintf("%d %d", secret, key),
		"error": fmt.Errorf("failed: %v", secret).Error(), "JSON": string(asJSON), "log": logged.String(),
	} {
		if strings.Contains(text, token) || strings.Contains(text, fmt.Sprintf("%x", token)) || strings.Contains(text, exponent[:20]) {
			t.Errorf("%s shows the secret: %s", route, text)
		}
	}
	if secret.Reveal() != token {
		t.Error("Reveal does not")
	}
}

func TestATokenIsMadeOnceAndCompared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api", "token")
	first, err := EnsureToken(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := EnsureToken(path)
	if err != nil || !second.Equal(first.Reveal()) {
		t.Errorf("the second time gave another token: %v", err)
	}
	if len(first.Reveal()) != 43 {
		t.Errorf("%d characters, 256 bits take 43", len(first.Reveal()))
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: %v", info.Mode(), err)
	}
	for _, wrong := range []string{"", first.Reveal() + "x", first.Reveal()[1:], strings.ToUpper(first.Reveal())} {
		if first.Equal(wrong) {
			t.Errorf("%d characters of another token were accepted", len(wrong))
		}
	}
	if (Secret{}).Equal("") {
		t.Error("an empty token admits callers without one")
	}
}

func TestABadTokenFileIsRefused(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		mode os.FileMode
		want error
	}{
		"short":     {"letmein", 0o600, ErrFormat},
		"two lines": {strings.Repeat("a", 30) + "\n" + strings.Repeat("b", 30), 0o600, ErrFormat},
		"spaces":    {strings.Repeat("a ", 30), 0o600, ErrFormat},
		"empty":     {"\n", 0o600, ErrFormat},
		"exposed":   {strings.Repeat("a", 43), 0o644, ErrExposed},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && errors.Is(row.want, ErrExposed) {
				t.Skip("access is not a matter of mode bits here")
			}
			path := put(t, []byte(row.text), row.mode)
			if _, err := EnsureToken(path); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			} else if strings.Contains(err.Error(), row.text) && row.text != "\n" {
				t.Errorf("the error repeats the token: %v", err)
			}
		})
	}
}
