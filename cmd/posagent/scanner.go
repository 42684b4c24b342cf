package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/usb"
	"posagent/internal/agent"
	"posagent/internal/config"
)

func scannerCommand(p *program) *cobra.Command {
	sys := &usb.System{}
	c := group("scanner", "Which scanners are seen, what one sends, and how it is set",
		scannerList(p, sys), scannerListen(p, sys), scannerLearn(p, sys), scannerDoctor(p, sys),
		scannerRelease(p, sys), scannerRecord(p, sys))
	// For a tree that support has copied from a till.
	c.PersistentFlags().StringVar(&sys.Sys, "sys", "", "look at this copy of /sys")
	c.PersistentFlags().StringVar(&sys.Dev, "dev", "", "look at this copy of /dev")
	for _, name := range []string{"sys", "dev"} {
		if err := c.PersistentFlags().MarkHidden(name); err != nil {
			panic(err) // the flag has just been defined
		}
	}
	return c
}

// chosen are the configured scanners, or the one that is named.
func (p *program) chosen(name string) ([]config.Scanner, error) {
	cfg, err := p.load(config.RoleClient)
	if err != nil {
		return nil, err
	}
	active := cfg.ActiveScanners()
	if name == "" {
		return active, nil
	}
	names := make([]string, len(active))
	for i, s := range active {
		if s.Name == name {
			return []config.Scanner{s}, nil
		}
		names[i] = s.Name
	}
	known := "none is configured"
	if len(names) > 0 {
		known = "there are " + strings.Join(names, ", ")
	}
	return nil, withExit(exitUsage, fmt.Errorf("no scanner is called %q; %s", name, known))
}

// errNoScanner says what to do where nothing is configured.
var errNoScanner = errors.New("no scanner is configured: \"posagent scanner learn\" writes a [[scanner]] section for the one that reads a code")

// drivers makes the drivers of configured scanners.
func drivers(list []config.Scanner, sys usb.System) ([]device.Scanner, error) {
	if len(list) == 0 {
		return nil, withExit(exitUsage, errNoScanner)
	}
	out := make([]device.Scanner, len(list))
	for i, s := range list {
		var err error
		if out[i], err = agent.NewScanner(s, sys); err != nil {
			return nil, withExit(exitUsage, err)
		}
	}
	return out, nil
}

// completeScanner offers the names of the configured scanners.
func completeScanner(p *program) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		p.explicit = cmd.Flags().Changed("config")
		cfg, err := p.load(config.RoleClient)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, s := range cfg.ActiveScanners() {
			names = append(names, s.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// scannerFlag lets a command be about one of the configured scanners.
func scannerFlag(p *program, c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "scanner", "", "the configured scanner of this `name`; default all")
	if err := c.RegisterFlagCompletionFunc("scanner", completeScanner(p)); err != nil {
		panic(err) // the flag has just been defined
	}
}
