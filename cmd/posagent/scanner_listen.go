package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/device"
	"posagent/device/usb"
)

func scannerListen(p *program, sys *usb.System) *cobra.Command {
	var raw bool
	var count int
	var name string
	c := &cobra.Command{
		Use:   "listen",
		Short: "Print what the configured scanners send, masked unless --raw; stop the daemon first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := p.chosen(name)
			if err != nil {
				return err
			}
			scanners, err := drivers(list, *sys)
			if err != nil {
				return err
			}
			return p.listen(cmd.Context(), scanners, raw, count)
		},
	}
	c.Flags().BoolVar(&raw, "raw", false, "print whole labels; a whole payment code can charge its customer")
	c.Flags().IntVar(&count, "count", 0, "end after this many labels; 0: never")
	scannerFlag(p, c, &name)
	return c
}

// listen runs the scanners alone and prints each label with what it is taken for.
func (p *program) listen(ctx context.Context, list []device.Scanner, raw bool, count int) (err error) {
	w, err := p.watch(ctx, list, device.DefaultDuplicateWindow)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.end()) }()
	for n := 0; count == 0 || n < count; n++ {
		scan, err := w.next(ctx)
		if ended(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.printScan(scan, raw); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) printScan(scan device.Scan, raw bool) error {
	text := scan.Text.Masked()
	if raw {
		text = scan.Text.Reveal()
	}
	line := struct {
		At        time.Time `json:"at"`
		Scanner   string    `json:"scanner"`
		Text      string    `json:"text"`
		Length    int       `json:"length"`
		Symbology string    `json:"symbology"`
		AIM       string    `json:"aim,omitempty"`
		Kind      string    `json:"kind"`
		Code      string    `json:"code"`
		Wallet    string    `json:"wallet,omitempty"`
		Title     string    `json:"title"`
	}{
		scan.At, scan.Source, text, scan.Text.Len(), string(scan.Symbology), scan.AIM.String(),
		string(scan.Class.Kind), string(scan.Class.Code), scan.Class.Wallet, scan.Class.Title,
	}
	return p.print(line, func(w io.Writer) {
		fmt.Fprintf(w, "%s  %s  %s  %s  %s\n", scan.At.Local().Format("15:04:05.000"), scan.Source, scan.Symbology, text, scan.Class.Title)
	})
}
