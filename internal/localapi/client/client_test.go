package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a-token-of-at-least-22-characters"

// daemon is a server of canned answers on a real unix socket.
func daemon(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "posagent.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, h)
	return dial(t, client.Options{Socket: path})
}

func serve(t *testing.T, l net.Listener, h http.HandlerFunc) {
	t.Helper()
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func dial(t *testing.T, opt client.Options) *client.Client {
	t.Helper()
	c, err := client.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func answer(t *testing.T, w http.ResponseWriter, status int, v any) {
	t.Helper()
	w.Header().Set("Content-Type", "application/json")
	if _, ok := v.(*wire.Problem); ok {
		w.Header().Set("Content-Type", wire.ProblemType)
	}
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		t.Error(err)
	}
}

func TestEveryCallIsTheOneThatTheContractNames(t *testing.T) {
	ctx := t.Context()
	amount := wire.Money{Currency: "HKD", Value: 12850}
	for _, row := range []struct {
		name, want, body string
		call             func(*client.Client) error
	}{
		{"open", "POST /v1/sales", `{"saleId":"A","amount":{"currency":"HKD","value":"12850"},"timeout":"90s"}`, func(c *client.Client) error {
			_, created, err := c.OpenSale(ctx, wire.NewSale{SaleID: "A", Amount: amount, Timeout: "90s"})
			if err == nil && !created {
				return errors.New("201 is not told as created")
			}
			return err
		}},
		{"sale", "GET /v1/sales/A", "", func(c *client.Client) error { _, err := c.Sale(ctx, "A"); return err }},
		{"a sale of dots", "GET /v1/sales/%2E%2E", "", func(c *client.Client) error { _, err := c.Sale(ctx, ".."); return err }},
		{"wait", "GET /v1/sales/A?since=7&wait=30s", "", func(c *client.Client) error {
			_, err := c.WaitSale(ctx, "A", 7, 30*time.Second)
			return err
		}},
		{"a longer wait than there is", "GET /v1/sales/A?since=0&wait=1m0s", "", func(c *client.Client) error {
			_, err := c.WaitSale(ctx, "A", 0, time.Hour)
			return err
		}},
		{"code", "POST /v1/sales/A/code", `{"code":"x"}`, func(c *client.Client) error { _, err := c.SubmitCode(ctx, "A", "x"); return err }},
		{"cancel", "POST /v1/sales/A/cancel", `{"by":"me"}`, func(c *client.Client) error { _, err := c.Cancel(ctx, "A", "me"); return err }},
		{"cancel by nobody named", "POST /v1/sales/A/cancel", `{}`, func(c *client.Client) error { _, err := c.Cancel(ctx, "A", ""); return err }},
		{"recheck", "POST /v1/sales/A/recheck", `{}`, func(c *client.Client) error { _, err := c.Recheck(ctx, "A"); return err }},
		{"resolve", "POST /v1/sales/A/resolve", `{"result":"paid","by":"me","note":"seen"}`, func(c *client.Client) error {
			_, err := c.Resolve(ctx, "A", wire.Resolution{Result: wire.ResolvedPaid, By: "me", Note: "seen"})
			return err
		}},
		{"refund", "POST /v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"12850"}}`, func(c *client.Client) error {
			_, _, err := c.Refund(ctx, "A", wire.NewRefund{RefundID: "F", Amount: amount})
			return err
		}},
		{"a refund", "GET /v1/sales/A/refunds/F", "", func(c *client.Client) error { _, err := c.WaitRefund(ctx, "A", "F", 0); return err }},
		{"a refund's end", "GET /v1/sales/A/refunds/F?wait=5s", "", func(c *client.Client) error {
			_, err := c.WaitRefund(ctx, "A", "F", 5*time.Second)
			return err
		}},
		{"list", "GET /v1/sales", "", func(c *client.Client) error { _, err := c.Sales(ctx, client.Filter{}); return err }},
		{"filtered list", "GET /v1/sales?cursor=c&day=2026-11-21&limit=5&state=paid", "", func(c *client.Client) error {
			_, err := c.Sales(ctx, client.Filter{State: wire.Paid, Day: "2026-11-21", Limit: 5, Cursor: "c"})
			return err
		}},
		{"status", "GET /v1/status", "", func(c *client.Client) error { _, err := c.Status(ctx); return err }},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := daemon(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				if got := r.Method + " " + r.URL.RequestURI(); got != row.want || string(body) != row.body {
					t.Errorf("got %s %s\nwant %s %s", got, body, row.want, row.body)
				}
				if r.Host != "localhost" || r.Header.Get("Authorization") != "" {
					t.Errorf("host %q, authorization %q", r.Host, r.Header.Get("Authorization"))
				}
				if kind := r.Header.Get("Content-Type"); row.body != "" && kind != "application/json" {
					t.Errorf("type %q", kind)
				}
				answer(t, w, http.StatusCreated, struct{}{})
			})
			if err := row.call(c); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOverTCPEveryCallCarriesTheTokenAndItIsNeverPrinted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			t.Errorf("authorization %q", got)
		}
		answer(t, w, 200, wire.Status{})
	})
	opt := client.Options{Address: l.Addr().String(), Token: token}
	c := dial(t, opt)
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
	raw, err := json.Marshal(opt.Token)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(opt), fmt.Sprintf("%+v %#v %s %q %x %v", opt, opt.Token, opt.Token, opt.Token, opt.Token, opt.Token), string(raw), slog.AnyValue(opt.Token).Resolve().String(), opt.Token.String(), opt.Token.GoString()} {
		if strings.Contains(text, token) || strings.Contains(text, fmt.Sprintf("%x", token)) {
			t.Errorf("the token is printed: %s", text)
		}
	}
}

