package agent

import (
	"context"
	"strings"
	"sync"
	"time"

	"posagent/internal/audit"
	"posagent/internal/config"
	"posagent/internal/health"
	"posagent/internal/localapi/wire"
	"posagent/internal/logx"
)

// The conditions of a configuration that is not in force. The first means that
// nobody but a person can bring the daemon and its files together again.
const (
	WarnConfiguration health.Code = "configuration_not_in_force"
	WarnRestart       health.Code = "restart_needed"
)

// reloader is the part that changes the configuration: one reload at a time, and
// the return to the one before while that one is on trial.
type reloader struct {
	a     *agent
	asks  chan pending
	ended chan struct{} // closed when Run has ended

	mu    sync.Mutex
	last  *Report
	trial time.Time // copy of until, for status

	// What follows belongs to the goroutine of Run.
	before  *generation // to go back to; nil: no trial
	until   time.Time   // of the trial
	blocked bool        // the gateway refused this terminal before, too
}

type pending struct {
	ask  Ask
	done chan Report // holds one: nobody waits for the caller
}

func newReloader(a *agent) *reloader {
	return &reloader{a: a, asks: make(chan pending), ended: make(chan struct{})}
}

const sweepEvery = 15 * time.Second

// Run carries reloads out until ctx ends.
func (r *reloader) Run(ctx context.Context) error {
	defer close(r.ended)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	if r.a.opt.Fallback {
		r.reload(ctx, Ask{By: audit.Self(), Trigger: "start"}) // says everywhere what is wrong with the files
	}
	for {
		changed := r.a.health.Changed()
		r.watch(ctx)
		select {
		case <-ctx.Done():
			return nil
		case p := <-r.asks:
			p.done <- r.reload(ctx, p.ask)
		case <-r.a.opt.Hangup:
			r.reload(ctx, Ask{By: audit.Actor{Name: "SIGHUP", Via: "signal"}, Trigger: "signal"})
		case <-changed:
		case <-tick.C:
		}
	}
}

// reload carries one out and tells everybody how it ended.
func (r *reloader) reload(ctx context.Context, ask Ask) Report {
	begun := time.Now()
	r.a.step("begin")
	rep := r.try(ctx, ask)
	rep.TookMS = time.Since(begun).Milliseconds()
	r.tell(ctx, ask.By, &rep)
	return rep
}

// tell keeps a report and brings log, metrics and warnings in line with it.
func (r *reloader) tell(ctx context.Context, by audit.Actor, rep *Report) {
	a := r.a
	rep.Generation = a.now().number
	r.mu.Lock()
	r.last, r.trial = rep, r.until
	r.mu.Unlock()
	attrs := []any{
		"action", logx.ActionConfiguration, "reload", rep.Result, "generation", rep.Generation, "by", rep.By,
		"changed", rep.Changes.Keys(), "took", time.Duration(rep.TookMS) * time.Millisecond,
	}
	if len(rep.Notes) > 0 {
		attrs = append(attrs, "detail", strings.Join(rep.Notes, "; "))
	}
	a.metrics.RestartNeeded(len(rep.NeedsRestart) > 0)
	a.metrics.Reloaded(metricOf(rep.Result), rep.Generation, a.now().taken.At)
	if rep.OK() && len(rep.Reasons) == 0 {
		a.health.Clear(WarnConfiguration)
		a.health.Clear(WarnRestart)
		a.log.Info("configuration read again", append(attrs, "result", "success")...)
		if rep.Result == ResultUnchanged {
			r.recordResult(ctx, by, rep)
		}
		return
	}
	a.log.Error("the configuration in the files is not in force", append(attrs, "result", "failure", "reason", strings.Join(rep.Reasons, "; "))...)
	a.warnNotInForce(rep)
	if rep.Result == ResultRefused {
		r.recordResult(ctx, by, rep)
	}
}

