package agent

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"posagent/device/replay"
	"posagent/internal/audit"
	"posagent/internal/config"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline/sandbox"
)

// patience bounds every wait; nothing is expected to take that long.
const patience = 20 * time.Second

// rig is a checkout: the pretend gateway, scanners, files, and a daemon in this
// process.
type rig struct {
	t       testing.TB
	dir     string
	gateway *sandbox.Gateway
	address string
	scanner *replay.Scanner
	client  *client.Client
	hangup  chan os.Signal
	log     *lockedBuffer

	stepped     atomic.Pointer[func(name string)]
	scannerAway bool // and is not waited for

	agent *agent // of the run
	stop  func()
	sales int
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

// newRig makes everything but the daemon.
func newRig(t testing.TB) *rig {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs a pseudo-terminal as Linux has it")
	}
	dir, err := os.MkdirTemp("", "agent-") // a socket's name must be short
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	r := &rig{t: t, dir: dir, hangup: make(chan os.Signal, 1), log: &lockedBuffer{}, stop: func() {}}
	r.gateway, r.address = r.serveGateway(r.keys(0, "keys"), "CLIENT-1", "MERCHANT-1")
	r.scanner, err = replay.Open(filepath.Join(dir, "scanner"))
	must(t, err)
	t.Cleanup(func() { must(t, r.scanner.Close()) })
	r.client, err = client.New(client.Options{Socket: filepath.Join(dir, "s.sock")})
	must(t, err)
	t.Cleanup(r.client.Close)
	r.put("posagent.toml", fmt.Sprintf(`[terminal]
store_id = "S01"
terminal_id = "T03"
currency = "HKD"
[gateway]
base_url = "http://%s/api/alipay/intl/acquiring/"
client_id = "CLIENT-1"
merchant_id = "MERCHANT-1"
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
timeout = "2s"
[policy]
answer_wait = "300ms"
query_interval = "150ms"
query_timeout = "500ms"
not_exist_interval_min = "100ms"
not_exist_interval_max = "200ms"
cancel_interval = "100ms"
cancel_interval_max = "500ms"
watch_queries = 20
watch_interval = "500ms"
refund_interval = "100ms"
code_ttl = "9s"
[journal]
path = "journal.db"
[[scanner]]
name = "counter"
type = "serial"
port = %q
[api]
socket = "s.sock"
`, r.address, r.scanner.Path()))
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("the daemon's log:\n%s", r.log)
		}
	})
	return r
}

// serveGateway runs a pretend gateway of its own for a merchant.
func (r *rig) serveGateway(keys sandbox.Keys, clientID, merchantID string) (*sandbox.Gateway, string) {
	r.t.Helper()
	g, err := sandbox.New(sandbox.Options{
		ClientID: clientID, MerchantID: merchantID,
		MerchantPublicKey: keys.Terminal.PublicKey().RSA(), AlipayPrivateKey: keys.Alipay,
	})
	must(r.t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(r.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sandbox.Serve(ctx, ln, g) }()
	r.t.Cleanup(func() {
		cancel()
		must(r.t, <-done)
		must(r.t, g.Close())
	})
	return g, ln.Addr().String()
}

// put writes a file below the rig's directory.
func (r *rig) put(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	must(r.t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(r.t, os.WriteFile(path, []byte(text), 0o600))
}

func (r *rig) remove(name string) { must(r.t, os.Remove(filepath.Join(r.dir, name))) }

// dropIn changes the configuration as a roll-out does.
func (r *rig) dropIn(text string) { r.t.Helper(); r.put("posagent.d/50.toml", text) }

func load(dir string) (*config.Config, error) {
	return config.Load(config.Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
}

// options are those of the daemon in dir.
func options(dir string, log *slog.Logger, hangup <-chan os.Signal) (Options, error) {
	cfg, err := load(dir)
	return Options{
		Config: cfg, Log: log, Version: "test", Hangup: hangup,
		Load: func() (*config.Config, error) { return load(dir) },
	}, err
}

// start runs the daemon until it would open a sale.
func (r *rig) start() {
	r.t.Helper()
	opt, err := options(r.dir, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), r.hangup)
	must(r.t, err)
	made := make(chan *agent, 1)
	opt.step = func(a *agent, name string) {
		if f := r.stepped.Load(); f != nil {
			(*f)(name)
		}
		if name == "built the daemon" {
			made <- a
		}
	}
	ready := make(chan struct{})
	opt.Ready = func(bool) { close(ready) }
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, opt) }()
	r.stop = func() {
		r.stop = func() {}
		cancel()
		must(r.t, <-done)
	}
	select {
	case r.agent = <-made:
	case err := <-done:
		done <- nil
		r.t.Fatalf("the daemon did not start: %v", err)
	}
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		r.t.Fatalf("the daemon did not start: %v", err)
	}
	r.awaitReady()
}

