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
	upkeepEvery = time.Minute
	skewLimit   = time.Minute // beyond it the day of a cancel may be judged wrongly
	diskLow     = 200 << 20   // bytes; warn
	diskTooLow  = 16 << 20    // bytes; stop selling before a commit fails
)

// upkeep looks after what no sale shows: the clock, the disk, and whether a
// gateway that refused this terminal takes its messages again.
func (a *agent) upkeep(ctx context.Context) error {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	a.look(ctx)
	for {
		select {
		case <-tick.C:
			a.look(ctx)
		case <-ctx.Done():
			return nil
		}
	}
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
	skew, _, known := a.client().ClockSkew()
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
	skew, at, known := a.client().ClockSkew()
	return known && skew.Abs() < skewLimit && time.Now().Round(0).Sub(at.Round(0)).Abs() < 24*time.Hour
}

func (a *agent) lookAtDisk() {
	space, err := diskspace.Free(filepath.Dir(a.cfg().Journal.Path))
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
	p := a.client().Probe(ctx)
	a.till.RecordAttempt(offline.OpQuery, p.Outcome, time.Since(begun))
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
