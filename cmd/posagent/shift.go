package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/localapi/wire"
)

func shiftCommand(p *program) *cobra.Command {
	return group("shift", "What was taken since the last end of a shift, and its end", shiftShow(p), shiftClose(p))
}

func shiftShow(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Sum the shift that is open", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			s, err := daemon.Shift(cmd.Context())
			if err != nil {
				return apiError(err)
			}
			return p.print(s, func(w io.Writer) { describeShift(w, s) })
		},
	}
}

func shiftClose(p *program) *cobra.Command {
	var supervisor string
	e := wire.ShiftEnd{By: userName()}
	c := &cobra.Command{
		Use:   "close",
		Short: "End the shift; exit 6 if sales are left that are not settled",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			if e.ShiftID == "" {
				e.ShiftID = "shift-" + rand.Text()
			}
			if e.Supervisor, err = p.allowed(supervisor); err != nil {
				return err
			}
			s, _, err := daemon.CloseShift(cmd.Context(), e)
			if err != nil {
				return apiError(fmt.Errorf("%w (again: --shift-id %s)", err, e.ShiftID))
			}
			if err := p.print(s, func(w io.Writer) { describeShift(w, s) }); err != nil {
				return err
			}
			if s.OpenCount > 0 {
				return quietly(exitUnfinished)
			}
			return nil
		},
	}
	c.Flags().StringVar(&e.ShiftID, "shift-id", "", "number of this end; the same again is the same end (default: a new one)")
	c.Flags().StringVar(&e.By, "by", e.By, "who ends it: kept with the shift")
	allow(c, &supervisor)
	return c
}

func describeShift(w io.Writer, s wire.Shift) {
	if s.Number > 0 {
		fmt.Fprintf(w, "shift %d, ended by %s\n", s.Number, s.By)
	} else {
		fmt.Fprintln(w, "the shift that is open")
	}
	fmt.Fprintf(w, "%s to %s\n", s.From.Local().Format(time.DateTime), s.To.Local().Format(time.DateTime))
	for _, t := range s.Totals {
		fmt.Fprintf(w, "  %d paid, %s; %d refunds, %s\n", t.Paid, t.PaidSum, t.Refunded, t.RefundedSum)
	}
	if s.OpenCount == 0 {
		fmt.Fprintln(w, "nothing is open")
		return
	}
	fmt.Fprintf(w, "%d sales are not settled:\n", s.OpenCount)
	for _, sale := range s.Open {
		fmt.Fprintf(w, "  %s  %s  %s\n", sale.SaleID, sale.Amount, sale.Message.Title)
	}
}
