package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"posagent/internal/doctor"
)

func doctorCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check every precondition: pass, warn or fail, with the remedy; exit 1 if one fails, 5 if one warns",
		Long: `Check configuration, keys, clock, name resolution, TLS, a signed round trip with
the gateway, scanners, and the journal's disk. The round trip asks for a payment
that cannot exist; no money is touched. It may run beside the daemon.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := doctor.Examine(cmd.Context(), doctor.Options{ConfigPath: p.configPath, Explicit: p.explicit, Env: p.env})
			if err := p.print(findings, func(w io.Writer) { tabulateFindings(w, findings) }); err != nil {
				return err
			}
			return quietly(doctorExit(findings))
		},
	}
}

func tabulateFindings(w io.Writer, findings []doctor.Finding) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(t, "%s\t%s\t%s\n", f.Verdict, f.Check, f.Detail)
		if f.Remedy != "" {
			fmt.Fprintf(t, "\t\t-> %s\n", f.Remedy)
		}
	}
	_ = t.Flush() // the terminal is gone if this fails
}

func doctorExit(findings []doctor.Finding) int {
	code := exitDone
	for _, f := range findings {
		switch f.Verdict {
		case doctor.Fail:
			return exitFailure
		case doctor.Warn:
			code = exitDegraded
		case doctor.Pass:
		}
	}
	return code
}
