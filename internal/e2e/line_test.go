package e2e

import (
	"context"
	"net"
	"sync"
	"testing"

	"posagent/offline/sandbox"
)

// line is the network between till and gateway: it can be cut and mended, and
// the gateway keeps its address and its books.
type line struct {
	t       *testing.T
	gateway *sandbox.Gateway
	address string

	mu   sync.Mutex
	stop context.CancelFunc // nil: cut
	done chan error
}

func newLine(t *testing.T, gateway *sandbox.Gateway) *line {
	t.Helper()
	l := &line{t: t, gateway: gateway, address: "127.0.0.1:0"}
	l.mend()
	t.Cleanup(l.cut)
	return l
}

// mend puts the gateway back on its address.
func (l *line) mend() {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		return
	}
	listener, err := net.Listen("tcp", l.address)
	must(l.t, err)
	l.address = listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	l.stop, l.done = stop, make(chan error, 1)
	go func() { l.done <- sandbox.Serve(ctx, listener, l.gateway) }()
}

// cut closes the listener and every connection.
func (l *line) cut() {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop == nil {
		return
	}
	l.stop()
	l.stop = nil
	check(l.t, <-l.done)
}
