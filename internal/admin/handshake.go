package admin

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

const (
	handshakeTime = 5 * time.Second
	acceptAgain   = 100 * time.Millisecond
	handshakesNow = 16 // at a time; more connections wait in the system's queue
)

// handshaker accepts connections whose TLS handshake is done, so that a refused
// one can be told with its reason, and a slow one holds up nobody.
type handshaker struct {
	net.Listener
	files   *Files
	refused func(remote net.Addr, err error)

	ready  chan net.Conn
	failed chan error
	slots  chan struct{}
	stop   context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
	closed error
}

func newHandshaker(l net.Listener, files *Files, refused func(net.Addr, error)) *handshaker {
	ctx, stop := context.WithCancel(context.Background())
	h := &handshaker{
		Listener: l, files: files, refused: refused,
		ready: make(chan net.Conn), failed: make(chan error, 1), slots: make(chan struct{}, handshakesNow), stop: stop,
	}
	h.wg.Go(func() { h.acceptAll(ctx) })
	return h
}

func (h *handshaker) acceptAll(ctx context.Context) {
	for {
		conn, err := h.Listener.Accept()
		if err != nil && ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
			// Too many open files, for example: it passes.
			select {
			case <-time.After(acceptAgain):
				continue
			case <-ctx.Done():
			}
		}
		if err != nil {
			h.failed <- err
			return
		}
		select {
		case h.slots <- struct{}{}:
		case <-ctx.Done():
			_ = conn.Close() // nobody was served on it
			continue
		}
		h.wg.Go(func() {
			defer func() { <-h.slots }()
			h.shake(ctx, conn)
		})
	}
}

func (h *handshaker) shake(ctx context.Context, conn net.Conn) {
	own, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	config, err := h.files.config()
	if err == nil {
		c := tls.Server(conn, config)
		if err = c.HandshakeContext(own); err == nil {
			select {
			case h.ready <- &secured{Conn: c, files: h.files}:
				return
			case <-ctx.Done():
			}
		}
	}
	_ = conn.Close() // nobody was served on it
	if err != nil && ctx.Err() == nil {
		h.refused(conn.RemoteAddr(), err)
	}
}

// Accept returns the next connection whose client has shown a certificate.
func (h *handshaker) Accept() (net.Conn, error) {
	select {
	case c := <-h.ready:
		return c, nil
	case err := <-h.failed:
		h.failed <- err // for whoever asks again
		return nil, err
	}
}

// Close stops accepting and gives up handshakes that are not done.
func (h *handshaker) Close() error {
	h.once.Do(func() {
		h.stop()
		h.closed = h.Listener.Close()
		h.wg.Wait()
	})
	return h.closed
}
