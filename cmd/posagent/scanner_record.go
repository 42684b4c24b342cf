package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/replay"
	"posagent/device/usb"
)

func scannerRecord(p *program, sys *usb.System) *cobra.Command {
	var o recordOptions
	c := &cobra.Command{
		Use:   "record FILE",
		Short: "Write what a scanner sends into a file that plays as a test; codes are replaced unless --raw",
		Long: `Record what the configured scanner sends, byte by byte with its timing, until there
are enough labels, the time is up or Ctrl-C. Every label but a product's bar code is
replaced by another one of the same shape before anything is written, so that the
file can be handed on. It plays again in package device/replay. Stop the daemon
first.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			list, err := p.chosen(o.name)
			if err != nil {
				return err
			}
			if len(list) > 1 {
				return withExit(exitUsage, errors.New("several scanners are configured: say with --scanner which one to record"))
			}
			scanners, err := drivers(list, *sys)
			if err != nil {
				return err
			}
			return p.record(cmd.Context(), scanners[0], o)
		},
	}
	c.Flags().BoolVar(&o.raw, "raw", false, "keep the labels as they were read; a whole payment code can charge its customer")
	c.Flags().IntVar(&o.count, "count", 5, "end after this many labels")
	c.Flags().DurationVar(&o.timeout, "timeout", time.Minute, "end after this long")
	scannerFlag(p, c, &o.name)
	return c
}

type recordOptions struct {
	name, file string
	raw        bool
	count      int
	timeout    time.Duration
}

type recordReport struct {
	File   string   `json:"file"`
	Events int      `json:"events"`
	Labels []string `json:"labels"` // kinds, in order
	Hidden bool     `json:"hidden"`
	Full   bool     `json:"full"` // more came than a recording holds
}

func (p *program) record(ctx context.Context, scanner device.Scanner, o recordOptions) error {
	// Made at once, so that nobody scans for a file that cannot be written.
	file, err := os.OpenFile(o.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	r, full, err := p.collect(ctx, scanner, o)
	if err == nil && len(r.Events) == 0 {
		err = withExit(exitExpired, errors.New("the scanner has sent nothing: nothing is recorded"))
	}
	if err == nil && !o.raw {
		r, err = r.Hidden(rand.IntN)
	}
	if err == nil {
		_, err = r.WriteTo(file)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(o.file))
	}
	report := recordReport{File: o.file, Events: len(r.Events), Labels: []string{}, Hidden: !o.raw, Full: full}
	for _, label := range r.Labels {
		kind, _, _ := strings.Cut(label, " ")
		report.Labels = append(report.Labels, kind)
	}
	return p.print(report, report.describe)
}

func (r recordReport) describe(w io.Writer) {
	fmt.Fprintf(w, "%s: %d events, %d labels (%s)\n", r.File, r.Events, len(r.Labels), strings.Join(r.Labels, ", "))
	if r.Full {
		fmt.Fprintln(w, "more came than a recording holds; the rest is not in it")
	}
	if r.Hidden {
		fmt.Fprintln(w, "the labels are replaced by others of their shape; the file can be handed on")
		return
	}
	fmt.Fprintln(w, "the labels are as they were read: do not hand the file on while a payment code in it can be charged")
}

// collect reads the scanner and notes what comes.
func (p *program) collect(ctx context.Context, scanner device.Scanner, o recordOptions) (r replay.Recording, full bool, err error) {
	recorder := replay.Record(scanner.Driver)
	scanner.Driver = recorder
	w, err := p.watch(ctx, []device.Scanner{scanner}, device.DefaultDuplicateWindow)
	if err != nil {
		return r, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	fmt.Fprintf(p.err, "scan %d codes within %s\n", o.count, o.timeout)
	for len(r.Labels) < o.count && err == nil {
		var scan device.Scan
		if scan, err = w.next(ctx); err == nil {
			r.Labels = append(r.Labels, string(scan.Class.Kind)+" "+scan.Text.Reveal())
			p.sayRead(scan, len(r.Labels), o.count)
		}
	}
	if ended(err) {
		err = nil
	}
	health := w.manager.Health()[0]
	err = errors.Join(err, w.end())
	r.Events, r.Framing = recorder.Capture(), scanner.Framing
	if own, ok := recorder.Framing(); ok {
		r.Framing = own
	}
	r.Framing = unusual(r.Framing)
	r.About = []string{"posagent " + thisBuild().Version + ", a " + recorder.Kind() + " scanner", anonymous(health.Detail)}
	return r, recorder.Full(), err
}

// anonymous takes the serial number out of a description: it says whose scanner
// it is. The mode stands behind a comma.
func anonymous(detail string) string {
	name, rest, _ := strings.Cut(detail, " serial ")
	if mode := strings.LastIndex(rest, ", "); mode >= 0 {
		name += rest[mode:]
	}
	return name
}

// unusual leaves out what is the default anyway.
func unusual(f decode.Framing) decode.Framing {
	if f.Suffix == decode.SuffixAuto {
		f.Suffix = ""
	}
	if f.AIM == decode.AIMAuto {
		f.AIM = ""
	}
	if f.IdleGap == decode.DefaultIdleGap {
		f.IdleGap = 0
	}
	return f
}
