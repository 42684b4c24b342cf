package localapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"posagent/device/decode"
	"posagent/internal/jsonapi"
	"posagent/internal/keystore"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/internal/webguard"
	"posagent/offline"
)

// Till is the foreground; *till.Till is one.
type Till interface {
	Open(ctx context.Context, n offline.NewSale) (offline.Sale, bool, error)
	Released(ctx context.Context) error
	SubmitCode(id offline.SaleID, text decode.Text) (offline.Sale, error)
	ParseCode(text decode.Text) (offline.IdentityCode, error)
	Latest() (*till.Snapshot, <-chan struct{})
}

// Reader shows sales and their changes; *offline.Engine is one.
type Reader interface {
	Sale(id offline.SaleID) (offline.Sale, error)
	Sales(f offline.SaleFilter) (offline.SalePage, error)
	Subscribe(buffer int) *offline.Subscription
}

// Commander acts on sales; *offline.Engine is one.
type Commander interface {
	Cancel(id offline.SaleID, by string) (offline.Sale, error)
	Recheck(id offline.SaleID) (offline.Sale, error)
	Resolve(id offline.SaleID, result offline.Result, by, note string) (offline.Sale, error)
	Refund(id offline.SaleID, n offline.NewRefund) (offline.Sale, bool, error)
	ResolveRefund(id offline.SaleID, refund offline.RefundID, result offline.Result, by, note string) (offline.Sale, error)
}

// Engine is the payment engine, as the API needs it.
type Engine interface {
	Reader
	Commander
}

// Journal tells what happened and what is left; offline.Journal is one.
type Journal interface {
	Events(after uint64, limit int) ([]offline.Event, error)
	LastEvent() (uint64, error)
	Unsettled(until time.Time, limit int) ([]offline.DueSale, error)
	Totals(day offline.BusinessDay) ([]offline.DayTotal, error)
	SaleOf(id offline.MerchantTransID) (offline.SaleID, error)
}

// Options say what a server is built from. Till, Engine, Journal and Currency
// are required.
type Options struct {
	Till    Till
	Engine  Engine
	Journal Journal
	Settings
	Token   keystore.Secret // admits callers on listeners that need one; zero: nobody
	Version string          // of the program, for status
	Log     *slog.Logger    // nil: none

	// JournalInfo and GatewayInfo add what only the assembly knows; both may be
	// nil. LastEvent, and what the till knows of the gateway, are filled in.
	JournalInfo func() wire.Journal
	GatewayInfo func() wire.Gateway

	// ConfigInfo tells of the configuration that is in force; nil: nothing.
	ConfigInfo func() *wire.Configuration

	Shifts Shifts // nil where the journal does not open

	// CopyJournal serves GET /v1/journal; nil where the journal does not open.
	CopyJournal CopyJournal

	Limits Limits
}

// Limits bound what clients can take up. Zero fields have the defaults.
type Limits struct {
	Streams   int           // event streams at a time; 64
	Waits     int           // long polls at a time; 256
	Wait      time.Duration // longest long poll; 60 s. Longer requests count as this long
	Heartbeat time.Duration // between two signs of life on a silent stream; 15 s
	Write     time.Duration // a client that takes no bytes for this long is dropped; 10 s
}

func (l Limits) filled() Limits {
	if l.Streams <= 0 {
		l.Streams = 64
	}
	if l.Waits <= 0 {
		l.Waits = 256
	}
	if l.Wait <= 0 {
		l.Wait = time.Minute
	}
	if l.Heartbeat <= 0 {
		l.Heartbeat = 15 * time.Second
	}
	if l.Write <= 0 {
		l.Write = 10 * time.Second
	}
	return l
}

// Server is the local API. It is an http.Handler; Serve puts it on listeners.
type Server struct {
	opt      Options
	log      *slog.Logger
	api      jsonapi.API
	mux      *http.ServeMux
	settings atomic.Pointer[Settings]
	streams  chan struct{} // one for each stream that is open
	waits    chan struct{}
	failures *webguard.Bucket

	stopOnce sync.Once
	stopping chan struct{} // closed when Serve ends: long polls and streams leave
}

// New prepares a server.
func New(opt Options) (*Server, error) {
	switch {
	case opt.Till == nil || opt.Engine == nil || opt.Journal == nil:
		return nil, errors.New("local API without till, engine or journal")
	case opt.Currency == "":
		return nil, errors.New("local API without the terminal's currency")
	}
	opt.Limits = opt.Limits.filled()
	s := &Server{
		opt: opt, log: opt.Log, stopping: make(chan struct{}),
		streams:  make(chan struct{}, opt.Limits.Streams),
		waits:    make(chan struct{}, opt.Limits.Waits),
		failures: webguard.NewBucket(10, time.Second),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.api = jsonapi.API{Name: "local API", Log: s.log}
	s.settings.Store(&opt.Settings)
	s.mux = s.newMux()
	return s, nil
}

// The time-outs of connections. Reading a body and writing an answer have their
// own, set for each request.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 3 * time.Second
	maxHeader     = 16 << 10
)

// Serve answers on all listeners until ctx ends; then streams and long polls are
// released at once, other requests get 3 s, and the listeners are closed. It
// returns nil after a clean stop, or the first listener's failure. Serve works
// once.
func (s *Server) Serve(ctx context.Context, listeners ...Listener) error {
	if len(listeners) == 0 {
		return errors.New("local API without a listener")
	}
	srv := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext: func(l net.Listener) context.Context {
			own, ok := l.(Listener)
			return context.WithValue(context.WithoutCancel(ctx), trustKey{}, ok && own.Trusted)
		},
	}
	failed := make(chan error, len(listeners))
	var wg sync.WaitGroup
	for _, l := range listeners {
		wg.Go(func() { failed <- srv.Serve(l) })
	}
	var first error
	select {
	case <-ctx.Done():
	case err := <-failed:
		first = fmt.Errorf("local API: %w", err)
	}
	s.stopOnce.Do(func() { close(s.stopping) })
	s.api.Stop(ctx, srv, stopTimeout)
	wg.Wait()
	return first
}

// ServeHTTP guards, routes and answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.api.Serve(w, r, func() {
		jsonapi.Patience(w, s.opt.Limits.Write)
		if p := s.guard(w, r); p != nil {
			s.problem(w, p)
			return
		}
		s.mux.ServeHTTP(w, r)
	}, func() { s.problem(w, wire.NewProblem(wire.CodeInternal, "", "See the daemon's log.")) })
}

// Trusted answers requests that another listener of the daemon has admitted and
// hands on: the guards against web pages and the rules of every call hold, the
// token is not asked for.
func (s *Server) Trusted() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), trustKey{}, true)))
	})
}
