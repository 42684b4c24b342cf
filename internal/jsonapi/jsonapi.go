// Package jsonapi is what the daemon's HTTP APIs do alike: they answer JSON, survive
// a fault of their own in one request, bound how long a client may dawdle, and end
// in order.
package jsonapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// ProblemType is the media type of an error by RFC 9457.
const ProblemType = "application/problem+json"

// API is one of them: its name for the log, such as "local API".
type API struct {
	Name string
	Log  *slog.Logger
}

// Write answers v as JSON of the media type kind; what cannot be written so is
// answered as a problem.
func (a API) Write(w http.ResponseWriter, status int, kind string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		a.Log.Error("an answer could not be written as JSON", "listener", a.Name, "error", err)
		status, kind = http.StatusInternalServerError, ProblemType
		body = []byte(`{"type":"urn:posagent:problem:internal","title":"Something went wrong inside","status":500,"detail":"","code":"internal"}`)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		a.Log.Debug("a client left before its answer", "listener", a.Name, "error", err)
	}
}

// Serve answers one request with next. A fault inside ends this request alone, by
// failed; a stream that was cut on purpose stays so.
func (a API) Serve(w http.ResponseWriter, r *http.Request, next, failed func()) {
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
		a.Log.Error("a request failed inside", "listener", a.Name, "path", r.Pattern, "fault", v, "stack", string(debug.Stack()))
		failed()
	}()
	next()
}

// Patience sets how long the client may take to accept what is written next. A
// connection that knows no deadlines, as in tests, goes without.
func Patience(w http.ResponseWriter, d time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
}

// Stop ends a server: requests under way get the time given, and are cut off then.
// ctx may have ended before.
func (a API) Stop(ctx context.Context, srv *http.Server, within time.Duration) {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		a.Log.Warn("clients were cut off at the stop", "listener", a.Name, "error", err)
		if err := srv.Close(); err != nil {
			a.Log.Warn("closing the listener failed", "listener", a.Name, "error", err)
		}
	}
}
