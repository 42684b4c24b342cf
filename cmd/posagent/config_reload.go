package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

// hangups receives SIGHUP, upon which the daemon reads its configuration again.
// With a terminal the signal means that it was closed, and ends the daemon as ever.
func hangups(ctx context.Context) <-chan os.Signal {
	if tty, err := os.OpenFile("/dev/tty", os.O_RDONLY, 0); err == nil {
		_ = tty.Close()
		return nil
	}
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	context.AfterFunc(ctx, func() { signal.Stop(c) })
	return c
}

func configReload(p *program) *cobra.Command {
	var pid int
	var wait time.Duration
	c := &cobra.Command{
		Use:   "reload --pid PID",
		Short: "Have the running daemon take the changed configuration between two sales, and say what came of it",
		Long: `reload sends SIGHUP to the daemon, as its own user or root, and waits for what came
of it: exit 0 where the files are in force, 1 where they were refused or taken
back and the configuration before goes on. "systemctl reload posagent" runs it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, _, err := p.daemon()
			if err != nil {
				// The daemon is asked all the same: log, metrics and audit trail are to say
				// that it refused what lies in the files.
				return errors.Join(err, hangUp(pid))
			}
			defer daemon.Close()
			ctx, cancel := context.WithTimeout(cmd.Context(), wait)
			defer cancel()
			result, err := reloadByPID(ctx, daemon, pid)
			if err != nil {
				return err
			}
			if err := p.print(result, func(w io.Writer) { describeReload(w, *result) }); err != nil {
				return err
			}
			if result.Result != "applied" && result.Result != "unchanged" {
				return quietly(exitFailure)
			}
			return nil
		},
	}
	c.Flags().IntVar(&pid, "pid", 0, "the daemon's process `id` (systemd: $MAINPID)")
	c.Flags().DurationVar(&wait, "wait", 3*time.Minute, "how long to wait: a sale in the foreground is not interrupted")
	if err := c.MarkFlagRequired("pid"); err != nil {
		panic(err) // the flag stands one line above
	}
	return c
}

// reloadByPID asks for a reload and waits for the report of it.
func reloadByPID(ctx context.Context, daemon *client.Client, pid int) (*wire.Reload, error) {
	before, err := daemon.Status(ctx)
	if err != nil {
		return nil, apiError(err)
	}
	if err := hangUp(pid); err != nil {
		return nil, err
	}
	for {
		now, err := daemon.Status(ctx)
		if err == nil && now.Configuration != nil {
			if r := now.Configuration.LastReload; r != nil && (before.Configuration == nil || before.Configuration.LastReload == nil ||
				r.At.After(before.Configuration.LastReload.At)) {
				return r, nil
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, withExit(exitTemporarily, errors.New("no result yet: a sale is in the foreground; \"posagent status\" will tell"))
		}
	}
}

// hangUp sends SIGHUP to the daemon.
func hangUp(pid int) error {
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Signal(syscall.SIGHUP)
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return withExit(exitPermission, fmt.Errorf("process %d: %w; run this as the service's user or root", pid, err))
	case err != nil:
		return withExit(exitNotRunning, fmt.Errorf("process %d: %w", pid, err))
	}
	return nil
}

func describeReload(w io.Writer, r wire.Reload) {
	fmt.Fprintf(w, "%s, %d ms", r.Result, r.TookMS)
	if len(r.Changed) > 0 {
		fmt.Fprintf(w, ": %s", strings.Join(r.Changed, ", "))
	}
	fmt.Fprintln(w)
	for _, line := range append(r.Reasons, r.Notes...) {
		fmt.Fprintln(w, "  "+line)
	}
}
