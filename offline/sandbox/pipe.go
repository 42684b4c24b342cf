package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
)

// pipe is the answer's way back: the handler's http.ResponseWriter at one end,
// the caller's response body at the other. Writes never block, as with a
// socket's buffer; reads wait for bytes, the end, or the caller's context.
type pipe struct {
	hangUp   context.CancelFunc // ends the handler's context
	accepted chan struct{}      // closed once the request was read whole
	started  chan struct{}      // closed once headers, or an error instead of them, are there

	// Written before started is closed, read after it.
	status int
	sent   http.Header
	err    error
	early  bool

	header http.Header // the handler's own
	once   sync.Once

	mu      sync.Mutex
	buf     []byte
	written int64
	end     error         // what a read past buf returns, once the answer ended
	more    chan struct{} // closed and renewed when buf or end change
	gone    error         // the caller left
}

func newPipe(hangUp context.CancelFunc) *pipe {
	return &pipe{
		hangUp: hangUp, accepted: make(chan struct{}), started: make(chan struct{}),
		header: http.Header{}, more: make(chan struct{}),
	}
}

// accept tells the caller that its request was read. Called once at most.
func (c *pipe) accept() { close(c.accepted) }

// Header implements http.ResponseWriter.
func (c *pipe) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *pipe) WriteHeader(status int) {
	c.once.Do(func() {
		c.status, c.sent = status, c.header.Clone()
		close(c.started)
	})
}

// Write implements http.ResponseWriter.
func (c *pipe) Write(p []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone != nil {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
	}
	c.buf = append(c.buf, p...)
	c.written += int64(len(p))
	c.wake()
	return len(p), nil
}

// Flush implements http.Flusher; every write is flushed already.
func (c *pipe) Flush() { c.WriteHeader(http.StatusOK) }

// reset ends the connection as a peer does that sends RST.
func (c *pipe) reset(early bool) {
	op := "read"
	if early {
		op = "write"
	}
	c.fail(&net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, syscall.ECONNRESET)}, early)
}

// abort ends the connection in the orderly way, in the middle of the answer or
// before it.
func (c *pipe) abort() { c.fail(io.EOF, false) }

func (c *pipe) fail(err error, early bool) {
	c.once.Do(func() {
		c.err, c.early = err, early
		close(c.started)
	})
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	c.finishWith(err)
}

// finish ends the answer after the handler returned. Less than was declared is
// an answer cut short.
func (c *pipe) finish() {
	c.WriteHeader(http.StatusOK)
	c.hangUp()
	c.mu.Lock()
	short := c.err == nil && c.written < contentLength(c.sent)
	c.mu.Unlock()
	if short {
		c.finishWith(io.ErrUnexpectedEOF)
		return
	}
	c.finishWith(io.EOF)
}

func (c *pipe) finishWith(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		c.end = err
		c.wake()
	}
}

// wake is called with mu held.
func (c *pipe) wake() {
	close(c.more)
	c.more = make(chan struct{})
}

// closeRead is the caller leaving: reads fail with err, the handler's context ends.
func (c *pipe) closeRead(err error) {
	c.mu.Lock()
	if c.gone == nil {
		c.gone = err
		c.wake()
	}
	c.mu.Unlock()
	c.hangUp()
}

func (c *pipe) read(p []byte) (int, error) {
	for {
		c.mu.Lock()
		more := c.more
		switch {
		case c.gone != nil:
			defer c.mu.Unlock()
			return 0, c.gone
		case len(c.buf) > 0:
			defer c.mu.Unlock()
			n := copy(p, c.buf)
			c.buf = c.buf[n:]
			return n, nil
		case c.end != nil:
			defer c.mu.Unlock()
			return 0, c.end
		}
		c.mu.Unlock()
		<-more
	}
}

// response is what the caller gets once the headers are there.
func (c *pipe) response(req *http.Request, closed func()) *http.Response {
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", c.status, http.StatusText(c.status)),
		StatusCode:    c.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        c.sent,
		Body:          &pipeBody{c, closed},
		ContentLength: contentLength(c.sent),
		Request:       req,
	}
}

type pipeBody struct {
	c      *pipe
	closed func()
}

// Read implements io.Reader.
func (b *pipeBody) Read(p []byte) (int, error) { return b.c.read(p) }

// Close implements io.Closer: an answer that is not read to its end is not wanted.
func (b *pipeBody) Close() error {
	b.closed()
	b.c.closeRead(http.ErrBodyReadAfterClose)
	return nil
}
