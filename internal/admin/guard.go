package admin

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"posagent/internal/admin/access"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/webguard"
)

// maxBody is the largest body that is read: 64 KiB.
const maxBody = 64 << 10

// caller is who asks, as the connection proves it.
type caller struct {
	kind  listenerKind
	name  string            // for the audit trail
	roles access.Roles      // of whom the system vouches for; certificates are judged for each request
	cert  *x509.Certificate // of mutual TLS
	files *Files            // of mutual TLS: the server's own names
}

type callerKey struct{}

func callerFrom(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return c
}

// callerOf tells who is at the other end of a connection.
func (s *Server) callerOf(conn net.Conn, kind listenerKind) caller {
	c := caller{kind: kind, name: "unknown"}
	switch kind {
	case kindTLS:
		if own, ok := conn.(*secured); ok {
			state := own.ConnectionState()
			c.cert, c.files = state.PeerCertificates[0], own.files
			c.name = nameOf(c.cert)
		}
	case kindLocal:
		c.name, c.roles = s.peerOf(conn)
	case kindPlain:
		c.name = "somebody at " + conn.RemoteAddr().String()
	}
	return c
}

// nameOf is a certificate's subject with its serial number, which tells a lost
// certificate from its successor.
func nameOf(c *x509.Certificate) string {
	name := c.Subject.String()
	if name == "" && len(c.DNSNames) > 0 {
		name = "DNS=" + c.DNSNames[0]
	}
	if name == "" && len(c.URIs) > 0 {
		name = "URI=" + c.URIs[0].String()
	}
	return fmt.Sprintf("%s (serial %x)", name, c.SerialNumber)
}

// allOf are the roles that the caller has now.
func (s *Server) allOf(c caller) access.Roles {
	if c.cert == nil {
		return c.roles
	}
	if s.opt.Rules == nil {
		return nil
	}
	return s.opt.Rules().Of(c.cert)
}

func (s *Server) actor(c caller) audit.Actor {
	via := map[listenerKind]string{kindTLS: "tls", kindLocal: "socket", kindPlain: "loopback"}[c.kind]
	return audit.Actor{Name: c.name, Role: s.allOf(c).String(), Via: via}
}

// guard refuses what must not reach a handler, whatever the path.
func (s *Server) guard(r *http.Request) *wire.Problem {
	c := callerFrom(r)
	if !s.knownHost(c, r.Host) {
		return wire.NewProblem(wire.CodeForbiddenHost, "The request names a host that is not this listener's.",
			"Use a name of the server's certificate; on loopback localhost, 127.0.0.1 or [::1].")
	}
	if !webguard.NoPage(r) {
		return wire.NewProblem(wire.CodeForbiddenOrigin, "A web page sent the request.", "The admin API is for programs.")
	}
	// A connection outlives the handshake: what has expired since gets nothing.
	if c.cert != nil && s.opt.Now().After(c.cert.NotAfter) {
		return wire.NewProblem(wire.CodeNoRole, "The client's certificate expired at "+c.cert.NotAfter.UTC().Format(time.RFC3339)+".",
			"Renew it and connect again.")
	}
	if c.kind != kindPlain && len(s.allOf(c)) == 0 {
		return wire.NewProblem(wire.CodeNoRole, "Nobody gave "+c.name+" a right here.", noRoleHint(c))
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	if !webguard.CleanPath(r) {
		return notFound()
	}
	return nil
}

func noRoleHint(c caller) string {
	if c.kind == kindLocal {
		return "Ask as root or as the user that the service runs as."
	}
	return "Store IT: name an attribute of the certificate in admin.read, admin.operate or admin.money."
}

// knownHost tells whether a Host header means this listener. Over TLS it must be
// a name of the server's certificate, or loopback.
func (s *Server) knownHost(c caller, host string) bool {
	switch {
	case webguard.LoopbackHost(host):
		return true
	case c.kind == kindLocal:
		return host == ""
	case c.kind == kindTLS:
		name := webguard.HostName(host)
		return name != "" && c.files.names(strings.ToLower(name))
	}
	return false
}

// refuse answers a request that no handler has seen, and records it.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, p *wire.Problem) {
	s.recordRefusal(r, s.actionAt(r), p)
	s.problem(w, p)
}

func (s *Server) recordRefusal(r *http.Request, action audit.Action, p *wire.Problem) {
	e := s.actor(callerFrom(r)).Entry(action, r.PathValue("saleId")).With("request", r.Method+" "+r.URL.Path)
	if r.RemoteAddr != "" && callerFrom(r).kind != kindLocal {
		e = e.With("remote", r.RemoteAddr)
	}
	e.Result, e.Error = audit.Refused, p.Error()
	s.trail.refused(r.Context(), e)
}

// refusedHandshake records a connection that never came to a request.
func (s *Server) refusedHandshake(remote net.Addr, err error) {
	s.log.Warn("a connection to the admin listener was refused", "remote", remote.String(), "error", err)
	e := audit.Actor{Name: "somebody at " + remote.String(), Via: "tls"}.Entry(audit.Access, "")
	e.Result, e.Error = audit.Refused, err.Error()
	s.trail.refused(noContext(), e)
}

func tooLarge() *wire.Problem {
	return wire.NewProblem(wire.CodeBodyTooLarge, "The body is larger than 64 KiB.", "")
}

func notFound() *wire.Problem {
	return wire.NewProblem(wire.CodeNotFound, "There is nothing at this path.", "GET /v1/admin/openapi.json lists all paths.")
}

// secured is a connection whose handshake is done.
type secured struct {
	*tls.Conn
	files *Files
}
