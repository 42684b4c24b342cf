package admin_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"posagent/internal/pkitest"
)

// files are the server's certificate files.
type files struct{ dir, cert, key, ca string }

func newFiles(t *testing.T, server, clients *pkitest.Authority, lasting time.Duration) files {
	t.Helper()
	dir := t.TempDir()
	f := files{dir, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "ca.pem")}
	f.renew(t, server, 2, lasting)
	put(t, f.ca, clients.PEM())
	return f
}

func (f files) renew(t *testing.T, server *pkitest.Authority, serial int64, lasting time.Duration) {
	t.Helper()
	cert, key := server.Issue("till", serial, lasting)
	put(t, f.cert, cert)
	put(t, f.key, key)
}

// put replaces a file by another one, as tools for certificates do.
func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
