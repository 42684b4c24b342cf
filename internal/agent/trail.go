package agent

import (
	"context"

	"posagent/internal/audit"
)

// openTrail puts the audit trail into the journal; without one, into the log alone.
func (a *agent) openTrail() {
	var kept audit.Trail
	if a.journal != nil {
		kept = a.journal.Audit()
	}
	a.audit = audit.NewLog(kept, a.log)
}

// record notes what the daemon did by itself. What cannot be kept is in the log
// by then, and is no reason not to do it.
func (a *agent) record(ctx context.Context, action audit.Action, err error) {
	e := audit.Self().Entry(action, "").With("version", a.opt.Version).Outcome(err)
	_ = a.audit.Record(context.WithoutCancel(ctx), e)
}
