package e2e

import (
	"context"
	"crypto/sha256"
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
	journal string
	log     *os.File

	mu     sync.Mutex
	daemon *daemon
	onCall func(sandbox.Call)
	codes  int
}

// shopOptions say what differs from the ordinary shop.
type shopOptions struct {
	policy  string // more lines of [policy]
	timeout string // gateway.timeout; 2s
	journal string // journal.path; beside the configuration
	api     string // more lines of [api]
	log     string // lines of [log]; debug to standard error
}

// shortPolicy has the waits of production, about fifteen times shorter. Watching
// stays longer than any scenario holds a payment back, and than a code lives.
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
		for _, sign := range []string{"DATA RACE", "panic: ", "fatal error: ", "failed inside"} {
			if at := strings.Index(s.logText(), sign); at >= 0 {
				text := s.logText()
				t.Errorf("the daemon reported %q:\n%s", sign, text[at:min(len(text), at+4000)])
			}
		}
		if text, err := os.ReadFile(filepath.Join(s.dir, "posagent.log")); err == nil && t.Failed() {
			t.Logf("the end of the log file:\n%s", tail(string(text), 60))
		}
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
	if opt.timeout == "" {
		opt.timeout = "2s"
	}
	if opt.journal == "" {
		opt.journal = filepath.Join(s.dir, "journal.db")
	}
	if !strings.Contains(opt.policy, "code_ttl") {
		opt.policy += "\ncode_ttl = \"9s\""
	}
	if opt.log == "" {
		opt.log = `level = "debug"`
	}
	s.journal = opt.journal
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
timeout = %q
[policy]
%s
%s
[journal]
path = %q
[[scanner]]
name = "counter"
type = "serial"
port = %q
[api]
socket = "posagent.sock"
%s
[log]
%s
`, s.line.address, clientID, merchantID, opt.timeout, shortPolicy, opt.policy, opt.journal, s.scanner.Path(), opt.api, opt.log), 0o600))
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

// scanUntil scans a label until it has had its effect. The till shows that it
// waits a moment before its gate is open; a scan in between is refused, and the
// cashier scans once more. A second read of a label that was taken is harmless.
func (s *shop) scanUntil(label, what string, look func(context.Context) (bool, error)) {
	s.t.Helper()
	answered := uint64(0)
	if n := s.notice(context.Background()); n != nil {
		answered = n.Serial
	}
	s.scan(label)
	scanned := time.Now()
	s.await(what, func(ctx context.Context) (bool, error) {
		ok, err := look(ctx)
		if ok {
			return true, nil
		}
		n := s.notice(ctx)
		refused := n != nil && n.Serial > answered && (n.Code == "closed" || n.Code == "early")
		if refused {
			answered = n.Serial
		}
		if refused || time.Since(scanned) > time.Second {
			s.scan(label)
			scanned = time.Now()
		}
		return false, fmt.Errorf("%w; the cashier is told %+v", err, n)
	})
}

func (s *shop) notice(ctx context.Context) *wire.Notice {
	st, err := s.client.Status(ctx)
	if err != nil {
		return nil
	}
	return st.Till.Notice
}

// pay scans a code for the sale in the foreground and returns the sale as soon
// as its payment has begun.
func (s *shop) pay(id, code string) (sale wire.Sale) {
	s.t.Helper()
	s.scanUntil(code, "sale "+id+" to begin", func(ctx context.Context) (_ bool, err error) {
		sale, err = s.client.Sale(ctx, id)
		return err == nil && len(sale.Payments) > 0, fmt.Errorf("it is %s: %w", sale.State, err)
	})
	return sale
}

// answer scans a label that starts no payment and returns what the cashier is told.
func (s *shop) answer(label, code string) (n wire.Notice) {
	s.t.Helper()
	s.scanUntil(label, "the answer "+code, func(ctx context.Context) (bool, error) {
		got := s.notice(ctx)
		if got == nil || got.Code != code {
			return false, fmt.Errorf("the cashier is told %+v", got)
		}
		n = *got
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

func digest(p []byte) string { return fmt.Sprintf("%x", sha256.Sum256(p)) }
