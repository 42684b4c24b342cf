// Package client speaks the admin API of a running daemon: over the admin socket
// or named pipe of this machine, or over mutual TLS.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"posagent/internal/admin/wire"
	local "posagent/internal/localapi/client"
	apiwire "posagent/internal/localapi/wire"
	"posagent/internal/pipe"
)

// Errors of every call, beside the local API's ErrNotRunning and ErrPermission and
// problems, which are *wire.Problem.
var (
	// ErrAnswer: what came back is not this API.
	ErrAnswer = errors.New("not an answer of the admin API")
	// ErrFiles: certificate, key or authority cannot be used.
	ErrFiles = errors.New("certificate files")
)

// Options say how the daemon is reached: by Socket, or by Address with the files.
type Options struct {
	Socket string // path of the socket, or name of the pipe

	Address  string // such as "https://till-03.example:9373"
	CertFile string // the caller's certificate, PEM
	KeyFile  string // its key, PEM
	CAFile   string // those who issue the listener's certificate, PEM; empty: the system's
}

// Client calls one daemon.
type Client struct {
	base  string
	where string
	http  *http.Client
}

// answerTime is how long a call may take that waits for nothing.
const answerTime = 20 * time.Second

// New prepares a client; nothing is dialled yet.
func New(opt Options) (*Client, error) {
	t := &http.Transport{Proxy: nil, DisableCompression: true, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second}
	c := &Client{http: &http.Client{
		Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	switch {
	case (opt.Socket == "") == (opt.Address == ""):
		return nil, errors.New("admin API: give either a socket or an address")
	case opt.Socket != "":
		c.base, c.where = "http://localhost", opt.Socket
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			if pipe.Is(opt.Socket) {
				return pipe.Dial(ctx, opt.Socket)
			}
			return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", opt.Socket)
		}
		return c, nil
	}
	u, err := url.Parse(opt.Address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%q is no address such as https://till-03.example:9373", opt.Address)
	}
	c.base, c.where = u.Scheme+"://"+u.Host, u.Host
	t.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	if u.Scheme == "https" {
		t.TLSClientConfig, err = tlsConfig(opt)
	}
	return c, err
}

func tlsConfig(opt Options) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	pair, err := tls.LoadX509KeyPair(opt.CertFile, opt.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	// Also to a listener that does not name its issuer: the listener says why it refuses.
	cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	if opt.CAFile == "" {
		return cfg, nil
	}
	data, err := os.ReadFile(opt.CAFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%w: %s holds no certificate", ErrFiles, opt.CAFile)
	}
	return cfg, nil
}

// call makes a request and reads its answer into out. longer is the time that the
// daemon may take on purpose.
func (c *Client) call(ctx context.Context, method, path string, in, out any, longer time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime+longer)
	defer cancel()
	res, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s: reading the answer: %w", c.where, err)
	}
	if res.StatusCode != http.StatusOK {
		return c.problem(res, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s: %w: %w", c.where, ErrAnswer, err)
	}
	return nil
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("writing the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(r)
	if err == nil {
		return res, nil
	}
	// An alert of the other side: it does not like our certificate.
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return nil, fmt.Errorf("%s: %w: it refuses the certificate: %w", c.where, local.ErrPermission, op.Err)
	}
	return nil, local.Explain(c.where, err)
}

func (c *Client) problem(res *http.Response, body []byte) error {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	var p wire.Problem
	if kind != wire.ProblemType || json.Unmarshal(body, &p) != nil || p.Code == "" {
		return fmt.Errorf("%s: HTTP %d with %q: %w", c.where, res.StatusCode, kind, ErrAnswer)
	}
	return &p
}

// fetch streams an answer. What was written is a part until it returns nil.
func (c *Client) fetch(ctx context.Context, path string, w io.Writer) (int64, error) {
	res, err := c.send(ctx, http.MethodPost, path, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	if res.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		if err != nil {
			return 0, fmt.Errorf("%s: reading the answer: %w", c.where, err)
		}
		return 0, c.problem(res, body)
	}
	n, err := io.Copy(w, res.Body)
	if err != nil {
		return n, fmt.Errorf("%s: the answer broke off: %w", c.where, err)
	}
	return n, nil
}

