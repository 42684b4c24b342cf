package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/serial"
	"posagent/internal/agent"
	"posagent/internal/config"
)

func scannerCommand(p *program) *cobra.Command {
	return group("scanner", "Which scanners are seen, and what one sends", scannerList(p), scannerListen(p))
}

func scannerList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List serial ports that could be scanners, and the configured ones",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			ports, err := serial.List("", "")
			if err != nil {
				return err
			}
			cfg, err := p.load(config.RoleClient)
			if err != nil {
				return err
			}
			list, err := agent.Scanners(cfg)
			if err != nil {
				return withExit(exitUsage, err)
			}
			report := scannerReport{Ports: append([]serial.PortInfo{}, ports...), Configured: []configuredScanner{}}
			for _, s := range list {
				report.Configured = append(report.Configured, lookFor(s))
			}
			return p.print(report, report.describe)
		},
	}
}

type configuredScanner struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Found string `json:"found,omitempty"`
	Error string `json:"error,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

type scannerReport struct {
	Ports      []serial.PortInfo   `json:"ports"`
	Configured []configuredScanner `json:"configured"`
}

func lookFor(s device.Scanner) configuredScanner {
	c := configuredScanner{Name: s.Name, Kind: s.Driver.Kind()}
	at, err := s.Driver.Find()
	c.Found = at.Path
	var fault *device.Error
	if errors.As(err, &fault) {
		c.Hint = fault.Hint
	}
	if err != nil {
		c.Error = err.Error()
	}
	return c
}

func (r scannerReport) describe(w io.Writer) {
	fmt.Fprintf(w, "%d serial ports are plugged in over USB\n", len(r.Ports))
	for _, port := range r.Ports {
		fmt.Fprintf(w, "  %s  %s\n", port.Path, port.Detail())
		if port.ByID != "" {
			fmt.Fprintf(w, "      port = %q\n", port.ByID)
		}
	}
	fmt.Fprintf(w, "%d scanners are configured\n", len(r.Configured))
	for _, c := range r.Configured {
		if c.Error == "" {
			fmt.Fprintf(w, "  %s (%s) is at %s\n", c.Name, c.Kind, c.Found)
			continue
		}
		fmt.Fprintf(w, "  %s (%s): %s. %s\n", c.Name, c.Kind, c.Error, c.Hint)
	}
}

func scannerListen(p *program) *cobra.Command {
	var raw bool
	var count int
	c := &cobra.Command{
		Use:   "listen",
		Short: "Print what the configured scanners send, masked unless --raw; stop the daemon first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(config.RoleClient)
			if err != nil {
				return err
			}
			list, err := agent.Scanners(cfg)
			if err != nil {
				return withExit(exitUsage, err)
			}
			if len(list) == 0 {
				return withExit(exitUsage, errors.New("no scanner is configured: add a [[scanner]] section"))
			}
			return p.listen(cmd.Context(), list, raw, count)
		},
	}
	c.Flags().BoolVar(&raw, "raw", false, "print whole labels; a whole payment code can charge its customer")
	c.Flags().IntVar(&count, "count", 0, "end after this many labels; 0: never")
	return c
}

// listen runs the scanners alone and prints each label with what it is taken for.
func (p *program) listen(ctx context.Context, list []device.Scanner, raw bool, count int) (err error) {
	manager, err := device.New(device.Options{Scanners: list})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- manager.Run(ctx) }()
	defer func() { stop(); err = errors.Join(err, <-done) }()
	claim, err := manager.Claim(device.WithHolder(ctx, "scanner listen"))
	if err != nil {
		return err
	}
	defer claim.Release()
	go p.reportHealth(ctx, manager)
	for n := 0; count == 0 || n < count; n++ {
		scan, err := claim.Next(ctx)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		}
		text := scan.Text.Masked()
		if raw {
			text = scan.Text.Reveal()
		}
		line := map[string]any{
			"at": scan.At, "scanner": scan.Source, "text": text, "symbology": scan.Symbology,
			"kind": scan.Class.Kind, "code": scan.Class.Code, "title": scan.Class.Title,
		}
		if err := p.print(line, func(w io.Writer) {
			fmt.Fprintf(w, "%s  %s  %s  %s  %s\n", scan.At.Local().Format("15:04:05.000"), scan.Source, scan.Symbology, text, scan.Class.Title)
		}); err != nil {
			return err
		}
	}
	return nil
}

// reportHealth says on standard error why a scanner is silent.
func (p *program) reportHealth(ctx context.Context, m *device.Manager) {
	said := map[string]device.State{}
	for {
		changed := m.HealthChanged()
		for _, h := range m.Health() {
			if said[h.Name] != h.State {
				said[h.Name] = h.State
				fmt.Fprintf(p.err, "%s  %s is %s %s %s\n", time.Now().Format("15:04:05"), h.Name, h.State, h.Port, h.Hint)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
