// Package pretend sets up a checkout where no money is moved: a simulated gateway,
// throw-away keys, a virtual scanner and a daemon's configuration, all in one
// directory. The daemon that works there is the real one.
package pretend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"posagent/device/replay"
	"posagent/offline/sandbox"
)

// Options say what one pretend shop has of its own.
type Options struct {
	Dir      string // exists; its name must leave room for a socket's path
	Maker    string // who made the configuration, for whoever finds it
	StoreID  string
	Policy   string // lines of [policy]: a shop that shows something in a minute has shorter waits
	LogLevel string
	OnCall   func(sandbox.Call) // optional: every message that reached the gateway; concurrent
}

// Shop is a checkout without its daemon.
type Shop struct {
	Gateway *sandbox.Gateway
	Scanner *replay.Scanner
	Config  string // the configuration's path
	Socket  string // of the local API
	local   *sandbox.Local
	codes   int
}

// Open sets up the shop. It outlives ctx, since a daemon that stops still has to
// ask: Close takes it down.
func Open(ctx context.Context, opt Options) (s *Shop, err error) {
	s = &Shop{Config: filepath.Join(opt.Dir, "posagent.toml"), Socket: filepath.Join(opt.Dir, "posagent.sock")}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.local, err = sandbox.Open(ctx, filepath.Join(opt.Dir, "keys"), sandbox.Options{OnCall: opt.OnCall}); err != nil {
		return s, fmt.Errorf("simulated gateway: %w", err)
	}
	s.Gateway = s.local.Gateway
	if s.Scanner, err = replay.Open(filepath.Join(opt.Dir, "scanner")); err != nil {
		return s, fmt.Errorf("virtual scanner: %w", err)
	}
	return s, os.WriteFile(s.Config, s.configuration(opt), 0o600)
}

func (s *Shop) configuration(opt Options) []byte {
	return fmt.Appendf(nil, `# Made by %q; waits are shortened.
[terminal]
store_id = %q
store_name = "Sunrise Mart"
terminal_id = "T01"
mcc = "5411"
currency = "HKD"
[gateway]
base_url = %q
client_id = %q
merchant_id = %q
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
timeout = "5s"
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
level = %q
`, opt.Maker, opt.StoreID, s.local.BaseURL, sandbox.ClientID, sandbox.MerchantID, opt.Policy, s.Scanner.Path(), opt.LogLevel)
}

// Brisk is a policy with waits that show a payment's whole way within seconds; the
// rules are those of production.
const Brisk = `answer_wait = "4s"
query_interval = "400ms"
query_timeout = "1s"
not_exist_interval_min = "500ms"
not_exist_interval_max = "700ms"
cancel_interval = "200ms"
watch_queries = 6
watch_interval = "400ms"
code_ttl = "2s"`

// Play makes the gateway play a scenario for the next payment.
func (s *Shop) Play(scenario string) error {
	sc, ok := sandbox.Lookup(scenario)
	if !ok {
		return fmt.Errorf("the simulated gateway has no scenario %q", scenario)
	}
	s.Gateway.Script(sandbox.Next, sc)
	return nil
}

// NextCode is the code on the next customer's phone: 18 digits that begin with 28,
// never the same in one shop.
func (s *Shop) NextCode() string {
	s.codes++
	return fmt.Sprintf("28%012d%04d", 100200300400+s.codes*1009, 4000+s.codes)
}

// Close takes the shop down. The daemon must have ended.
func (s *Shop) Close() error {
	var errs []error
	if s.Scanner != nil {
		errs = append(errs, s.Scanner.Close())
	}
	if s.local != nil {
		errs = append(errs, s.local.Close())
	}
	return errors.Join(errs...)
}
