//go:build linux

package bench_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/replay"
	"posagent/device/serial"
	"posagent/internal/admin"
	"posagent/internal/health"
	"posagent/internal/localapi"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/internal/logx"
	"posagent/internal/salelog"
	"posagent/internal/threads"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/alipay"
	"posagent/queue"
)

// stand is a till put together as the daemon does it: a scanner on a
// pseudo-terminal, the journal on a disk, a gateway behind loopback TCP, and a
// client that follows the events on the unix socket.
type stand struct {
	tb      testing.TB
	dir     string
	serve   func(context.Context) error // the local API
	run     string                      // begins the ids of this stand, so that one journal can be used again
	started time.Duration

	scanner  *replay.Scanner
	line     *stampedDriver
	manager  *device.Manager
	gateway  *gateway
	journal  *queue.Journal
	beside   *threads.Apart // commits what is being signed
	engine   *offline.Engine
	teller   *salelog.Teller
	till     *till.Till
	alipay   *alipay.Client
	api      *client.Client
	stream   *stream
	commits  atomic.Int64
	stages   stages
	sales    int
	shutdown []func()
}

// newStand starts a till on the journal at path and waits until it is ready.
func newStand(tb testing.TB, path string) *stand {
	tb.Helper()
	s := &stand{tb: tb, dir: socketDir(tb), run: fmt.Sprintf("%09d", time.Now().UnixMilli()%1e9)}
	tb.Cleanup(s.stop)
	s.gateway = newGateway(tb)
	s.onStop(s.gateway.close)
	begun := time.Now()
	s.build(path)
	s.start()
	s.started = time.Since(begun)
	s.stream = follow(tb, s.socket())
	s.onStop(s.stream.close)
	s.check(s.alipay.Warm(tb.Context()))
	s.until("the scanner is ready", func() bool { return s.manager.Health()[0].State == device.StateReady })
	return s
}

func (s *stand) check(err error) {
	if err != nil {
		s.tb.Helper()
		s.tb.Fatal(err)
	}
}

func (s *stand) onStop(f func()) { s.shutdown = append(s.shutdown, f) }

func (s *stand) stop() {
	for i := len(s.shutdown) - 1; i >= 0; i-- {
		s.shutdown[i]()
	}
	s.shutdown = nil
}

func (s *stand) socket() string { return filepath.Join(s.dir, "api.sock") }

func (s *stand) build(path string) {
	options := s.logOptions()
	log, err := logx.New(options)
	s.check(err)
	s.onStop(func() { s.check(log.Close()) })
	if full, ok := options.Stderr.(stuck); ok {
		s.onStop(func() { close(full) })
	}

	s.scanner, err = replay.Open(filepath.Join(s.dir, "scanner"))
	s.check(err)
	s.onStop(func() { s.check(s.scanner.Close()) })
	driver, err := serial.New(serial.Config{Name: "front", Port: s.scanner.Path(), Baud: 9600})
	s.check(err)
	s.line = &stampedDriver{Driver: driver}

	s.alipay, err = alipay.New(s.gateway.config(log.Logger()))
	s.check(err)
	s.onStop(func() { s.check(s.alipay.Close()) })

	metrics := admin.NewMetrics("bench", "bench", admin.Gauges{})
	metrics.Currency("HKD")
	registry := health.New()
	s.journal, err = queue.Open(path, queue.Options{Terminal: "S01/T03", Observe: func(d time.Duration) {
		s.commits.Add(1)
		metrics.Commit(d)
	}})
	s.check(err)
	s.onStop(func() { s.check(s.journal.Close()) })
	_, err = s.journal.Warm(s.tb.Context()) // as the daemon does, though not before it sells
	s.check(err)
	minter := offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: rand.Reader}
	boot, err := minter.BootID()
	s.check(err)
	s.beside, err = threads.NewApart()
	s.check(err)
	s.onStop(s.beside.Close)
	s.engine, err = offline.NewEngine(offline.Config{
		Beside:  s.beside.Go,
		Journal: metrics.Counting(stagedJournal{s.journal, &s.stages}, localapi.ReasonClass), Gateway: stagedGateway{s.alipay, &s.stages}, Policy: offline.DefaultPolicy(), Minter: minter, Boot: boot, Log: log.Logger(),
		OnAttempt: func(op offline.Op, o offline.Outcome, took time.Duration) {
			metrics.Attempt(op, o, took)
			s.till.RecordAttempt(op, o, took)
		},
		OnFault: func(err error) { s.tb.Error(err) },
	})
	s.check(err)
	s.teller, err = salelog.New(s.engine, s.journal, log.Logger())
	s.check(err)
	s.manager, err = device.New(device.Options{
		Scanners:  []device.Scanner{{Name: "front", Driver: s.line, Framing: decode.Framing{}}},
		Log:       log.Logger(),
		OnRefused: func(r device.Refused) { s.till.Refused(r) },
	})
	s.check(err)
	s.till, err = till.New(till.Options{Engine: stagedEngine{s.engine, &s.stages}, Journal: s.journal, Scanners: s.manager, Health: registry, Log: log.Logger()})
	s.check(err)
	s.buildAPI(log.Logger())
}

