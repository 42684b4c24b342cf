package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"
)

func runCommand(p *program) *cobra.Command {
	var o windowOptions
	var training bool
	c := &cobra.Command{
		Use:   "run",
		Short: "Daemon and cashier window in one (small shop, development)",
		Long: `Run the daemon and the cashier's window together. They stay two processes: a fault
of the graphics driver ends the window and not a payment. The daemon is started
again if it ends, and is stopped in order when the window is closed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if !hasWindow && !o.text {
				if _, err := findWindow(); err == nil {
					err := p.handToWindow(cmd, "run")
					if !errors.Is(err, errNoDisplay) || !terminal(p.in) || !terminal(p.out) {
						return err
					}
				}
				o.text = true
			}
			return p.runBoth(cmd, o, training)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&training, "training", false, "with a pretend gateway and a pretend scanner, for teaching cashiers; no configuration needed, no money is moved")
	return c
}

// runBoth runs daemon and window until the window is closed.
func (p *program) runBoth(cmd *cobra.Command, o windowOptions, training bool) (err error) {
	// Where the window is a terminal, the daemon's messages would land on its screen.
	p.err = holdable(p.err)
	var l *lesson
	if training {
		if l, err = prepareLesson(cmd.Context(), p.err); err != nil {
			return fmt.Errorf("the training till cannot be set up: %w", err)
		}
		defer func() { err = errors.Join(err, l.end()) }()
		p.configPath, p.explicit = l.config, true
	}
	ctx, stop := context.WithCancel(cmd.Context())
	kept := make(chan error, 1)
	go func() { kept <- p.keepDaemon(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-kept)
	}()
	return p.showWindow(cmd, "run", o, l)
}

// keepDaemon runs "posagent serve" until ctx ends, and starts it again when it ends
// by itself: soon the first time, later each time.
func (p *program) keepDaemon(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"serve"}
	if p.explicit {
		args = append(args, "--config", p.configPath)
	}
	wait := time.Second
	for {
		daemon := exec.CommandContext(ctx, self, args...) //nolint:gosec // this very program
		daemon.Cancel = func() error { return daemon.Process.Signal(os.Interrupt) }
		daemon.WaitDelay = 30 * time.Second // it hands over what is under way; longer than it ever takes
		daemon.Stdout, daemon.Stderr = p.err, p.err
		begun := time.Now()
		err := daemon.Run()
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to end, and how it did is in its log
		}
		fmt.Fprintf(p.err, "posagent: the daemon ended (%v) and is started again in %v\n", err, wait)
		if time.Since(begun) > time.Minute {
			wait = time.Second
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		wait = min(2*wait, 30*time.Second)
	}
}