// onStep tells a func of every step of a reload.
func (r *rig) onStep(f func(name string)) { r.stepped.Store(&f) }

func (r *rig) awaitReady() {
	r.t.Helper()
	r.await("the till to sell with its scanner", func(s wire.Status) bool {
		return s.Till.Ready && r.scannerAway || s.Till.Ready && len(s.Scanners) > 0 && s.Scanners[0].State == "ready"
	})
}

// await follows status.
func (r *rig) await(what string, is func(wire.Status) bool) wire.Status {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		s, err := r.client.Status(ctx)
		if err == nil && is(s) {
			return s
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("waited %s for %s: %+v, %v", patience, what, s, err)
		}
	}
}

// reload asks for a reload and wants a result.
func (r *rig) reload(want string) Report { r.t.Helper(); return r.reloadBy(Ask{}, want) }

func (r *rig) reloadBy(ask Ask, want string) Report {
	r.t.Helper()
	ask.By, ask.Trigger = audit.Actor{Name: "uid 0 (root)", Role: "operate", Via: "socket"}, "admin"
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	rep, err := r.agent.Reload(ctx, ask)
	must(r.t, err)
	if rep.Result != want {
		r.t.Fatalf("the reload was %s, want %s: %q", rep.Result, want, rep.Reasons)
	}
	return rep
}

// sell takes one sale, wants it paid, and returns it.
func (r *rig) sell() wire.Sale {
	r.t.Helper()
	r.sales++
	id := fmt.Sprintf("R-%s-%d", strings.ReplaceAll(r.t.Name(), "/", "-")[:min(20, len(r.t.Name()))], r.sales)
	return r.sellAs(id, 12800, "paid")
}

func (r *rig) sellAs(id string, amount int64, state wire.State) wire.Sale {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r.openWith(ctx, id, amount)
	sale, err := r.client.Await(ctx, id, func(s wire.Sale) bool { return s.Final || s.State == wire.Attention })
	if err != nil || sale.State != state {
		r.t.Fatalf("sale %s is %s, want %s: %v", id, sale.State, state, err)
	}
	return sale
}

// openWith opens a sale with its code; a till with a customer at it is waited for.
func (r *rig) openWith(ctx context.Context, id string, amount int64) {
	r.t.Helper()
	code := fmt.Sprintf("28%016d", time.Now().UnixNano()%1e16)
	for {
		_, _, err := r.client.OpenSale(ctx, wire.NewSale{SaleID: id, Amount: wire.Money{Currency: "HKD", Value: amount}, Code: code})
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "till_busy") && !strings.Contains(err.Error(), "in the foreground") || ctx.Err() != nil {
			r.t.Fatalf("sale %s: %v", id, err)
		}
	}
}

// trail is the audit trail's entries about the configuration.
func (r *rig) trail() (out []audit.Entry) {
	r.t.Helper()
	list, err := r.agent.audit.List(0, 0)
	must(r.t, err)
	for _, e := range list {
		if e.Action == audit.Reload || e.Action == audit.ConfigReturn {
			out = append(out, e)
		}
	}
	return out
}

// wantBooks wants the gateway's books in order.
func (r *rig) wantBooks() {
	r.t.Helper()
	if faults := r.gateway.Ledger().Audit(); len(faults) > 0 {
		r.t.Errorf("the gateway's books: %s", strings.Join(faults, "; "))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