// logOptions are a log file at level info, as a till has. BENCH_LOG asks for another:
// "none" writes nothing about sales, "stuck" is at level debug and takes no line.
func (s *stand) logOptions() logx.Options {
	switch os.Getenv("BENCH_LOG") {
	case "none":
		return logx.Options{Level: "error", Stderr: io.Discard}
	case "stuck":
		return logx.Options{Level: "debug", Stderr: make(stuck)}
	}
	return logx.Options{Level: "info", Format: "text", File: filepath.Join(s.dir, "log"), Stderr: io.Discard}
}

// stuck is a log that nobody reads until it is closed.
type stuck chan struct{}

func (s stuck) Write(line []byte) (int, error) {
	<-s
	return len(line), nil
}

func (s *stand) buildAPI(log *slog.Logger) {
	listener, err := localapi.ListenSocket(s.socket(), "")
	s.check(err)
	api, err := localapi.New(localapi.Options{
		Till: s.till, Engine: s.engine, Journal: s.journal, Settings: localapi.Settings{Currency: "HKD"}, Version: "bench", Log: log,
		JournalInfo: func() wire.Journal { return wire.Journal{OK: true, Path: "journal.db"} },
		GatewayInfo: func() wire.Gateway { return wire.Gateway{BaseURL: s.gateway.url()} },
	})
	s.check(err)
	s.api, err = client.New(client.Options{Socket: s.socket()})
	s.check(err)
	s.onStop(s.api.Close)
	s.serve = func(ctx context.Context) error { return api.Serve(ctx, listener) }
}

// start runs the parts in the daemon's order and stops them in reverse.
func (s *stand) start() {
	resumed := make(chan struct{})
	s.goOn(s.teller.Run)
	s.goOn(func(ctx context.Context) error { return s.engine.Run(ctx, func() { close(resumed) }) })
	<-resumed
	s.goOn(s.manager.Run)
	s.goOn(s.till.Run)
	s.goOn(s.serve)
	s.until("the till is ready", func() bool { return s.till.Snapshot().Ready })
}

func (s *stand) goOn(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	s.onStop(func() {
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			s.tb.Error(err)
		}
	})
}

// until polls for what no part announces.
func (s *stand) until(what string, ok func() bool) {
	s.tb.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			s.tb.Fatalf("after 30 s it is not so that %s", what)
		}
	}
}

// stampedDriver is the serial driver with the moment at which its Read returned
// the byte that ends a label.
type stampedDriver struct {
	*serial.Driver

	mu sync.Mutex
	at time.Time
}

// Open is device.Driver's.
func (d *stampedDriver) Open(loc device.Location) (device.Port, error) {
	p, err := d.Driver.Open(loc)
	if err != nil {
		return nil, err
	}
	return &stampedPort{Port: p, driver: d}, nil
}

func (d *stampedDriver) readAt() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

type stampedPort struct {
	device.Port
	driver *stampedDriver
}

// Read is device.Port's.
func (p *stampedPort) Read() (device.Chunk, error) {
	c, err := p.Port.Read()
	if n := len(c.Data); n > 0 && c.Data[n-1] == '\r' {
		p.driver.mu.Lock()
		p.driver.at = time.Now()
		p.driver.mu.Unlock()
	}
	return c, err
}
