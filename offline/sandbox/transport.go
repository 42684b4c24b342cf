package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// Link calls a gateway in-process, as a connection would, without sockets: it
// works in a testing/synctest bubble, ends with the request's context, calls the
// hooks of net/http/httptrace, and breaks as a connection breaks. A Link that
// was used in a bubble belongs to it.
type Link struct {
	gw      http.Handler
	down    atomic.Bool
	running sync.WaitGroup
}

// Transport makes a Link, an http.RoundTripper.
func Transport(gw *Gateway) *Link { return &Link{gw: gw} }

// SetDown cuts the network: every new request fails to connect, before a byte
// leaves. Requests under way go on.
func (l *Link) SetDown(down bool) { l.down.Store(down) }

// Wait returns when the gateway is done with every request, also with those
// whose callers gave up.
func (l *Link) Wait() { l.running.Wait() }

// RoundTrip implements http.RoundTripper.
func (l *Link) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if err := l.connect(req, trace); err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	body, err := readBodyOf(req)
	if err != nil {
		return nil, err
	}
	if trace.WroteHeaderField != nil {
		for name, values := range req.Header {
			trace.WroteHeaderField(textproto.CanonicalMIMEHeaderKey(name), values)
		}
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}

	serverCtx, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	c := newPipe(hangUp)
	l.running.Go(func() { l.serve(serverCtx, req, body, c) })

	// The gateway may reset the connection while the request is being sent;
	// otherwise all of it was sent long before an answer comes.
	select {
	case <-c.accepted:
	case <-c.started:
		if c.early {
			wrote(trace, c.err)
			return nil, c.err
		}
	case <-ctx.Done():
	}
	wrote(trace, nil)
	select {
	case <-c.started:
	case <-ctx.Done():
		c.closeRead(ctx.Err())
		return nil, ctx.Err()
	}
	if c.err != nil {
		return nil, c.err
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	stop := context.AfterFunc(ctx, func() { c.closeRead(ctx.Err()) })
	return c.response(req, func() { stop() }), nil
}

func wrote(trace *httptrace.ClientTrace, err error) {
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
}

func (l *Link) connect(req *http.Request, trace *httptrace.ClientTrace) error {
	if err := req.Context().Err(); err != nil {
		return err
	}
	if trace.GetConn != nil {
		trace.GetConn(req.URL.Host)
	}
	if trace.ConnectStart != nil {
		trace.ConnectStart("tcp", req.URL.Host)
	}
	var err error
	if l.down.Load() {
		err = &net.OpError{Op: "dial", Net: "tcp", Addr: addr(req.URL.Host), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	if trace.ConnectDone != nil {
		trace.ConnectDone("tcp", req.URL.Host, err)
	}
	if err != nil {
		return err
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return nil
}

func readBodyOf(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return nil, fmt.Errorf("sending the request: %w", err)
	}
	return data, nil
}

// serve runs the handler as a server would.
func (l *Link) serve(ctx context.Context, req *http.Request, body []byte, c *pipe) {
	defer c.finish()
	defer func() {
		if p := recover(); p != nil {
			c.abort()
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
		}
	}()
	in := req.Clone(ctx)
	in.RequestURI = req.URL.RequestURI()
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.RemoteAddr = "127.0.0.1:0"
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.ContentLength = int64(len(body))
	l.gw.ServeHTTP(c, in)
}

type addr string

func (addr) Network() string  { return "tcp" }
func (a addr) String() string { return string(a) }

// contentLength is -1 where none was declared.
func contentLength(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
