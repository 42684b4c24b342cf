package agent

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"posagent/internal/admin"
)

func certificate(t *testing.T, expires time.Time) []byte {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: expires.Add(-time.Hour), NotAfter: expires}
	der, err := x509.CreateCertificate(rand.Reader, c, c, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestACertificateFileExpiresWithItsFirst(t *testing.T) {
	early, late := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "ca.pem")
	write := func(body []byte, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	gatewayAt := time.Time{}
	c := &certificates{
		gateway: func() (time.Time, bool) { return gatewayAt, !gatewayAt.IsZero() },
		files:   func() []certificateFile { return []certificateFile{{"gateway_ca", path}, {"admin", ""}} },
		seen:    map[string]seenFile{},
	}
	want := func(when string, list ...admin.Certificate) {
		t.Helper()
		got := c.list()
		if len(got) != len(list) {
			t.Fatalf("%s: %v, want %v", when, got, list)
		}
		for i := range got {
			if got[i].Name != list[i].Name || !got[i].NotAfter.Equal(list[i].NotAfter) {
				t.Errorf("%s: %v, want %v", when, got[i], list[i])
			}
		}
	}
	want("no file, no answer yet")
	now := time.Now()
	write(append(certificate(t, late), certificate(t, early)...), now)
	want("two certificates", admin.Certificate{Name: "gateway_ca", NotAfter: early})
	write(certificate(t, late), now.Add(time.Second))
	gatewayAt = early
	want("the file was changed", admin.Certificate{Name: "gateway", NotAfter: early}, admin.Certificate{Name: "gateway_ca", NotAfter: late})
	write([]byte("no certificate"), now.Add(2*time.Second))
	want("the file is spoilt", admin.Certificate{Name: "gateway", NotAfter: early})
}
