package jsonapi_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/internal/jsonapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newAPI() (jsonapi.API, *bytes.Buffer) {
	var log bytes.Buffer
	return jsonapi.API{Name: "test API", Log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

func TestWhatCannotBeWrittenAsJSONIsAProblem(t *testing.T) {
	for name, row := range map[string]struct {
		v      any
		status int
		kind   string
		body   string
	}{
		"JSON": {map[string]int{"n": 1}, http.StatusCreated, "application/json", `{"n":1}`},
		"none": {make(chan int), http.StatusInternalServerError, jsonapi.ProblemType, `"code":"internal"`},
	} {
		t.Run(name, func(t *testing.T) {
			a, log := newAPI()
			w := httptest.NewRecorder()
			a.Write(w, http.StatusCreated, "application/json", row.v)
			if w.Code != row.status || w.Header().Get("Content-Type") != row.kind || !strings.Contains(w.Body.String(), row.body) {
				t.Errorf("HTTP %d, %v: %s", w.Code, w.Header(), w.Body)
			}
			if told := strings.Contains(log.String(), "could not be written as JSON\" listener=\"test API\""); told == (row.status == http.StatusCreated) {
				t.Errorf("the log has: %s", log)
			}
		})
	}
}

func TestAFaultInsideEndsOneRequestAndIsLogged(t *testing.T) {
	a, log := newAPI()
	w := httptest.NewRecorder()
	failed := false
	a.Serve(w, httptest.NewRequest(http.MethodGet, "/", nil), func() { panic("broken") }, func() { failed = true })
	if !failed || !strings.Contains(log.String(), "broken") {
		t.Errorf("failed %t, log: %s", failed, log)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", w.Header())
	}
}

func TestAStreamThatIsCutOnPurposeIsNoFault(t *testing.T) {
	a, log := newAPI()
	defer func() {
		if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // the very value that was thrown
			t.Errorf("got %v", v)
		}
		if log.Len() > 0 {
			t.Errorf("logged: %s", log)
		}
	}()
	a.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil),
		func() { panic(http.ErrAbortHandler) }, func() { t.Error("answered as a fault") })
}

func TestARequestThatDoesNotEndInTimeIsCutOffAtTheStop(t *testing.T) {
	a, log := newAPI()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, ended := make(chan struct{}), make(chan struct{})
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	<-begun
	over, cancel := context.WithCancel(context.Background())
	cancel()
	a.Stop(over, srv, time.Millisecond)
	<-ended
	<-served
	if !strings.Contains(log.String(), "clients were cut off at the stop\" listener=\"test API\"") {
		t.Errorf("the log has: %s", log)
	}
}
