package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"posagent/internal/admin/wire"
)

// Readiness is whether the till can sell now, and why not.
type Readiness struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons,omitempty"` // stable codes
}

// Server is the admin API. Serve puts it on a listener.
type Server struct {
	opt   Options
	log   *slog.Logger
	mux   *http.ServeMux
	trail *trail
	turns map[string]chan struct{} // of the long operations: one of a kind at a time
}

// New prepares a server.
func New(opt Options) (*Server, error) {
	if opt.Metrics == nil || opt.Ready == nil {
		return nil, errors.New("admin API without metrics or readiness")
	}
	s := &Server{opt: opt, log: opt.Log, turns: map[string]chan struct{}{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.opt.Now == nil {
		s.opt.Now = time.Now
	}
	s.trail = newTrail(opt.Trail)
	s.mux = s.newMux()
	return s, nil
}

// The time-outs of connections. Reading a body and writing an answer have their
// own, set for each request.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = time.Minute
	stopTimeout   = 2 * time.Second
	maxHeader     = 16 << 10
)

// Serve answers on one listener until ctx ends, and closes it. Long operations
// are cut off then.
func (s *Server) Serve(ctx context.Context, l Listener) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	srv := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, Protocols: &protocols,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return base },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, callerKey{}, s.callerOf(c, l.kind))
		},
	}
	listening := l.Listener
	if l.kind == kindTLS {
		listening = newHandshaker(l.Listener, l.files, s.refusedHandshake)
	}
	failed := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { failed <- srv.Serve(listening) })
	var first error
	select {
	case <-ctx.Done():
	case err := <-failed:
		first = fmt.Errorf("admin listener: %w", err)
	}
	cut()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		s.log.Warn("clients of the admin listener were cut off at the stop", "error", err)
		if err := srv.Close(); err != nil {
			s.log.Warn("closing the admin listener", "error", err)
		}
	}
	wg.Wait()
	return first
}

// ServeHTTP guards, routes and answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		s.log.Error("a request of the admin API failed inside", "path", r.Pattern, "fault", v, "stack", string(debug.Stack()))
		s.problem(w, wire.NewProblem(wire.CodeInternal, "", "See the daemon's log."))
	}()
	patience(w, writeTimeout)
	if p := s.guard(r); p != nil {
		s.refuse(w, r, p)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// patience sets how long the client may take to accept what is written next. A
// connection that knows no deadlines, as in tests, goes without.
func patience(w http.ResponseWriter, d time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
}

func (s *Server) problem(w http.ResponseWriter, p *wire.Problem) {
	s.write(w, p.Status, wire.ProblemType, p)
}

func (s *Server) write(w http.ResponseWriter, status int, kind string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.log.Error("an answer of the admin API could not be written as JSON", "error", err)
		status, kind = http.StatusInternalServerError, wire.ProblemType
		body = []byte(`{"type":"urn:posagent:problem:internal","title":"Something went wrong inside","status":500,"detail":"","code":"internal"}`)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		s.log.Debug("a client of the admin API left before its answer", "error", err)
	}
}
