package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"posagent/internal/admin"
	"posagent/internal/audit"
	"posagent/internal/config"
	"posagent/internal/till"
	"posagent/offline"
)

// How long a reload waits for its steps. A sale in the foreground ends within its
// time for a scan and some seconds more.
const (
	holdWait   = 150 * time.Second // for the sale in the foreground to end
	probeWait  = 20 * time.Second  // for the new client's round trip
	closeWait  = 3 * time.Second   // for the ports of scanners that go
	scannerUp  = 5 * time.Second   // for scanners that came, while the next sale waits
	trialTime  = time.Minute       // afterwards, for the gateway to take the messages
	mostPlaces = 20                // reasons that are told
)

// Ask is a wish to take the files' configuration into force.
type Ask struct {
	By      audit.Actor
	Trigger string // signal, admin, start
	// Force takes a new gateway also where there is no connection to prove its
	// keys. What the gateway refuses is refused all the same.
	Force bool
}

// The results of a reload. The words are part of the local API.
const (
	ResultApplied   = "applied"   // in force
	ResultUnchanged = "unchanged" // the files say what is in force
	ResultRefused   = "refused"   // nothing was changed
	ResultReturned  = "returned"  // it was in force and could not sell; the one before is back
)

// Report is how a reload ended.
type Report struct {
	Result       string         `json:"result"`
	Generation   uint64         `json:"generation"` // in force now
	At           time.Time      `json:"at"`
	Trigger      string         `json:"trigger"`
	By           string         `json:"by,omitempty"`
	Changes      config.Changes `json:"changes"`
	NeedsRestart []string       `json:"needsRestart,omitempty"` // keys; then nothing was applied
	Reasons      []string       `json:"reasons,omitempty"`      // why it was refused or taken back
	Notes        []string       `json:"notes,omitempty"`        // applied all the same
	Trial        time.Time      `json:"trialUntil,omitzero"`    // until then it may be taken back
	TookMS       int64          `json:"tookMs"`
}

// OK tells whether the files are in force.
func (r Report) OK() bool { return r.Result == ResultApplied || r.Result == ResultUnchanged }

func (r Report) refused(reasons ...string) Report {
	r.Result, r.Reasons = ResultRefused, reasons[:min(len(reasons), mostPlaces)]
	return r
}

