package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"

	"posagent/device/replay"
	"posagent/offline/sandbox"
	"posagent/ui/model"
)

// lesson is a pretend shop for teaching: gateway, keys, journal and scanner of its
// own in a directory that goes when the lesson ends.
type lesson struct {
	dir     string
	config  string
	gateway *sandbox.Gateway
	scanner *replay.Scanner
	codes   int

	stop   context.CancelFunc
	served sync.WaitGroup
	failed error
}

// pretended is a label that a lesson's scanner reads, and what the gateway then
// plays for the payment.
type pretended struct {
	id, label string
	scenario  string // "" is paid at once
	code      string // "" is a payment code that was never used
}

func lessonLabels() []pretended {
	return []pretended{
		{id: "paid", label: "Paid"},
		{id: "confirm", label: "Confirms on phone", scenario: "confirm"},
		{id: "declined", label: "No balance", scenario: "f_user_balance_not_enough"},
		{id: "expired", label: "Expired code", scenario: "f_expired_code"},
		{id: "lost", label: "Answer lost", scenario: "drop"},
		{id: "never", label: "Never confirms", scenario: "confirm_never"},
		{id: "person", label: "Needs a person", scenario: "cancel_unknown_ever"},
		{id: "product", label: "A product", code: "4006381333931"},
		{id: "wallet", label: "Another wallet", code: "134567890123456789"},
	}
}

// prepareLesson sets up everything but the daemon.
func prepareLesson(ctx context.Context, out io.Writer) (l *lesson, err error) {
	dir, err := os.MkdirTemp("", "posagent-training-")
	if err != nil {
		return nil, err
	}
	l = &lesson{
		dir: dir, config: filepath.Join(dir, "posagent.toml"), stop: func() {},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.end())
		}
	}()
	base, err := l.serve(ctx)
	if err != nil {
		return nil, err
	}
	if l.scanner, err = replay.Open(filepath.Join(dir, "scanner")); err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "posagent: training till in %s; nothing here moves money\n", dir)
	return l, os.WriteFile(l.config, fmt.Appendf(nil, lessonConfig, base, sandboxClientID, sandboxMerchantID, l.scanner.Path()), 0o600)
}

// lessonConfig is that of a shop but for shorter waits, so that a lesson shows in a
// minute what takes ten at the till.
const lessonConfig = `# Made by "posagent run --training".
[terminal]
store_id = "TRAINING"
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
answer_wait = "6s"
query_interval = "1s"
query_timeout = "2s"
cancel_interval = "500ms"
watch_queries = 6
watch_interval = "1s"
code_ttl = "5s"
[journal]
path = "journal.db"
[[scanner]]
name = "counter"
type = "serial"
port = %q
[api]
socket = "posagent.sock"
[log]
level = "info"
`

// serve starts the pretend gateway on a port of the system's choice.
func (l *lesson) serve(ctx context.Context) (string, error) {
	keys, err := sandbox.EnsureKeys(filepath.Join(l.dir, "keys"))
	if err != nil {
		return "", err
	}
	l.gateway, err = sandbox.New(sandbox.Options{
		ClientID: sandboxClientID, MerchantID: sandboxMerchantID,
		MerchantPublicKey: keys.Terminal.PublicKey().RSA(), AlipayPrivateKey: keys.Alipay,
	})
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	// The daemon stops first, and still has to ask: the gateway outlives ctx.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	l.served.Go(func() { l.failed = sandbox.Serve(serving, listener, l.gateway) })
	return baseURL(listener), nil
}

// pretend is what the window offers to scan.
func (*lesson) pretend() []model.Pretend {
	var list []model.Pretend
	for _, p := range lessonLabels() {
		list = append(list, model.Pretend{ID: p.id, Label: p.label})
	}
	return list
}

// scan makes the scanner read a label.
func (l *lesson) scan(id string) error {
	for _, p := range lessonLabels() {
		if p.id != id {
			continue
		}
		if p.scenario != "" {
			scenario, ok := sandbox.Lookup(p.scenario)
			if !ok {
				return fmt.Errorf("the pretend gateway has no scenario %q", p.scenario)
			}
			l.gateway.Script(sandbox.Next, scenario)
		}
		code := p.code
		if code == "" {
			l.codes++
			code = fmt.Sprintf("28%012d%04d", 100200300400+l.codes*1009, 4000+l.codes)
		}
		return l.scanner.Send(code)
	}
	return fmt.Errorf("there is no pretend code %q", id)
}

// end takes everything down. The daemon must have ended.
func (l *lesson) end() error {
	l.stop()
	l.served.Wait()
	errs := []error{l.failed}
	if l.scanner != nil {
		errs = append(errs, l.scanner.Close())
	}
	if l.gateway != nil {
		errs = append(errs, l.gateway.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(l.dir))...)
}
