package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/admin/client"
	"posagent/internal/admin/wire"
	local "posagent/internal/localapi/client"
)

// remote is how "posagent admin" reaches a daemon: by its socket, or elsewhere.
type remote struct {
	p                      *program
	address, cert, key, ca string
}

func adminCommand(p *program) *cobra.Command {
	r := &remote{p: p}
	c := group("admin", "What store IT asks of a running till: drain it, copy its journal, see who did what",
		adminDrain(r), adminResume(r), adminReload(r), adminLevel(r), adminAttention(r), adminResolve(r),
		adminVerify(r), adminBackup(r), adminBundle(r), adminAudit(r), adminVersion(r), adminStatus(r))
	c.Long = `What store IT asks of a running till. Without --address it goes over the admin
socket of this machine, for root and the user of the service; with it over mutual
TLS, and the till's configuration says what the certificate may do. Every call
that changes something or hands out data stands in the till's audit trail.`
	f := c.PersistentFlags()
	f.StringVar(&r.address, "address", "", "a till elsewhere, such as https://till-03.example:9373")
	f.StringVar(&r.cert, "cert", "", "own certificate for --address, PEM `file`")
	f.StringVar(&r.key, "key", "", "its key, PEM `file`")
	f.StringVar(&r.ca, "ca", "", "those who issue tills' certificates, PEM `file` (default: the system's)")
	return c
}

// daemon prepares the client.
func (r *remote) daemon() (*client.Client, error) {
	opt := client.Options{Address: r.address, CertFile: r.cert, KeyFile: r.key, CAFile: r.ca}
	if r.address == "" {
		if r.cert+r.key+r.ca != "" {
			return nil, withExit(exitUsage, errors.New("--cert, --key and --ca are for --address"))
		}
		cfg, err := r.p.reach()
		if err != nil {
			return nil, err
		}
		if opt.Socket = cfg.AdminSocket(); opt.Socket == "" {
			return nil, withExit(exitUsage, errors.New("there is no admin socket: set admin.socket, or name a till with --address"))
		}
	}
	c, err := client.New(opt)
	return c, withExit(exitUsage, err)
}

// command is one call whose answer is printed. do tells the exit code.
func command[T any](r *remote, use, short string, call func(context.Context, *client.Client) (T, error), text func(io.Writer, T), exit func(T) int) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, err := r.daemon()
			if err != nil {
				return err
			}
			out, err := call(cmd.Context(), daemon)
			if err != nil {
				return adminError(err)
			}
			if err := r.p.print(out, func(w io.Writer) { text(w, out) }); err != nil {
				return err
			}
			if exit == nil {
				return nil
			}
			return quietly(exit(out))
		},
	}
}

// adminError gives an error of the admin API its exit code.
func adminError(err error) error {
	var problem *wire.Problem
	switch {
	case err == nil:
		return nil
	case errors.Is(err, local.ErrNotRunning):
		return withExit(exitNotRunning, err)
	case errors.Is(err, local.ErrPermission):
		return withExit(exitPermission, err)
	case errors.Is(err, context.DeadlineExceeded):
		return withExit(exitTemporarily, err)
	case errors.As(err, &problem):
		return withExit(adminExit(problem.Code), err)
	}
	return err
}

func adminExit(code wire.Code) int {
	switch code {
	case wire.CodeInvalidRequest, wire.CodeRefused:
		return exitUsage
	case wire.CodeNoRole, wire.CodeRoleRequired, wire.CodeForbiddenHost, wire.CodeForbiddenOrigin,
		"supervisor_required", "supervisor_refused":
		return exitPermission
	case wire.CodeBusy, wire.CodeStopping, "too_many_failures":
		return exitTemporarily
	case wire.CodeJournalFailed:
		return exitDamaged
	}
	return exitFailure
}

func adminDrain(r *remote) *cobra.Command {
	var wait time.Duration
	var keep bool
	c := command(r, "drain", "Take no new sale; with --wait until nobody stands at the till, exit 75 where that takes too long",
		func(ctx context.Context, d *client.Client) (wire.Drain, error) { return d.Drain(ctx, wait, keep) },
		describeDrain, func(d wire.Drain) int {
			if wait > 0 && !d.Drained {
				return exitTemporarily
			}
			return exitDone
		})
	c.Flags().DurationVar(&wait, "wait", 0, "wait this long for the sale in the foreground to end, at most 10m")
	c.Flags().BoolVar(&keep, "keep", false, "stay drained over a restart")
	return c
}

func adminResume(r *remote) *cobra.Command {
	return command(r, "resume", "Take sales again",
		func(ctx context.Context, d *client.Client) (wire.Drain, error) { return d.Resume(ctx) }, describeDrain, nil)
}

func describeDrain(w io.Writer, d wire.Drain) {
	switch {
	case !d.Draining:
		fmt.Fprintln(w, "The till takes sales.")
	case d.Drained:
		fmt.Fprintf(w, "The till takes no new sale (by %s), and nobody stands at it.\n", d.By)
	default:
		fmt.Fprintf(w, "The till takes no new sale (by %s); sale %s is still in the foreground.\n", d.By, d.Foreground)
	}
	if d.Kept {
		fmt.Fprintln(w, "It stays so over a restart.")
	}
	if d.Open > 0 {
		fmt.Fprintf(w, "%d sales go on in the background, %d of them wait for a person. A stop leaves them to the next start.\n", d.Open, d.Attention)
	}
}

func adminLevel(r *remote) *cobra.Command {
	var d time.Duration
	c := &cobra.Command{
		Use: "log-level [LEVEL]", Short: "Tell which lines are logged, or log more or less for a time: debug, info, warn, error",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			daemon, err := r.daemon()
			if err != nil {
				return err
			}
			var out wire.LogLevel
			if len(args) == 0 {
				out, err = daemon.Level(cmd.Context())
			} else {
				out, err = daemon.SetLevel(cmd.Context(), args[0], d)
			}
			if err != nil {
				return adminError(err)
			}
			return r.p.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "level %s, configured %s\n", out.Level, out.Configured)
				if out.Until != nil {
					fmt.Fprintf(w, "back at %s\n", out.Until.Local().Format(time.DateTime))
				}
			})
		},
	}
	c.Flags().DurationVar(&d, "for", time.Hour, "how long; 0s goes back at once")
	return c
}

func adminVersion(r *remote) *cobra.Command {
	return command(r, "version", "The version of the daemon that runs, which may not be that of this program",
		func(ctx context.Context, d *client.Client) (wire.Version, error) { return d.Version(ctx) },
		func(w io.Writer, v wire.Version) {
			fmt.Fprintf(w, "posagent %s (%s, %s, %s/%s), journal schema %d\n", v.Version, v.Commit, v.Go, v.OS, v.Arch, v.JournalSchema)
		}, nil)
}
