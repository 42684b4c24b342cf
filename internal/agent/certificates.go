package agent

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"sync"
	"time"

	"posagent/internal/admin"
)

// certificates are those on which the till depends: the gateway's, as it was last
// shown, and those in files. A file is read again only when it has changed.
type certificates struct {
	gateway func() (time.Time, bool)
	files   func() []certificateFile // of the configuration in force

	mu   sync.Mutex
	seen map[string]seenFile // by path
}

// certificateFile is a file with the name that the metric's label has for it.
type certificateFile struct{ name, path string }

// seenFile is what a file was when it was last read.
type seenFile struct {
	modified time.Time
	size     int64
	expiry   time.Time
}

func (a *agent) certificates() *certificates {
	return &certificates{
		gateway: func() (time.Time, bool) { return a.client().CertExpiry() },
		files: func() []certificateFile {
			cfg := a.cfg()
			return []certificateFile{{"gateway_ca", cfg.Gateway.CAFile}, {"admin", cfg.Admin.CertFile}, {"admin_ca", cfg.Admin.ClientCAFile}}
		},
		seen: map[string]seenFile{},
	}
}

func (c *certificates) list() []admin.Certificate {
	var out []admin.Certificate
	if at, known := c.gateway(); known {
		out = append(out, admin.Certificate{Name: "gateway", NotAfter: at})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.files() {
		if f.path == "" {
			continue
		}
		// One that cannot be read has no expiry: "config check" says so, and its alert
		// is that the series is gone.
		if at, err := c.read(f.path); err == nil {
			out = append(out, admin.Certificate{Name: f.name, NotAfter: at})
		}
	}
	return out
}

// read tells when the first of the file's certificates expires. The caller holds mu.
func (c *certificates) read(path string) (time.Time, error) {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	if old, known := c.seen[path]; known && info.ModTime().Equal(old.modified) && info.Size() == old.size {
		return old.expiry, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return time.Time{}, err
	}
	at, err := firstExpiry(body)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", path, err)
	}
	c.seen[path] = seenFile{info.ModTime(), info.Size(), at}
	return at, nil
}

// firstExpiry is the earliest end of the certificates in a PEM file.
func firstExpiry(body []byte) (at time.Time, err error) {
	for block, rest := pem.Decode(bytes.TrimSpace(body)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, err
		}
		if at.IsZero() || c.NotAfter.Before(at) {
			at = c.NotAfter
		}
	}
	if at.IsZero() {
		return at, fmt.Errorf("no certificate in it")
	}
	return at, nil
}
