package main

import (
	"io"

	"github.com/spf13/cobra"

	"posagent/internal/doctor"
	"posagent/internal/finding"
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
			if err := p.print(findings, func(w io.Writer) { finding.Tabulate(w, findings) }); err != nil {
				return err
			}
			return quietly(findingsExit(findings))
		},
	}
}