// Reload takes the files' configuration into force, between two sales, all of it
// or nothing. It answers when that is decided. The error is ctx's, or
// offline.ErrStopped: the daemon goes on deciding without the caller.
func (a *agent) Reload(ctx context.Context, ask Ask) (Report, error) {
	p := pending{ask: ask, done: make(chan Report, 1)}
	select {
	case a.reloader.asks <- p:
	case <-a.reloader.ended:
		return Report{}, offline.ErrStopped
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	select {
	case rep := <-p.done:
		return rep, nil
	case <-a.reloader.ended:
		return Report{}, offline.ErrStopped
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
}

// try carries one reload through. Until the till is held everything that can fail
// is done beside what is in force.
func (r *reloader) try(ctx context.Context, ask Ask) Report {
	a, now := r.a, time.Now()
	rep := Report{At: now.UTC(), Trigger: ask.Trigger, By: ask.By.Name, Changes: config.Changes{}}
	if a.opt.Load == nil {
		return rep.refused("this daemon was started without a way to read its configuration again")
	}
	cfg, err := a.opt.Load()
	if err != nil {
		return rep.refused(faultsOf(err)...)
	}
	from := a.now()
	rep.Changes = config.Diff(from.taken, cfg.Snapshot(now))
	if len(rep.Changes) == 0 {
		rep.Changes, rep.Result = config.Changes{}, ResultUnchanged
		return rep
	}
	if restart := rep.Changes.NeedRestart(); len(restart) > 0 {
		rep.NeedsRestart = restart.Keys()
		reasons := make([]string, len(restart))
		for i, c := range restart {
			reasons[i] = c.String()
		}
		return rep.refused(reasons...)
	}
	next, err := a.newGeneration(cfg, from, rep.Changes)
	if err != nil {
		return rep.refused(err.Error())
	}
	defer func() {
		r.logError("closing a client that did not come into force", next.discard(from))
	}()
	a.step("built")
	proof, err := r.prove(ctx, from, next, ask.Force)
	if err != nil {
		return rep.refused(err.Error())
	}
	a.step("proven")
	return r.takeOver(ctx, ask, rep, from, next, proof)
}

// takeOver puts next into force between two sales.
func (r *reloader) takeOver(ctx context.Context, ask Ask, rep Report, from, next *generation, proof proof) Report {
	a := r.a
	if err := checkMerchant(rep.Changes, a.store); err != nil {
		return rep.refused(err.Error())
	}
	release, err := r.hold(ctx)
	if err != nil {
		return rep.refused(err.Error())
	}
	defer release()
	a.step("held")
	// The trail has it before it happens: a change that nobody could be asked about
	// later is not made.
	if err := a.recordChanges(ctx, ask.By, audit.Reload, rep.Changes); err != nil && !errors.Is(err, audit.ErrNotKept) {
		return rep.refused("the audit trail cannot be written: " + err.Error())
	}
	a.step("recorded")
	blocked, ready := a.gatewayRefuses(), a.readyScanners()
	opened, err := a.put(ctx, from, next, rep.Changes)
	if err != nil {
		rep = rep.refused(err.Error())
		a.recordReturn(ctx, rep.Reasons, nil)
		return rep
	}
	a.step("applied")
	if proof.done {
		a.till.RecordAttempt(offline.OpQuery, proof.outcome, proof.took)
	}
	rep.Notes = append(rep.Notes, proof.note...)
	if lost := a.awaitScanners(ctx, ready, opened); len(lost) > 0 {
		return r.takenBack(ctx, rep, next, from, lost)
	}
	for _, name := range a.notReady(opened) {
		rep.Notes = append(rep.Notes, "scanner "+name+" is not ready; \"posagent status\" says why")
	}
	rep.Result = ResultApplied
	a.step("tried")
	a.keepConfiguration()
	r.begin(from, blocked)
	rep.Trial = r.until
	a.step("kept")
	return rep
}

// takenBack puts the generation before into force again. The till is held.
func (r *reloader) takenBack(ctx context.Context, rep Report, failed, before *generation, reasons []string) Report {
	a := r.a
	rep.Result, rep.Reasons = ResultReturned, reasons
	back := config.Diff(failed.taken, before.taken)
	again := *before
	again.number = failed.number + 1
	_, err := a.put(context.WithoutCancel(ctx), failed, &again, back)
	if err != nil {
		rep.Result = ResultApplied
		rep.Reasons = append(rep.Reasons, "the configuration before could not be taken back: "+err.Error())
	}
	a.recordReturn(ctx, rep.Reasons, err)
	a.keepConfiguration()
	a.step("returned")
	return rep
}

// hold waits for the sale in the foreground to end.
func (r *reloader) hold(ctx context.Context) (release func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, holdWait)
	defer cancel()
	release, err = r.a.till.Hold(waiting)
	switch {
	case err == nil:
		return release, nil
	case ctx.Err() != nil:
		return nil, offline.ErrStopped
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("a sale was in the foreground for %s: nothing was applied; try again when the till is free", holdWait)
	case errors.Is(err, till.ErrHeldTwice):
		return nil, errors.New("the till is held by somebody else: nothing was applied; try again")
	}
	return nil, err
}

// put brings to into force in the place of from. It is done wholly or, with an
// error, not at all. opened names the scanners that are opened anew.
func (a *agent) put(ctx context.Context, from, to *generation, changes config.Changes) (opened []string, err error) {
	list, opened, err := scannersFrom(from.cfg, to.cfg)
	if err != nil {
		return nil, err
	}
	a.engine.Between(func() {
		// A refund may have begun since it was looked: nothing can begin now.
		if err = checkMerchant(changes, a.store); err != nil {
			return
		}
		if err = a.engine.SetPolicy(to.cfg.Policy.Offline()); err == nil {
			to.used = true
			a.gateway.swap(to.gateway, time.Now())
		}
	})
	if err != nil {
		return nil, err
	}
	if changes.Touches("scanner") {
		closing, cancel := context.WithTimeout(ctx, closeWait)
		defer cancel()
		err = a.scanners.Replace(closing, list)
	}
	if err == nil {
		err = a.api.Apply(to.settings)
	}
	if err != nil { // the daemon is stopping
		a.gateway.swap(from.gateway, time.Now())
		return nil, errors.Join(err, a.engine.SetPolicy(from.cfg.Policy.Offline()))
	}
	to.stamp(time.Now())
	a.inForce.Store(to)
	a.metrics.Currency(to.cfg.Terminal.Currency)
	if a.opt.SetLevel != nil && changes.Touches("log.level") {
		if err := a.opt.SetLevel(string(to.cfg.Log.Level)); err != nil {
			a.log.Error("the log keeps its level", "error", err)
		}
	}
	return opened, nil
}

func faultsOf(err error) []string {
	var faults config.Faults
	if !errors.As(err, &faults) {
		return []string{err.Error()}
	}
	out := make([]string, len(faults))
	for i, f := range faults {
		out[i] = f.String()
	}
	return out
}

// step is where tests end the process.
func (a *agent) step(name string) {
	if a.opt.step != nil {
		a.opt.step(a, name)
	}
}

func metricOf(result string) admin.ReloadResult {
	switch result {
	case ResultRefused:
		return admin.ReloadRefused
	case ResultReturned:
		return admin.ReloadReturned
	case ResultUnchanged:
		return admin.ReloadUnchanged
	}
	return admin.ReloadApplied
}
