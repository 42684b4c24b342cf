package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/admin/client"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	apiwire "posagent/internal/localapi/wire"
)

func adminReload(r *remote) *cobra.Command {
	var force bool
	c := command(r, "reload", "Read the configuration again, between sales, all or nothing; exit 2 where the new one is refused",
		func(ctx context.Context, d *client.Client) (json.RawMessage, error) { return d.Reload(ctx, force) },
		func(w io.Writer, raw json.RawMessage) {
			var out apiwire.Reload
			if err := json.Unmarshal(raw, &out); err != nil || out.Result == "" {
				fmt.Fprintf(w, "%s\n", raw) // a daemon of another version
				return
			}
			fmt.Fprintf(w, "%s in %d ms\n", out.Result, out.TookMS)
			for _, key := range out.Changed {
				fmt.Fprintf(w, "  %s\n", key)
			}
			for _, why := range append(out.Reasons, out.Notes...) {
				fmt.Fprintf(w, "  %s\n", why)
			}
		}, func(raw json.RawMessage) int {
			var out apiwire.Reload
			if json.Unmarshal(raw, &out) == nil && (out.Result == "refused" || out.Result == "returned") {
				return exitUsage
			}
			return exitDone
		})
	c.Flags().BoolVar(&force, "force", false, "take another gateway also where there is no connection to prove its keys by")
	return c
}

func adminAttention(r *remote) *cobra.Command {
	var limit int
	var cursor string
	c := command(r, "attention", "List the sales that wait for a person; exit 6 where there are any",
		func(ctx context.Context, d *client.Client) (apiwire.SaleList, error) {
			return d.Attention(ctx, limit, cursor)
		},
		tabulateSales, func(list apiwire.SaleList) int {
			if len(list.Sales) > 0 {
				return exitUnfinished
			}
			return exitDone
		})
	c.Flags().IntVar(&limit, "limit", 50, "at most this many")
	c.Flags().StringVar(&cursor, "cursor", "", "from the page before")
	return c
}

func adminResolve(r *remote) *cobra.Command {
	var in apiwire.Resolution
	var supervisor string
	c := &cobra.Command{
		Use: "resolve SALE", Short: "Record what a person found out about a sale that needs one", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case in.Result != apiwire.ResolvedPaid && in.Result != apiwire.ResolvedNotPaid:
				return withExit(exitUsage, fmt.Errorf("--result must be %s or %s", apiwire.ResolvedPaid, apiwire.ResolvedNotPaid))
			case in.Note == "":
				return withExit(exitUsage, errors.New("--note must say how you know"))
			}
			daemon, err := r.daemon()
			if err != nil {
				return err
			}
			if in.Supervisor, err = r.p.allowed(supervisor); err != nil {
				return err
			}
			sale, err := daemon.Resolve(cmd.Context(), args[0], in)
			if err != nil {
				return adminError(err)
			}
			return r.p.print(sale, func(w io.Writer) { describeSale(w, sale) })
		},
	}
	c.Flags().StringVar(&in.Result, "result", "", "paid, or not_paid (nothing is owed)")
	c.Flags().StringVar(&in.By, "by", userName(), "who found out; the certificate or the user of the socket is kept beside")
	c.Flags().StringVar(&in.Note, "note", "", "how: kept in the journal")
	allow(c, &supervisor)
	return c
}

func adminVerify(r *remote) *cobra.Command {
	return command(r, "verify", "Check the journal while the till sells; exit 7 if something is damaged",
		func(ctx context.Context, d *client.Client) (wire.Verified, error) { return d.Verify(ctx) },
		func(w io.Writer, v wire.Verified) {
			fmt.Fprintf(w, "%d sales (%d unsettled), %d payments, %d refunds, %d events, %d entries of the audit trail\n",
				v.Sales, v.Unsettled, v.Payments, v.Refunds, v.Events, v.Audit)
			if v.OK {
				fmt.Fprintf(w, "The journal is sound (%d ms).\n", v.TookMS)
				return
			}
			for _, f := range v.Findings {
				fmt.Fprintf(w, "  %s\n", f)
			}
			if v.More > 0 {
				fmt.Fprintf(w, "  and %d more\n", v.More)
			}
			fmt.Fprintln(w, "The journal is damaged. Stop the daemon and run \"posagent journal repair\": it keeps this file.")
		}, func(v wire.Verified) int {
			if !v.OK {
				return exitDamaged
			}
			return exitDone
		})
}

func adminStatus(r *remote) *cobra.Command {
	return command(r, "status", "What the till is doing, and whether it is drained; exit codes as \"posagent status\"",
		func(ctx context.Context, d *client.Client) (wire.Status, error) { return d.Status(ctx) },
		func(w io.Writer, s wire.Status) {
			if s.Drain.Draining {
				describeDrain(w, s.Drain)
			}
			var till apiwire.Status
			if err := json.Unmarshal(s.Till, &till); err != nil {
				fmt.Fprintf(w, "%s\n", s.Till)
				return
			}
			describeStatus(w, till)
		}, func(s wire.Status) int {
			var till apiwire.Status
			if err := json.Unmarshal(s.Till, &till); err != nil {
				return exitFailure
			}
			return statusExit(till)
		})
}

func adminAudit(r *remote) *cobra.Command {
	var after uint64
	var last int
	c := command(r, "audit", "Who did what to the till: the newest entries of the audit trail",
		func(ctx context.Context, d *client.Client) ([]audit.Entry, error) {
			return readTrail(ctx, d, after, last)
		},
		tabulateTrail, nil)
	c.Flags().Uint64Var(&after, "after", 0, "only entries behind the one of this number")
	c.Flags().IntVar(&last, "last", 50, "at most this many of the newest; 0: all")
	return c
}

// readTrail reads the newest entries, page by page.
func readTrail(ctx context.Context, d *client.Client, after uint64, last int) ([]audit.Entry, error) {
	list := []audit.Entry{}
	if last > 0 {
		page, err := d.Trail(ctx, after, 1)
		if err != nil {
			return nil, err
		}
		if n := uint64(last); page.Newest > n {
			after = max(after, page.Newest-n)
		}
	}
	for {
		page, err := d.Trail(ctx, after, 1000)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Entries...)
		if after = page.Next; after == 0 {
			return list, nil
		}
	}
}

func tabulateTrail(w io.Writer, list []audit.Entry) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "NUMBER\tAT\tACTION\tRESULT\tBY\tVIA\tABOUT")
	for _, e := range list {
		about := []string{}
		if e.Subject != "" {
			about = append(about, e.Subject)
		}
		for _, k := range slices.Sorted(maps.Keys(e.Detail)) {
			about = append(about, k+"="+e.Detail[k])
		}
		if e.Error != "" {
			about = append(about, e.Error)
		}
		if e.Lost > 0 {
			about = append(about, fmt.Sprintf("%d entries before this one are lost", e.Lost))
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Seq, e.At.Local().Format(time.DateTime), e.Action, e.Result, e.Actor, e.Via, strings.Join(about, " "))
	}
	_ = t.Flush() // the terminal is gone if this fails
}
