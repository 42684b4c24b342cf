package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/localapi/wire"
)

func statusCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "What the till, scanners, gateway and journal are doing; exit 5 degraded, 6 unfinished sales, 7 journal damaged",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			s, err := daemon.Status(cmd.Context())
			if err != nil {
				return apiError(err)
			}
			if err := p.print(s, func(w io.Writer) { describeStatus(w, s) }); err != nil {
				return err
			}
			return quietly(statusExit(s))
		},
	}
}

func statusExit(s wire.Status) int {
	degraded := !s.Till.Ready
	for _, w := range s.Warnings {
		if w.Code == wire.WarningJournal && w.Subject == wire.SubjectDamaged {
			return exitDamaged
		}
		degraded = degraded || w.Severity != "info"
	}
	switch {
	case s.Backlog.AttentionCount > 0:
		return exitUnfinished
	case degraded:
		return exitDegraded
	case s.Backlog.Unsettled > 0:
		return exitUnfinished
	}
	return exitDone
}

func describeStatus(w io.Writer, s wire.Status) {
	ready := "ready to sell"
	if !s.Till.Ready {
		ready = "NOT selling"
	}
	fmt.Fprintf(w, "till      %s (posagent %s)\n", ready, s.Version)
	for _, r := range s.Till.Reasons {
		fmt.Fprintf(w, "          waits for an end of: %s\n", r.Title)
	}
	if s.Till.Foreground != "" {
		fmt.Fprintf(w, "          sale %s is in the foreground\n", s.Till.Foreground)
	}
	for _, sc := range s.Scanners {
		fmt.Fprintf(w, "scanner   %s: %s since %s %s\n", sc.Name, sc.State, sc.Since.Local().Format(time.DateTime), sc.Port)
		if sc.State != "ready" && sc.Hint != "" {
			fmt.Fprintf(w, "          %s\n", sc.Hint)
		}
	}
	fmt.Fprintf(w, "gateway   %s %s\n", s.Gateway.State, s.Gateway.BaseURL)
	if s.Journal.OK {
		fmt.Fprintf(w, "journal   sound, %d kB, %d events\n", s.Journal.SizeBytes>>10, s.Journal.LastEvent)
	} else {
		fmt.Fprintf(w, "journal   FAILED: %s\n", s.Journal.Error)
	}
	if c := s.Configuration; c != nil {
		fmt.Fprintf(w, "config    generation %d, since %s", c.Generation, c.LoadedAt.Local().Format(time.DateTime))
		if c.Trial != nil {
			fmt.Fprintf(w, ", on trial until %s", c.Trial.Local().Format(time.TimeOnly))
		}
		fmt.Fprintln(w)
		if r := c.LastReload; r != nil {
			fmt.Fprintf(w, "          last reload %s: ", r.At.Local().Format(time.DateTime))
			describeReload(w, *r)
		}
	}
	fmt.Fprintf(w, "open      %d sales unsettled, %d need a person\n", s.Backlog.Unsettled, s.Backlog.AttentionCount)
	for _, id := range s.Backlog.Attention {
		fmt.Fprintf(w, "          sale %s needs a person: posagent sale show %s\n", id, id)
	}
	for _, t := range s.Totals {
		fmt.Fprintf(w, "today     %d paid, %s; %d refunds, %s\n", t.Paid, t.PaidSum, t.Refunded, t.RefundedSum)
	}
	for _, x := range s.Warnings {
		fmt.Fprintf(w, "%-9s %s. %s %s\n", x.Severity, x.Title, x.Detail, x.Remedy)
	}
}
