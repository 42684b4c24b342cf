package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"posagent/internal/support"
	"posagent/queue"
)

// bundle writes a support bundle from within the daemon. What the doctor would
// find is not in it: his round trip with the gateway belongs to no running till.
func (a *agent) bundle(ctx context.Context, w io.Writer) error {
	_, err := support.Write(ctx, w, a.bundleOptions())
	return err
}

func (a *agent) bundleOptions() support.Options {
	cfg := a.now().cfg
	opt := support.Options{
		Now: time.Now(), Config: cfg,
		Build: map[string]string{"version": a.opt.Version, "commit": a.opt.Commit},
		Status: func(context.Context) (any, error) {
			s := a.till.Snapshot()
			return map[string]any{
				"ready": s.Ready, "reasons": s.Reasons, "warnings": s.Warnings, "waiting": s.Waiting, "backlog": s.Backlog,
				"scanners": s.Scanners, "gateway": a.gatewayInfo(), "journal": a.journalInfo(),
			}, nil
		},
		Metrics: a.scrape,
		Journal: func(context.Context) (support.Journal, func() error, error) {
			if a.journal == nil {
				return nil, nil, a.store.(closedBook).cause //nolint:forcetypeassert // openJournal returns one or the other
			}
			return a.journal, func() error { return nil }, nil
		},
		JournalDamage: func(ctx context.Context) (any, error) { return queue.Verify(ctx, cfg.Journal.Path) },
	}
	if a.opt.Logs != nil {
		opt.LogState = func() any {
			return map[string]any{"level": a.opt.Logs.Level(), "lines": a.opt.Logs.Stats()}
		}
	}
	return opt
}

// scrape is what Prometheus would get now.
func (a *agent) scrape(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/metrics", nil)
	if err != nil {
		return nil, err
	}
	p := page{header: http.Header{}, code: http.StatusOK}
	a.metrics.Handler().ServeHTTP(&p, req)
	if p.code != http.StatusOK {
		return nil, fmt.Errorf("the metrics answer HTTP %d: %w", p.code, errors.New(p.body.String()))
	}
	return p.body.Bytes(), nil
}

// page takes an answer that leaves by another way than HTTP.
type page struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (p *page) Header() http.Header                { return p.header }
func (p *page) WriteHeader(code int)               { p.code = code }
func (p *page) Write(text []byte) (n int, _ error) { return p.body.Write(text) }
