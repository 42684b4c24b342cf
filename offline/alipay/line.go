package alipay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// line carries one message.
type line interface {
	// carry writes the request once and waits for the head of the answer.
	carry(*http.Request) (*http.Response, error)
	// abandon gives the line up after carry failed with err. It tells whether a
	// byte of the request may have left, and lets none leave afterwards.
	abandon(err error) (touched bool)
	// release gives the line back after the answer was read.
	release()
}

// connect finds a line. An error means that nothing was sent.
func (c *Client) connect(ctx context.Context) (line, error) {
	if c.cfg.Transport != nil {
		return inProcess{c.cfg.Transport}, nil
	}
	return c.pool.take(ctx)
}

// inProcess is the line to a gateway without a network.
type inProcess struct{ transport http.RoundTripper }

func (l inProcess) carry(r *http.Request) (*http.Response, error) { return l.transport.RoundTrip(r) }

func (l inProcess) abandon(err error) bool {
	var op *net.OpError
	return !errors.As(err, &op) || op.Op != "dial"
}

func (l inProcess) release() {}

// gate is the network connection under TLS and HTTP. It tells, without a race,
// whether a byte of a message can have left: once it is shut nothing leaves any
// more, also not from a writer that was just about to.
type gate struct {
	net.Conn

	mu      sync.Mutex
	armed   bool // handshakes are over: what is written from now on is a message
	touched bool // a write began while armed
	shut    bool
}

type gateKey struct{}

// openGate dials and hands the gate to whoever put a receiver into ctx.
func openGate(dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		g := &gate{Conn: conn}
		if receive, ok := ctx.Value(gateKey{}).(func(*gate)); ok {
			receive(g)
		}
		return g, nil
	}
}

// Write is counted before it is tried: how much of it the network took cannot
// be told afterwards.
func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	if g.shut {
		g.mu.Unlock()
		return 0, net.ErrClosed
	}
	g.touched = g.touched || g.armed
	g.mu.Unlock()
	return g.Conn.Write(p)
}

// Close shuts the gate too, so that a write on a connection that is already
// closed does not count as one.
func (g *gate) Close() error {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	return g.Conn.Close()
}

// arm starts counting for one message.
func (g *gate) arm() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed, g.touched = true, false
}

// seal lets nothing more leave and tells whether anything may have left since arm.
func (g *gate) seal() (touched bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	return g.touched
}
