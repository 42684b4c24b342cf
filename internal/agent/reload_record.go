package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"posagent/internal/audit"
	"posagent/internal/config"
	"posagent/internal/logx"
)

// changesPerEntry leaves room for more in an entry of the audit trail.
const changesPerEntry = 16

// recordChanges notes each changed key: old and new value, the place, whose file
// that is and when it was written. Many changes take several entries.
func (a *agent) recordChanges(ctx context.Context, by audit.Actor, action audit.Action, changes config.Changes) error {
	parts := (len(changes) + changesPerEntry - 1) / changesPerEntry
	for i := range parts {
		e := by.Entry(action, a.cfg().File())
		if parts > 1 {
			e = e.With("part", fmt.Sprintf("%d of %d", i+1, parts))
		}
		for _, c := range changes[i*changesPerEntry : min(len(changes), (i+1)*changesPerEntry)] {
			e = e.With(c.Key, strings.TrimPrefix(c.String(), c.Key+": "))
		}
		if err := a.audit.Record(context.WithoutCancel(ctx), e); err != nil {
			return err
		}
	}
	return nil
}

// recordReturn notes that a change was taken back, or why it could not be.
func (a *agent) recordReturn(ctx context.Context, reasons []string, err error) {
	e := audit.Self().Entry(audit.ConfigReturn, a.cfg().File()).With("generation", fmt.Sprint(a.now().number)).Outcome(err)
	e.Error = strings.Join(reasons, "; ")
	_ = a.audit.Record(context.WithoutCancel(ctx), e) // what cannot be kept is in the log by then
}

// compareWithLastRun finds what changed since the daemon ran last: files that were
// changed while it was down, or a change during which it was killed. Another
// merchant is refused while payments are open under the one before: the error is a
// *MerchantError.
func (a *agent) compareWithLastRun() error {
	last, err := config.LoadKept(a.cfg().Journal.Path)
	if errors.Is(err, config.ErrNothingKept) {
		return nil
	}
	if err != nil {
		a.log.Warn("what the last run was configured with is not known", "error", err)
		return nil
	}
	changes := config.Diff(last, a.now().taken)
	if len(changes) == 0 {
		return nil
	}
	a.sinceLastRun = changes
	return checkMerchant(changes, a.store)
}

// recordStart notes the start, and what changed since the last run.
func (a *agent) recordStart(ctx context.Context) {
	a.record(ctx, audit.Start, nil)
	if len(a.sinceLastRun) > 0 {
		a.log.Info("the configuration changed since the last run", "action", logx.ActionConfiguration, "changed", a.sinceLastRun.Keys())
		_ = a.recordChanges(ctx, audit.Self(), audit.Reload, a.sinceLastRun) // what cannot be kept is in the log by then
	}
	a.keepConfiguration()
}

// keepConfiguration writes the configuration in force down for the next start and
// for "posagent config diff". Selling does not hang on it.
func (a *agent) keepConfiguration() {
	if a.journal == nil {
		return
	}
	if err := a.now().taken.Keep(a.cfg().Journal.Path); err != nil {
		a.log.Warn("the configuration in force could not be written down", "error", err)
	}
	if err := a.cfg().KeepFiles(); err != nil {
		a.log.Warn("the configuration's files could not be written down; a start with files that are at fault will have nothing to fall back on", "error", err)
	}
}
