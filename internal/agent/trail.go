package agent

import (
	"context"
	"io"
	"strconv"

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

// copyForAPI hands a copy of the journal to a user of the local API, and notes it:
// whoever may sell may also copy, and it holds all that the till has taken.
func (a *agent) copyForAPI(w io.Writer) (int64, error) {
	n, err := a.journal.Backup(w)
	by := audit.Actor{Name: "a user of the local API", Via: "api"}
	e := by.Entry(audit.Backup, "").With("bytes", strconv.FormatInt(n, 10)).Outcome(err)
	_ = a.audit.Record(context.Background(), e) // it is in the log by then
	return n, err
}
