package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"time"

	"posagent/internal/admin"
	"posagent/internal/admin/access"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/localapi"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/queue"
)

// listenAdmin opens the ways of store IT. One that cannot be opened does not keep
// the till from selling: it is tried again, and the log says why.
func (a *agent) listenAdmin(ctx context.Context, parts *stack, local *localapi.Server) error {
	api, err := a.adminServer(local)
	if err != nil {
		return err
	}
	cfg := a.cfg()
	if path := cfg.AdminSocket(); path != "" {
		a.serveAdmin(ctx, parts, api, "admin socket", func() (admin.Listener, error) {
			l, err := localapi.ListenPrivate("admin.socket", path)
			return admin.Local(l.Listener), err
		})
	}
	if cfg.Admin.Listen != "" {
		a.serveAdmin(ctx, parts, api, "admin listener", a.adminAddress)
	}
	return nil
}

// adminAddress listens on the configured address, with certificates where there are any.
func (a *agent) adminAddress() (admin.Listener, error) {
	c := a.cfg().Admin
	var files *admin.Files
	if c.TLS() {
		var err error
		if files, err = admin.OpenFiles(c.CertFile, c.KeyFile, c.ClientCAFile, a.log); err != nil {
			return admin.Listener{}, fmt.Errorf("admin.cert_file: %w", err)
		}
	}
	l, err := net.Listen("tcp", c.Listen)
	switch {
	case err != nil:
		return admin.Listener{}, fmt.Errorf("admin.listen: %w", err)
	case files != nil:
		return admin.MutualTLS(l, files), nil
	}
	return admin.Plain(l), nil
}

// adminAgain is the pause before a listener is tried again.
const adminAgain = 10 * time.Second

// serveAdmin opens a listener and serves it for as long as the daemon runs. The
// first try is made at once, so that it answers when the daemon says that it is
// ready.
func (a *agent) serveAdmin(ctx context.Context, parts *stack, api *admin.Server, name string, open func() (admin.Listener, error)) {
	l, err := open()
	parts.start(ctx, name, func(ctx context.Context) error {
		for {
			if err == nil {
				a.log.Info("store IT is answered", "listener", name, "on", l.Addr().String())
				err = api.Serve(ctx, l)
			}
			if ctx.Err() != nil {
				return ctx.Err() // what the listener said while it was being closed is no news
			}
			a.log.Error("store IT is not answered; it is tried again, and sales go on", "listener", name, "error", err, "in", adminAgain)
			t := time.NewTimer(adminAgain)
			select {
			case <-t.C:
				l, err = open()
			case <-ctx.Done():
				t.Stop()
				return nil
			}
		}
	})
}

// adminServer ties the parts of the daemon to what store IT may ask of them.
func (a *agent) adminServer(local *localapi.Server) (*admin.Server, error) {
	opt := admin.Options{
		Metrics: a.metrics, Ready: a.readiness, Log: a.log, Trail: a.audit, Local: local.Trusted(),
		Version: wire.Version{Version: a.opt.Version, Commit: a.opt.Commit, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, JournalSchema: queue.Schema},
		Rules:   func() access.Rules { return a.cfg().Admin.Rules() },
		Drain:   a.drain, Resume: a.resume, Drained: a.drained, Reload: a.reloadForAdmin,
	}
	opt.Bundle = a.bundle
	if logs := a.opt.Logs; logs != nil {
		opt.SetLevel, opt.Level = logs.SetLevelFor, func() wire.LogLevel { return wire.LogLevel(logs.Level()) }
	}
	if a.journal != nil {
		opt.Backup = func(w io.Writer) (int64, error) {
			n, err := a.journal.Backup(w)
			return n, adminError(err)
		}
		opt.Verify = a.verifyJournal
	}
	return admin.New(opt)
}

func (a *agent) verifyJournal(ctx context.Context) (wire.Verified, error) {
	r, err := a.journal.Verify(ctx)
	if err != nil {
		return wire.Verified{}, adminError(err)
	}
	out := wire.Verified{
		OK: r.OK(), Schema: r.Schema, Sales: r.Sales, Unsettled: r.Unsettled, Payments: r.Payments, Refunds: r.Refunds,
		Events: r.Events, Audit: r.Audit, Findings: make([]string, 0, len(r.Findings)), More: r.More,
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, f.String())
	}
	return out, nil
}

// adminError gives an error of a part the kind by which the admin API answers.
func adminError(err error) error {
	switch {
	case errors.Is(err, offline.ErrJournal):
		return fmt.Errorf("%w: %w", admin.ErrJournal, err)
	case errors.Is(err, offline.ErrStopped), errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", admin.ErrStopping, err)
	}
	return err
}

func (a *agent) drain(ctx context.Context, by audit.Actor, keep bool) error {
	if err := a.till.Drain(ctx, by.Name); err != nil {
		return adminError(err)
	}
	if keep {
		return a.keepDrain(by.Name)
	}
	return nil
}

// resume opens the till. The note goes first: what is left of a crash in between
// is a till that sells, and sells after the next start as well.
func (a *agent) resume(ctx context.Context, _ audit.Actor) error {
	if err := a.dropDrain(); err != nil {
		return err
	}
	return adminError(a.till.Resume(ctx))
}

func (a *agent) drained(ctx context.Context, wait bool) wire.Drain {
	d := a.till.Snapshot().Drained()
	if wait {
		var err error
		if d, err = a.till.WaitDrained(ctx); err != nil {
			a.log.Debug("the till was not drained in the time that was asked for", "error", err)
		}
	}
	return a.drainOf(d)
}

func (a *agent) drainOf(d till.Drained) wire.Drain {
	w := wire.Drain{
		Draining: d.Draining, By: d.By, Kept: a.drainKept(), Drained: d.Drained, Foreground: string(d.Foreground),
		Open: d.Open, Attention: d.Attention,
	}
	if !d.Since.IsZero() {
		since := d.Since.UTC().Round(0)
		w.Since = &since
	}
	return w
}
