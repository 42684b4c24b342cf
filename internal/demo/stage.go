package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"posagent/device/replay"
	"posagent/internal/localapi/client"
	"posagent/offline"
	"posagent/offline/sandbox"
)

const (
	clientID   = "SANDBOX_DEMO"
	merchantID = "218820000000000000023"
)

// stage is everything that the acts are played on.
type stage struct {
	opt     Options
	line    *timeline
	gateway *sandbox.Gateway
	scanner *replay.Scanner
	client  *client.Client
	config  string
	log     *os.File
	daemon  *exec.Cmd
	ended   chan error // of the daemon

	stop     context.CancelFunc
	wg       sync.WaitGroup
	served   error
	codes    int
	shown    []string         // sales in order
	refunded map[string]int64 // by sale, what was refunded
	notices  atomic.Uint64    // number of the newest notice
	noticed  uint64           // the newest that an act has waited for

	mu      sync.Mutex
	watched offline.Op
	seen    chan struct{}
}

// raise builds the stage: keys, gateway, scanner, configuration, daemon.
func raise(ctx context.Context, opt Options) (s *stage, err error) {
	s = &stage{opt: opt, line: newTimeline(opt.Out), refunded: map[string]int64{}, stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.strike())
		}
	}()
	base, err := s.serveGateway(ctx)
	if err != nil {
		return s, fmt.Errorf("simulated gateway: %w", err)
	}
	if s.scanner, err = replay.Open(filepath.Join(opt.Dir, "scanner")); err != nil {
		return s, fmt.Errorf("virtual scanner: %w", err)
	}
	if err := s.configure(base); err != nil {
		return s, err
	}
	if s.log, err = os.Create(filepath.Join(opt.Dir, "daemon.log")); err != nil {
		return s, err
	}
	if s.client, err = client.New(client.Options{Socket: filepath.Join(opt.Dir, "posagent.sock"), StartWait: 10 * time.Second}); err != nil {
		return s, err
	}
	return s, s.start(ctx)
}

// serveGateway starts the simulated gateway on a port of the system's choice.
func (s *stage) serveGateway(ctx context.Context) (string, error) {
	keys, err := sandbox.EnsureKeys(filepath.Join(s.opt.Dir, "keys"))
	if err != nil {
		return "", err
	}
	s.gateway, err = sandbox.New(sandbox.Options{
		ClientID: clientID, MerchantID: merchantID,
		MerchantPublicKey: keys.Terminal.PublicKey().RSA(), AlipayPrivateKey: keys.Alipay, OnCall: s.called,
	})
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.wg.Go(func() { s.served = sandbox.Serve(serving, l, s.gateway) })
	return "http://" + l.Addr().String() + "/api/alipay/intl/acquiring/", nil
}

// configure writes the daemon's configuration. Waits are shortened, so that the
// demo takes a minute and not ten; the rules are those of production.
func (s *stage) configure(base string) error {
	s.config = filepath.Join(s.opt.Dir, "posagent.toml")
	return os.WriteFile(s.config, fmt.Appendf(nil, `# Made by "posagent demo"; waits are shortened.
[terminal]
store_id = "DEMO"
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
answer_wait = "4s"
query_interval = "400ms"
query_timeout = "1s"
not_exist_interval_min = "500ms"
not_exist_interval_max = "700ms"
cancel_interval = "200ms"
watch_queries = 6
watch_interval = "400ms"
code_ttl = "2s"
[journal]
path = "journal.db"
[[scanner]]
name = "counter"
type = "serial"
port = %q
[api]
socket = "posagent.sock"
[log]
level = "debug"
`, base, clientID, merchantID, s.scanner.Path()), 0o600)
}

// start runs the daemon as a process of its own and follows its events.
func (s *stage) start(ctx context.Context) error {
	s.daemon = exec.Command(s.opt.Program, "serve", "--config", s.config) //nolint:gosec,noctx // this very program; killed by the acts
	s.daemon.Stdout, s.daemon.Stderr = s.log, s.log
	if err := s.daemon.Start(); err != nil {
		return fmt.Errorf("starting the daemon: %w", err)
	}
	s.ended = make(chan error, 1)
	go func(d *exec.Cmd, ended chan error) { ended <- d.Wait() }(s.daemon, s.ended)
	until := time.Now().Add(15 * time.Second)
	for {
		st, err := s.client.Status(ctx)
		if err == nil && st.Till.Ready {
			break
		}
		select {
		case err := <-s.ended:
			return fmt.Errorf("the daemon ended while starting: %w\n%s", err, s.daemonLog())
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		if time.Now().After(until) {
			return fmt.Errorf("the daemon does not get ready: %w\n%s", err, s.daemonLog())
		}
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	previous := s.stop
	s.stop = func() { stop(); previous() }
	s.wg.Go(func() { s.follow(following, stop) })
	return nil
}

// kill ends the daemon as a power cut would.
func (s *stage) kill() error {
	if err := s.daemon.Process.Kill(); err != nil {
		return err
	}
	err := <-s.ended
	s.daemon = nil
	if err == nil {
		return errors.New("the daemon had ended by itself before it was killed")
	}
	return nil
}

// strike takes the stage down in order; the daemon gets the time to stop cleanly.
func (s *stage) strike() error {
	var errs []error
	if s.daemon != nil {
		errs = append(errs, s.daemon.Process.Signal(os.Interrupt))
		select {
		case err := <-s.ended:
			errs = append(errs, err)
		case <-time.After(12 * time.Second):
			errs = append(errs, errors.New("the daemon does not stop"), s.daemon.Process.Kill(), <-s.ended)
		}
	}
	s.stop()
	s.wg.Wait()
	errs = append(errs, s.served)
	if s.client != nil {
		s.client.Close()
	}
	if s.scanner != nil {
		errs = append(errs, s.scanner.Close())
	}
	if s.gateway != nil {
		errs = append(errs, s.gateway.Close())
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	return errors.Join(errs...)
}

func (s *stage) daemonLog() string {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}
