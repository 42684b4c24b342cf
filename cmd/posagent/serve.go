package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"posagent/internal/agent"
	"posagent/internal/config"
	"posagent/internal/logx"
	"posagent/internal/service"
	"posagent/internal/threads"
	"posagent/queue"
)

func serveCommand(p *program) *cobra.Command {
	var level string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon: scanners, journal, payment engine, local API",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var overrides []config.Override
			if level != "" {
				overrides = append(overrides, config.Override{Key: "log.level", Value: level, Flag: "--log-level"})
			}
			cfg, err := p.load(config.RoleDaemon, overrides...)
			fallback := false
			if err != nil {
				if cfg, fallback = p.loadLast(overrides...); !fallback {
					return err
				}
			}
			log, err := p.openLog(cfg)
			if err != nil {
				return err
			}
			for _, n := range cfg.Notes {
				log.Logger().Info("configuration", "note", n.String())
			}
			b := thisBuild()
			log.Logger().Info("posagent starts", "action", logx.ActionStart, "version", b.Version, "store", cfg.Terminal.StoreID,
				"terminal", cfg.Terminal.TerminalID, "gateway", cfg.Gateway.BaseURL, "configuration", cfg.Sources())
			defer threads.Set()()
			service.Opening(log.Logger(), "opening the journal and listing what is unsettled")
			err = agent.Run(cmd.Context(), agent.Options{
				Config: cfg, Log: log.Logger(), Logs: log, Version: b.Version, Commit: b.Commit,
				Fallback: fallback,
				Load:     func() (*config.Config, error) { return p.load(config.RoleDaemon, overrides...) },
				Hangup:   hangups(cmd.Context()),
				SetLevel: log.SetLevel,
				Ready:    func(sells bool) { announce(log.Logger(), sells) },
				Manager:  manage(cfg, log.Logger()),
			})
			return closeLog(log, describeServe(err))
		},
	}
	c.Flags().StringVar(&level, "log-level", "", "debug, info, warn or error; overrides log.level")
	return c
}

// loadLast is the configuration of the last run, for a start with files that are
// at fault: the till sells on, and says so until they are mended.
func (p *program) loadLast(overrides ...config.Override) (*config.Config, bool) {
	cfg, err := config.LoadLast(config.Options{Path: p.configPath, Explicit: p.explicit, Env: p.env, Overrides: overrides})
	return cfg, err == nil
}

// closeLog ends the log. Where nobody takes its lines, nobody takes a last word on
// standard error either: waiting for that would keep the process from ending.
func closeLog(log *logx.Log, err error) error {
	closing := log.Close()
	if !errors.Is(closing, logx.ErrNotWritten) {
		return errors.Join(err, closing)
	}
	if err == nil {
		err = closing
	}
	return &exitError{code: exitOf(err), err: err, quiet: true}
}

// announce says that the daemon runs; a till that cannot sell is not "ready".
func announce(log *slog.Logger, sells bool) {
	if !sells {
		log.Error("running, but NOT selling; \"posagent status\" says why", "action", logx.ActionNotSelling)
		return
	}
	log.Info("ready for sales", "action", logx.ActionReady)
}

// manage tells the service manager how the daemon stands. Its first word waits
// for an answer of the local API, asked for as any program of this machine would.
func manage(cfg *config.Config, log *slog.Logger) func(context.Context, *agent.Pulse) error {
	return func(ctx context.Context, pulse *agent.Pulse) error {
		return service.Run(ctx, service.Options{Daemon: pulse, Log: log, Answers: func(ctx context.Context) error {
			api, err := connect(cfg, 0)
			if err != nil {
				return err
			}
			defer api.Close()
			_, err = api.Status(ctx)
			return err
		}})
	}
}

func (p *program) openLog(cfg *config.Config) (*logx.Log, error) {
	log, err := logx.New(logx.Options{
		Level: string(cfg.Log.Level), Format: logx.Format(cfg.Log.Format), File: cfg.Log.File,
		MaxSizeMB: cfg.Log.MaxSizeMB, MaxAgeDays: cfg.Log.MaxAgeDays, MaxFiles: cfg.Log.MaxFiles, Stderr: p.logTo(),
		Service: logx.Service{
			Version: thisBuild().Version, Node: cfg.Terminal.StoreID + "/" + cfg.Terminal.TerminalID, Host: hostName(), PID: os.Getpid(),
		},
	})
	return log, withExit(exitUsage, err)
}

// logTo is where the log goes: nil is the process's own standard error, which may be the systemd journal.
func (p *program) logTo() io.Writer {
	if f, ok := p.err.(*os.File); ok && f == os.Stderr {
		return nil
	}
	return p.err
}

// hostName is empty where the system does not know it.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// describeServe gives the reasons for which a daemon ends their exit codes.
func describeServe(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, queue.ErrLocked):
		return withExit(exitTemporarily, err)
	case errors.Is(err, queue.ErrPermission):
		return withExit(exitPermission, err)
	}
	return fmt.Errorf("the daemon stopped: %w", err)
}
