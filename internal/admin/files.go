package admin

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Files are the certificates of a listener with mutual TLS. They are read again
// when they change, at the next connection: nobody restarts a till for them. New
// ones that cannot be used leave the old ones in force, and the log says so.
type Files struct {
	cert, key, clients string
	log                *slog.Logger

	mu      sync.Mutex
	seen    [3]fileStamp
	current *material
	told    string // the newest complaint, so that it is one line
}

// fileStamp tells whether a file has changed.
type fileStamp struct {
	modified time.Time
	size     int64
	inode    os.FileInfo // which file has the name, see os.SameFile
}

// material is what one reading of the files gave.
type material struct {
	config *tls.Config
	leaf   *x509.Certificate
}

// OpenFiles reads the server's certificate and key, and the certificates of those
// who issue clients' certificates, all PEM.
func OpenFiles(cert, key, clients string, log *slog.Logger) (*Files, error) {
	f := &Files{cert: cert, key: key, clients: clients, log: log}
	seen, err := f.stamps()
	if err != nil {
		return nil, err
	}
	f.seen = seen
	f.current, err = f.read()
	return f, err
}

func (f *Files) stamps() (out [3]fileStamp, err error) {
	for i, path := range []string{f.cert, f.key, f.clients} {
		info, err := os.Stat(path)
		if err != nil {
			return out, err
		}
		out[i] = fileStamp{info.ModTime(), info.Size(), info}
	}
	return out, nil
}

func (f *Files) read() (*material, error) {
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", f.cert, f.key, err)
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, fmt.Errorf("%s: %w", f.cert, err)
		}
	}
	data, err := os.ReadFile(f.clients)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s holds no certificate", f.clients)
	}
	return &material{leaf: pair.Leaf, config: &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"},
		// A resumed session would be believed by a certificate that was shown before.
		SessionTicketsDisabled: true,
	}}, nil
}

// now is what is in force, read again where a file has changed.
func (f *Files) now() *material {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen, err := f.stamps()
	if err == nil && same(seen, f.seen) {
		return f.current
	}
	var fresh *material
	if err == nil {
		fresh, err = f.read()
	}
	switch {
	case err != nil:
		f.complain(fmt.Errorf("they cannot be read again, and the old ones stay in force: %w", err))
	default:
		f.log.Info("the admin listener's certificates were read again", "expires", fresh.leaf.NotAfter)
		f.current, f.seen, f.told = fresh, seen, ""
	}
	return f.current
}

func same(a, b [3]fileStamp) bool {
	for i := range a {
		if !a[i].modified.Equal(b[i].modified) || a[i].size != b[i].size || !os.SameFile(a[i].inode, b[i].inode) {
			return false
		}
	}
	return true
}

// complain logs a fault once until another one follows it. The caller holds mu.
func (f *Files) complain(err error) {
	if f.told != err.Error() {
		f.told = err.Error()
		f.log.Error("the admin listener's certificates", "error", err)
	}
}

var errServerExpired = errors.New("the listener's own certificate is not valid now")

// config is the TLS side of the next connection.
func (f *Files) config() (*tls.Config, error) {
	m := f.now()
	if now := time.Now(); now.After(m.leaf.NotAfter) || now.Before(m.leaf.NotBefore) {
		err := fmt.Errorf("%s is valid from %s to %s: %w", f.cert,
			m.leaf.NotBefore.UTC().Format(time.RFC3339), m.leaf.NotAfter.UTC().Format(time.RFC3339), errServerExpired)
		f.mu.Lock()
		f.complain(fmt.Errorf("all connections are refused: %w", err))
		f.mu.Unlock()
		return nil, err
	}
	return m.config, nil
}

// names tells whether the server's certificate is made out to a name or address.
func (f *Files) names(host string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current.leaf.VerifyHostname(host) == nil
}

// Expiry is when the server's certificate in force expires.
func (f *Files) Expiry() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current.leaf.NotAfter
}
