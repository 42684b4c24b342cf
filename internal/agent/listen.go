package agent

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"posagent/internal/keystore"
	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/shift"
)

// listen opens the local API and the admin listener.
func (a *agent) listen(ctx context.Context, parts *stack) error {
	cfg := a.cfg()
	listeners, token, err := a.listeners()
	if err != nil {
		return err
	}
	var copyJournal localapi.CopyJournal
	if a.journal != nil {
		copyJournal = a.copyForAPI
	}
	var shifts localapi.Shifts
	if a.journal != nil {
		ledger := shift.New(filepath.Join(filepath.Dir(cfg.Journal.Path), "shifts.json"), a.journal)
		if err := ledger.Begin(ctx, time.Now()); err != nil {
			a.log.Error("shifts cannot be kept; payments go on", "error", err)
		}
		shifts = ledger
	}
	a.api, err = localapi.New(localapi.Options{
		Till: a.till, Engine: a.engine, Journal: a.store,
		Token: token, Version: a.opt.Version, Log: a.log,
		JournalInfo: a.journalInfo, GatewayInfo: a.gatewayInfo, CopyJournal: copyJournal, Shifts: shifts,
		Settings: a.now().settings, ConfigInfo: a.configInfo,
	})
	if err != nil {
		return err
	}
	for _, l := range listeners {
		a.log.Info("the local API answers", "on", l.Addr().String())
	}
	parts.start(ctx, "local API", func(ctx context.Context) error { return a.api.Serve(ctx, listeners...) })
	return a.listenAdmin(ctx, parts, a.api)
}

// listeners opens the configured places of the local API; all or none.
func (a *agent) listeners() (out []localapi.Listener, token keystore.Secret, err error) {
	cfg := a.cfg()
	defer func() {
		if err != nil {
			for _, l := range out {
				err = errors.Join(err, l.Close())
			}
		}
	}()
	if cfg.API.Socket != "" {
		l, err := localapi.ListenSocket(cfg.API.Socket, cfg.API.Group)
		if err != nil {
			return out, token, err
		}
		out = append(out, l)
	}
	if cfg.API.Listen != "" {
		if token, err = keystore.EnsureToken(cfg.API.TokenFile); err != nil {
			return out, token, err
		}
		l, err := localapi.ListenTCP(cfg.API.Listen)
		if err != nil {
			return out, token, err
		}
		out = append(out, l)
	}
	return out, token, nil
}

func (a *agent) journalInfo() wire.Journal {
	w := wire.Journal{Path: a.cfg().Journal.Path}
	if a.journal == nil {
		w.Error = a.store.(closedBook).cause.Error() //nolint:forcetypeassert // openJournal returns one or the other
		return w
	}
	info := a.journal.Info()
	clean := info.Clean || info.New
	w.CleanStart, w.Schema = &clean, info.Schema
	if err := a.journal.Err(); err != nil {
		w.Error = err.Error()
	}
	stats, err := a.journal.Stats()
	if err != nil && w.Error == "" {
		w.Error = err.Error()
	}
	w.OK, w.SizeBytes = w.Error == "", stats.FileSize
	return w
}

func (a *agent) gatewayInfo() wire.Gateway {
	w := wire.Gateway{BaseURL: a.cfg().Gateway.BaseURL}
	if skew, _, known := a.client().ClockSkew(); known {
		ms := skew.Milliseconds()
		w.ClockSkewMS = &ms
	}
	return w
}
