package agent

import (
	"context"

	"posagent/internal/audit"
	"posagent/internal/localapi/wire"
)

// reloadForAdmin is what the admin API asks for. A report is an answer whatever it
// says: what was refused or taken back, and why.
func (a *agent) reloadForAdmin(ctx context.Context, by audit.Actor, force bool) (any, error) {
	rep, err := a.Reload(ctx, Ask{By: by, Trigger: "admin", Force: force})
	if err != nil {
		return nil, adminError(err)
	}
	return rep.wire(), nil
}

// wire is the report as status tells it.
func (r Report) wire() *wire.Reload {
	return &wire.Reload{
		At: r.At, Result: r.Result, Trigger: r.Trigger, By: r.By,
		Changed: r.Changes.Keys(), Reasons: r.Reasons, Notes: r.Notes, TookMS: r.TookMS,
	}
}
