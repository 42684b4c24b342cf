package agent

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"posagent/offline"
	"posagent/offline/alipay"
)

// gateways is the gateway as the engine has it: a client that can be replaced
// while messages are under way. A message belongs to the client that signed it;
// it leaves and is answered there.
type gateways struct {
	current atomic.Pointer[lane]

	mu  sync.Mutex
	old []*lane // replaced, and not closed yet
}

// lane is one client with its messages.
type lane struct {
	*alipay.Client
	sending atomic.Int64
	retired time.Time // guarded by gateways.mu
}

// linger is how long a replaced client stays open: longer than the commit between
// signing a message and sending it ever takes.
const linger = time.Minute

func newGateways(first *lane) *gateways {
	g := &gateways{}
	g.current.Store(first)
	return g
}

// Prepare builds and signs a message with the client of the moment.
func (g *gateways) Prepare(req offline.Request) (offline.Call, error) {
	l := g.current.Load()
	call, err := l.Client.Prepare(req)
	if err != nil {
		return nil, err
	}
	return ride{Call: call, on: l}, nil
}

// ride is a message on its lane.
type ride struct {
	offline.Call
	on *lane
}

// Send sends the message; its client is not closed meanwhile.
func (r ride) Send(ctx context.Context) offline.Outcome {
	r.on.sending.Add(1)
	defer r.on.sending.Add(-1)
	return r.Call.Send(ctx)
}

// swap makes next the client of every message that is signed from now on.
func (g *gateways) swap(next *lane, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.current.Swap(next)
	if before == next {
		return
	}
	before.retired = now
	kept := []*lane{before}
	for _, l := range g.old {
		if l != next {
			kept = append(kept, l)
		}
	}
	g.old = kept
}

// sweep closes replaced clients that nobody needs any more; keep is not closed.
func (g *gateways) sweep(now time.Time, keep *lane) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var errs []error
	var left []*lane
	for _, l := range g.old {
		if l == keep || l.sending.Load() > 0 || now.Sub(l.retired) < linger {
			left = append(left, l)
			continue
		}
		errs = append(errs, l.Close())
	}
	g.old = left
	return errors.Join(errs...)
}

// Close closes all clients.
func (g *gateways) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	errs := []error{g.current.Load().Close()}
	for _, l := range g.old {
		errs = append(errs, l.Close())
	}
	g.old = nil
	return errors.Join(errs...)
}
