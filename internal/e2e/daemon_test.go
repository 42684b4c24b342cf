package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"
)

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
	if s.stderr != nil {
		d.cmd.Stderr = s.stderr
	}
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
