package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/config"
	"posagent/internal/logx"
	"posagent/internal/winservice"
)

// serviceWait is how long start and stop may take: the daemon ends within 10 s.
const serviceWait = 30 * time.Second

func serviceCommand(p *program) *cobra.Command {
	c := group("service", "Windows: the daemon as a service: run, install, remove, start, stop, status",
		serviceRun(p), serviceInstall(p), serviceRemove(p),
		serviceDo(p, "start", "Start the service and wait until it runs", "The service runs.", winservice.Start),
		serviceDo(p, "stop", "Stop the service and wait for it", "The service has stopped.", winservice.End),
		serviceStatus(p))
	c.Long = `The daemon as a Windows service, under the account NT SERVICE\posagent. On Linux
the packages bring a systemd unit instead: systemctl start posagent.`
	return c
}

// serviceRun is what the service manager starts.
func serviceRun(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the daemon for the service manager, which alone starts this",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			log, closeLog := serviceLog(p)
			code, err := winservice.Run(winservice.Options{
				Run:  func(ctx context.Context) error { return runAsService(ctx, p, log) },
				Code: exitOf, Log: log,
			})
			if err != nil {
				log.Error("not run as a service", "error", err)
			}
			if err := errors.Join(err, closeLog()); err != nil {
				return serviceExit(err)
			}
			return quietly(code)
		},
	}
}

// serviceLog is the service's own log, beside the daemon's: what happens before the
// configuration is read must be found somewhere.
func serviceLog(p *program) (log *slog.Logger, closeLog func() error) {
	l, err := logx.New(logx.Options{Level: "info", Format: logx.FormatEventLog, Stderr: p.err})
	if err != nil {
		return slog.New(slog.NewTextHandler(p.err, nil)), func() error { return nil }
	}
	return l.Logger(), l.Close
}

// runAsService is "posagent serve", with its log where somebody can read it: a
// service has no standard error.
func runAsService(ctx context.Context, p *program, log *slog.Logger) error {
	kept, err := keepErrors(filepath.Join(config.SystemDir(), "logs", "stderr.log"))
	if err != nil {
		log.Warn("what goes to standard error is lost", "error", err)
	} else {
		defer kept.Close() //nolint:errcheck // nothing more is written
		p.err = kept
	}
	if cfg, err := p.load(config.RoleClient); err == nil && cfg.Log.File == "" && cfg.Log.Format != config.LogEventLog {
		log.Warn("log.format goes to standard error, which a service lacks: the Event Log is taken", "detail", string(cfg.Log.Format))
		p.env = append(p.env, "POSAGENT_LOG_FORMAT="+string(config.LogEventLog))
	}
	serve := serveCommand(p)
	serve.SetContext(ctx)
	return serve.RunE(serve, nil)
}

func serviceInstall(p *program) *cobra.Command {
	var handed bool
	c := &cobra.Command{
		Use:   "install",
		Short: "Register the service, or bring it in line; make its directories with their access lists",
		Long: `Registers the service, its recovery and the source of its events, and makes the
directories of configuration, keys, journal and logs with their access lists. What is
there is brought in line. Needs an administrator's rights.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			exe, err := os.Executable()
			if err != nil {
				return fmt.Errorf("asking where this program lies: %w", err)
			}
			dir := config.SystemDir()
			if err := winservice.Install(winservice.NewPlan(exe, dir)); err != nil {
				return serviceExit(err)
			}
			var given map[string]string
			if handed {
				if given, err = winservice.Handed(); err != nil {
					return serviceExit(err)
				}
			}
			if err := winservice.HandOver(dir, given); err != nil {
				return withExit(exitUsage, err)
			}
			return p.print(map[string]string{"service": winservice.Name, "configuration": dir}, func(w io.Writer) {
				fmt.Fprintf(w, "The service %s is registered. Its configuration is in %s.\n", winservice.Name, dir)
			})
		},
	}
	c.Flags().BoolVar(&handed, "from-installer", false, "take over the properties that the installer left in the registry")
	return c
}

func serviceRemove(p *program) *cobra.Command {
	return serviceDo(p, "remove", "Stop the service and take its registration away; configuration, keys and journal stay",
		"The service is gone. Configuration, keys and journal are still there.", winservice.Remove)
}

// serviceDo is a command that asks the service manager for one thing.
func serviceDo(p *program, use, short, done string, do func(context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), serviceWait)
			defer cancel()
			if err := do(ctx); err != nil {
				return serviceExit(err)
			}
			return p.print(map[string]string{"service": winservice.Name, "done": use}, func(w io.Writer) { fmt.Fprintln(w, done) })
		},
	}
}

func serviceStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Tell how the service is registered and whether it runs; \"posagent status\" tells whether it sells",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			r, err := winservice.Query()
			if err != nil {
				return serviceExit(err)
			}
			if err := p.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "state    %s (process %d)\naccount  %s\ncommand  %s\nrestart  after %v\n", r.State, r.Process, r.Account, r.Command, r.Recovery)
			}); err != nil {
				return err
			}
			if r.State != "running" {
				return quietly(exitNotRunning)
			}
			return nil
		},
	}
}

// serviceExit gives an error of the service manager its exit code.
func serviceExit(err error) error {
	switch {
	case errors.Is(err, winservice.ErrUnsupported):
		return withExit(exitUsage, fmt.Errorf("%w; here the packages bring a systemd unit: systemctl start posagent, or \"posagent serve\"", err))
	case errors.Is(err, winservice.ErrPermission):
		return withExit(exitPermission, err)
	case errors.Is(err, winservice.ErrNotInstalled):
		return withExit(exitNotRunning, fmt.Errorf("%w; \"posagent service install\" registers it", err))
	case errors.Is(err, winservice.ErrSlow):
		return withExit(exitTemporarily, err)
	}
	return withExit(exitFailure, err)
}
