package admin

import (
	"net/http"
	"slices"
	"strings"

	"posagent/internal/admin/access"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
)

// route is one call of the API.
type route struct {
	method, path string
	open         bool         // also for callers without a right, on loopback
	role         access.Role  // that others need
	action       audit.Action // in the trail; "": not recorded while it is allowed
	reading      bool         // changes nothing: repetitions are recorded once in a while
	serve        func(*call) *wire.Problem
}

// routes is the whole API; openapi.json describes the same.
func (s *Server) routes() []route {
	return []route{
		{method: http.MethodGet, path: "/-/healthy", open: true, role: access.Read, serve: s.healthy},
		{method: http.MethodGet, path: "/-/ready", open: true, role: access.Read, serve: s.ready},
		{method: http.MethodGet, path: "/metrics", open: true, role: access.Read, serve: s.metrics()},
		{method: http.MethodGet, path: "/v1/admin/version", open: true, role: access.Read, serve: s.version},
		{method: http.MethodGet, path: "/v1/admin/openapi.json", open: true, role: access.Read, serve: s.openAPI},

		{method: http.MethodGet, path: "/v1/admin/status", role: access.Read, action: audit.Status, reading: true, serve: s.status},
		{method: http.MethodGet, path: "/v1/admin/attention", role: access.Read, action: audit.Attention, reading: true, serve: s.attention},
		{method: http.MethodGet, path: "/v1/admin/audit", role: access.Read, action: audit.AuditList, reading: true, serve: s.listTrail},
		{method: http.MethodGet, path: "/v1/admin/log-level", role: access.Read, serve: s.logLevel},

		{method: http.MethodPut, path: "/v1/admin/log-level", role: access.Operate, action: audit.LogLevel, serve: s.setLogLevel},
		{method: http.MethodPost, path: "/v1/admin/drain", role: access.Operate, action: audit.Drain, serve: s.drain},
		{method: http.MethodPost, path: "/v1/admin/resume", role: access.Operate, action: audit.Resume, serve: s.resume},
		{method: http.MethodPost, path: "/v1/admin/reload", role: access.Operate, action: audit.Reload, serve: s.reload},
		{method: http.MethodPost, path: "/v1/admin/journal/verify", role: access.Operate, action: audit.Verify, serve: s.verify},
		{method: http.MethodPost, path: "/v1/admin/journal/backup", role: access.Operate, action: audit.Backup, serve: s.backup},
		{method: http.MethodPost, path: "/v1/admin/support-bundle", role: access.Operate, action: audit.Bundle, serve: s.bundle},

		{method: http.MethodPost, path: "/v1/admin/sales/{saleId}/resolve", role: access.Money, action: audit.Resolve, serve: s.resolve},
	}
}

// newMux routes by path first and by method then, so that a wrong path and a
// wrong method are told apart and both are answered as problems.
func (s *Server) newMux() *http.ServeMux {
	byPath := map[string][]route{}
	for _, r := range s.routes() {
		byPath[r.path] = append(byPath[r.path], r)
		s.turns[r.path] = make(chan struct{}, 1)
	}
	mux := http.NewServeMux()
	for path, routes := range byPath {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { s.route(w, r, routes) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.problem(w, notFound()) })
	return mux
}

func (s *Server) route(w http.ResponseWriter, r *http.Request, routes []route) {
	methods := make([]string, 0, len(routes)+1)
	for _, route := range routes {
		// net/http leaves the body out of an answer to HEAD.
		if r.Method == route.method || r.Method == http.MethodHead && route.method == http.MethodGet {
			s.serve(w, r, route)
			return
		}
		methods = append(methods, route.method)
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	w.Header().Set("Allow", strings.Join(methods, ", "))
	s.problem(w, wire.NewProblem(wire.CodeMethodNotAllowed, "This path takes "+strings.Join(methods, ", ")+".", ""))
}

// actionAt is what a request would have been recorded as.
func (s *Server) actionAt(r *http.Request) audit.Action {
	_, pattern := s.mux.Handler(r)
	for _, route := range s.routes() {
		if route.path == pattern && route.method == r.Method && route.action != "" {
			return route.action
		}
	}
	return audit.Access
}

// call is one request on its way.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	by    audit.Actor
	entry audit.Entry
	// unsent tells that the answer could not be given any more: its beginning is
	// with the client already.
	unsent   bool
	recorded bool
	// answered is a problem of the local API, to be sent as it is.
	answered *answer
}

// serve judges the caller's right, runs the call, and records it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, route route) {
	c := callerFrom(r)
	if p := s.may(c, route); p != nil {
		s.recordRefusal(r, s.actionAt(r), p)
		s.problem(w, p)
		return
	}
	by := s.actor(c)
	one := &call{w: w, r: r, by: by, entry: by.Entry(route.action, r.PathValue("saleId"))}
	p := route.serve(one)
	if p != nil {
		one.entry.Result, one.entry.Error = audit.Failed, p.Error()
		if p.Status < http.StatusInternalServerError {
			one.entry.Result = audit.Refused
		}
	}
	switch {
	case route.action == "" || one.recorded:
	case route.reading:
		s.trail.reading(r.Context(), one.entry)
	default:
		s.trail.record(r.Context(), one.entry)
	}
	switch {
	case p != nil && one.unsent:
		panic(http.ErrAbortHandler) // the client must not take a part for the whole
	case one.answered != nil:
		one.answered.sendTo(w)
	case p != nil:
		s.problem(w, p)
	}
}

func (s *Server) may(c caller, route route) *wire.Problem {
	roles := s.allOf(c)
	switch {
	case route.open && c.kind == kindPlain, roles.Has(route.role):
		return nil
	case c.kind == kindPlain:
		return wire.NewProblem(wire.CodeRoleRequired, "This listener does not tell who asks, so that it shows health and metrics alone.",
			`On this machine use "posagent admin" as root or as the service's user; from elsewhere, a listener with certificates.`)
	}
	return wire.NewProblem(wire.CodeRoleRequired, "This needs the right "+string(route.role)+"; "+c.name+" has "+roles.String()+".",
		"Store IT: admin."+string(route.role)+" says which certificates have it.")
}

// turn takes the one turn of a long operation; nil: somebody else has it.
func (s *Server) turn(path string) (done func()) {
	select {
	case s.turns[path] <- struct{}{}:
		return func() { <-s.turns[path] }
	default:
		return nil
	}
}

func busy() *wire.Problem {
	return wire.NewProblem(wire.CodeBusy, "Somebody else has asked for the same, and it is still being done.", "Ask again when it is done.")
}

func (s *Server) metrics() func(*call) *wire.Problem {
	h := s.opt.Metrics.Handler()
	return func(c *call) *wire.Problem {
		h.ServeHTTP(c.w, c.r)
		return nil
	}
}
