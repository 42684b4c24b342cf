package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/device/replay"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

const (
	clientID   = "SANDBOX_E2E"
	merchantID = "218820000000000000023"
	// patience bounds every wait; nothing is expected to take that long.
	patience = 30 * time.Second
)

// shop is one checkout: gateway, scanner, configuration, and a daemon that comes
// and goes.
type shop struct {
	t       *testing.T
	dir     string
	gateway *sandbox.Gateway
	line    *line
	scanner *replay.Scanner
	client  *client.Client
	config  string
	log     *os.File

	mu     sync.Mutex
	daemon *daemon
	onCall func(sandbox.Call)
	codes  int
}

// shopOptions say what differs from the ordinary shop.
type shopOptions struct {
	policy string // lines of [policy] instead of the short ones
	extra  string // more sections
	log    string // lines of [log]
}

// shortPolicy has the waits of production, about fifteen times shorter. Watching
// stays longer than any scenario holds a payment back.
const shortPolicy = `answer_wait = "300ms"
query_interval = "150ms"
query_timeout = "500ms"
not_exist_interval_min = "100ms"
not_exist_interval_max = "200ms"
cancel_interval = "100ms"
cancel_interval_max = "500ms"
watch_queries = 20
watch_interval = "500ms"
refund_interval = "100ms"`

// openShop makes everything but the daemon; it is closed with the test.
func openShop(t *testing.T, opt shopOptions) *shop {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs a pseudo-terminal as Linux has it")
	}
	s := &shop{t: t, dir: shortDir(t)}
	keys, err := sandbox.EnsureKeys(filepath.Join(s.dir, "keys"))
	must(t, err)
	s.gateway, err = sandbox.New(sandbox.Options{
		ClientID: clientID, MerchantID: merchantID,
		MerchantPublicKey: keys.Terminal.PublicKey().RSA(), AlipayPrivateKey: keys.Alipay, OnCall: s.called,
	})
	must(t, err)
	t.Cleanup(func() { check(t, s.gateway.Close()) })
	s.line = newLine(t, s.gateway)
	s.scanner, err = replay.Open(filepath.Join(s.dir, "scanner"))
	must(t, err)
	t.Cleanup(func() { check(t, s.scanner.Close()) })
	s.log, err = os.Create(filepath.Join(s.dir, "stderr.log"))
	must(t, err)
	t.Cleanup(func() { check(t, s.log.Close()) })
	s.client, err = client.New(client.Options{Socket: filepath.Join(s.dir, "posagent.sock")})
	must(t, err)
	t.Cleanup(s.client.Close)
	s.configure(opt)
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("the end of the daemon's log:\n%s", tail(s.logText(), 60))
		}
	})
	return s
}

// shortDir is a directory whose name leaves room for a socket: 108 bytes.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "e2e-")
	must(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	return dir
}

func (s *shop) configure(opt shopOptions) {
	s.t.Helper()
	if opt.policy == "" {
		opt.policy = shortPolicy
	}
	if opt.log == "" {
		opt.log = `level = "debug"`
	}
	s.config = filepath.Join(s.dir, "posagent.toml")
	must(s.t, os.WriteFile(s.config, fmt.Appendf(nil, `[terminal]
store_id = "E2E"
store_name = "Sunrise Mart"
terminal_id = "T01"
mcc = "5411"
currency = "HKD"
[gateway]
base_url = "http://%s/api/alipay/intl/acquiring/"
client_id = %q
merchant_id = %q
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
timeout = "2s"
[policy]
%s
[journal]
path = "journal.db"
[[scanner]]
name = "counter"
type = "serial"
port = %q
[api]
socket = "posagent.sock"
[log]
%s
%s
`, s.line.address, clientID, merchantID, opt.policy, s.scanner.Path(), opt.log, opt.extra), 0o600))
}

func (s *shop) called(c sandbox.Call) {
	s.mu.Lock()
	f := s.onCall
	s.mu.Unlock()
	if f != nil {
		f(c)
	}
}

// watchCalls has every message that reaches the gateway told; nil: none.
func (s *shop) watchCalls(f func(sandbox.Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = f
}

// nextCall is closed when the next message of an operation has changed the
// gateway's books; its answer is still to come.
func (s *shop) nextCall(op offline.Op) <-chan struct{} {
	seen := make(chan struct{})
	var once sync.Once
	s.watchCalls(func(c sandbox.Call) {
		if c.Op == op {
			once.Do(func() { close(seen) })
		}
	})
	return seen
}

// nextCode is the code on the next customer's phone. Its middle does not repeat
// within one shop, so that it can be searched for.
func (s *shop) nextCode() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes++
	return fmt.Sprintf("28%012d%04d", 731_905_284_617+s.codes*7919, s.codes%10000)
}

func (s *shop) logText() string {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *shop) journal() string { return filepath.Join(s.dir, "journal.db") }

// daemon is one run of the program.
type daemon struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
	err   error         // how; read after ended
}

// launch starts the daemon and does not wait for anything.
func (s *shop) launch() *daemon {
	s.t.Helper()
	path, err := program()
	must(s.t, err)
	d := &daemon{cmd: exec.Command(path, "serve", "--config", s.config), ended: make(chan struct{})}
	d.cmd.Stdout, d.cmd.Stderr = s.log, s.log
	must(s.t, d.cmd.Start())
	go func() { d.err = d.cmd.Wait(); close(d.ended) }()
	s.mu.Lock()
	s.daemon = d
	s.mu.Unlock()
	return d
}

