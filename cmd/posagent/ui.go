package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
)

// windowProgram is the build of this program that has the window; it is
// installed beside this one by a package of its own.
const windowProgram = "posagent-ui"

func uiCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "ui",
		Short: "Open the cashier window of a running daemon",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.handToWindow(cmd, "ui") },
	}
}

func runCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Daemon and cashier window in one (small shop, development)",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.handToWindow(cmd, "run") },
	}
}

// handToWindow runs the same command of the build that has the window.
func (p *program) handToWindow(cmd *cobra.Command, name string) error {
	path, err := findWindow()
	if err != nil {
		return withExit(exitFailure, fmt.Errorf(
			"this build has no window. Install the package posagent-ui, which brings %s, or use \"posagent serve\" with the register's own screen", windowProgram))
	}
	args := []string{name}
	if p.explicit {
		args = append(args, "--config", p.configPath)
	}
	child := exec.CommandContext(cmd.Context(), path, args...) //nolint:gosec // a fixed name beside this program or in PATH
	child.Stdin, child.Stdout, child.Stderr = p.in, p.out, p.err
	err = child.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return quietly(ended.ExitCode())
	}
	return err
}

func findWindow() (string, error) {
	name := windowProgram
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside, nil
		}
	}
	return exec.LookPath(name)
}
