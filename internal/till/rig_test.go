package till_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/device"
	"posagent/device/decode"
	"posagent/internal/health"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	goodCode  = "281234567890123456"
	otherCode = "289876543210987654"
	thirdCode = "280000111122223333"
	product   = "4006381333931"
	weChat    = "131234567890123456"
)

// gun is a scanner whose labels a test sends. It begins plugged in.
type gun struct {
	labels chan string
	pull   chan struct{} // unplugs
	away   atomic.Bool
}

func newGun() *gun { return &gun{labels: make(chan string), pull: make(chan struct{})} }

func (g *gun) Kind() string { return "test" }

func (g *gun) Find() (device.Location, error) {
	if g.away.Load() {
		return device.Location{}, &device.Error{Op: "find", Port: "gun", Kind: device.KindAbsent}
	}
	return device.Location{Path: "gun"}, nil
}

func (g *gun) Open(device.Location) (device.Port, error) { return g, nil }

func (g *gun) Read() (device.Chunk, error) {
	select {
	case s := <-g.labels:
		return device.Chunk{Data: []byte(s + "\r")}, nil
	case <-g.pull:
		return device.Chunk{}, &device.Error{Op: "read", Port: "gun", Kind: device.KindGone}
	case <-time.After(100 * time.Millisecond):
		return device.Chunk{}, nil
	}
}

func (g *gun) Close() error { return nil }

// bench is a till over the real engine, an in-memory journal, a scripted gateway
// and the real scanners' manager with one test scanner, in virtual time.
type bench struct {
	t        *testing.T
	journal  *offlinetest.Journal
	gateway  *offlinetest.Gateway
	engine   *offline.Engine
	manager  *device.Manager
	health   *health.Registry
	gun      *gun
	till     *till.Till
	stop     func()
	boots    int
	log      bytes.Buffer
	counting sync.Mutex
	counted  []decode.Kind // of labels that started nothing
	failure  error         // what the engine's Run is expected to return
}

// run starts a bench inside a bubble with virtual time. At the end it checks that
// the gateway saw nothing against the contract and that no code was logged whole.
func run(t *testing.T, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, journal: offlinetest.NewJournal()}
		b.gateway = offlinetest.NewGateway(b.journal)
		b.start()
		defer func() {
			if t.Failed() {
				b.stop() // a test that gave up must not leave goroutines in the bubble
			}
		}()
		test(b)
		b.stop()
		for _, v := range b.gateway.Violations() {
			t.Error(v)
		}
		for _, c := range []string{goodCode, otherCode, thirdCode} {
			if strings.Contains(b.log.String(), c) {
				t.Errorf("the log holds a whole payment code: %s", b.log.String())
			}
		}
	})
}

func (b *bench) unused(k decode.Kind) {
	b.counting.Lock()
	defer b.counting.Unlock()
	b.counted = append(b.counted, k)
}

func (b *bench) wantCounted(want ...decode.Kind) {
	b.t.Helper()
	b.counting.Lock()
	defer b.counting.Unlock()
	if !slices.Equal(b.counted, want) {
		b.t.Errorf("labels counted that started nothing: %v, want %v", b.counted, want)
	}
}

