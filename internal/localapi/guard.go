package localapi

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"posagent/internal/localapi/wire"
)

// maxBody is the largest body that is read: 64 KiB.
const maxBody = 64 << 10

// trustKey marks connections of listeners that need no token.
type trustKey struct{}

// guard refuses what must not reach a handler, cheapest and most hostile first.
func (s *Server) guard(w http.ResponseWriter, r *http.Request) *wire.Problem {
	trusted, _ := r.Context().Value(trustKey{}).(bool)
	if !loopbackHost(r.Host) && !(trusted && r.Host == "") {
		return wire.NewProblem(wire.CodeForbiddenHost, "The request names a host that is not this machine's loopback.",
			"Use localhost, 127.0.0.1 or [::1].")
	}
	if !sameOrigin(r) {
		return wire.NewProblem(wire.CodeForbiddenOrigin, "A page of another origin sent the request.",
			"The API is for programs of this machine, not for web pages of other sites.")
	}
	if p := s.authorise(w, r, trusted); p != nil {
		return p
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	// The mux would answer a path with "//" or ".." by a redirect.
	if p := r.URL.EscapedPath(); p == "" || p != path.Clean(p) {
		return notFound()
	}
	return nil
}

func tooLarge() *wire.Problem {
	return wire.NewProblem(wire.CodeBodyTooLarge, "The body is larger than 64 KiB.", "")
}

func notFound() *wire.Problem {
	return wire.NewProblem(wire.CodeNotFound, "There is nothing at this path.", "GET /v1/openapi.json lists all paths.")
}

// loopbackHost tells whether a Host header names this machine's loopback, with
// any port. Names that merely resolve to it are refused: DNS rebinding works
// with such names.
func loopbackHost(host string) bool {
	name := host
	if h, port, err := net.SplitHostPort(host); err == nil {
		if port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
		name = h
	} else if inner, ok := strings.CutPrefix(host, "["); ok {
		if name, ok = strings.CutSuffix(inner, "]"); !ok {
			return false
		}
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Zone() == "" && ip.IsLoopback() && !ip.Is4In6()
}

// sameOrigin tells whether no web page, or one that this very server delivered,
// sent the request.
func sameOrigin(r *http.Request) bool {
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return false
		}
	}
	origins := r.Header.Values("Origin")
	switch len(origins) {
	case 0:
		return true
	case 1:
	default:
		return false
	}
	u, err := url.Parse(origins[0])
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && u.Path == "" &&
		loopbackHost(u.Host) && strings.EqualFold(u.Host, r.Host)
}

// authorise admits callers whom the file system has admitted, or who know the
// token. A right token is never held up by others' wrong ones.
func (s *Server) authorise(w http.ResponseWriter, r *http.Request, trusted bool) *wire.Problem {
	if trusted {
		return nil
	}
	given := r.Header.Values("Authorization")
	if len(given) == 1 {
		scheme, token, _ := strings.Cut(given[0], " ")
		if strings.EqualFold(scheme, "Bearer") && s.opt.Token.Equal(strings.TrimSpace(token)) {
			return nil
		}
	}
	if !s.failures.take() {
		w.Header().Set("Retry-After", "1")
		return wire.NewProblem(wire.CodeTooManyFailures, "Wrong tokens came too often.", "Wait a second, and use the token from api.token_file.")
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="posagent"`)
	return wire.NewProblem(wire.CodeUnauthorized, "The request has no valid bearer token.",
		"Send \"Authorization: Bearer TOKEN\" with the content of api.token_file, or use the socket.")
}

// bucket lets a burst through and then one per interval.
type bucket struct {
	burst int
	every time.Duration

	mu   sync.Mutex
	left int
	last time.Time
}

func newBucket(burst int, every time.Duration) *bucket {
	return &bucket{burst: burst, every: every, left: burst, last: time.Now()}
}

func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := int(time.Since(b.last) / b.every); n > 0 {
		b.left = min(b.burst, b.left+n)
		b.last = b.last.Add(time.Duration(n) * b.every)
	}
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}
