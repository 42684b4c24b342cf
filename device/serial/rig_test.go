//go:build linux

package serial_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/replay"
	"posagent/device/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait: long enough for a loaded machine, and only
// reached when something is broken. As an idle gap it keeps a sender that was
// held up from cutting its own label.
const patience = 30 * time.Second

// rig is a manager that runs on virtual scanners.
type rig struct {
	*device.Manager
	mu      sync.Mutex
	refused []device.Refused
	more    chan struct{}
}

func virtual(t testing.TB) *replay.Scanner {
	t.Helper()
	s, err := replay.Open(filepath.Join(t.TempDir(), "scanner"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func configured(t testing.TB, cfg serial.Config) device.Scanner {
	t.Helper()
	s, err := serial.NewScanner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t testing.TB, scanners ...device.Scanner) *rig {
	t.Helper()
	return runWith(t, device.Options{Scanners: scanners})
}

func runWith(t testing.TB, opt device.Options) *rig {
	t.Helper()
	r := &rig{more: make(chan struct{}, 1)}
	opt.OnRefused = r.onRefused
	m, err := device.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	r.Manager = m
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) onRefused(ref device.Refused) {
	r.mu.Lock()
	r.refused = append(r.refused, ref)
	r.mu.Unlock()
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// waitRefused waits for n refusals in all.
func (r *rig) waitRefused(t testing.TB, n int) []device.Refused {
	t.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		all := append([]device.Refused(nil), r.refused...)
		r.mu.Unlock()
		if len(all) >= n {
			return all
		}
		select {
		case <-r.more:
		case <-deadline:
			t.Fatalf("%d scans refused, waited for %d", len(all), n)
		}
	}
}

// waitState waits until the first scanner is in the state.
func (r *rig) waitState(t testing.TB, want device.State) device.Health {
	t.Helper()
	return r.waitStateOf(t, 0, want)
}

func (r *rig) waitStateOf(t testing.TB, i int, want device.State) device.Health {
	t.Helper()
	return r.waitHealth(t, i, func(h device.Health) bool { return h.State == want })
}

// waitHealth waits until the i-th scanner's health is as wanted.
func (r *rig) waitHealth(t testing.TB, i int, ok func(device.Health) bool) device.Health {
	t.Helper()
	deadline := time.After(patience)
	for {
		changed := r.HealthChanged()
		h := r.Health()[i]
		if ok(h) {
			return h
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited in vain; health is %+v", h)
		}
	}
}

func (r *rig) claim(t testing.TB) *device.Claim {
	t.Helper()
	c, err := r.Claim(device.WithHolder(context.Background(), t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Release)
	return c
}

type result struct {
	scan device.Scan
	err  error
}

// next calls Next and returns when the gate is open.
func (r *rig) next(t testing.TB, c *device.Claim) <-chan result {
	t.Helper()
	got := make(chan result, 1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	go func() {
		s, err := c.Next(ctx)
		got <- result{s, err}
	}()
	for end := time.Now().Add(patience); !r.Waiting(); {
		if time.Now().After(end) {
			t.Fatal("the gate did not open")
		}
		<-time.After(50 * time.Microsecond)
	}
	return got
}

func want(t testing.TB, got <-chan result, text string) device.Scan {
	t.Helper()
	r := <-got
	if r.err != nil {
		t.Fatalf("Next: %v", r.err)
	}
	if r.scan.Text.Reveal() != text {
		t.Fatalf("scanned %q, want %q", r.scan.Text.Reveal(), text)
	}
	return r.scan
}

func framing(f decode.Framing, port string) serial.Config {
	return serial.Config{Name: "lane", Port: port, Framing: f}
}
