package admin_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/internal/admin"
	"posagent/internal/admin/access"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/pkitest"
)

// book is a trail in memory.
type book struct {
	mu      sync.Mutex
	entries []audit.Entry
	err     error
	grown   chan struct{}
}

func newBook() *book { return &book{grown: make(chan struct{}, 1000)} }

func (b *book) Record(_ context.Context, e audit.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	if err := e.Clean().Check(); err != nil && !e.At.IsZero() {
		return err
	}
	e.Seq, e.At = uint64(len(b.entries)+1), time.Now()
	b.entries = append(b.entries, e)
	b.grown <- struct{}{}
	return nil
}

func (b *book) List(after uint64, limit int) ([]audit.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return nil, b.err
	}
	list := b.entries[min(int(after), len(b.entries)):]
	return append([]audit.Entry(nil), list[:min(limit, len(list))]...), nil
}

// last waits for the next entry and returns it.
func (b *book) last(t *testing.T) audit.Entry {
	t.Helper()
	select {
	case <-b.grown:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was recorded")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries[len(b.entries)-1-len(b.grown)]
}

func (b *book) none(t *testing.T) {
	t.Helper()
	if len(b.grown) > 0 {
		t.Errorf("recorded: %+v", b.last(t))
	}
}

// stand is a server with hooks that remember what they were asked for.
type stand struct {
	t     *testing.T
	opt   admin.Options
	book  *book
	rules access.Rules

	mu    sync.Mutex
	drain wire.Drain
	asked []string
	fail  error
	level wire.LogLevel
	local http.HandlerFunc
}

func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{t: t, book: newBook(), level: wire.LogLevel{Level: "info", Configured: "info"}}
	var err error
	if s.rules, err = access.NewRules("CN=monitor", "CN=ops", "CN=finance"); err != nil {
		t.Fatal(err)
	}
	s.local = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.note("local %s %s %s", r.Method, r.URL.RequestURI(), body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"sales":[],"saleId":"R-1","state":"paid"}`)
	}
	s.opt = admin.Options{
		Metrics: newMetrics(), Ready: func() admin.Readiness { return admin.Readiness{Ready: true} }, Trail: s.book,
		Version: wire.Version{Version: "1.2.3", Commit: "abc", Go: "go1.26", OS: "linux", Arch: "amd64"},
		Log:     slog.New(slog.DiscardHandler),
		Rules:   func() access.Rules { return s.rules },
		Drain: func(_ context.Context, by audit.Actor, keep bool) error {
			s.note("drain by %s, keep %v", by.Name, keep)
			s.drain = wire.Drain{Draining: true, By: by.Name, Kept: keep, Drained: true}
			return s.fail
		},
		Resume: func(_ context.Context, by audit.Actor) error {
			s.note("resume by %s", by.Name)
			s.drain = wire.Drain{}
			return s.fail
		},
		Drained: func(_ context.Context, wait bool) wire.Drain {
			s.note("drained, wait %v", wait)
			return s.drain
		},
		Reload: func(_ context.Context, by audit.Actor, force bool) (any, error) {
			s.note("reload by %s, force %v", by.Name, force)
			return map[string]string{"result": "applied"}, s.fail
		},
		SetLevel: func(level string, d time.Duration) error {
			s.note("level %s for %s", level, d)
			s.level.Level = level
			return s.fail
		},
		Level: func() wire.LogLevel { return s.level },
		Verify: func(context.Context) (wire.Verified, error) {
			s.note("verify")
			return wire.Verified{OK: true, Sales: 3}, s.fail
		},
		Backup: func(w io.Writer) (int64, error) {
			s.note("backup")
			n, err := io.WriteString(w, "the journal")
			return int64(n), errors.Join(err, s.fail)
		},
		Bundle: func(_ context.Context, w io.Writer) error {
			s.note("bundle")
			if s.fail != nil {
				return s.fail
			}
			_, err := io.WriteString(w, "PK")
			return err
		},
		Local: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.local(w, r) }),
	}
	return s
}

func (s *stand) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, fmt.Sprintf(format, args...))
}

func (s *stand) takeAsked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.asked, "; ")
	s.asked = nil
	return out
}

// serve puts the server on a listener for the rest of the test.
func (s *stand) serve(l admin.Listener) {
	s.t.Helper()
	api, err := admin.New(s.opt)
	if err != nil {
		s.t.Fatal(err)
	}
	s.serveBy(api, l)
}

// serveBy puts one server on a further listener.
func (s *stand) serveBy(api *admin.Server, l admin.Listener) {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, l) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			s.t.Errorf("serving: %v", err)
		}
	})
}

func tcp(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
}

func (a answer) code() wire.Code {
	var p wire.Problem
	_ = json.Unmarshal(a.body, &p) // no problem: no code
	return p.Code
}

// asker calls one server, on a connection of its own each time.
type asker struct {
	t    *testing.T
	base string
	http *http.Client
}

func (s *stand) overTLS(addr net.Addr, roots *pkitest.Authority, cert *tls.Certificate, change ...func(*tls.Config)) asker {
	cfg := &tls.Config{RootCAs: roots.Pool(), MinVersion: tls.VersionTLS12}
	if cert != nil {
		// Also to a server that does not name its issuer.
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	for _, f := range change {
		f(cfg)
	}
	return asker{s.t, "https://" + addr.String(), &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true},
	}}
}

func (s *stand) overTCP(addr net.Addr) asker {
	return asker{s.t, "http://" + addr.String(), &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

func (a asker) do(method, path, body string, header ...string) answer {
	a.t.Helper()
	var in io.Reader
	if body != "" {
		in = bytes.NewReader([]byte(body))
	}
	r, err := http.NewRequest(method, a.base+path, in)
	if err != nil {
		a.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	res, err := a.http.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	out := answer{status: res.StatusCode, header: res.Header}
	out.body, out.err = io.ReadAll(res.Body)
	return out
}