// recordResult notes a reload that changed nothing.
func (r *reloader) recordResult(ctx context.Context, by audit.Actor, rep *Report) {
	e := by.Entry(audit.Reload, r.a.cfg().File()).With("result", rep.Result)
	if rep.Result == ResultRefused {
		e.Result, e.Error = audit.Refused, strings.Join(rep.Reasons, "; ")
	}
	_ = r.a.audit.Record(context.WithoutCancel(ctx), e) // what cannot be kept is in the log by then
}

func (a *agent) warnNotInForce(rep *Report) {
	if len(rep.NeedsRestart) > 0 {
		a.health.Clear(WarnConfiguration)
		a.health.Set(health.Warning{
			Code: WarnRestart, Severity: health.Info, Title: "A changed configuration waits for a restart",
			Text:   "These keys cannot be changed while the till runs: " + strings.Join(rep.NeedsRestart, ", ") + ". Nothing of the change is in force.",
			Remedy: "Store IT: restart posagent when the till is free, or take the change back.",
		})
		return
	}
	what := "The changed configuration was refused; the one before stays in force: "
	switch rep.Result {
	case ResultApplied:
		what = "The changed configuration cannot sell, and the one before could not be taken back: "
	case ResultReturned:
		what = "The changed configuration could not sell and was taken back: "
	}
	a.health.Set(health.Warning{
		Code: WarnConfiguration, Severity: health.Warn, Title: "The configuration in the files is not in force",
		Text:   what + strings.Join(rep.Reasons, "; ") + ".",
		Remedy: "Store IT: correct the files and reload, before the next restart reads them: \"posagent config check\", \"posagent config diff\".",
	})
}

// begin puts the generation in force on trial.
func (r *reloader) begin(before *generation, blocked bool) {
	r.before, r.until, r.blocked = before, time.Now().Add(trialTime).UTC(), blocked
}

// watch ends the trial: with a return as soon as the gateway refuses this
// terminal, which it did not under the configuration before. Clients that were
// replaced are closed when nobody needs them.
func (r *reloader) watch(ctx context.Context) {
	a := r.a
	var keep *lane
	if r.before != nil {
		switch {
		case !r.blocked && a.gatewayRefuses():
			r.goBack(ctx)
		case time.Now().After(r.until):
			r.endTrial()
		}
	}
	if r.before != nil {
		keep = r.before.gateway
	}
	r.logError("closing a gateway's client that was replaced", a.gateway.sweep(time.Now(), keep))
}

func (r *reloader) endTrial() {
	r.before, r.until = nil, time.Time{}
	r.mu.Lock()
	r.trial = time.Time{}
	r.mu.Unlock()
}

// goBack takes back a configuration that sells no more.
func (r *reloader) goBack(ctx context.Context) {
	begun, a, failed, before := time.Now(), r.a, r.a.now(), r.before
	release, err := r.hold(ctx)
	if err != nil {
		r.logError("the configuration before could not be taken back yet", err)
		return
	}
	defer release()
	rep := Report{At: begun.UTC(), Trigger: "return", By: audit.Self().Name, Changes: config.Diff(failed.taken, before.taken)}
	rep = r.takenBack(ctx, rep, failed, before, []string{"the gateway refuses this terminal's messages since the change"})
	r.endTrial()
	rep.TookMS = time.Since(begun).Milliseconds()
	r.tell(ctx, audit.Self(), &rep)
	a.lookAtGateway(ctx) // the old client proves itself, or the warning stands
}

func (r *reloader) logError(what string, err error) {
	if err != nil {
		r.a.log.Error("a step of changing the configuration failed", "action", logx.ActionConfiguration, "detail", what, "error", err)
	}
}

// configInfo is what status tells of the configuration.
func (a *agent) configInfo() *wire.Configuration {
	g := a.now()
	out := &wire.Configuration{Generation: g.number, LoadedAt: g.taken.At, File: g.cfg.File()}
	a.reloader.mu.Lock()
	last, trial := a.reloader.last, a.reloader.trial
	a.reloader.mu.Unlock()
	if !trial.IsZero() && time.Now().Before(trial) {
		out.Trial = &trial
	}
	if last != nil {
		out.LastReload = last.wire()
	}
	return out
}
