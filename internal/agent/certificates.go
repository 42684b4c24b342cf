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
	files   []*certificateFile
}

type certificateFile struct {
	name string // as the metric's label has it
	path string

	mu       sync.Mutex
	modified time.Time
	size     int64
	expiry   time.Time
}

func (a *agent) certificates() *certificates {
	c := &certificates{gateway: func() (time.Time, bool) { return a.client().CertExpiry() }}
	if path := a.cfg().Gateway.CAFile; path != "" {
		c.files = append(c.files, &certificateFile{name: "gateway_ca", path: path})
	}
	return c
}

func (c *certificates) list() []admin.Certificate {
	var out []admin.Certificate
	if at, known := c.gateway(); known {
		out = append(out, admin.Certificate{Name: "gateway", NotAfter: at})
	}
	for _, f := range c.files {
		// One that cannot be read has no expiry: "config check" says so, and its alert
		// is that the series is gone.
		if at, err := f.read(); err == nil {
			out = append(out, admin.Certificate{Name: f.name, NotAfter: at})
		}
	}
	return out
}

// read tells when the first of the file's certificates expires.
func (f *certificateFile) read() (time.Time, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return time.Time{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.expiry.IsZero() && info.ModTime().Equal(f.modified) && info.Size() == f.size {
		return f.expiry, nil
	}
	body, err := os.ReadFile(f.path)
	if err != nil {
		return time.Time{}, err
	}
	at, err := firstExpiry(body)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", f.path, err)
	}
	f.modified, f.size, f.expiry = info.ModTime(), info.Size(), at
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
