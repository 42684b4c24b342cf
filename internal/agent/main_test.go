package agent

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// A child of a test is this program as the daemon of a directory, which ends
// itself by SIGKILL at a named step of its first reload.
const (
	childDir  = "RELOAD_TEST_DIRECTORY"
	childStep = "RELOAD_TEST_STEP"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(runChild(dir, os.Getenv(childStep)))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		dropPairs()
		os.Exit(code)
	}))
}

func runChild(dir, step string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	opt, err := options(dir, slog.New(slog.NewTextHandler(os.Stderr, nil)), hangup)
	if err == nil {
		opt.step = func(_ *agent, name string) {
			if name == step {
				if p, err := os.FindProcess(os.Getpid()); err == nil {
					_ = p.Kill() // and nothing after it
				}
				select {}
			}
		}
		err = Run(ctx, opt)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
