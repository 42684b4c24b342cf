package device

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/device/aim"
	"posagent/device/decode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeDriver is a scanner in memory that fails the test when the Manager breaks
// the contract of Driver and Port.
type fakeDriver struct {
	t    *testing.T
	name string

	mu      sync.Mutex
	findErr error
	openErr error
	detail  string
	slow    time.Duration // of Find
	finds   int
	opens   int
	port    *fakePort // open now
}

type input struct {
	chunk Chunk
	err   error
	stall time.Duration // before it is returned, against the contract
}

type fakePort struct {
	d      *fakeDriver
	in     chan input
	owner  string
	failed bool
	closed bool
}

func newFake(t *testing.T, name string) *fakeDriver { return &fakeDriver{t: t, name: name} }

func (d *fakeDriver) Kind() string { return "fake" }

func (d *fakeDriver) Find() (Location, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.slow > 0 {
		<-time.After(d.slow)
	}
	d.finds++
	if d.port != nil {
		d.t.Errorf("%s: looked for while it is open", d.name)
	}
	return Location{Path: "/fake/" + d.name, Detail: d.detail}, d.findErr
}

func (d *fakeDriver) Open(loc Location) (Port, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opens++
	if loc.Path != "/fake/"+d.name {
		d.t.Errorf("%s: opened at %q", d.name, loc.Path)
	}
	if d.port != nil {
		d.t.Errorf("%s: opened twice", d.name)
	}
	if d.openErr != nil {
		return nil, d.openErr
	}
	d.port = &fakePort{d: d, in: make(chan input, 64), owner: goroutine()}
	return d.port, nil
}

func (p *fakePort) Read() (Chunk, error) {
	p.check("read")
	select {
	case i := <-p.in:
		<-time.After(i.stall)
		p.failed = i.err != nil
		return i.chunk, i.err
	case <-time.After(100 * time.Millisecond):
		return Chunk{}, nil
	}
}

func (p *fakePort) Close() error {
	p.check("close")
	p.closed = true
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.d.port = nil
	return nil
}

func (p *fakePort) check(op string) {
	if g := goroutine(); g != p.owner {
		p.d.t.Errorf("%s: %s by %s, opened by %s", p.d.name, op, g, p.owner)
	}
	if p.closed {
		p.d.t.Errorf("%s: %s after close", p.d.name, op)
	}
	if p.failed && op == "read" {
		p.d.t.Errorf("%s: read after an error", p.d.name)
	}
}

func goroutine() string {
	buf := make([]byte, 64)
	name, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), " [")
	return name
}

// give lets the next Read return i, and waits until that is dealt with.
func (d *fakeDriver) give(i input) {
	d.t.Helper()
	d.mu.Lock()
	p := d.port
	d.mu.Unlock()
	if p == nil {
		d.t.Fatalf("%s: nobody has the port open", d.name)
	}
	p.in <- i
	synctest.Wait()
}

// send gives bytes to the reader and waits until they are dealt with.
func (d *fakeDriver) send(s string) { d.t.Helper(); d.give(input{chunk: Chunk{Data: []byte(s)}}) }

// counts gives how often the scanner was looked for and opened.
func (d *fakeDriver) counts() (finds, opens int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.finds, d.opens
}

func (d *fakeDriver) isOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.port != nil
}

func (d *fakeDriver) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

var (
	errGone   = &Error{Op: "read", Port: "fake", Kind: KindGone, Err: errors.New("hung up"), Hint: "check the cable"}
	errAbsent = &Error{Op: "find", Port: "fake", Kind: KindAbsent, Hint: "plug it in"}
)

func (d *fakeDriver) unplug() {
	d.t.Helper()
	d.set(func() { d.findErr = errAbsent })
	d.give(input{err: errGone})
}

func (d *fakeDriver) replug() { d.set(func() { d.findErr = nil }) }

// bench runs a Manager on fakes within a synctest bubble.
type bench struct {
	*Manager
	t       *testing.T
	cancel  context.CancelFunc
	done    chan error
	log     *lockedBuffer
	plugged chan struct{} // of Options
	woke    chan struct{} // of Options
	mu      sync.Mutex
	refused []Refused
}

func start(t *testing.T, framing decode.Framing, drivers ...*fakeDriver) *bench {
	t.Helper()
	b := &bench{t: t, log: new(lockedBuffer), done: make(chan error, 1), plugged: make(chan struct{}), woke: make(chan struct{})}
	opt := Options{
		OnRefused: func(r Refused) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.refused = append(b.refused, r)
		},
		Plugged: b.plugged,
		Woke:    b.woke,
		Log:     slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, d := range drivers {
		opt.Scanners = append(opt.Scanners, Scanner{Name: d.name, Driver: d, Framing: framing})
	}
	m, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	b.Manager = m
	ctx, cancel := context.WithCancel(t.Context())
	b.cancel = cancel
	go func() { b.done <- m.Run(ctx) }()
	t.Cleanup(b.stop)
	synctest.Wait()
	return b
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// stop ends Run and checks what everybody relies on afterwards.
func (b *bench) stop() {
	b.cancel()
	if err, ok := <-b.done; ok && err != nil {
		b.t.Error(err)
	}
	select {
	case <-b.done:
	default:
		close(b.done)
	}
	for _, s := range b.scanners {
		if d := s.cfg.Driver.(*fakeDriver); d.isOpen() {
			b.t.Errorf("%s is still open after Run", d.name)
		}
	}
}

func (b *bench) claim(holder string) *Claim {
	b.t.Helper()
	c, err := b.Claim(WithHolder(b.t.Context(), holder))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

type outcome struct {
	scan Scan
	err  error
}

// next calls Next and returns when the gate is open or Next has returned.
func (b *bench) next(ctx context.Context, c *Claim) <-chan outcome {
	got := make(chan outcome, 1)
	go func() {
		s, err := c.Next(ctx)
		got <- outcome{s, err}
	}()
	synctest.Wait()
	return got
}

func (b *bench) want(got <-chan outcome, text string) Scan {
	b.t.Helper()
	select {
	case o := <-got:
		if o.err != nil || o.scan.Text.Reveal() != text {
			b.t.Fatalf("Next gave %q, %v; want %q", o.scan.Text.Reveal(), o.err, text)
		}
		return o.scan
	default:
		b.t.Fatalf("Next still waits; want %q", text)
		return Scan{}
	}
}

func (b *bench) wantWaiting(got <-chan outcome) {
	b.t.Helper()
	select {
	case o := <-got:
		b.t.Fatalf("Next gave %q, %v; should wait", o.scan.Text.Reveal(), o.err)
	default:
	}
}

func (b *bench) reasons() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var s []string
	for _, r := range b.refused {
		s = append(s, string(r.Reason))
	}
	return strings.Join(s, " ")
}

func (b *bench) wantReasons(want string) {
	b.t.Helper()
	if got := b.reasons(); got != want {
		b.t.Errorf("refused: %q, want %q", got, want)
	}
}

func (b *bench) state() State { return b.Health()[0].State }

// logged counts the lines above debug.
func (b *bench) logged() int {
	return strings.Count(b.log.String(), "level=INFO") + strings.Count(b.log.String(), "level=WARN")
}

var chunkOfQR = Chunk{Data: []byte("281234567890123456"), End: true, AIM: aim.ID{Code: 'Q', Modifier: '1'}}

// pass lets time go by in a bubble, where nobody waits for it.
func pass(d time.Duration) { <-time.After(d) }
