package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

// stream serves scripts as event streams, one connection after another, over
// pipes, so that time can be virtual. A script that returns ends its stream.
type stream struct {
	t       *testing.T
	scripts []func(w io.Writer, lastEventID string)
	n       int
}

func (s *stream) dial(context.Context) (net.Conn, error) {
	if s.n >= len(s.scripts) {
		return nil, os.ErrNotExist
	}
	script := s.scripts[s.n]
	s.n++
	near, far := net.Pipe()
	l := &once{conns: make(chan net.Conn, 1), done: make(chan struct{})}
	l.conns <- far
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/events" || r.Header.Get("Accept") != "text/event-stream" {
			s.t.Errorf("%s, accept %q", r.URL.Path, r.Header.Get("Accept"))
		}
		if script == nil { // the daemon is stopping
			w.Header().Set("Content-Type", wire.ProblemType)
			w.WriteHeader(503)
			_, _ = io.WriteString(w, `{"code":"too_many_clients","status":503}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		script(flushed{w}, r.Header.Get("Last-Event-ID"))
		w.Header().Set("Connection", "close")
	})}
	srv.SetKeepAlivesEnabled(false)
	go func() { _ = srv.Serve(l) }()
	s.t.Cleanup(func() {
		close(l.done)
		_ = srv.Close()
	})
	return near, nil
}

type once struct {
	conns chan net.Conn
	done  chan struct{}
}

func (o *once) Accept() (net.Conn, error) {
	select {
	case c := <-o.conns:
		return c, nil
	case <-o.done:
		return nil, net.ErrClosed
	}
}
func (*once) Close() error   { return nil }
func (*once) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

type flushed struct{ w http.ResponseWriter }

func (f flushed) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = http.NewResponseController(f.w).Flush()
	}
	return n, err
}

func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// follow collects events until the count is reached.
func follow(t *testing.T, s *stream, count int) []client.Event {
	t.Helper()
	c, err := client.New(client.Options{Socket: "pipe", Dial: s.dial})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var out []client.Event
	for ev := range c.Events(ctx) {
		if out = append(out, ev); len(out) == count {
			break
		}
	}
	if len(out) != count {
		t.Errorf("%d events in an hour, want %d", len(out), count)
	}
	return out
}

func TestTheStreamIsResumedAfterTheLastEventSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{t: t, scripts: []func(io.Writer, string){
			func(w io.Writer, last string) {
				if last != "" {
					t.Errorf("the first connection resumes after %q", last)
				}
				say(w, "event: snapshot\nid: 4\ndata: {\"unsettled\":[]}\n\n")
				say(w, "event: sale\nid: 5\ndata: {\"saleId\":\"A\",\"state\":\"paid\"}\n\n:\n\n")
				say(w, "event: notice\ndata: {\"code\":\"short\"}\n\nevent: status\ndata: {\"version\":\"x\"}\n\n")
				say(w, "event: of_the_future\nid: 9\ndata: {}\n\nevent: sale\nid: 6\ndata: {\"saleId\":\"half")
			},
			func(w io.Writer, last string) {
				if last != "5" {
					t.Errorf("resumed after %q, want 5", last)
				}
				say(w, "event: snapshot\ndata: {}\n\nevent: sale\nid: 6\ndata: {\"saleId\":\"B\"}\n\n")
				time.Sleep(time.Hour)
			},
		}}
		got := follow(t, s, 7)
		if got[0].Picture == nil || got[1].Sale.SaleID != "A" || got[2].Notice.Code != "short" || got[3].Status.Version != "x" ||
			got[4].Lost == nil || got[5].Picture == nil || got[6].Sale.SaleID != "B" {
			t.Errorf("%+v", got)
		}
		pass()
	})
}

func pass() { time.Sleep(2 * time.Hour); synctest.Wait() }

func TestAStreamWithoutASignOfLifeIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(w io.Writer, _ string) {
			say(w, "event: snapshot\nid: 1\ndata: {}\n\n")
			time.Sleep(time.Hour)
		}
		alive := func(w io.Writer, _ string) {
			say(w, "event: snapshot\nid: 1\ndata: {}\n\n")
			for range 10 {
				time.Sleep(15 * time.Second)
				say(w, ":\n\n")
			}
			say(w, "event: status\ndata: {}\n\n")
			time.Sleep(time.Hour)
		}
		begun := time.Now()
		got := follow(t, &stream{t: t, scripts: []func(io.Writer, string){silent, alive}}, 4)
		if got[1].Lost == nil || got[3].Status == nil {
			t.Errorf("%+v", got)
		}
		if d := time.Since(begun); d < 180*time.Second || d > 200*time.Second {
			t.Errorf("it took %s: 40 s of silence, then 150 s with signs of life", d)
		}
		pass()
	})
}

func TestADaemonThatIsAwayShowsAsLostUntilItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := follow(t, &stream{t: t}, 3)
		for _, ev := range got {
			if !errors.Is(ev.Lost, client.ErrNotRunning) {
				t.Errorf("%+v", ev)
			}
		}
		full := follow(t, &stream{t: t, scripts: []func(io.Writer, string){nil, func(w io.Writer, _ string) {
			say(w, "event: snapshot\nid: 1\ndata: {}\n\n")
		}}}, 2)
		if client.Code(full[0].Lost) != wire.CodeTooManyClients || full[1].Picture == nil {
			t.Errorf("%+v", full)
		}
		pass()
	})
}

func TestABrokenEventIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{t: t, scripts: []func(io.Writer, string){
			func(w io.Writer, _ string) { say(w, "event: sale\nid: 3\ndata: {\"saleId\":7}\n\n") },
			func(w io.Writer, last string) {
				if last != "" {
					t.Errorf("the broken event counts as seen: %q", last)
				}
				say(w, "event: snapshot\nid: 1\ndata: {}\n\n")
			},
		}}
		got := follow(t, s, 2)
		if !errors.Is(got[0].Lost, client.ErrAnswer) || got[1].Picture == nil {
			t.Errorf("%+v", got)
		}
		pass()
	})
}
