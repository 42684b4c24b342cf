package localapi

import (
	"context"
	"net/http"
)

// Routes lists all routes, as "GET /v1/status".
func Routes() []string {
	var out []string
	for _, r := range (&Server{}).routes() {
		out = append(out, r.method+" "+r.path)
	}
	return out
}

// Handler is the server as on a trusted or another listener.
func (s *Server) Handler(trusted bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), trustKey{}, trusted)))
	})
}
