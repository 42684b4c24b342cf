package localapi

import (
	"net/http"
	"strings"

	"posagent/internal/localapi/wire"
	"posagent/internal/webguard"
)

// maxBody is the largest body that is read: 64 KiB.
const maxBody = 64 << 10

// trustKey marks connections of listeners that need no token.
type trustKey struct{}

// guard refuses what must not reach a handler, cheapest and most hostile first.
func (s *Server) guard(w http.ResponseWriter, r *http.Request) *wire.Problem {
	trusted, _ := r.Context().Value(trustKey{}).(bool)
	if !webguard.LoopbackHost(r.Host) && !(trusted && r.Host == "") {
		return wire.NewProblem(wire.CodeForbiddenHost, "The request names a host that is not this machine's loopback.",
			"Use localhost, 127.0.0.1 or [::1].")
	}
	if !webguard.SameOrigin(r) {
		return wire.NewProblem(wire.CodeForbiddenOrigin, "A page of another origin sent the request.",
			"The API is for programs of this machine, not for web pages of other sites.")
	}
	if p := s.authorise(w, r, trusted); p != nil {
		return p
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	if !webguard.CleanPath(r) {
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
	if !s.failures.Take() {
		w.Header().Set("Retry-After", "1")
		return wire.NewProblem(wire.CodeTooManyFailures, "Wrong tokens came too often.", "Wait a second, and use the token from api.token_file.")
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="posagent"`)
	return wire.NewProblem(wire.CodeUnauthorized, "The request has no valid bearer token.",
		"Send \"Authorization: Bearer TOKEN\" with the content of api.token_file, or use the socket.")
}
