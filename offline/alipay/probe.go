package alipay

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"posagent/offline"
)

// Probe is what a look at the gateway found: how far it came and how long each
// step took.
type Probe struct {
	Target     string // host:port
	Steps      []ProbeStep
	TLSVersion string // e.g. "TLS 1.3"; empty without TLS
	CertExpiry time.Time
	// Verified: a signed answer to our own signed message came back, so both keys
	// and the client id are right.
	Verified bool
	// Outcome is that of a query for a payment that cannot exist; NotFound is what
	// a well set-up gateway says.
	Outcome offline.Outcome
}

// ProbeStep is one step of a Probe: "sign" (only where it fails), "resolve",
// "connect", "proxy" (only where it fails), "tls" or "exchange". Behind a proxy
// the first two lead to the proxy.
type ProbeStep struct {
	Name string
	Took time.Duration
	Err  error
}

// Probe opens a new connection and asks for a payment that cannot exist. It
// moves no money and leaves nothing behind at the gateway.
func (c *Client) Probe(ctx context.Context) Probe {
	p := Probe{Target: c.host}
	m, err := c.prepare(offline.Request{
		Op:              offline.OpQuery,
		ReqMsgID:        offline.ReqMsgID(rand.Text()),
		MerchantTransID: c.probeID(),
	})
	if err != nil {
		p.Steps = []ProbeStep{{Name: "sign", Err: err}}
		p.Outcome = offline.Outcome{Kind: offline.NotSent, Detail: clean(err.Error(), maxDetail, offline.IdentityCode{})}
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()

	var watch stopwatch
	conn, err := c.probeLine(httptrace.WithClientTrace(ctx, watch.trace()))
	p.Steps, p.TLSVersion, p.CertExpiry = watch.result()
	if err != nil {
		p.Outcome = m.notSent(describeDial(err))
		if n := len(p.Steps); n == 0 {
			p.Steps = append(p.Steps, ProbeStep{Name: "connect", Err: err})
		} else if p.Steps[n-1].Err == nil { // between connecting and TLS stands only a proxy
			p.Steps = append(p.Steps, ProbeStep{Name: "proxy", Err: err})
		}
		return p
	}
	began, started := time.Now(), c.cfg.Now()
	reply, outcome := m.exchange(ctx, conn)
	p.Steps = append(p.Steps, ProbeStep{Name: "exchange", Took: time.Since(began)})
	if reply != nil {
		outcome = m.receive(reply, started)
	}
	p.Outcome = outcome
	p.Verified = outcome.ResultStatus != "" // stands in verified answers only
	return p
}

// probeLine dials anew, so that every step is seen.
func (c *Client) probeLine(ctx context.Context) (line, error) {
	if c.cfg.Transport != nil {
		return c.connect(ctx)
	}
	return c.pool.dial(ctx)
}

func (c *Client) probeID() offline.MerchantTransID {
	id := "probe-" + c.cfg.TerminalID + "-" + rand.Text()
	id = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, id)
	return offline.MerchantTransID(id[max(0, len(id)-64):])
}

// stopwatch collects the steps of one dial. Its hooks may run on several
// goroutines and, for the address that lost the race, after the dial is done.
type stopwatch struct {
	mu                      sync.Mutex
	steps                   []ProbeStep
	resolve, connect, shake time.Time
	connected               bool
	version                 string
	expiry                  time.Time
}

func (w *stopwatch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { w.begin(&w.resolve) },
		DNSDone:  func(i httptrace.DNSDoneInfo) { w.end("resolve", &w.resolve, i.Err) },
		ConnectStart: func(string, string) {
			w.begin(&w.connect)
		},
		ConnectDone: func(_, _ string, err error) {
			w.mu.Lock()
			done := w.connected
			w.connected = done || err == nil
			w.mu.Unlock()
			if !done {
				w.end("connect", &w.connect, err)
			}
		},
		TLSHandshakeStart: func() { w.begin(&w.shake) },
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			w.end("tls", &w.shake, err)
			w.mu.Lock()
			defer w.mu.Unlock()
			if err == nil {
				w.version = tls.VersionName(s.Version)
				w.expiry = s.PeerCertificates[0].NotAfter
			}
		},
	}
}

// begin notes the first start of a step.
func (w *stopwatch) begin(at *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.IsZero() {
		*at = time.Now()
	}
}

// end notes a step's end; a later success replaces an earlier failure of the
// same step, as when the second of two addresses answers.
func (w *stopwatch) end(name string, began *time.Time, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	step := ProbeStep{Name: name, Took: time.Since(*began), Err: err}
	for i := range w.steps {
		if w.steps[i].Name == name {
			w.steps[i] = step
			return
		}
	}
	w.steps = append(w.steps, step)
}

func (w *stopwatch) result() ([]ProbeStep, string, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]ProbeStep(nil), w.steps...), w.version, w.expiry
}
