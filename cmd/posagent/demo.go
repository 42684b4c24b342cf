package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"posagent/internal/demo"
)

func demoCommand(p *program) *cobra.Command {
	var keep, headless bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole flow on a simulated gateway, a power cut included; nothing to configure",
		Long: `Walk through the outcomes of a payment on real protocol messages: own simulated
gateway, throw-away keys and journal, a virtual scanner, and the daemon, which is
killed and started again in the middle of a payment. Exit 0 only if each act
ended as it should. Where there is a display and the window is installed, a
training till opens instead, with buttons that scan a pretend code of each kind.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !headless && !keep {
				if shown, err := p.demoWindow(cmd); shown {
					return err
				}
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "posagent-demo-")
			if err != nil {
				return err
			}
			err = demo.Run(cmd.Context(), demo.Options{Program: self, Out: p.out, Dir: dir})
			if keep {
				fmt.Fprintf(p.out, "\nKeys, journal and log are kept in %s\n", dir)
				return err
			}
			if rerr := os.RemoveAll(dir); err == nil {
				err = rerr
			}
			return err
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "keep the directory with keys, journal and log")
	c.Flags().BoolVar(&headless, "headless", false, "print the timeline even where there is a display")
	return c
}

// demoWindow opens a training till in a window and tells whether that was
// possible: without a display, or without the build that draws, it is not.
func (p *program) demoWindow(cmd *cobra.Command) (shown bool, err error) {
	if !displayed() {
		return false, nil
	}
	path, err := os.Executable()
	if err == nil && !hasWindow {
		path, err = findWindow()
	}
	if err != nil {
		return false, nil //nolint:nilerr // the timeline shows the same, and says how it ended
	}
	err = p.runWindow(cmd, path, "run", "--training", "--fullscreen=false")
	if errors.Is(err, errNoDisplay) {
		return false, nil
	}
	return true, err
}
