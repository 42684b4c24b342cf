package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"posagent/internal/admin/wire"
	"posagent/internal/jsonapi"
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
	api   jsonapi.API
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
	s.api = jsonapi.API{Name: "admin API", Log: s.log}
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
	s.api.Stop(ctx, srv, stopTimeout)
	wg.Wait()
	return first
}

// ServeHTTP guards, routes and answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.api.Serve(w, r, func() {
		jsonapi.Patience(w, writeTimeout)
		if p := s.guard(r); p != nil {
			s.refuse(w, r, p)
			return
		}
		s.mux.ServeHTTP(w, r)
	}, func() { s.problem(w, wire.NewProblem(wire.CodeInternal, "", "See the daemon's log.")) })
}

func (s *Server) problem(w http.ResponseWriter, p *wire.Problem) {
	s.api.Write(w, p.Status, wire.ProblemType, p)
}
