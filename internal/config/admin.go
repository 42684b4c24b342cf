package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"posagent/internal/admin/access"
	"posagent/internal/pipe"
)

// TLS tells whether the admin listener asks for certificates.
func (a Admin) TLS() bool { return a.CertFile != "" || a.KeyFile != "" || a.ClientCAFile != "" }

// Rules are the roles of certificates. A rule that cannot be read admits nobody.
func (a Admin) Rules() access.Rules {
	r, err := access.NewRules(a.Read, a.Operate, a.Money)
	if err != nil {
		return access.Rules{} // Load has refused it
	}
	return r
}

// AdminSocket is the socket or pipe of "posagent admin": the configured one, or one
// beside that of the local API. Empty: there is none.
func (c *Config) AdminSocket() string {
	beside := c.API.Socket
	switch {
	case c.Admin.Socket != "":
		return c.Admin.Socket
	case beside == "":
		return ""
	case pipe.Is(beside):
		return pipe.ForAdmin(beside)
	}
	ext := filepath.Ext(beside)
	path := strings.TrimSuffix(beside, ext) + "-admin" + ext
	if len(path) > longestSocket {
		return ""
	}
	return path
}

// checkAdmin judges [admin].
func (l *loader) checkAdmin() {
	a := &l.cfg.Admin
	l.checkAdminAddress(a)
	if s := a.Socket; s != "" && !strings.HasPrefix(s, `\\`) && len(s) > longestSocket {
		l.fault("admin.socket", fmt.Sprintf("%s has %d bytes", quotePath(s), len(s)),
			fmt.Sprintf("shorten it to %d: the system takes no longer path for a socket", longestSocket))
	} else if s != "" && s == l.cfg.API.Socket {
		l.fault("admin.socket", "is the same as api.socket", "leave it out, or give it a name of its own")
	}
	for key, text := range map[string]string{"admin.read": a.Read, "admin.operate": a.Operate, "admin.money": a.Money} {
		if _, err := access.Parse(text); err != nil {
			l.fault(key, err.Error(), `write for example "OU=till-ops,O=Sunrise Mart; CN=jump-host-1"`)
		}
	}
}

func (l *loader) checkAdminAddress(a *Admin) {
	for _, f := range []struct{ key, path string }{
		{"admin.cert_file", a.CertFile}, {"admin.key_file", a.KeyFile}, {"admin.client_ca_file", a.ClientCAFile},
	} {
		if a.TLS() && f.path == "" {
			l.fault(f.key, "is not set, but other files of the listener's TLS are",
				"give cert_file, key_file and client_ca_file, or none of them")
		}
	}
	if a.Listen == "" {
		if a.TLS() {
			l.note("admin.listen", "is empty, so that the certificates of [admin] serve nobody", `give an address, for example "0.0.0.0:9373"`)
		}
		return
	}
	host, ok := l.checkAddress("admin.listen", a.Listen, `write an address with a port, for example "127.0.0.1:9373"`)
	if ok && !loopbackHost(host) && !a.TLS() {
		l.fault("admin.listen", quote(a.Listen)+" can be reached from other machines, and callers need no certificate",
			`give cert_file, key_file and client_ca_file, or write a loopback address, for example "127.0.0.1:9373"`)
	}
	if _, port, err := net.SplitHostPort(l.cfg.API.Listen); err == nil && port != "0" && a.Listen == l.cfg.API.Listen {
		l.fault("admin.listen", "is the same address as api.listen", "give it a port of its own")
	}
	if a.TLS() && a.Read == "" && a.Operate == "" && a.Money == "" {
		l.note("admin.listen", "admits nobody: no certificate has a right", "name who may what in admin.read, admin.operate and admin.money")
	}
}

// checkAdminFiles opens the certificates. One that has expired is a note: the till
// sells without the listener.
func (l *loader) checkAdminFiles() {
	a := &l.cfg.Admin
	if a.CertFile == "" || a.KeyFile == "" || a.ClientCAFile == "" {
		return
	}
	l.checkCA("admin.client_ca_file", a.ClientCAFile)
	if info, err := os.Stat(a.KeyFile); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		l.fault("admin.key_file", quotePath(a.KeyFile)+" can be read by other users", "chmod 600 it")
	}
	pair, err := tls.LoadX509KeyPair(a.CertFile, a.KeyFile)
	if err != nil {
		l.fault("admin.cert_file", quotePath(a.CertFile)+" and "+quotePath(a.KeyFile)+" are no certificate with its key: "+reason(err),
			"give PEM files that belong together and that the service's user can read")
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err == nil && time.Now().After(leaf.NotAfter) {
		l.note("admin.cert_file", quotePath(a.CertFile)+" expired at "+leaf.NotAfter.UTC().Format(time.RFC3339), "renew it: nobody can connect until then")
	}
}
