package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"posagent/internal/config"
)

// program is what a run of posagent gets from its surroundings.
type program struct {
	args []string
	env  []string
	in   io.Reader
	out  io.Writer
	err  io.Writer

	configPath string
	explicit   bool
	as         string
	json       bool
}

// execute runs one command line and returns the exit code. What went wrong is
// said once, on standard error: as a sentence, or as an object with --json.
func execute(ctx context.Context, p program) int {
	root := newRoot(&p)
	root.SetArgs(p.args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err := root.ExecuteContext(ctx)
	code := exitOf(err)
	var coded *exitError
	if err == nil || errors.As(err, &coded) && coded.quiet {
		return code
	}
	if p.json {
		_ = json.NewEncoder(p.err).Encode(map[string]any{"error": err.Error(), "exit": code}) // nobody is left to tell
		return code
	}
	fmt.Fprintln(p.err, "posagent:", err)
	return code
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "posagent",
		Short: "Take wallet payments at the checkout, and end with a proven result",
		Long: `posagent charges the payment code that a customer shows at the checkout through
Alipay's offline.pay, and ends with a result that is proven: paid, declined,
cancelled, or a person must look. Begin with "posagent demo".`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&p.configPath, "config", "",
		"configuration `file` (default "+firstOf(config.SearchPaths())+", then ./posagent.toml)")
	root.PersistentFlags().BoolVar(&p.json, "json", false, "print for reading by a program")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) { p.explicit = cmd.Flags().Changed("config") }
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return withExit(exitUsage, fmt.Errorf("%w (see \"%s --help\")", err, cmd.CommandPath()))
	})
	root.AddCommand(
		demoCommand(p), serveCommand(p), uiCommand(p), runCommand(p), sandboxCommand(p),
		payCommand(p), refundCommand(p), saleCommand(p), statusCommand(p),
		scannerCommand(p), journalCommand(p), configCommand(p), keysCommand(p),
		shiftCommand(p), supervisorCommand(p), serviceCommand(p), doctorCommand(p), goLiveCommand(p), supportCommand(p), versionCommand(p), adminCommand(p),
	)
	root.AddCommand(manualCommand())
	usageErrors(root)
	return root
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return list[0]
}

// usageErrors makes every misuse of arguments and every missing flag end with the
// exit code for it.
func usageErrors(cmd *cobra.Command) {
	cmd.PreRunE = func(c *cobra.Command, _ []string) error {
		return withExit(exitUsage, c.ValidateRequiredFlags())
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error { return withExit(exitUsage, check(c, args)) }
	}
	for _, sub := range cmd.Commands() {
		usageErrors(sub)
	}
}

// group is a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, args []string) error {
		return withExit(exitUsage, fmt.Errorf("%q needs one of its commands (see \"%s --help\")", cmd.CommandPath(), cmd.CommandPath()))
	}}
	c.AddCommand(subs...)
	return c
}

// load reads the configuration for a role; overrides are flags.
func (p *program) load(role config.Role, overrides ...config.Override) (*config.Config, error) {
	cfg, err := config.Load(config.Options{
		Path: p.configPath, Explicit: p.explicit, Env: p.env, Role: role, Overrides: overrides, As: p.as,
	})
	if err != nil && p.noConfig() {
		err = fmt.Errorf("%s\n%w", noConfigFound(), err)
	}
	return cfg, withExit(exitUsage, err)
}

// noConfig tells whether no configuration file was named and none was found.
func (p *program) noConfig() bool {
	if p.explicit || slices.ContainsFunc(p.env, func(v string) bool { return strings.HasPrefix(v, config.ConfigVariable+"=") }) {
		return false
	}
	return !slices.ContainsFunc(config.SearchPaths(), func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
}

func noConfigFound() string {
	return "no configuration file was found; looked for " + strings.Join(config.SearchPaths(), ", ") + ". Name one with --config"
}

// print writes v as JSON, or text as it stands.
func (p *program) print(v any, text func(io.Writer)) error {
	if p.json {
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	text(p.out)
	return nil
}
