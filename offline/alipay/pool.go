package alipay

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// maxIdle is how many unused connections are kept: one for the customer at the
// till, the rest for clean-up beside it.
const maxIdle = 4

// shortSleep is how long the machine may seem to have slept while a connection
// was not used: less is a difference between two clocks.
const shortSleep = time.Second

var errClosed = errors.New("the client is closed")

// pool keeps connections to the gateway. A message is written to one connection
// that is known before the first byte leaves, never through http.Transport's own
// pool: that one may choose another connection and send the request again.
type pool struct {
	transport *http.Transport
	scheme    string
	address   string // host:port
	keep      time.Duration
	asleep    func() time.Duration

	mu     sync.Mutex
	idle   []*link // the most recently used last
	closed bool
}

// link is one connection: HTTP/1.1, one message at a time. It is a line.
type link struct {
	*http.ClientConn
	pool      *pool
	gate      *gate
	expiry    *time.Timer
	idleSince time.Time     // wall clock: the timer stands still while the machine sleeps
	slept     time.Duration // by the machine, until idleSince
}

func (l *link) carry(r *http.Request) (*http.Response, error) {
	l.gate.arm()
	return l.RoundTrip(r)
}

func (l *link) abandon(error) bool {
	touched := l.gate.seal()
	_ = l.Close() // nothing is read from it any more, and nothing can be written
	return touched
}

func (l *link) release() { l.pool.put(l) }

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
		idle := time.Now().Round(0).Sub(l.idleSince)
		if idle >= 0 && idle < p.keep && p.asleep()-l.slept < shortSleep {
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
	return &link{ClientConn: conn, pool: p, gate: g}, nil
}

// put gives a connection back; one that cannot be used again is closed.
func (p *pool) put(l *link) {
	p.mu.Lock()
	if p.closed || l.Available() == 0 || len(p.idle) == maxIdle {
		p.mu.Unlock()
		_ = l.Close() // it was given up; nothing hangs on how it closes
		return
	}
	l.idleSince, l.slept = time.Now().Round(0), p.asleep()
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
