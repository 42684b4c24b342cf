package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/pretend"
	"posagent/offline"
)

// stage is everything that the acts are played on.
type stage struct {
	opt    Options
	line   *timeline
	shop   *pretend.Shop
	client *client.Client
	log    *os.File
	daemon *exec.Cmd
	ended  chan error // of the daemon

	stop     context.CancelFunc
	wg       sync.WaitGroup
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
	// The rules are those of production, and the demo takes a minute and not ten.
	s.shop, err = pretend.Open(ctx, pretend.Options{
		Dir: opt.Dir, Maker: "posagent demo", StoreID: "DEMO", Policy: pretend.Brisk, LogLevel: "debug", OnCall: s.called,
	})
	if err != nil {
		return s, err
	}
	if s.log, err = os.Create(filepath.Join(opt.Dir, "daemon.log")); err != nil {
		return s, err
	}
	if s.client, err = client.New(client.Options{Socket: s.shop.Socket, StartWait: 10 * time.Second}); err != nil {
		return s, err
	}
	return s, s.start(ctx)
}

// start runs the daemon as a process of its own and follows its events.
func (s *stage) start(ctx context.Context) error {
	s.daemon = exec.Command(s.opt.Program, "serve", "--config", s.shop.Config) //nolint:gosec,noctx // this very program; killed by the acts
	s.daemon.Stdout, s.daemon.Stderr = s.log, s.log
	if err := s.daemon.Start(); err != nil {
		s.daemon = nil
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
			s.daemon = nil
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
	if s.client != nil {
		s.client.Close()
	}
	if s.shop != nil {
		errs = append(errs, s.shop.Close())
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
