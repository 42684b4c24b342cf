package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/usb"
	"posagent/internal/agent"
	"posagent/internal/config"
	"posagent/internal/survey"
)

func scannerList(p *program, sys *usb.System) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what is plugged in, what it is taken for, and the configured scanners",
		Long: `List the USB devices that are scanners or could be: keyboards and serial ports look
alike. For each one: the mode that it is in, what would be opened, and why it
cannot be used. Then the configured scanners and where each one is now. No scanner is
taken from whoever has it, so that it may run beside the daemon.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			report := scannerReport{Plugged: []survey.Candidate{}, Configured: []configuredScanner{}}
			found, err := survey.Look(*sys, nil)
			switch {
			case errors.Is(err, usb.ErrUnsupported):
				report.Note = err.Error()
			case err != nil:
				return err
			default:
				report.Plugged = append(report.Plugged, found...)
			}
			list, err := p.chosen("")
			if err != nil {
				return err
			}
			for _, s := range list {
				c, err := lookFor(s, *sys)
				if err != nil {
					return withExit(exitUsage, err)
				}
				report.Configured = append(report.Configured, c)
			}
			return p.print(report, report.describe)
		},
	}
}

type configuredScanner struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Found  string `json:"found,omitempty"`
	Detail string `json:"detail,omitempty"`
	Error  string `json:"error,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

type scannerReport struct {
	Plugged    []survey.Candidate  `json:"plugged"`
	Configured []configuredScanner `json:"configured"`
	Note       string              `json:"note,omitempty"`
}

func lookFor(s config.Scanner, sys usb.System) (configuredScanner, error) {
	scanner, err := agent.NewScanner(s, sys)
	if err != nil {
		return configuredScanner{}, err
	}
	c := configuredScanner{Name: s.Name, Kind: scanner.Driver.Kind()}
	at, err := scanner.Driver.Find()
	c.Found, c.Detail = at.Path, at.Detail
	if err != nil {
		c.Error = err.Error()
		var fault *device.Error
		if errors.As(err, &fault) {
			c.Hint = fault.Hint
		}
	}
	return c, nil
}

func (r scannerReport) describe(w io.Writer) {
	if r.Note != "" {
		fmt.Fprintln(w, "note:", r.Note)
	}
	fmt.Fprintf(w, "%s plugged in that could be scanners\n", devices(len(r.Plugged)))
	for _, c := range r.Plugged {
		fmt.Fprintf(w, "  %s at usb %s\n      %s\n", c.Name(), c.USBPath, c.TakenFor())
		if len(c.Nodes) > 0 {
			fmt.Fprintf(w, "      read through %s\n", strings.Join(c.Nodes, " "))
		}
		if !c.Usable() {
			fmt.Fprintf(w, "      cannot be used: %s\n      -> %s\n", c.Problem, c.Remedy)
		}
	}
	fmt.Fprintf(w, "%d scanners are configured\n", len(r.Configured))
	for _, c := range r.Configured {
		if c.Error == "" {
			fmt.Fprintf(w, "  %s (%s) is at %s %s\n", c.Name, c.Kind, c.Found, c.Detail)
			continue
		}
		fmt.Fprintf(w, "  %s (%s): %s. %s\n", c.Name, c.Kind, c.Error, c.Hint)
	}
	if len(r.Plugged) > len(r.Configured) {
		fmt.Fprintln(w, "\"posagent scanner learn\" writes the configuration of the one that reads a code")
	}
}

func devices(n int) string {
	if n == 1 {
		return "1 device is"
	}
	return fmt.Sprintf("%d devices are", n)
}
