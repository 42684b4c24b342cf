// Package client speaks the local API of a running posagent daemon: for the
// commands, the cashier window and programs of the same machine.
//
// It knows the wire and nothing behind it. Calls return the API's problems as
// *wire.Problem, and tell apart what a command needs to tell apart: that nobody
// listens (ErrNotRunning), and that this user may not ask (ErrPermission).
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/internal/pipe"
)

// Errors of every call.
var (
	// ErrNotRunning: nobody listens at the address.
	ErrNotRunning = errors.New("no posagent daemon is running here")
	// ErrPermission: the daemon is there and this user may not use it.
	ErrPermission = errors.New("no permission to use the posagent daemon")
	// ErrAnswer: what came back is not this API.
	ErrAnswer = errors.New("not an answer of the local API")
)

// Token is the bearer token. It prints as a mask.
type Token string

const mask = "••••••••"

// String is a mask.
func (Token) String() string { return mask }

// GoString is a mask.
func (Token) GoString() string { return mask }

// Format is a mask for every verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText is a mask.
func (Token) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue is a mask.
func (Token) LogValue() slog.Value { return slog.StringValue(mask) }

// Options say how the daemon is reached: by Socket, or by Address and Token.
type Options struct {
	Socket  string // path of the unix socket, or \\.\pipe\NAME on Windows
	Address string // host and port on loopback, used where Socket is empty
	Token   Token  // for Address

	// Dial reaches the daemon in another way. Socket or Address then only names it.
	Dial func(ctx context.Context) (net.Conn, error)

	// StartWait is how long to wait for a daemon that is just starting, before
	// ErrNotRunning. Zero: not at all.
	StartWait time.Duration
	// Timeout bounds every call, without the time that a long poll waits. Zero:
	// 15 s.
	Timeout time.Duration
}

// Client calls one daemon. Its methods may be called from any goroutine.
type Client struct {
	opt  Options
	http *http.Client
}

// maxAnswer bounds what is read of an answer: a listing of 500 sales is far below.
const maxAnswer = 16 << 20

// dialTime is how long the daemon may take to accept a connection.
const dialTime = 5 * time.Second

// New prepares a client; nothing is dialled yet.
func New(opt Options) (*Client, error) {
	if (opt.Socket == "") == (opt.Address == "") {
		return nil, errors.New("local API: give either a socket or an address")
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 15 * time.Second
	}
	network, addr := "tcp", opt.Address
	if opt.Socket != "" {
		network, addr = "unix", opt.Socket
	}
	dial := opt.Dial
	switch {
	case dial != nil:
	case pipe.Is(opt.Socket):
		dial = func(ctx context.Context) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, dialTime)
			defer cancel()
			return pipe.Dial(ctx, opt.Socket)
		}
	default:
		dialer := &net.Dialer{Timeout: dialTime}
		dial = func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, network, addr) }
	}
	return &Client{opt: opt, http: &http.Client{
		Transport: &http.Transport{
			Proxy:               nil, // never: the daemon is on this machine
			DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     time.Minute,
			DisableCompression:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// where names the daemon for people.
func (c *Client) where() string {
	if c.opt.Socket != "" {
		return c.opt.Socket
	}
	return c.opt.Address
}

// do makes one call and reads its answer into out. longer is the time that the
// server may take on purpose.
func (c *Client) do(ctx context.Context, method, path string, in, out any, longer time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Timeout+c.opt.StartWait+longer)
	defer cancel()
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return 0, fmt.Errorf("writing the request: %w", err)
		}
	}
	resp, err := c.send(ctx, method, path, body, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	return resp.StatusCode, read(resp, out)
}

// send makes a request, again and again while the daemon may still be starting.
func (c *Client) send(ctx context.Context, method, path string, body []byte, header http.Header) (*http.Response, error) {
	giveUp := time.Now().Add(c.opt.StartWait)
	for {
		resp, err := c.once(ctx, method, path, body, header)
		if !errors.Is(err, ErrNotRunning) || !time.Now().Before(giveUp) {
			return resp, err
		}
		t := time.NewTimer(100 * time.Millisecond)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil, err
		}
	}
}

func (c *Client) once(ctx context.Context, method, path string, body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.opt.Token != "" && c.opt.Socket == "" {
		req.Header.Set("Authorization", "Bearer "+string(c.opt.Token))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.explain(err)
	}
	return resp, nil
}

// wsaeconnrefused is what Windows says for a refused connection.
const wsaeconnrefused = syscall.Errno(10061)

// explain tells the causes of a failed request apart. The address of the request
// is no help: it is always the same.
func (c *Client) explain(err error) error { return Explain(c.where(), err) }

// Explain tells apart why a daemon was not reached: ErrNotRunning, ErrPermission,
// or the system's reason. where names the daemon for people.
func Explain(where string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, pipe.ErrStranger):
		return fmt.Errorf("%s: %w: %w", where, ErrPermission, err)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaeconnrefused), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w: %w", where, ErrNotRunning, err)
	}
	return fmt.Errorf("%s: %w", where, err)
}

// read reads an answer: into out, or as a problem.
func read(resp *http.Response, out any) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("reading the answer: %w", err)
	case len(body) > maxAnswer:
		return fmt.Errorf("%d bytes and more: %w", maxAnswer, ErrAnswer)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode >= 300 {
		return readProblem(resp.StatusCode, kind, body)
	}
	if kind != "application/json" {
		return fmt.Errorf("HTTP %d with %q: %w", resp.StatusCode, kind, ErrAnswer)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}

func readProblem(status int, kind string, body []byte) error {
	var p wire.Problem
	if kind != wire.ProblemType || json.Unmarshal(body, &p) != nil || p.Code == "" {
		return fmt.Errorf("HTTP %d with %q: %w", status, kind, ErrAnswer)
	}
	if p.Code == wire.CodeUnauthorized {
		return fmt.Errorf("%w: %w", ErrPermission, &p)
	}
	return &p
}

// Code returns the stable code of a problem, or "" for any other error.
func Code(err error) wire.Code {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// segment makes an id fit as a part of a path. Ids of nothing but dots would be
// taken for steps upwards.
func segment(id string) string {
	if strings.Trim(id, ".") == "" {
		return strings.Repeat("%2E", len(id))
	}
	return url.PathEscape(id)
}
