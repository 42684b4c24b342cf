package session

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/ui/model"
)

// kinds is a view that hands on each screen that says something else to do.
type kinds struct {
	last string
	ch   chan model.Screen
}

func (k *kinds) Show(s model.Screen) {
	if now := string(s.Kind) + s.Action; now != k.last {
		k.last = now
		k.ch <- s
	}
}

// serve answers at a socket as a daemon does that has one sale in the foreground,
// or with garbage.
func serve(t *testing.T, socket string, picture *wire.Picture) (stop func()) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/events", func(w http.ResponseWriter, r *http.Request) {
		if picture == nil {
			_, _ = w.Write([]byte("<html>not the daemon</html>"))
			return
		}
		data, err := json.Marshal(picture)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprintf(w, "event: %s\nid: 1\ndata: %s\n\n", wire.EventSnapshot, data)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		<-r.Context().Done()
	})
	mux.HandleFunc("GET /v1/sales", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"sales":[]}`))
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = srv.Serve(l) }) // ended by Close
	return func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		serving.Wait()
	}
}

// TestTheWindowSurvivesItsDaemon: started first, met by something else at the
// socket, then by the daemon, which is killed and comes back.
func TestTheWindowSurvivesItsDaemon(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	c, err := client.New(client.Options{Socket: socket})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	view := &kinds{ch: make(chan model.Screen, 16)}
	s := New(Config{
		API: c, View: view,
		Model: model.Config{Currency: "HKD", Words: func(string) model.Words { return plain{} }, NewID: func(p string) string { return p }},
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	defer running.Wait()
	defer cancel()
	want := func(k model.Kind, part string) {
		t.Helper()
		for {
			select {
			case got := <-view.ch:
				if got.Kind == k && strings.Contains(got.Action, part) {
					return
				}
				if got.Kind != model.KindOffline { // causes may follow each other
					t.Fatalf("the screen is %s (%q), want %s (%q)", got.Kind, got.Action, k, part)
				}
			case <-ctx.Done():
				t.Fatalf("no screen %s", k)
			}
		}
	}
	want(model.KindStarting, "")
	want(model.KindOffline, "offline.not_running")

	now := time.Now()
	sale := wire.Sale{
		SaleID: "R-1", State: wire.Confirming, Version: 3, Amount: wire.Money{Currency: "HKD", Value: 500},
		Refunded: wire.Money{Currency: "HKD"}, Message: wire.Message{Key: "confirming"}, CreatedAt: now, ExpiresAt: now.Add(time.Minute),
	}
	picture := &wire.Picture{Status: status(), Foreground: &sale}
	picture.Status.Till.Foreground = "R-1"
	stop := serve(t, socket, picture)
	want(model.KindConfirming, "")
	stop()
	want(model.KindOffline, "offline")

	paid := sale
	paid.State, paid.Final, paid.Version, paid.Message.Key, paid.UpdatedAt = wire.Paid, true, 5, "paid", now
	again := &wire.Picture{Status: status(), Last: &paid}
	again.Status.Till.Last = "R-1"
	stop = serve(t, socket, again)
	want(model.KindPaid, "")
	stop()
	want(model.KindOffline, "offline")
	stop = serve(t, socket, nil)
	want(model.KindOffline, "offline.garbage")
	cancel()
	running.Wait()
	stop()
}
