package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

func saleCommand(p *program) *cobra.Command {
	return group("sale", "Look at sales and act on them",
		saleList(p), saleShow(p), saleCancel(p), saleRecheck(p), saleResolve(p), saleReceipt(p))
}

func saleList(p *program) *cobra.Command {
	var f client.Filter
	var state, from, to string
	c := &cobra.Command{
		Use:   "list",
		Short: "List sales, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			f.State = wire.State(state)
			if f.From, f.To, err = timeRange(from, to); err != nil {
				return err
			}
			list, err := daemon.Sales(cmd.Context(), f)
			if err != nil {
				return apiError(err)
			}
			return p.print(list, func(w io.Writer) { tabulateSales(w, list) })
		},
	}
	c.Flags().StringVar(&state, "state", "", "only this state, such as attention")
	c.Flags().StringVar(&f.Text, "find", "", "a piece of the sale's number, or a whole merchantTransId")
	c.Flags().StringVar(&from, "from", "", "opened then or later, such as 2026-11-21T08:00 (this machine's time)")
	c.Flags().StringVar(&to, "to", "", "opened before")
	c.Flags().StringVar(&f.Day, "day", "", "only this business day in Beijing time, such as 2026-11-21")
	c.Flags().IntVar(&f.Limit, "limit", 50, "at most this many")
	c.Flags().StringVar(&f.Cursor, "cursor", "", "from the page before")
	return c
}

// timeRange reads the flags from and to; both may be empty.
func timeRange(from, to string) (a, b time.Time, err error) {
	for _, f := range []struct {
		name, text string
		at         *time.Time
	}{{"--from", from, &a}, {"--to", to, &b}} {
		if f.text == "" {
			continue
		}
		if *f.at, err = localTime(f.text); err != nil {
			return a, b, withExit(exitUsage, fmt.Errorf("%s: %q is no time such as 2026-11-21, 2026-11-21T08:00 or 2026-11-21T08:00:00+08:00", f.name, f.text))
		}
	}
	return a, b, nil
}

// localTime reads a time in this machine's zone, unless it names its own.
func localTime(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err = time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return t, err
}

func tabulateSales(w io.Writer, list wire.SaleList) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "CREATED\tSALE\tAMOUNT\tSTATE\tPAYMENT")
	for _, s := range list.Sales {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", s.CreatedAt.Local().Format(time.DateTime), s.SaleID, s.Amount, s.State, s.MerchantTransID)
	}
	if list.Cursor != "" {
		fmt.Fprintf(t, "more: --cursor %s\n", list.Cursor)
	}
	_ = t.Flush() // the terminal is gone if this fails
}

func saleShow(p *program) *cobra.Command {
	return p.saleAction("show SALE", "Show one sale with every message to the gateway",
		func(ctx context.Context, d *client.Client, id string) (wire.Sale, error) { return d.Sale(ctx, id) })
}

func saleCancel(p *program) *cobra.Command {
	var supervisor string
	c := p.saleAction("cancel SALE", "Cancel a sale; once something was sent, this decides a reversal",
		func(ctx context.Context, d *client.Client, id string) (wire.Sale, error) {
			who, err := p.allowed(supervisor)
			if err != nil {
				return wire.Sale{}, err
			}
			return d.CancelAs(ctx, id, wire.ByBody{By: userName(), Supervisor: who})
		})
	allow(c, &supervisor)
	return c
}

func saleRecheck(p *program) *cobra.Command {
	return p.saleAction("recheck SALE", "Have the gateway asked once more, now",
		func(ctx context.Context, d *client.Client, id string) (wire.Sale, error) {
			before, err := d.Recheck(ctx, id)
			if err != nil {
				return before, err
			}
			return d.WaitSale(ctx, id, before.Version+1, 15*time.Second) // the question and its answer
		})
}

// saleAction is a command on one sale that prints it afterwards.
func (p *program) saleAction(use, short string, do func(context.Context, *client.Client, string) (wire.Sale, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			sale, err := do(cmd.Context(), daemon, args[0])
			if err != nil {
				return apiError(err)
			}
			return p.print(sale, func(w io.Writer) { describeSale(w, sale); describeTrail(w, sale) })
		},
	}
}

func saleResolve(p *program) *cobra.Command {
	var r wire.Resolution
	var refundID, supervisor string
	c := &cobra.Command{
		Use:   "resolve SALE",
		Short: "Record what a person found out about a sale, or a refund of it, that needs one",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			yes, no := wire.ResolvedPaid, wire.ResolvedNotPaid
			if refundID != "" {
				yes, no = wire.ResolvedRefunded, wire.ResolvedNotRefunded
			}
			if r.Result != yes && r.Result != no {
				return withExit(exitUsage, fmt.Errorf("--result must be %s or %s", yes, no))
			}
			if r.Note == "" {
				return withExit(exitUsage, errors.New("--note must say how you know"))
			}
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			if r.Supervisor, err = p.allowed(supervisor); err != nil {
				return err
			}
			if refundID != "" {
				refund, err := daemon.ResolveRefund(cmd.Context(), args[0], refundID, r)
				if err != nil {
					return apiError(err)
				}
				return p.print(refund, func(w io.Writer) { describeRefund(w, refund) })
			}
			sale, err := daemon.Resolve(cmd.Context(), args[0], r)
			if err != nil {
				return apiError(err)
			}
			return p.print(sale, func(w io.Writer) { describeSale(w, sale) })
		},
	}
	c.Flags().StringVar(&r.Result, "result", "", "paid, or not_paid (nothing is owed); of a refund: refunded, or not_refunded")
	c.Flags().StringVar(&refundID, "refund-id", "", "the refund of the sale that needs a person, and not the sale itself")
	c.Flags().StringVar(&r.By, "by", userName(), "who found out")
	c.Flags().StringVar(&r.Note, "note", "", "how: kept in the audit trail")
	allow(c, &supervisor)
	return c
}

func userName() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}

// describeTrail prints every message of a sale, oldest first.
func describeTrail(w io.Writer, s wire.Sale) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(a wire.Attempt) {
		outcome := a.Outcome
		switch {
		case outcome == "" && s.Settled:
			outcome = "answer never seen"
		case outcome == "":
			outcome = "no outcome yet"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s %s\t%s\n", a.At.Local().Format("15:04:05.000"), a.Op, outcome, a.ResultStatus, a.ResultCode, a.Detail)
	}
	for _, p := range s.Payments {
		for _, a := range p.Attempts {
			line(a)
		}
		if m := p.Resolved; m != nil {
			fmt.Fprintf(t, "  %s\tresolved by %s\t%s\t\t\n", m.At.Local().Format("15:04:05.000"), m.By, m.Note)
		}
	}
	for _, r := range s.Refunds {
		for _, a := range r.Attempts {
			line(a)
		}
		if m := r.Resolved; m != nil {
			fmt.Fprintf(t, "  %s\trefund %s resolved by %s\t%s\t\t\n", m.At.Local().Format("15:04:05.000"), r.RefundID, m.By, m.Note)
		}
	}
	_ = t.Flush() // the terminal is gone if this fails
}
