package alipay

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"posagent/offline"
)

// Client is the gateway. It is safe for concurrent use; Close releases its
// connections.
type Client struct {
	cfg     Config
	profile profile
	base    *url.URL
	host    string // host:port
	codes   codeTable
	pool    *pool
	seen    observations
}

// Format prints the account without keys and secrets, whatever the verb.
func (c *Client) Format(f fmt.State, verb rune) { c.cfg.Format(f, verb) }

// LogValue is the account without keys and secrets.
func (c *Client) LogValue() slog.Value { return c.cfg.LogValue() }

// New checks the configuration and returns every fault at once. It opens no
// connection.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("alipay client: %w", err)
	}
	base, baseErr := baseURL(cfg.BaseURL)
	proxy, proxyErr := proxyFunc(cfg.ProxyURL)
	tlsConf, tlsErr := tlsConfig(cfg.ExtraRoots)
	if err := errors.Join(baseErr, proxyErr, tlsErr); err != nil { // judged above
		return nil, fmt.Errorf("alipay client: %w", err)
	}
	if key, ok := cfg.PrivateKey.(*rsa.PrivateKey); ok {
		if err := key.Validate(); err != nil {
			return nil, fmt.Errorf("alipay client: PrivateKey is damaged: %w", err)
		}
		key.Precompute() // without the CRT values a signature takes several times as long
	}
	c := &Client{cfg: cfg, base: base, codes: newCodeTable()}
	c.profile, _ = profileOf(cfg.Version)
	c.host = hostPort(base)
	// HTTP/1.1 alone: one message on one connection at a time, so that what was
	// written to it tells whether that message left. HTTP/2 would mix messages
	// and gains nothing for one customer at a time.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		// A connection that a router forgot must be noticed before a payment is
		// written to it.
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}
	c.pool = &pool{
		scheme:  base.Scheme,
		address: c.host,
		keep:    cfg.IdleTimeout,
		asleep:  cfg.Asleep,
		transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            openGate(dialer),
			TLSClientConfig:        tlsConf,
			Protocols:              protocols,
			DisableCompression:     true, // the signature covers the bytes as received
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
	return c, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// Prepare builds and signs the message. It does no I/O, so that it can run
// while the intent is being committed; signing takes most of its time.
func (c *Client) Prepare(req offline.Request) (offline.Call, error) {
	m, err := c.prepare(req)
	if err != nil {
		return nil, fmt.Errorf("alipay %s %s: %w", req.Op, req.MerchantTransID, err)
	}
	return m, nil
}

func (c *Client) prepare(req offline.Request) (*message, error) {
	ep, ok := EndpointOf(req.Op)
	if !ok {
		return nil, fmt.Errorf("operation %q is none of the gateway's", req.Op)
	}
	request, err := c.buildRequest(ep, req, c.cfg.Now())
	if err != nil {
		return nil, err
	}
	signature, err := sign(c.cfg.PrivateKey, c.cfg.SignType, request)
	if err != nil {
		return nil, err
	}
	return &message{client: c, endpoint: ep, req: req, wire: joinEnvelope(request, signature)}, nil
}

// Warm opens a connection if none stands ready, so that the next payment does
// not wait for the handshakes. It writes no message.
func (c *Client) Warm(ctx context.Context) error {
	if c.cfg.Transport != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if err := c.pool.warm(ctx); err != nil {
		return fmt.Errorf("connecting to %s: %s: %w", c.host, describeDial(err), err)
	}
	return nil
}

// Close ends unused connections; afterwards nothing can be sent.
func (c *Client) Close() error {
	c.pool.close()
	return nil
}
