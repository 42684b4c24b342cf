package admin

import (
	"net"
)

// listenerKind says how callers of a listener are recognised.
type listenerKind string

const (
	kindPlain listenerKind = "plain" // not at all: loopback, open calls alone
	kindTLS   listenerKind = "tls"   // by certificate
	kindLocal listenerKind = "local" // by the operating system
)

// Listener is where the admin API is reached.
type Listener struct {
	net.Listener
	kind  listenerKind
	files *Files
}

// Plain is a loopback listener without TLS. Any user of the machine reaches it, so
// that it answers health, readiness, metrics and the version and nothing else.
func Plain(l net.Listener) Listener { return Listener{Listener: l, kind: kindPlain} }

// MutualTLS is a listener on which both sides show certificates, TLS 1.3 alone.
func MutualTLS(l net.Listener, files *Files) Listener {
	return Listener{Listener: l, kind: kindTLS, files: files}
}

// Local is a unix socket or a named pipe: the operating system tells who asks.
// Root, administrators and the service's own user have every role, all others none.
func Local(l net.Listener) Listener { return Listener{Listener: l, kind: kindLocal} }
