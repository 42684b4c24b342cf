package alipay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxIdle is how many unused connections are kept: one for the customer at the
// till, the rest for clean-up beside it.
const maxIdle = 4

var errClosed = errors.New("the client is closed")

// pool keeps connections to the gateway. A message is written to one connection
// that is known before the first byte leaves, never through http.Transport's own
// pool: that one may choose another connection and send the request again.
type pool struct {
	transport *http.Transport
	scheme    string
	address   string // host:port
	keep      time.Duration

	mu     sync.Mutex
	idle   []*link // the most recently used last
	closed bool
}

// link is one connection: HTTP/1.1, one message at a time.
type link struct {
	*http.ClientConn
	gate      *gate
	expiry    *time.Timer
	idleSince time.Time // wall clock: the timer stands still while the machine sleeps
}

// take returns an unused connection or dials one. An error means that no byte
// of a message was written.
func (p *pool) take(ctx context.Context) (*link, error) {
	if l := p.takeIdle(); l != nil {
		return l, nil
	}
	return p.dial(ctx)
}

func (p *pool) takeIdle() *link {
	var stale []*link
	defer func() { closeAll(stale) }() // after unlocking: closing may write to the network
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		l := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		// A timer that has fired is closing the connection; one that the gateway
		// closed reports an error. Neither may get a message.
		if !l.expiry.Stop() || l.Err() != nil {
			continue
		}
		if slept := time.Now().Round(0).Sub(l.idleSince); slept >= 0 && slept < p.keep {
			return l
		}
		stale = append(stale, l)
	}
	return nil
}

func (p *pool) dial(ctx context.Context) (*link, error) {
	if p.isClosed() {
		return nil, errClosed
	}
	var g *gate
	ctx = context.WithValue(ctx, gateKey{}, func(opened *gate) { g = opened })
	conn, err := p.transport.NewClientConn(ctx, p.scheme, p.address)
	if err != nil {
		return nil, err
	}
	return &link{ClientConn: conn, gate: g}, nil
}

// put gives a connection back; one that cannot be used again is closed.
func (p *pool) put(l *link) {
	p.mu.Lock()
	if p.closed || l.Available() == 0 || len(p.idle) == maxIdle {
		p.mu.Unlock()
		_ = l.Close() // it was given up; nothing hangs on how it closes
		return
	}
	l.idleSince = time.Now().Round(0)
	l.expiry = time.AfterFunc(p.keep, func() { _ = l.Close() })
	p.idle = append(p.idle, l)
	p.mu.Unlock()
}

func closeAll(links []*link) {
	for _, l := range links {
		_ = l.Close()
	}
}

// warm makes sure that an unused connection stands ready.
func (p *pool) warm(ctx context.Context) error {
	l, err := p.take(ctx)
	if err != nil {
		return err
	}
	p.put(l)
	return nil
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// close ends all unused connections; those in use end with their message.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	links := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, l := range links {
		l.expiry.Stop()
	}
	closeAll(links)
}

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
