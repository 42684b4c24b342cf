package admin

import (
	"context"
	"net/http"
)

// Handler answers as on a plain loopback listener.
func Handler(m *Metrics, ready func() Readiness) http.Handler {
	s, err := New(Options{Metrics: m, Ready: ready})
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller{kind: kindPlain})))
	})
}

// Routes lists all routes, as "GET /v1/admin/status".
func Routes() []string {
	var out []string
	m := &Metrics{}
	for _, r := range (&Server{opt: Options{Metrics: m}}).routes() {
		out = append(out, r.method+" "+r.path)
	}
	return out
}
