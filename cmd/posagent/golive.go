package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"posagent/internal/doctor"
	"posagent/internal/finding"
	"posagent/queue"
)

func goLiveCommand(p *program) *cobra.Command {
	var before string
	c := &cobra.Command{
		Use:   "go-live",
		Short: "Check what must change between sandbox and production: pass, warn or fail, with the remedy; exit 1 if one fails, 5 if one warns",
		Long: `Judge whether this till may take real money: address, client id, merchant id and keys
are production's, nothing is left over from trying in shop, policy, record and log,
and the production gateway takes a signed message from it. The round trip asks for a
payment that cannot exist; no money is touched. It may run beside the daemon.

With --before, the configuration that was used in the sandbox, it also says which of
the parameters that must change are the same.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := doctor.GoLive(cmd.Context(), doctor.GoLiveOptions{
				Options: doctor.Options{ConfigPath: p.configPath, Explicit: p.explicit, Env: p.env},
				Before:  before, Journal: p.countSales,
			})
			if err := p.print(findings, func(w io.Writer) {
				finding.Tabulate(w, findings)
				fmt.Fprintln(w, goLiveWords(finding.Worst(findings)))
			}); err != nil {
				return err
			}
			return quietly(findingsExit(findings))
		},
	}
	c.Flags().StringVar(&before, "before", "", "the configuration that was used in the sandbox")
	return c
}

func goLiveWords(v finding.Verdict) string {
	switch v {
	case finding.Fail:
		return "This till must not take real money yet."
	case finding.Warn:
		return "This till may take real money once somebody has looked at what is warned of."
	case finding.Pass:
	}
	return "This till may take real money."
}

// countSales counts the sales in the configured journal, and those without an end.
func (p *program) countSales(ctx context.Context) (sales, unsettled int, err error) {
	path, err := p.journalPath(nil)
	if err != nil {
		return 0, 0, err
	}
	var report queue.Report
	err = p.readJournal(ctx, path, true, func(file string) error {
		report, err = queue.Verify(ctx, file)
		return err
	})
	if errors.Is(err, queue.ErrMissing) {
		return 0, 0, fs.ErrNotExist
	}
	return report.Sales, report.Unsettled, err
}
