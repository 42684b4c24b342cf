package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/keyboard"
	"posagent/device/maker"
	"posagent/device/replay"
	"posagent/device/usb"
	"posagent/internal/agent"
	"posagent/internal/config"
	"posagent/internal/finding"
	"posagent/internal/survey"
)

func scannerLearn(p *program, sys *usb.System) *cobra.Command {
	var o scanOptions
	var keyboards bool
	c := &cobra.Command{
		Use:   "learn",
		Short: "Scan a bar code, and print the configuration of the scanner that has read it",
		Long: `Watch everything that is plugged in and could be a scanner, until one of them reads a
bar code: any product's, or the one whose digits are given with --code. Prints the
[[scanner]] section for it, and what is to be said about how it is set.

Keyboards are watched with --keyboards alone. Each of them is then taken away from the
desktop until the end of the command, the one that is typed on as well.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			found, err := survey.Look(*sys, nil)
			if err != nil {
				return err
			}
			pupils, err := p.pupils(found, *sys, keyboards)
			if err != nil {
				return err
			}
			return p.learn(cmd.Context(), pupils, o)
		},
	}
	o.flags(c, 1)
	c.Flags().BoolVar(&keyboards, "keyboards", false, "watch keyboards too; none of them types until the end of the command")
	return c
}

// pupil is one device that is watched.
type pupil struct {
	candidate survey.Candidate
	settings  config.Scanner
	recorder  *replay.Recorder
	scanner   device.Scanner
}

// pupils are the devices to watch. What is left out is said on standard error.
func (p *program) pupils(found []survey.Candidate, sys usb.System, keyboards bool) (map[string]*pupil, error) {
	all := map[string]*pupil{}
	denied := false
	for _, c := range found {
		switch {
		case c.Mode == maker.ModeKeyboard && readsBetter(c, found):
			continue // one scanner, and what is configured for it is HID POS
		case c.Mode == maker.ModeKeyboard && !keyboards:
			fmt.Fprintf(p.err, "not watched: %s is %s; --keyboards watches it, and nobody can type meanwhile\n", c.Name(), c.TakenFor())
			continue
		case !c.Usable():
			fmt.Fprintf(p.err, "not watched: %s: %s\n  -> %s\n", c.Name(), c.Problem, c.Remedy)
			denied = denied || c.Denied()
			continue
		}
		s := c.Scanner()
		s.Name = freeName(s.Name, all)
		scanner, err := agent.NewScanner(s, sys)
		if err != nil {
			return nil, err
		}
		recorder := replay.Record(scanner.Driver)
		scanner.Driver = recorder
		all[s.Name] = &pupil{c, s, recorder, scanner}
	}
	switch {
	case len(all) > 0:
		return all, nil
	case denied:
		return nil, withExit(exitPermission, errors.New("no scanner can be opened by this user"))
	}
	return nil, errors.New("nothing is plugged in that can be watched; \"posagent scanner list\" shows what is there")
}

// readsBetter tells whether the device of a keyboard has a HID POS function too.
func readsBetter(c survey.Candidate, found []survey.Candidate) bool {
	return slices.ContainsFunc(found, func(o survey.Candidate) bool { return o.USBPath == c.USBPath && o.Mode == maker.ModeHIDPOS })
}

func freeName(name string, taken map[string]*pupil) string {
	free := name
	for n := 2; taken[free] != nil; n++ {
		free = fmt.Sprintf("%.28s-%d", name, n)
	}
	return free
}

// learn waits for the label and prints what is known about its scanner.
func (p *program) learn(ctx context.Context, pupils map[string]*pupil, o scanOptions) (err error) {
	list := make([]device.Scanner, 0, len(pupils))
	for _, name := range slices.Sorted(maps.Keys(pupils)) {
		list = append(list, pupils[name].scanner)
	}
	w, err := p.watch(ctx, list, everyLabel)
	if err != nil {
		return err
	}
	chosen, err := p.teach(ctx, w, pupils, o)
	if err := errors.Join(err, w.end()); err != nil {
		return err
	}
	if chosen == nil {
		return withExit(exitExpired, fmt.Errorf("no scanner has read the code within %s", o.timeout))
	}
	return p.report(chosen, o)
}

// teach waits until one of the scanners has read enough; nil: none in time.
func (p *program) teach(ctx context.Context, w *watching, pupils map[string]*pupil, o scanOptions) (*pupil, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	what := "any product's bar code"
	if o.code != "" {
		what = "the bar code " + o.code
	}
	fmt.Fprintf(p.err, "scan %s now (%s watched for %s)\n", what, devices(len(pupils)), o.timeout)
	read := map[string]int{}
	for {
		scan, err := w.next(ctx)
		switch {
		case ended(err):
			return nil, nil
		case err != nil:
			return nil, err
		}
		x := pupils[scan.Source]
		if !survey.Came(scan.Text.Reveal(), o.code) {
			layout, ok := survey.GuessLayout(keyboard.Layout(x.settings.Layout), scan.Text.Reveal(), o.code)
			if !ok {
				fmt.Fprintf(p.err, "%s sent something else: %s %s\n", scan.Source, scan.Class.Title, scan.Text.Masked())
				continue
			}
			x.settings.Layout = config.Layout(layout)
		}
		read[scan.Source]++
		p.sayRead(scan, read[scan.Source], o.scans)
		if read[scan.Source] >= o.scans {
			pauseFor(ctx, settleTime)
			return x, nil
		}
	}
}

type learned struct {
	Candidate survey.Candidate  `json:"device"`
	Block     string            `json:"configuration"`
	Habits    survey.Habits     `json:"habits"`
	Findings  []finding.Finding `json:"findings"`
}

func (p *program) report(x *pupil, o scanOptions) error {
	h := survey.HabitsOf(x.recorder.Capture(), o.code)
	if !h.Mismatch {
		x.settings.Prefix = h.Prefix
	}
	if x.settings.Layout != config.LayoutUS {
		h.Mismatch = false // explained by the layout
	}
	l := learned{Candidate: x.candidate, Block: survey.Block(x.settings), Habits: h, Findings: survey.Judge(x.settings, h)}
	return p.print(l, func(w io.Writer) {
		fmt.Fprintf(w, "# %s, in %s\n%s\n", l.Candidate.Name(), l.Candidate.Mode.Words(), l.Block)
		for _, f := range l.Findings {
			if f.Verdict != finding.Pass {
				fmt.Fprintf(w, "# %s: %s\n#   -> %s\n", f.Check, f.Detail, f.Remedy)
			}
		}
	})
}
