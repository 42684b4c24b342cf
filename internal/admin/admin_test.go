package admin_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"posagent/internal/admin"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(socketVariable); path != "" {
		askSocket(path)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func TestReadyTellsWhyNot(t *testing.T) {
	body := get(t, newMetrics(), "/-/ready", http.StatusServiceUnavailable)
	if !strings.Contains(body, "journal_failed") {
		t.Errorf("got %s", body)
	}
	get(t, newMetrics(), "/-/healthy", http.StatusOK)
}

// get serves for real and asks once.
func get(t *testing.T, m *admin.Metrics, path string, want int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s, err := admin.New(admin.Options{Metrics: m, Ready: func() admin.Readiness { return admin.Readiness{Reasons: []string{"journal_failed"}} }})
	if err != nil {
		t.Fatal(err)
	}
	go func() { done <- s.Serve(ctx, admin.Plain(l)) }()
	asker := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := asker.Get("http://" + l.Addr().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Errorf("%s answered %d, want %d", path, res.StatusCode, want)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return string(body)
}

func TestOnlyLoopbackNamesAreAnswered(t *testing.T) {
	h := admin.Handler(newMetrics(), func() admin.Readiness { return admin.Readiness{Ready: true} })
	for host, want := range map[string]int{
		"127.0.0.1:9373": http.StatusOK, "localhost:9373": http.StatusOK, "[::1]:9373": http.StatusOK, "localhost": http.StatusOK,
		"shop.example": http.StatusForbidden, "192.168.1.7:9373": http.StatusForbidden, "": http.StatusForbidden,
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q got %d, want %d", host, w.Code, want)
		}
	}
}