func TestProblemsComeWithTheirCode(t *testing.T) {
	c := daemon(t, func(w http.ResponseWriter, _ *http.Request) {
		p := wire.NewProblem(wire.CodeTillBusy, "Sale B is in the foreground.", "Wait.")
		p.SaleID = "B"
		answer(t, w, p.Status, p)
	})
	_, _, err := c.OpenSale(t.Context(), wire.NewSale{})
	var p *wire.Problem
	if !errors.As(err, &p) || p.SaleID != "B" || p.Hint != "Wait." || client.Code(err) != wire.CodeTillBusy {
		t.Errorf("got %v", err)
	}
	if client.Code(errors.New("x")) != "" {
		t.Error("another error has a code")
	}
}

func TestAWrongTokenIsALackOfPermission(t *testing.T) {
	c := daemon(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(t, w, 401, wire.NewProblem(wire.CodeUnauthorized, "", ""))
	})
	if _, err := c.Status(t.Context()); !errors.Is(err, client.ErrPermission) || client.Code(err) != wire.CodeUnauthorized {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNotTheAPIIsNotTakenForIt(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a page":        func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"a plain error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 502) },
		"a redirect":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"broken JSON": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{")
		},
		"a codeless problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", wire.ProblemType)
			w.WriteHeader(400)
			_, _ = io.WriteString(w, "{}")
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := daemon(t, h).Status(t.Context()); !errors.Is(err, client.ErrAnswer) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNobodyListeningIsToldApart(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, "left.sock")
	l, err := net.Listen("unix", left)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Close(), tcp.Close()); err != nil {
		t.Fatal(err)
	}
	for name, opt := range map[string]client.Options{
		"no socket":           {Socket: filepath.Join(dir, "none.sock")},
		"no directory":        {Socket: filepath.Join(dir, "none", "posagent.sock")},
		"a socket of a crash": {Socket: left},
		"no TCP listener":     {Address: tcp.Addr().String()},
	} {
		if _, err := dial(t, opt).Status(t.Context()); !errors.Is(err, client.ErrNotRunning) || errors.Is(err, client.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAForbiddenSocketIsToldApart(t *testing.T) {
	c := dial(t, client.Options{Socket: "/run/x", Dial: func(context.Context) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", os.ErrPermission)}
	}})
	if _, err := c.Status(t.Context()); !errors.Is(err, client.ErrPermission) || errors.Is(err, client.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
}

func TestADaemonThatIsJustStartingIsWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "posagent.sock")
	tries := 0
	c := dial(t, client.Options{Socket: path, StartWait: 30 * time.Second, Dial: func(ctx context.Context) (net.Conn, error) {
		if tries++; tries == 3 { // it comes up now
			l, err := net.Listen("unix", path)
			if err != nil {
				return nil, err
			}
			serve(t, l, func(w http.ResponseWriter, _ *http.Request) { answer(t, w, 200, wire.Status{Version: "up"}) })
		}
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}})
	if s, err := c.Status(t.Context()); err != nil || s.Version != "up" {
		t.Errorf("%+v %v", s, err)
	}
}

func TestTheWaitForAStartingDaemonHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dial(t, client.Options{Socket: "none", StartWait: 2 * time.Second, Dial: func(context.Context) (net.Conn, error) {
			return nil, os.ErrNotExist
		}})
		begun := time.Now()
		_, err := c.Status(t.Context())
		if d := time.Since(begun); !errors.Is(err, client.ErrNotRunning) || d < 2*time.Second || d > 3*time.Second {
			t.Errorf("after %s: %v", d, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		if _, err := c.Status(ctx); err == nil || time.Since(begun) > 1200*time.Millisecond {
			t.Errorf("the caller's time is not kept: %v after %s", err, time.Since(begun))
		}
	})
}

func TestAwaitFollowsASaleToItsEnd(t *testing.T) {
	states := []wire.State{wire.Waiting, wire.Processing, wire.Attention, wire.Paid}
	version := 0
	c := daemon(t, func(w http.ResponseWriter, r *http.Request) {
		if since := r.URL.Query().Get("since"); version > 0 && since != fmt.Sprint(version) {
			t.Errorf("since %q, want %d", since, version)
		}
		version++
		answer(t, w, 200, wire.Sale{SaleID: "A", State: states[version-1], Version: version, Final: version == len(states)})
	})
	var seen []wire.State
	sale, err := c.Await(t.Context(), "A", func(s wire.Sale) bool {
		seen = append(seen, s.State)
		return s.State == wire.Attention
	})
	if err != nil || sale.State != wire.Attention || len(seen) != 3 {
		t.Errorf("%s %v, seen %v", sale.State, err, seen)
	}
	version = 0
	if sale, err := c.Await(t.Context(), "A", func(wire.Sale) bool { return false }); err != nil || sale.State != wire.Paid {
		t.Errorf("%s %v", sale.State, err)
	}
}

func TestTheJournalIsCopied(t *testing.T) {
	c := daemon(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/journal" {
			t.Error(r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, "copy")
	})
	var out strings.Builder
	if n, err := c.CopyJournal(t.Context(), &out); err != nil || n != 4 || out.String() != "copy" {
		t.Errorf("%d %v %q", n, err, out.String())
	}
	bad := daemon(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(t, w, 503, wire.NewProblem(wire.CodeJournalFailed, "", ""))
	})
	if _, err := bad.CopyJournal(t.Context(), &out); client.Code(err) != wire.CodeJournalFailed {
		t.Errorf("got %v", err)
	}
}

func TestAClientNeedsOnePlace(t *testing.T) {
	for _, opt := range []client.Options{{}, {Socket: "a", Address: "b"}} {
		if _, err := client.New(opt); err == nil {
			t.Errorf("%+v: accepted", opt)
		}
	}
}
