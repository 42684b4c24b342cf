package alipay

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"posagent/offline"
)

func steps(p Probe) string {
	var names []string
	for _, s := range p.Steps {
		name := s.Name
		if s.Err != nil {
			name += "!"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestProbeGoesAllTheWay(t *testing.T) {
	var g *gateway
	var asked string
	g = newGateway(t, true, func(w http.ResponseWriter, _ *http.Request, req heard) {
		asked, _ = req.Body["merchantTransId"].(string)
		g.reply(w, req, result("F", "ORDER_NOT_EXIST"))
	})
	p := g.client(func(cfg *Config) { cfg.TerminalID = "T 03/é" }).Probe(t.Context())
	if steps(p) != "connect tls exchange" || !p.Verified || p.Outcome.Kind != offline.NotFound ||
		p.TLSVersion != "TLS 1.3" || !p.CertExpiry.Equal(g.Certificate().NotAfter) || p.Target != g.Listener.Addr().String() {
		t.Errorf("%+v", p)
	}
	if !strings.HasPrefix(asked, "probe-T_03__-") || len(asked) > 64 {
		t.Errorf("asked for %q", asked)
	}
}

func TestProbeTellsASignedRefusalFromSilence(t *testing.T) {
	var g *gateway
	g = newGateway(t, false, func(w http.ResponseWriter, _ *http.Request, req heard) {
		g.reply(w, req, result("F", "CLIENT_INVALID"))
	})
	if p := g.client(nil).Probe(t.Context()); !p.Verified || p.Outcome.Kind != offline.Refused || steps(p) != "connect exchange" {
		t.Errorf("signed refusal: %+v", p)
	}
	wrongKey := func(cfg *Config) { cfg.AlipayPublicKey = &testKey(t, "other").PublicKey }
	if p := g.client(wrongKey).Probe(t.Context()); p.Verified || p.Outcome.Kind != offline.NoAnswer || !strings.Contains(p.Outcome.Detail, "does not verify") {
		t.Errorf("wrong key: %+v", p)
	}
}

func TestProbeNamesTheStepThatFailed(t *testing.T) {
	g := newGateway(t, true, nil)
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"nobody listens", func(cfg *Config) { cfg.BaseURL = "https://" + refusedAddress(t) }, "connect!"},
		{"unknown authority", func(cfg *Config) { cfg.ExtraRoots = nil }, "connect tls!"},
		{"handshake broken off", func(cfg *Config) {
			cfg.BaseURL = "https://" + listener(t, func(c *net.TCPConn) { _, _ = c.Read(make([]byte, 1)) }).Addr().String()
		}, "connect tls!"},
		{"proxy refuses", func(cfg *Config) { cfg.ProxyURL = proxyThat(t, "HTTP/1.1 502 Bad Gateway\r\n\r\n") }, "connect proxy!"},
		{"key does not sign", func(cfg *Config) { cfg.PrivateKey = deafSigner{testKey(t, "merchant")} }, "sign!"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := g.client(tc.change).Probe(t.Context())
			if steps(p) != tc.want || p.Verified || p.Outcome.Kind != offline.NotSent || p.Outcome.Detail == "" {
				t.Errorf("%s: %+v", steps(p), p.Outcome)
			}
		})
	}
}
