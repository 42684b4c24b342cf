package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"posagent/internal/agent"
	"posagent/internal/config"
)

func configCommand(p *program) *cobra.Command {
	return group("config", "Check, print and describe the configuration",
		configCheck(p), configExplain(p), configDiff(p), configReload(p), configPrint(p), configExample(p), configSchema(p))
}

func configCheck(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Name every fault of the configuration with file and line; exit 2 if there is one",
		Long: `check reads the configuration with its drop-ins, the environment and the files
that it names, and judges all of it as the daemon would. --config FILE judges
one that is not installed yet, with the posagent.d beside it; --as says where it
will be installed, as relative paths count from there.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := p.load(config.RoleDaemon)
			if err == nil {
				err = agent.Check(cfg)
			}
			var faults config.Faults
			if err != nil && !errors.As(err, &faults) {
				return err
			}
			report := struct {
				OK     bool          `json:"ok"`
				Faults config.Faults `json:"faults"`
				Notes  config.Faults `json:"notes"`
				Files  []string      `json:"files"`
			}{OK: len(faults) == 0, Faults: faults}
			if cfg != nil {
				report.Notes, report.Files = cfg.Notes, cfg.Sources()
			}
			err = p.print(report, func(w io.Writer) {
				if !report.OK && p.noConfig() {
					fmt.Fprintln(w, noConfigFound())
				}
				for _, f := range faults {
					fmt.Fprintln(w, f)
				}
				for _, n := range report.Notes {
					fmt.Fprintln(w, "note:", n)
				}
				if report.OK {
					fmt.Fprintln(w, "The configuration is sound.")
				}
			})
			if err == nil && !report.OK {
				return quietly(exitUsage)
			}
			return err
		},
	}
	installedAs(p, c)
	return c
}

func installedAs(p *program, c *cobra.Command) {
	c.Flags().StringVar(&p.as, "as", "", "judge --config as if it were installed as `file`: its relative paths count from there")
}

func configPrint(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "print",
		Short: "Print the effective configuration, where each value comes from, secrets masked",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := p.load(config.RoleClient)
			if err != nil {
				return err
			}
			if p.json {
				return p.print(cfg.Effective(), nil)
			}
			return cfg.Print(p.out)
		},
	}
}

func configExample(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "example",
		Short: "Print the annotated example of the configuration, every key with its default",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.out.Write(config.Example())
			return err
		},
	}
}

func configSchema(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.out.Write(config.Schema())
			return err
		},
	}
}
