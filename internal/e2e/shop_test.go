package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/device/replay"
	"posagent/internal/localapi/client"
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
	stderr  *os.File // of the daemon; nil: log

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
