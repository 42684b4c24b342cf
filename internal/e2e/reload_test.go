//go:build linux

package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// detached starts the daemon as a service manager does: without a terminal, whose
// closing is SIGHUP too.
func (s *shop) detached() {
	s.t.Helper()
	path, err := program()
	must(s.t, err)
	d := &daemon{cmd: exec.Command(path, "serve", "--config", s.config), ended: make(chan struct{})}
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	d.cmd.Stdout, d.cmd.Stderr = s.log, s.log
	must(s.t, d.cmd.Start())
	go func() { d.err = d.cmd.Wait(); close(d.ended) }()
	s.mu.Lock()
	s.daemon = d
	s.mu.Unlock()
}

// config runs "posagent config" on the shop's configuration.
func (s *shop) configCommand(args ...string) (out string, code int) {
	s.t.Helper()
	path, err := program()
	must(s.t, err)
	cmd := exec.Command(path, append([]string{"config", "--config", s.config}, args...)...)
	var all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &all, &all
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return all.String(), cmd.ProcessState.ExitCode()
}

// What a store's IT does with a roll-out: check, compare, install, reload.
func TestAConfigurationIsRolledOutToARunningTill(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.detached()
	s.awaitReady()
	s.open("R-1", 500)
	s.pay("R-1", s.nextCode())
	s.settledAs("R-1", "paid")
	pid := strconv.Itoa(s.daemon.cmd.Process.Pid)
	want := func(code int, words []string, args ...string) {
		t.Helper()
		out, got := s.configCommand(args...)
		if got != code {
			t.Errorf("config %v exits %d, want %d:\n%s", args, got, code, out)
		}
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("config %v lacks %q:\n%s", args, w, out)
			}
		}
	}
	dropIn := filepath.Join(s.dir, "posagent.d", "20-store.toml")
	put := func(text string) {
		must(t, os.MkdirAll(filepath.Dir(dropIn), 0o700))
		must(t, os.WriteFile(dropIn, []byte(text), 0o600))
	}
	want(0, []string{"Nothing changes"}, "diff")
	put("[terminal]\nstore_name = \"Harbour\"\n")
	want(0, []string{"The configuration is sound"}, "check")
	want(0, []string{`terminal.store_name: "Sunrise Mart" -> "Harbour"`, "a reload takes all of them"}, "diff")
	want(0, []string{"applied", "terminal.store_name"}, "reload", "--pid", pid)
	want(0, []string{"unchanged"}, "reload", "--pid", pid)
	want(0, []string{"Nothing changes"}, "diff")
	s.open("R-2", 500)
	s.pay("R-2", s.nextCode())
	s.settledAs("R-2", "paid")

	put("[terminal]\nstore_name = \"Harbour\"\n[policy]\ncancel_retries = 9\n")
	want(2, []string{"20-store.toml:4:1: policy.cancel_retries: 9 is out of range"}, "check")
	want(2, []string{`"ok": false`, `"line": 4`}, "check", "--json")
	want(1, []string{"refused", "20-store.toml:4:1"}, "reload", "--pid", pid)
	put("[terminal]\nstore_name = \"Harbour\"\nterminal_id = \"T02\"\n")
	want(0, []string{"the daemon must be restarted for terminal.terminal_id"}, "diff")
	want(1, []string{"refused", "needs restart"}, "reload", "--pid", pid)
	s.open("R-3", 500)
	s.pay("R-3", s.nextCode())
	s.holds(s.settledAs("R-3", "paid"), 500)
	s.stop()
}

func (s *shop) awaitReady() {
	s.t.Helper()
	s.await("the daemon to be ready", func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		return err == nil && st.Till.Ready && len(st.Scanners) == 1 && st.Scanners[0].State == "ready", err
	})
}
