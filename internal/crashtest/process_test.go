package crashtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing/synctest"
	"time"

	"posagent/offline"
	"posagent/offline/alipay"
)

// errDead is what a dead process gets from everything it still tries.
var errDead = errors.New("the process is dead")

// pointKind is a place at which a process can die.
type pointKind string

const (
	beforeWrite pointKind = "before a write is durable"
	afterWrite  pointKind = "after a write is durable"
	beforeSend  pointKind = "before a message leaves"
	afterSend   pointKind = "after the gateway acted, before its answer is recorded"
)

// point is the n-th place of its kind in the life of one process, from 1.
type point struct {
	kind pointKind
	n    int
}

func (p point) String() string { return fmt.Sprintf("%s no. %d", p.kind, p.n) }

// never is no point: the process lives.
var never = point{}

// process is one run of the agent: an engine on a journal and a wire that both
// stop working for it the moment it dies.
type process struct {
	boot   offline.BootID
	engine *offline.Engine
	dies   point
	end    func()
	done   chan error
	faults *faults

	mu     sync.Mutex
	dead   bool
	counts map[pointKind]int
	calls  map[int]context.CancelFunc // round trips under way
	nextID int
}

// faults collects what must not happen, over all processes of a run.
type faults struct {
	mu   sync.Mutex
	list []string
}

func (f *faults) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// reach tells whether the process is alive after this point; at its last point
// it dies.
func (p *process) reach(kind pointKind) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return false
	}
	p.counts[kind]++
	if p.dies == (point{kind, p.counts[kind]}) {
		p.dead = true
		for _, hangUp := range p.calls {
			hangUp()
		}
	}
	return !p.dead
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// points lists every place that a process which lived has passed.
func (p *process) points() []point {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []point
	for _, kind := range []pointKind{beforeWrite, afterWrite, beforeSend, afterSend} {
		for n := 1; n <= p.counts[kind]; n++ {
			out = append(out, point{kind, n})
		}
	}
	return out
}

// hold remembers a round trip, so that death ends it; a dead process makes none.
func (p *process) hold(cancel context.CancelFunc) (release func(), alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, false
	}
	p.nextID++
	id := p.nextID
	p.calls[id] = cancel
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.calls, id)
	}, true
}

// wire is the network as one process has it.
type wire struct {
	p    *process
	link http.RoundTripper
}

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	if !w.p.reach(beforeSend) {
		cancel()
		return nil, errors.Join(errDead, req.Body.Close())
	}
	release, alive := w.p.hold(cancel)
	if !alive {
		cancel()
		return nil, errors.Join(errDead, req.Body.Close())
	}
	context.AfterFunc(ctx, release)
	resp, err := w.link.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = closing{resp.Body, cancel}
	return resp, nil
}

// start runs an engine until stop.
func start(boot offline.BootID, dies point, st *stage) *process {
	p := &process{
		boot: boot, dies: dies, counts: map[pointKind]int{}, calls: map[int]context.CancelFunc{},
		done: make(chan error, 1), faults: &st.faults,
	}
	st.current.Store(p)
	client, err := alipay.New(st.clientConfig(wire{p, st.link}))
	if err != nil {
		st.t.Fatal(err)
	}
	slow := st.slow
	st.slow = 0
	var gateway offline.Gateway = client
	if st.wrap != nil {
		gateway = st.wrap(client)
	}
	p.engine, err = offline.NewEngine(offline.Config{
		Journal: &mortal{Journal: st.journal, p: p, slow: slow}, Gateway: gateway, Policy: st.policy, Boot: boot,
		Minter: offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: &stream{name: string(boot)}},
		Log:    slog.New(slog.NewTextHandler(&st.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		st.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{})
	go func() { p.done <- p.engine.Run(ctx, func() { close(ready) }) }()
	<-ready
	shown := p.engine.Subscribe(4096)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		st.watchShown(shown.C)
	}()
	p.end = func() {
		cancel()
		err := <-p.done
		if err != nil && !p.isDead() {
			st.faults.add("the engine ended with %v", err)
		}
		shown.Close()
		<-watched
		if err := client.Close(); err != nil {
			st.faults.add("closing the client: %v", err)
		}
	}
	return p
}

// rest waits until the process is dead or nothing is left to do for it. Virtual
// time passes meanwhile.
func (p *process) rest() {
	const limit = 6 * time.Hour
	for began := time.Now(); ; time.Sleep(2 * time.Second) {
		synctest.Wait()
		b := p.engine.Backlog()
		switch {
		case p.isDead(), b.Driven+b.Listed == 0:
			return
		case time.Since(began) > limit:
			p.faults.add("no rest after %s: %+v", limit, b)
			return
		}
	}
}

// stream is a reader of reproducible bytes, different for each name. It is safe
// for concurrent use, as a Minter's source must be.
type stream struct {
	name string
	mu   sync.Mutex
	n    uint64
}

func (s *stream) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < len(b); {
		s.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.name), s.n))
		i += copy(b[i:], sum[:])
	}
	return len(b), nil
}

// logBuffer is a log that several goroutines write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
