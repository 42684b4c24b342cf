package client_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"posagent/internal/admin/client"
	"posagent/internal/admin/wire"
	local "posagent/internal/localapi/client"
)

// to makes a client of a server that answers as given.
func to(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := client.New(client.Options{Address: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestADaemonIsReachedInOneWay(t *testing.T) {
	for name, opt := range map[string]client.Options{
		"none":                {},
		"two":                 {Socket: "s", Address: "https://x"},
		"no scheme":           {Address: "till-03:9373"},
		"another scheme":      {Address: "ftp://till-03"},
		"a path":              {Address: "https://till-03/v1"},
		"without certificate": {Address: "https://till-03"},
	} {
		if _, err := client.New(opt); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := client.New(client.Options{Address: "https://till-03", CertFile: "none.pem", KeyFile: "none.key"}); !errors.Is(err, client.ErrFiles) {
		t.Errorf("got %v", err)
	}
}

func TestNobodyThereIsSaid(t *testing.T) {
	c, err := client.New(client.Options{Socket: t.TempDir() + "/none.sock"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Version(t.Context()); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
}

func TestAProblemIsAnErrorWithItsCode(t *testing.T) {
	c := to(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.ProblemType)
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"code":"role_required","detail":"d","status":403,"title":"t","type":"x"}`)
	})
	var p *wire.Problem
	if _, err := c.Drain(t.Context(), 0, false); !errors.As(err, &p) || p.Code != wire.CodeRoleRequired {
		t.Errorf("got %v", err)
	}
	if _, err := c.Backup(t.Context(), io.Discard); !errors.As(err, &p) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNotThisAPIIsNotBelieved(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a page":        func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) },
		"no JSON":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") },
		"a redirection": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
	} {
		if _, err := to(t, h).Version(t.Context()); !errors.Is(err, client.ErrAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACopyThatBreaksOffIsAnError(t *testing.T) {
	c := to(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
		panic(http.ErrAbortHandler)
	})
	var out bytes.Buffer
	if _, err := c.Backup(t.Context(), &out); err == nil {
		t.Errorf("taken for whole: %d bytes", out.Len())
	}
}

func TestRequestsAreAsTheServerReadsThem(t *testing.T) {
	var got []string
	c := to(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		_, _ = io.WriteString(w, "{}")
	})
	ctx := t.Context()
	for _, call := range []func() error{
		func() error { _, err := c.Drain(ctx, 30*time.Second, true); return err },
		func() error { _, err := c.Drain(ctx, 0, false); return err },
		func() error { _, err := c.SetLevel(ctx, "debug", 15*time.Minute); return err },
		func() error { _, err := c.Attention(ctx, 5, "a b"); return err },
		func() error { _, err := c.Trail(ctx, 7, 100); return err },
	} {
		if err := call(); err != nil {
			t.Error(err)
		}
	}
	want := `POST /v1/admin/drain {"keep":true,"wait":"30s"}
POST /v1/admin/drain {"keep":false}
PUT /v1/admin/log-level {"for":"15m0s","level":"debug"}
GET /v1/admin/attention?cursor=a+b&limit=5 
GET /v1/admin/audit?after=7&limit=100 `
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("sent\n%s\nwant\n%s", text, want)
	}
}
