package agent

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"posagent/internal/admin"
	"posagent/internal/diskspace"
	"posagent/internal/health"
	"posagent/internal/till"
	"posagent/offline"
)

const (
	upkeepEvery  = time.Minute
	skewLimit    = time.Minute // beyond it the day of a cancel may be judged wrongly
	diskLow      = 200 << 20   // bytes; warn
	diskTooLow   = 16 << 20    // bytes; stop selling before a commit fails
	saleQueueLen = 256
)

// upkeep looks after what no sale shows: the clock, the disk, the counters of
// sales that ended, and whether a gateway that refused this terminal takes its
// messages again.
func (a *agent) upkeep(ctx context.Context) error {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	changes := a.engine.Subscribe(saleQueueLen)
	defer func() { changes.Close() }()
	a.look(ctx)
	for {
		select {
		case <-tick.C:
			a.look(ctx)
		case c, open := <-changes.C:
			if !open { // too many at once: the counters miss some, the journal none
				a.log.Warn("the metrics missed sales that ended; the journal has them")
				changes = a.engine.Subscribe(saleQueueLen)
				continue
			}
			a.count(c.Sale)
		case <-ctx.Done():
			return nil
		}
	}
}

// count counts a sale in the very change that made it final.
func (a *agent) count(s offline.Sale) {
	for i := range s.Payments {
		if a.late.news(&s.Payments[i], time.Now()) {
			a.metrics.Late()
		}
	}
	if s.Final() && endedJustNow(s) {
		a.metrics.Sale(s)
		tellEnd(a.log, s)
	}
}

// lateNews tells late successes of this run once each. The commit that has the
// answer mostly has further facts, and later changes of the sale show it again.
type lateNews map[offline.MerchantTransID]struct{}

// news tells whether the payment's late success came just now.
func (l lateNews) news(p *offline.Payment, now time.Time) bool {
	if _, told := l[p.ID]; told || !p.LateSuccess() || now.Sub(lastAnswer(p)) > time.Minute {
		return false
	}
	l[p.ID] = struct{}{}
	return true
}

func lastAnswer(p *offline.Payment) (at time.Time) {
	for _, a := range p.Attempts {
		if a.FinishedAt.After(at) {
			at = a.FinishedAt
		}
	}
	return at
}

func endedJustNow(s offline.Sale) bool {
	p := s.Current()
	if p == nil || s.End != nil {
		return len(s.Refunds) == 0
	}
	return p.End != nil && p.End.Seq == p.Facts && len(s.Refunds) == 0
}

func (a *agent) look(ctx context.Context) {
	a.tidy()
	a.lookAtClock()
	a.lookAtDisk()
	a.lookAtGateway(ctx)
}

// tidy has the journal file finished sales while nobody waits at the till.
func (a *agent) tidy() {
	if a.journal == nil || a.till.Snapshot().Foreground != nil {
		return
	}
	if err := a.journal.Tidy(); err != nil {
		a.log.Error("finished sales could not be filed", "error", err)
	}
}

func (a *agent) lookAtClock() {
	skew, _, known := a.client.ClockSkew()
	if !known || skew.Abs() < skewLimit {
		a.health.Clear("clock")
		return
	}
	a.health.Set(health.Warning{
		Code: "clock", Severity: health.Warn, Title: "The clock is wrong",
		Text:   fmt.Sprintf("The gateway's clock and this machine's differ by %s.", skew.Round(time.Second)),
		Remedy: "Store IT: set the clock and switch time synchronisation on. Cancels are judged by the business day.",
	})
}

// clockConfirmed tells whether a verified answer of the last day agreed with the
// clock. Both moments are of the wall clock, which may have been set since.
func (a *agent) clockConfirmed() bool {
	skew, at, known := a.client.ClockSkew()
	return known && skew.Abs() < skewLimit && time.Now().Round(0).Sub(at.Round(0)).Abs() < 24*time.Hour
}

func (a *agent) lookAtDisk() {
	space, err := diskspace.Free(filepath.Dir(a.opt.Config.Journal.Path))
	if err != nil {
		a.log.Debug("free disk space is not known", "error", err)
		return
	}
	w := health.Warning{
		Code: "disk", Severity: health.Warn, Title: "The disk is almost full",
		Text:   fmt.Sprintf("%d MB are left where the till keeps its record.", space.Free>>20),
		Remedy: "Store IT: free space on this disk. Below 16 MB the till stops selling.",
	}
	switch {
	case space.Free < diskTooLow:
		w.Severity, w.Title = health.BlocksSelling, "The disk is full"
	case space.Free > diskLow:
		a.health.Clear("disk")
		return
	}
	a.health.Set(w)
}

// lookAtGateway asks a gateway that has refused this terminal's messages whether
// it takes them again, so that selling resumes without a restart.
func (a *agent) lookAtGateway(ctx context.Context) {
	if a.till.Snapshot().Gateway.State != till.GatewaySetup {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	begun := time.Now()
	p := a.client.Probe(ctx)
	a.till.RecordAttempt(offline.OpQuery, p.Outcome, time.Since(begun))
}

// gauges reads the present state for the metrics.
func (a *agent) gauges() admin.Gauges {
	backlog := func() till.Backlog { return a.till.Snapshot().Backlog }
	return admin.Gauges{
		OpenPayments: func() int { b := a.engine.Backlog(); return b.Driven + b.Listed },
		Attention:    func() int { return backlog().AttentionCount },
		Oldest: func() time.Duration {
			if at := backlog().Oldest; !at.IsZero() {
				return time.Since(at)
			}
			return 0
		},
		Scanners: func() []admin.Scanner {
			var out []admin.Scanner
			for _, h := range a.scanners.Health() {
				n := h.Counters
				out = append(out, admin.Scanner{
					Name: h.Name, State: string(h.State), Since: h.Since,
					GoodReads: n.GoodReads, Refused: n.Refused, Duplicates: n.Duplicates,
					FramingErrors: n.FramingErrors, Reconnects: n.Reconnects,
				})
			}
			return out
		},
		JournalBytes: func() int64 {
			if a.journal == nil {
				return 0
			}
			s, err := a.journal.Stats()
			if err != nil {
				a.log.Warn("the journal's size is not known", "error", err)
			}
			return s.FileSize
		},
		ClockSkew: func() (time.Duration, bool) { d, _, known := a.client.ClockSkew(); return d, known },
		Ready:     func() bool { return a.till.Snapshot().Ready },
	}
}

// readiness is what the admin listener answers.
func (a *agent) readiness() admin.Readiness {
	s := a.till.Snapshot()
	r := admin.Readiness{Ready: s.Ready}
	for _, w := range s.Reasons {
		r.Reasons = append(r.Reasons, string(w.Code))
	}
	return r
}
