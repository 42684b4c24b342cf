package localapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/device"
	"posagent/device/decode"
	"posagent/internal/health"
	"posagent/internal/keystore"
	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	goodCode  = "281234567890123456"
	otherCode = "289876543210987654"
	token     = "a-token-of-at-least-22-characters"
	openA     = `{"saleId":"A","amount":{"currency":"HKD","value":"12850"}}`
)

// memory is a listener without sockets: connections are pipes, which work under
// virtual time. A pipe holds nothing: whoever does not read holds the writer up.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newMemory() *memory { return &memory{conns: make(chan net.Conn), done: make(chan struct{})} }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.done) })
	return nil
}

func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (m *memory) dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case m.conns <- far:
		return near, nil
	case <-m.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// port is a scanner that never reads anything.
type port struct{}

func (port) Kind() string                              { return "test" }
func (port) Find() (device.Location, error)            { return device.Location{Path: "port"}, nil }
func (port) Open(device.Location) (device.Port, error) { return port{}, nil }
func (port) Close() error                              { return nil }
func (port) Read() (device.Chunk, error) {
	<-time.After(100 * time.Millisecond)
	return device.Chunk{}, nil
}

// bench is the API over the real till and engine, an in-memory journal and a
// scripted gateway, in virtual time. Every answer is held against openapi.json.
type bench struct {
	server  *localapi.Server
	t       *testing.T
	journal *offlinetest.Journal
	gateway *offlinetest.Gateway
	engine  *offline.Engine
	health  *health.Registry
	till    *till.Till
	socket  *memory // trusted
	current atomic.Pointer[memory]
	tcp     *memory // needs the token
	client  *http.Client
	checks  *contract
	stop    func()
	unserve func()
	boots   int
	log     bytes.Buffer
	failure error // what the engine's Run is expected to return
	limits  localapi.Limits
	judge   localapi.Supervisors
	shifts  localapi.Shifts
	needs   localapi.Needs
	seen    []wire.Code // of all problems, in order
}

func run(t *testing.T, test func(b *bench)) {
	t.Helper()
	runWith(t, localapi.Limits{}, test)
}

func runWith(t *testing.T, limits localapi.Limits, test func(b *bench)) {
	t.Helper()
	checks := newContract(t)
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, journal: offlinetest.NewJournal(), limits: limits, checks: checks}
		b.gateway = offlinetest.NewGateway(b.journal)
		b.start()
		defer func() {
			if t.Failed() {
				b.stop()
			}
		}()
		test(b)
		b.stop()
		for _, v := range b.gateway.Violations() {
			t.Error(v)
		}
		for _, secret := range []string{goodCode, otherCode, token, goodPIN, wrongPIN} {
			if strings.Contains(b.log.String(), secret) {
				t.Errorf("the log holds a secret: %s", b.log.String())
			}
		}
	})
}

func (b *bench) start() {
	t := b.t
	b.boots++
	log := slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.health = health.New()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	b.engine, err = offline.NewEngine(offline.Config{
		Journal: b.journal, Gateway: b.gateway, Policy: offline.DefaultPolicy(), Log: log,
		Minter:    offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: offlinetest.Bytes(b.boots)},
		Boot:      offline.BootID("boot-" + string(rune('0'+b.boots))),
		OnAttempt: func(op offline.Op, o offline.Outcome, took time.Duration) { b.till.RecordAttempt(op, o, took) },
		OnFault:   func(err error) { b.till.JournalFailed(err) },
	})
	must(err)
	manager, err := device.New(device.Options{
		Scanners: []device.Scanner{{Name: "counter", Driver: port{}}}, OnRefused: func(r device.Refused) { b.till.Refused(r) },
	})
	must(err)
	b.till, err = till.New(till.Options{Engine: b.engine, Journal: b.journal, Scanners: manager, Health: b.health, Log: log})
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{})
	ends := make(chan error, 3)
	go func() { ends <- b.engine.Run(ctx, func() { close(ready) }) }()
	<-ready
	go func() { ends <- manager.Run(ctx) }()
	go func() { ends <- b.till.Run(ctx) }()
	b.serve(b.till)
	synctest.Wait()
	stopped := false
	b.stop = func() {
		if stopped {
			return
		}
		stopped = true
		if b.unserve != nil {
			b.unserve()
		}
		cancel()
		for range cap(ends) {
			if err := <-ends; err != nil && !errors.Is(err, b.failure) {
				t.Errorf("stopped with %v", err)
			}
		}
	}
}

