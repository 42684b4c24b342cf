package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/replay"
	"posagent/device/usb"
	"posagent/internal/config"
	"posagent/internal/finding"
	"posagent/internal/survey"
)

func scannerDoctor(p *program, sys *usb.System) *cobra.Command {
	var o scanOptions
	c := &cobra.Command{
		Use:   "doctor [NAME]",
		Short: "Judge the configured scanners: place, mode, driver, permission; with --scans also what they send; exit 1 if one fails, 5 if one warns",
		Long: `Judge each configured scanner, or the one that is named: where it is, which mode it is
in, which kernel driver has it, and whether it may be opened, each with its remedy.
That takes no scanner and may run beside the daemon.

With --scans it also reads the scanner, for which the daemon must be stopped: prefix,
suffix, a doubled suffix, AIM identifier and the time between two characters. With
--code, the digits of the bar code that is scanned, the keyboard layout as well.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeScanner(p),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			list, err := p.chosen(name)
			if err != nil {
				return err
			}
			findings, err := p.examine(cmd.Context(), list, *sys, o)
			if err != nil {
				return err
			}
			if err := p.print(findings, func(w io.Writer) { finding.Tabulate(w, findings) }); err != nil {
				return err
			}
			return quietly(findingsExit(findings))
		},
	}
	o.flags(c, 0)
	return c
}

// check refuses a code that could stand in any other.
func (o *scanOptions) check() error {
	if o.code != "" && len(o.code) < survey.MinCode {
		return withExit(exitUsage, fmt.Errorf("--code %q is too short to tell codes apart: give all of its digits, %d or more", o.code, survey.MinCode))
	}
	return nil
}

// scanOptions say what is scanned for a judgement.
type scanOptions struct {
	scans   int
	code    string
	timeout time.Duration
}

func (o *scanOptions) flags(c *cobra.Command, scans int) {
	c.Flags().IntVar(&o.scans, "scans", scans, "read this many labels with each scanner")
	c.Flags().StringVar(&o.code, "code", "", "the digits of the bar code that is scanned, such as a product's; not a payment code")
	c.Flags().DurationVar(&o.timeout, "timeout", 30*time.Second, "wait this long for each scanner")
}

func (p *program) examine(ctx context.Context, list []config.Scanner, sys usb.System, o scanOptions) ([]finding.Finding, error) {
	found, err := survey.Look(sys, nil)
	if err != nil && !errors.Is(err, usb.ErrUnsupported) {
		return nil, err
	}
	findings := []finding.Finding{}
	if len(list) == 0 {
		findings = append(findings, finding.Finding{
			Check: "configured", Verdict: finding.Warn, Detail: "no scanner is configured",
			Remedy: "fine where the register hands over the codes; otherwise \"posagent scanner learn\" writes a [[scanner]] section",
		})
	}
	for _, s := range list {
		scanners, err := drivers([]config.Scanner{s}, sys)
		if err != nil {
			return nil, err
		}
		findings = append(findings, survey.Diagnose(s, scanners[0].Driver, found)...)
		if o.scans == 0 {
			continue
		}
		capture, err := p.sample(ctx, scanners[0], o)
		if err != nil {
			return nil, err
		}
		findings = append(findings, survey.Judge(s, survey.HabitsOf(capture, o.code))...)
	}
	return append(findings, survey.Unconfigured(list, found)...), nil
}

// settleTime is how long after a label something may come that belongs to it: a
// second suffix.
const settleTime = 300 * time.Millisecond

// sample reads some labels and gives what the scanner sent, suffixes included.
func (p *program) sample(ctx context.Context, scanner device.Scanner, o scanOptions) (replay.Capture, error) {
	recorder := replay.Record(scanner.Driver)
	scanner.Driver = recorder
	w, err := p.watch(ctx, []device.Scanner{scanner}, everyLabel)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(p.err, "scan %d codes with %s within %s\n", o.scans, scanner.Name, o.timeout)
	limited, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	for n := 1; n <= o.scans && err == nil; n++ {
		var scan device.Scan
		if scan, err = w.next(limited); err == nil {
			p.sayRead(scan, n, o.scans)
		}
	}
	if err == nil {
		pauseFor(limited, settleTime)
	}
	if ended(err) && ctx.Err() == nil {
		err = nil // too few: the judgement says so
	}
	return recorder.Capture(), errors.Join(err, w.end())
}

// pauseFor waits, or until ctx ends.
func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
