package alipay

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"posagent/offline"
)

// gateway is a pretend gateway that holds the client to the contract: method,
// path, media type, envelope and signature. It parses with encoding/json, so
// that it shares no mistake with the client's own scanner.
type gateway struct {
	*httptest.Server
	t      testing.TB
	answer func(w http.ResponseWriter, r *http.Request, req heard)

	mu    sync.Mutex
	seen  map[string]int // messages by reqMsgId
	conns map[net.Conn]bool
}

// heard is a request as the gateway read it.
type heard struct {
	Head struct {
		Version, Function, ClientID, ReqMsgID string
	}
	Body map[string]any
}

// newGateway starts a gateway. A nil answer is a signed S with the ids of the
// request.
func newGateway(t testing.TB, withTLS bool, answer func(http.ResponseWriter, *http.Request, heard)) *gateway {
	t.Helper()
	g := &gateway{t: t, answer: answer, seen: map[string]int{}, conns: map[net.Conn]bool{}}
	if answer == nil {
		g.answer = func(w http.ResponseWriter, _ *http.Request, req heard) { g.reply(w, req, result("S", "SUCCESS")) }
	}
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(g.serve))
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // broken handshakes are wanted here
	g.Config.ConnState = func(c net.Conn, s http.ConnState) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if s == http.StateNew {
			g.conns[c] = true
		}
	}
	if withTLS {
		g.StartTLS()
	} else {
		g.Start()
	}
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client broke off; what it believes is its test's business
	}
	paths := map[string]string{}
	for _, ep := range Functions() {
		paths[string(ep.Function)] = "/api/alipay/intl/acquiring/" + ep.Path
	}
	var env struct {
		Request   json.RawMessage `json:"request"`
		Signature string          `json:"signature"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var req heard
	switch {
	case r.Method != http.MethodPost:
		g.t.Errorf("method %s", r.Method)
	case r.Header.Get("Content-Type") != "application/json; charset=UTF-8":
		g.t.Errorf("content type %q", r.Header.Get("Content-Type"))
	case len(r.Header["Idempotency-Key"])+len(r.Header["X-Idempotency-Key"]) > 0:
		g.t.Error("a header that lets net/http send the message again")
	case dec.Decode(&env) != nil || json.Unmarshal(env.Request, &req) != nil:
		g.t.Errorf("not an envelope: %s", text)
	case verify(&testKey(g.t, "merchant").PublicKey, RSA2, env.Request, env.Signature) != nil:
		g.t.Error("the signature does not cover the bytes as received")
	case paths[req.Head.Function] != r.URL.Path:
		g.t.Errorf("function %s came to %s", req.Head.Function, r.URL.Path)
	}
	g.mu.Lock()
	g.seen[req.Head.ReqMsgID]++
	g.mu.Unlock()
	g.answer(w, r, req)
}

// reply answers with a signed body.
func (g *gateway) reply(w http.ResponseWriter, req heard, body string) {
	response := fmt.Sprintf(`{"head":{"version":%q,"function":%q,"clientId":%q,"respTime":%q,"reqMsgId":%q},"body":%s}`,
		req.Head.Version, req.Head.Function, req.Head.ClientID, testNow.Format(timeFormat), req.Head.ReqMsgID, body)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = w.Write(signed(g.t, RSA2, response))
}

func (g *gateway) times(id offline.ReqMsgID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen[string(id)]
}

func (g *gateway) connections() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.conns)
}

// client is a client of this gateway.
func (g *gateway) client(change func(*Config)) *Client {
	return newClient(g.t, func(cfg *Config) {
		cfg.BaseURL = g.URL + "/api/alipay/intl/acquiring"
		if cert := g.Certificate(); cert != nil {
			cfg.ExtraRoots = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		}
		cfg.Timeout = 30 * time.Second // never reached where all goes well
		if change != nil {
			change(cfg)
		}
	})
}

// listener accepts connections and gives each to serve, one after the other.
func listener(t *testing.T, serve func(*net.TCPConn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); done.Wait() })
	return l
}
