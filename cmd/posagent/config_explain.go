package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"posagent/internal/config"
)

func configExplain(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [KEY]",
		Short: "Say where a value comes from, what it overrode, what it means; without KEY all that differ from the defaults",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, faults := config.Inspect(config.Options{
				Path: p.configPath, Explicit: p.explicit, Env: p.env, Role: config.RoleClient,
			})
			list := cfg.Differing()
			if len(args) == 1 {
				var err error
				if list, err = cfg.Explain(args[0]); err != nil {
					return withExit(exitUsage, err)
				}
			}
			for _, f := range faults {
				fmt.Fprintln(p.err, f)
			}
			err := p.print(list, func(w io.Writer) {
				for i, e := range list {
					if len(args) == 0 {
						fmt.Fprintf(w, "%s = %s  # %s\n", e.Key, literal(e.Value), e.Origin)
						continue
					}
					if i > 0 {
						fmt.Fprintln(w)
					}
					describeKey(w, e)
				}
			})
			if err == nil && len(faults) > 0 {
				return quietly(exitUsage)
			}
			return err
		},
	}
}

func literal(v any) string {
	if text, ok := v.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(v)
}

func describeKey(w io.Writer, e config.Explanation) {
	fmt.Fprintf(w, "%s = %s\n  from      %s\n", e.Key, literal(e.Value), e.Origin)
	for _, o := range e.Overrode {
		fmt.Fprintf(w, "  overrode  %s from %s\n", literal(o.Value), o.Origin)
	}
	fmt.Fprintf(w, "  meaning   %s\n  type      %s\n", e.Meaning, e.Type)
	if e.Limits != "" {
		fmt.Fprintf(w, "  limits    %s\n", e.Limits)
	}
	if len(e.Words) > 0 {
		fmt.Fprintf(w, "  values    %s\n", strings.Join(e.Words, ", "))
	}
	if e.Live {
		fmt.Fprintln(w, "  change    taken by \"systemctl reload posagent\"")
	} else {
		fmt.Fprintln(w, "  change    needs a restart")
	}
}

// diffReport is what a roll-out asks before it installs a configuration.
type diffReport struct {
	Against      string         `json:"against"` // the file with the daemon's configuration
	Changes      config.Changes `json:"changes"`
	NeedsRestart bool           `json:"needsRestart"`
}

func configDiff(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "diff",
		Short: "Say what a configuration changes against the one that the daemon took last, and whether that needs a restart",
		Long: `diff compares the configuration of --config, or the installed one, with the one
that the daemon of this machine took last, which it keeps beside its journal. It
exits 0 whatever differs, 2 where the configuration has faults, and 1 where no
daemon has taken one yet.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := p.load(config.RoleDaemon)
			if err != nil {
				return err
			}
			last, err := config.LoadKept(cfg.Journal.Path)
			if err != nil {
				return err
			}
			changes := config.Diff(last, cfg.Snapshot(last.At))
			report := diffReport{Against: config.KeptPath(cfg.Journal.Path), Changes: changes, NeedsRestart: len(changes.NeedRestart()) > 0}
			if report.Changes == nil {
				report.Changes = config.Changes{}
			}
			return p.print(report, func(w io.Writer) {
				for _, c := range changes {
					fmt.Fprintln(w, c)
				}
				switch {
				case len(changes) == 0:
					fmt.Fprintln(w, "Nothing changes.")
				case report.NeedsRestart:
					fmt.Fprintf(w, "%d keys change; the daemon must be restarted for %s.\n", len(changes), strings.Join(changes.NeedRestart().Keys(), ", "))
				default:
					fmt.Fprintf(w, "%d keys change; a reload takes all of them.\n", len(changes))
				}
			})
		},
	}
	installedAs(p, c)
	return c
}