// Drain closes the till for new sales and waits for as long as wait until nobody
// stands at it any more. keep makes that outlive a restart.
func (c *Client) Drain(ctx context.Context, wait time.Duration, keep bool) (out wire.Drain, err error) {
	in := map[string]any{"keep": keep}
	if wait > 0 {
		in["wait"] = wait.String()
	}
	return out, c.call(ctx, http.MethodPost, "/v1/admin/drain", in, &out, wait)
}

// Resume opens it again.
func (c *Client) Resume(ctx context.Context) (out wire.Drain, err error) {
	return out, c.call(ctx, http.MethodPost, "/v1/admin/resume", struct{}{}, &out, 0)
}

// reloadTime is how long a reload may wait for the sale in the foreground.
const reloadTime = 10 * time.Minute

// Reload has the configuration read again; force takes a gateway that there is no
// connection to.
func (c *Client) Reload(ctx context.Context, force bool) (out json.RawMessage, err error) {
	return out, c.call(ctx, http.MethodPost, "/v1/admin/reload", map[string]bool{"force": force}, &out, reloadTime)
}

// Level tells which lines are logged.
func (c *Client) Level(ctx context.Context) (out wire.LogLevel, err error) {
	return out, c.call(ctx, http.MethodGet, "/v1/admin/log-level", nil, &out, 0)
}

// SetLevel logs more or less for a time.
func (c *Client) SetLevel(ctx context.Context, level string, d time.Duration) (out wire.LogLevel, err error) {
	in := map[string]string{"level": level, "for": d.String()}
	return out, c.call(ctx, http.MethodPut, "/v1/admin/log-level", in, &out, 0)
}

// Attention lists the sales that wait for a person.
func (c *Client) Attention(ctx context.Context, limit int, cursor string) (out apiwire.SaleList, err error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	return out, c.call(ctx, http.MethodGet, "/v1/admin/attention?"+q.Encode(), nil, &out, 0)
}

// Resolve says how a sale in doubt ended.
func (c *Client) Resolve(ctx context.Context, sale string, r apiwire.Resolution) (out apiwire.Sale, err error) {
	return out, c.call(ctx, http.MethodPost, "/v1/admin/sales/"+url.PathEscape(sale)+"/resolve", r, &out, 0)
}

// verifyTime is how long a check of the journal may take.
const verifyTime = 30 * time.Minute

// Verify checks the journal while it is in use.
func (c *Client) Verify(ctx context.Context) (out wire.Verified, err error) {
	return out, c.call(ctx, http.MethodPost, "/v1/admin/journal/verify", struct{}{}, &out, verifyTime)
}

// Backup writes a copy of the journal. Verify it before it is kept.
func (c *Client) Backup(ctx context.Context, w io.Writer) (int64, error) {
	return c.fetch(ctx, "/v1/admin/journal/backup", w)
}

// Bundle writes a support bundle, a zip.
func (c *Client) Bundle(ctx context.Context, w io.Writer) (int64, error) {
	return c.fetch(ctx, "/v1/admin/support-bundle", w)
}

// Trail is a page of the audit trail.
func (c *Client) Trail(ctx context.Context, after uint64, limit int) (out wire.Trail, err error) {
	path := fmt.Sprintf("/v1/admin/audit?after=%d&limit=%d", after, limit)
	return out, c.call(ctx, http.MethodGet, path, nil, &out, 0)
}

// Version is the program that runs.
func (c *Client) Version(ctx context.Context) (out wire.Version, err error) {
	return out, c.call(ctx, http.MethodGet, "/v1/admin/version", nil, &out, 0)
}

// Status is the whole picture.
func (c *Client) Status(ctx context.Context) (out wire.Status, err error) {
	return out, c.call(ctx, http.MethodGet, "/v1/admin/status", nil, &out, 0)
}
