package alipay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/offline"
)

// refusedAddress is an address where nobody listens.
func refusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// mute accepts and never says a word, until the other side goes.
func mute(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }

// proxyThat answers CONNECT with one line and then nothing.
func proxyThat(t *testing.T, answer string) string {
	t.Helper()
	l := listener(t, func(conn *net.TCPConn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy got a %s: the message left in the clear", r.Method)
		}
		_, _ = io.WriteString(conn, answer)
		mute(conn)
	})
	return "http://" + l.Addr().String()
}

// TestNothingIsSentBeforeAMessageIsWritten: each of these fails before the
// first byte of the message, so that the payment certainly did not happen.
func TestNothingIsSentBeforeAMessageIsWritten(t *testing.T) {
	secure := newGateway(t, true, nil)
	plain := newGateway(t, false, nil)
	soon := func(cfg *Config) { cfg.Timeout = 200 * time.Millisecond }
	base := func(cfg *Config, host string) { cfg.BaseURL = "https://" + host + "/api/alipay/intl/acquiring/" }
	_, port, _ := net.SplitHostPort(secure.Listener.Addr().String())
	for _, tc := range []struct {
		name   string
		change func(*Config)
		detail string
	}{
		{"nobody listens", func(cfg *Config) { base(cfg, refusedAddress(t)) }, "refused"},
		{"nobody listens without TLS", func(cfg *Config) { cfg.BaseURL = "http://" + refusedAddress(t) }, "refused"},
		{"no such name", func(cfg *Config) { base(cfg, "gateway.invalid"); soon(cfg) }, ""},
		{"handshake without an answer", func(cfg *Config) { base(cfg, listener(t, mute).Addr().String()); soon(cfg) }, "in time"},
		{"handshake broken off", func(cfg *Config) {
			base(cfg, listener(t, func(c *net.TCPConn) { _, _ = c.Read(make([]byte, 1)) }).Addr().String())
		}, "no connection"},
		{"unknown authority", func(cfg *Config) { cfg.ExtraRoots = nil }, "unknown authority"},
		{"certificate for another name", func(cfg *Config) { base(cfg, "localhost:"+port) }, "another name"},
		{"no TLS there", func(cfg *Config) { base(cfg, plain.Listener.Addr().String()) }, "does not speak TLS"},
		{"proxy away", func(cfg *Config) { cfg.ProxyURL = "http://user:secret@" + refusedAddress(t) }, "through the proxy"},
		{"proxy wants a password", func(cfg *Config) {
			cfg.ProxyURL = proxyThat(t, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		}, "Proxy Authentication Required"},
		{"proxy finds no way", func(cfg *Config) { cfg.ProxyURL = proxyThat(t, "HTTP/1.1 502 Bad Gateway\r\n\r\n") }, "Bad Gateway"},
		{"proxy talks rubbish", func(cfg *Config) { cfg.ProxyURL = proxyThat(t, "220 smtp ready\r\n\r\n") }, "no connection"},
		{"proxy is silent", func(cfg *Config) { cfg.ProxyURL = proxyThat(t, ""); soon(cfg) }, "in time"},
		{"proxy opens, then silence", func(cfg *Config) {
			cfg.ProxyURL = proxyThat(t, "HTTP/1.1 200 OK\r\n\r\n")
			soon(cfg)
		}, "in time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := send(t, secure.client(tc.change), request(t, offline.OpPay))
			if got.Kind != offline.NotSent || !strings.Contains(got.Detail, tc.detail) || strings.Contains(got.Detail, "secret") {
				t.Errorf("%+v", got)
			}
			if n := secure.times(testReqMsgID) + plain.times(testReqMsgID); n != 0 {
				t.Errorf("a gateway saw the message %d times", n)
			}
		})
	}
}

func TestNothingIsSentOnceTheContextHasEnded(t *testing.T) {
	g := newGateway(t, false, nil)
	c := g.client(nil)
	if err := c.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	call, err := c.Prepare(request(t, offline.OpPay))
	if err != nil {
		t.Fatal(err)
	}
	if got := call.Send(ctx); got.Kind != offline.NotSent || g.times(testReqMsgID) != 0 {
		t.Errorf("%+v, seen %d times", got, g.times(testReqMsgID))
	}
}

func TestNothingIsSentAfterClose(t *testing.T) {
	g := newGateway(t, false, nil)
	c := g.client(nil)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := send(t, c, request(t, offline.OpPay)); got.Kind != offline.NotSent {
		t.Errorf("%+v", got)
	}
	if err := c.Warm(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("warm: %v", err)
	}
}

// TestAProxyCarriesTheMessage: CONNECT and the handshake write bytes too, but
// those are no message; what comes after them is.
func TestAProxyCarriesTheMessage(t *testing.T) {
	g := newGateway(t, true, nil)
	for _, breakAfter := range []bool{false, true} {
		t.Run(fmt.Sprintf("break %v", breakAfter), func(t *testing.T) {
			l := listener(t, func(client *net.TCPConn) { tunnel(t, client, breakAfter) })
			proxy := url.URL{Scheme: "http", Host: l.Addr().String(), User: url.UserPassword("till", "secret")}
			c := g.client(func(cfg *Config) { cfg.ProxyURL = proxy.String() })
			defer c.Close()
			if err := c.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := send(t, c, request(t, offline.OpPay))
			want := offline.Success
			if breakAfter {
				want = offline.NoAnswer
			}
			if got.Kind != want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// tunnel is a proxy's CONNECT. With breakAfter it lets the handshake pass,
// swallows the message that follows and cuts the line.
func tunnel(t *testing.T, client *net.TCPConn, breakAfter bool) {
	t.Helper()
	buffered := bufio.NewReader(client)
	r, err := http.ReadRequest(buffered)
	if err != nil {
		return
	}
	if _, password, ok := parseProxyAuth(r); !ok || password != "secret" {
		t.Error("no password for the proxy")
	}
	server, err := net.Dial("tcp", r.Host)
	if err != nil {
		t.Error(err)
		return
	}
	defer server.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	var wait sync.WaitGroup
	wait.Go(func() { _, _ = io.Copy(client, server); _ = client.Close() })
	defer wait.Wait()
	defer server.Close()
	if !breakAfter {
		_, _ = io.Copy(server, buffered)
		return
	}
	// What the client says in a handshake is under 2500 bytes; with the message
	// it is well over 3000.
	const handshake = 2500
	for total, buf := 0, make([]byte, 32<<10); ; {
		n, err := buffered.Read(buf)
		total += n
		if err != nil || total > handshake {
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

func parseProxyAuth(r *http.Request) (user, password string, ok bool) {
	return (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
}
