package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"posagent/device/keyboard"
	"posagent/device/usb"
	"posagent/internal/survey"
)

func scannerRelease(p *program, sys *usb.System) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "release",
		Short: "Give scanners back to the kernel that a killed program has left without a driver",
		Long: `A program that had taken a scanner from the kernel's driver and was killed leaves it
dead, as keyboard too, until it is plugged in again. This lets the kernel's driver have
such interfaces again. A scanner that a living program has is not touched.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			found, err := survey.Look(*sys, nil)
			if err != nil {
				return err
			}
			report := releaseReport{Released: []string{}, Left: []string{}}
			var errs []error
			for _, c := range found {
				path, orphan := c.Orphan()
				switch {
				case !orphan:
				case !c.Certain && !all:
					report.Left = append(report.Left, c.Name()+" at "+path)
				default:
					if err := giveBack(*sys, c); err != nil {
						errs = append(errs, err)
						continue
					}
					report.Released = append(report.Released, c.Name()+" at "+path)
				}
			}
			if err := p.print(report, report.describe); err != nil {
				return err
			}
			return releaseError(errors.Join(errs...))
		},
	}
	c.Flags().BoolVar(&all, "all", false, "also what may be another keyboard, and not only devices of makers of scanners")
	return c
}

func giveBack(sys usb.System, c survey.Candidate) error {
	_, err := keyboard.Release(sys, usb.Match{VID: c.VID, PID: c.PID, Path: c.USBPath, Interface: &c.Interface})
	return err
}

func releaseError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return withExit(exitPermission, fmt.Errorf("%w; whoever may write the device's file may do it, which the udev rule gives to the group %s, and root may; or unplug the scanner and plug it in again", err, survey.Group))
	}
	return err
}

type releaseReport struct {
	Released []string `json:"released"`
	Left     []string `json:"left"` // perhaps other keyboards
}

func (r releaseReport) describe(w io.Writer) {
	for _, name := range r.Released {
		fmt.Fprintln(w, "given back:", name)
	}
	for _, name := range r.Left {
		fmt.Fprintf(w, "left as it is: %s (--all gives it back as well)\n", name)
	}
	if len(r.Released)+len(r.Left) == 0 {
		fmt.Fprintln(w, "no scanner is without a driver")
	}
}