// serve puts a server with this till in the place of the one before.
func (b *bench) serve(front localapi.Till) {
	b.t.Helper()
	if b.unserve != nil {
		b.unserve()
	}
	var err error
	b.server, err = localapi.New(localapi.Options{
		Till: front, Engine: b.engine, Journal: b.journal, Token: keystore.NewSecret(token), Version: "test",
		Log: slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		CopyJournal: func(w io.Writer) (int64, error) {
			n, err := io.WriteString(w, "a copy")
			return int64(n), err
		},
		Settings: localapi.Settings{Currency: "HKD", Supervisors: b.judge, Needs: b.needs},
		Shifts:   b.shifts,
		Limits:   b.limits,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.socket, b.tcp = newMemory(), newMemory()
	b.current.Store(b.socket)
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan error, 1)
	socket, tcp, served := b.socket, b.tcp, b.server
	go func() {
		end <- served.Serve(ctx, localapi.Listener{Listener: socket, Trusted: true}, localapi.Listener{Listener: tcp})
	}()
	client := b.clientOf(b.socket)
	b.client = client
	b.unserve = func() {
		cancel()
		if err := <-end; err != nil {
			b.t.Errorf("server stopped with %v", err)
		}
		client.CloseIdleConnections()
		b.unserve = nil
	}
}

func (b *bench) clientOf(m *memory) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return m.dial(ctx) },
	}}
}

func (b *bench) restart() {
	b.stop()
	b.start()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call makes a request, with a JSON body where there is one, and holds the answer
// against the document.
func (b *bench) call(method, path, body string) answer {
	b.t.Helper()
	return b.send(b.request(method, path, body))
}

func (b *bench) request(method, path, body string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (b *bench) send(req *http.Request) answer {
	b.t.Helper()
	return b.sendBy(b.client, req)
}

func (b *bench) sendBy(c *http.Client, req *http.Request) answer {
	b.t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		b.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		b.t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, body}
	for _, secret := range []string{goodCode, otherCode, token, goodPIN, wrongPIN} {
		if bytes.Contains(body, []byte(secret)) {
			b.t.Errorf("%s %s: the answer holds a secret: %s", req.Method, req.URL.Path, body)
		}
	}
	b.checks.answer(b.t, req, a)
	if code := a.problem(); code != "" {
		b.seen = append(b.seen, code)
	}
	return a
}

// problem is the code of a problem, or "".
func (a answer) problem() wire.Code {
	var p wire.Problem
	if a.header.Get("Content-Type") != wire.ProblemType || json.Unmarshal(a.body, &p) != nil {
		return ""
	}
	return p.Code
}

func (a answer) decode(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

func (b *bench) wantProblem(a answer, status int, code wire.Code) wire.Problem {
	b.t.Helper()
	var p wire.Problem
	if a.status != status || a.problem() != code {
		b.t.Errorf("HTTP %d %s, want %d %s: %s", a.status, a.problem(), status, code, a.body)
		return p
	}
	a.decode(b.t, &p)
	return p
}

// wantSale wants an answer with a sale in a state.
func (b *bench) wantSale(a answer, status int, state wire.State) wire.Sale {
	b.t.Helper()
	var sale wire.Sale
	if a.status != status {
		b.t.Fatalf("HTTP %d, want %d: %s", a.status, status, a.body)
	}
	a.decode(b.t, &sale)
	if sale.State != state {
		b.t.Fatalf("sale %s is %s, want %s", sale.SaleID, sale.State, state)
	}
	return sale
}

func reply(kind offline.OutcomeKind, code string, class offline.ReasonClass) offlinetest.Reply {
	return offlinetest.Reply{Outcome: offline.Outcome{Kind: kind, ResultCode: code, Class: class}}
}

func success() offlinetest.Reply {
	r := reply(offline.Success, "SUCCESS", "")
	r.Outcome.ResultStatus, r.Outcome.AcquirementID = "S", "2026112100000001"
	return r
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// paid makes a paid sale.
func (b *bench) paid(id, code string) {
	b.t.Helper()
	b.gateway.Expect(offline.OpPay, success())
	a := b.call("POST", "/v1/sales", `{"saleId":"`+id+`","amount":{"currency":"HKD","value":"12850"},"code":"`+code+`"}`)
	if a.status != http.StatusCreated {
		b.t.Fatalf("HTTP %d: %s", a.status, a.body)
	}
	synctest.Wait()
	b.wantSale(b.call("GET", "/v1/sales/"+id, ""), 200, wire.Paid)
}

// attention makes a sale whose cancel is never confirmed.
func (b *bench) attention(id, code string) {
	b.t.Helper()
	b.gateway.Always(offline.OpPay, reply(offline.InProcess, "", ""))
	b.gateway.Always(offline.OpQuery, reply(offline.InProcess, "", ""))
	b.gateway.Always(offline.OpCancel, reply(offline.Failure, "TRADE_STATUS_ERROR", offline.ClassSupervisor))
	b.call("POST", "/v1/sales", `{"saleId":"`+id+`","amount":{"currency":"HKD","value":"12850"},"code":"`+code+`"}`)
	b.call("POST", "/v1/sales/"+id+"/cancel", "")
	pass(time.Minute)
	b.wantSale(b.call("GET", "/v1/sales/"+id, ""), 200, wire.Attention)
}

func codeText(s string) decode.Text { return decode.NewText(s) }

func identity(t *testing.T, digits string) offline.IdentityCode {
	t.Helper()
	c, err := offline.ParseIdentityCode(digits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