// start starts the daemon and waits until it would open a sale.
func (s *shop) start() {
	s.t.Helper()
	d := s.launch()
	s.await("the daemon to be ready", func(ctx context.Context) (bool, error) {
		select {
		case <-d.ended:
			s.t.Fatalf("the daemon ended: %v\n%s", d.err, tail(s.logText(), 40))
		default:
		}
		st, err := s.client.Status(ctx)
		return err == nil && st.Till.Ready, err
	})
}

// kill ends the daemon as a power cut would.
func (s *shop) kill() {
	s.t.Helper()
	s.mu.Lock()
	d := s.daemon
	s.daemon = nil
	s.mu.Unlock()
	if err := d.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("killing the daemon: %v", err)
	}
	<-d.ended
}

// stop ends the daemon in order, if it runs.
func (s *shop) stop() {
	s.t.Helper()
	s.mu.Lock()
	d := s.daemon
	s.daemon = nil
	s.mu.Unlock()
	if d == nil {
		return
	}
	check(s.t, d.cmd.Process.Signal(os.Interrupt))
	select {
	case <-d.ended:
		check(s.t, d.err)
	case <-time.After(patience):
		s.t.Error("the daemon does not stop")
		check(s.t, d.cmd.Process.Kill())
		<-d.ended
	}
}

// await looks again and again until what is waited for is there.
func (s *shop) await(what string, look func(context.Context) (bool, error)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		ok, err := look(ctx)
		if ok {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			s.t.Fatalf("waited %s for %s: %v", patience, what, err)
		}
	}
}

// awaitSale follows a sale, over restarts of the daemon, until done says so.
func (s *shop) awaitSale(id, what string, done func(wire.Sale) bool) wire.Sale {
	s.t.Helper()
	var sale wire.Sale
	s.await(fmt.Sprintf("sale %s to be %s", id, what), func(ctx context.Context) (bool, error) {
		got, err := s.client.Sale(ctx, id)
		if err != nil {
			return false, fmt.Errorf("it was %s: %w", sale.State, err)
		}
		sale = got
		return done(sale), fmt.Errorf("it is %s, settled %v", sale.State, sale.Settled)
	})
	return sale
}

func inState(state wire.State) func(wire.Sale) bool {
	return func(s wire.Sale) bool { return s.State == state }
}

// settledAs waits for a state in which nothing is left to do in the background.
func (s *shop) settledAs(id string, state wire.State) wire.Sale {
	s.t.Helper()
	return s.awaitSale(id, string(state)+" and settled", func(w wire.Sale) bool { return w.State == state && w.Settled })
}

func hkd(value int64) wire.Money { return wire.Money{Currency: "HKD", Value: value} }

// open opens a sale that waits for the scanner, and waits until it listens.
func (s *shop) open(id string, amount int64) wire.Sale {
	s.t.Helper()
	sale := s.post(wire.NewSale{SaleID: id, Amount: hkd(amount)})
	s.awaitArmed(id)
	return sale
}

func (s *shop) post(n wire.NewSale) wire.Sale {
	s.t.Helper()
	sale, _, err := s.client.OpenSale(context.Background(), n)
	must(s.t, err)
	return sale
}

func (s *shop) awaitArmed(id string) {
	s.t.Helper()
	s.await("the scanner to be ready for sale "+id, func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		return err == nil && armed(st, id), err
	})
}

func armed(st wire.Status, id string) bool {
	return st.Till.Foreground == id && st.Till.Waiting && len(st.Scanners) == 1 && st.Scanners[0].State == "ready"
}

func (s *shop) scan(label string) {
	s.t.Helper()
	must(s.t, s.scanner.Send(label))
}

// awaitNotice waits for a notice of the till beyond a number and returns it.
func (s *shop) awaitNotice(after uint64) wire.Notice {
	s.t.Helper()
	var n wire.Notice
	s.await("a notice", func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		if err != nil || st.Till.Notice == nil || st.Till.Notice.Serial <= after {
			return false, err
		}
		n = *st.Till.Notice
		return true, nil
	})
	return n
}

// script makes the gateway play a scenario for the next payment.
func (s *shop) script(name string) {
	s.t.Helper()
	sc, ok := sandbox.Lookup(name)
	if !ok {
		s.t.Fatalf("the simulated gateway has no scenario %q", name)
	}
	s.gateway.Script(sandbox.Next, sc)
}

// callsOf counts the messages of an operation that reached the gateway.
func (s *shop) callsOf(op offline.Op) int {
	n := 0
	for _, c := range s.gateway.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// holds requires what the gateway's books hold for a sale.
func (s *shop) holds(sale wire.Sale, want int64) {
	s.t.Helper()
	var got int64
	for _, p := range sale.Payments {
		got += s.gateway.Ledger().Balance(offline.MerchantTransID(p.MerchantTransID)).Value
	}
	if got != want {
		s.t.Errorf("sale %s is %s and the gateway holds %d, want %d", sale.SaleID, sale.State, got, want)
	}
	if faults := s.gateway.Ledger().Audit(); len(faults) > 0 {
		s.t.Errorf("the gateway's books: %s", strings.Join(faults, "; "))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow")
	}
}

// sum counts by key, for statistics in a stable order.
type sum map[string]int

func (s sum) String() string {
	keys := make([]string, 0, len(s))
	for k := range s {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("%d %s", s[k], k)
	}
	return strings.Join(parts, ", ")
}