func (b *bench) start() {
	t := b.t
	b.boots++
	log := slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.health, b.gun = health.New(), newGun()
	var err error
	b.engine, err = offline.NewEngine(offline.Config{
		Journal: b.journal, Gateway: b.gateway, Policy: offline.DefaultPolicy(),
		Minter:    offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: offlinetest.Bytes(b.boots)},
		Boot:      offline.BootID("boot-" + string(rune('0'+b.boots))),
		Log:       log,
		OnAttempt: func(op offline.Op, o offline.Outcome, took time.Duration) { b.till.RecordAttempt(op, o, took) },
		OnFault:   func(err error) { b.till.JournalFailed(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.manager, err = device.New(device.Options{
		Scanners: []device.Scanner{{Name: "gun", Driver: b.gun}}, Log: log,
		OnRefused: func(r device.Refused) { b.till.Refused(r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.till, err = till.New(till.Options{Engine: b.engine, Journal: b.journal, Scanners: b.manager, Health: b.health, Log: log, OnUnused: b.unused})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	engineEnd, managerEnd, tillEnd := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	ready := make(chan struct{})
	go func() { engineEnd <- b.engine.Run(ctx, func() { close(ready) }) }()
	<-ready
	go func() { managerEnd <- b.manager.Run(ctx) }()
	go func() { tillEnd <- b.till.Run(ctx) }()
	synctest.Wait()
	stopped := false
	b.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-tillEnd; err != nil {
			t.Errorf("till stopped with %v", err)
		}
		if err := <-managerEnd; err != nil {
			t.Errorf("scanners stopped with %v", err)
		}
		if err := <-engineEnd; !errors.Is(err, b.failure) {
			t.Errorf("engine stopped with %v, want %v", err, b.failure)
		}
	}
}

// restart is a clean stop and another run over the same journal.
func (b *bench) restart() {
	b.stop()
	b.start()
}

func hkd(value int64) offline.Money { return offline.Money{Currency: "HKD", Value: value} }

func identity(t *testing.T, digits string) offline.IdentityCode {
	t.Helper()
	c, err := offline.ParseIdentityCode(digits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reply is a scripted answer of the gateway.
func reply(kind offline.OutcomeKind, code string, class offline.ReasonClass) offlinetest.Reply {
	return offlinetest.Reply{Outcome: offline.Outcome{Kind: kind, ResultCode: code, Class: class}}
}

func success() offlinetest.Reply { return reply(offline.Success, "SUCCESS", "") }

// open opens a sale and waits until the till has settled.
func (b *bench) open(id offline.SaleID) offline.Sale {
	b.t.Helper()
	sale, created, err := b.till.Open(b.t.Context(), offline.NewSale{ID: id, Amount: hkd(12850)})
	if err != nil || !created {
		b.t.Fatalf("opening %s: created %v, %v", id, created, err)
	}
	synctest.Wait()
	return sale
}

// scan makes the scanner read a label and waits until the till has settled.
func (b *bench) scan(label string) {
	b.gun.labels <- label
	synctest.Wait()
}

// pass lets virtual time pass.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bench) wantForeground(id offline.SaleID, state offline.SaleState) {
	b.t.Helper()
	f := b.till.Snapshot().Foreground
	if f == nil || f.ID != id || f.State() != state {
		b.t.Fatalf("foreground %v, want %s %s", describe(f), id, state)
	}
}

// wantLast wants no foreground, and a sale as the last one.
func (b *bench) wantLast(id offline.SaleID, state offline.SaleState) {
	b.t.Helper()
	s := b.till.Snapshot()
	if s.Foreground != nil || s.Last == nil || s.Last.ID != id || s.Last.State() != state {
		b.t.Fatalf("foreground %v, last %v; want none and %s %s", describe(s.Foreground), describe(s.Last), id, state)
	}
}

func describe(s *offline.Sale) string {
	if s == nil {
		return "none"
	}
	return string(s.ID) + " " + string(s.State())
}

func (b *bench) wantNotice(code string) *till.Notice {
	b.t.Helper()
	n := b.till.Snapshot().Notice
	if n == nil || n.Code != code {
		b.t.Fatalf("notice %+v, want %s", n, code)
	}
	if n.Title == "" || n.What == "" || n.At.IsZero() || n.Serial == 0 {
		b.t.Errorf("the notice is not complete: %+v", n)
	}
	return n
}

func (b *bench) pays() int {
	n := 0
	for _, r := range b.gateway.Sent() {
		if r.Op == offline.OpPay {
			n++
		}
	}
	return n
}

func text(s string) decode.Text { return decode.NewText(s) }
