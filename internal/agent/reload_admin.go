package agent

import (
	"context"
	"fmt"
	"strings"

	"posagent/internal/admin"
	"posagent/internal/audit"
	"posagent/internal/localapi/wire"
)

// reloadForAdmin is what the admin API asks for. What was refused or taken back is
// an error with the reasons.
func (a *agent) reloadForAdmin(ctx context.Context, by audit.Actor, force bool) (any, error) {
	rep, err := a.Reload(ctx, Ask{By: by, Trigger: "admin", Force: force})
	switch {
	case err != nil:
		return nil, adminError(err)
	case !rep.OK():
		return nil, fmt.Errorf("%w: the configuration is %s: %s", admin.ErrRefused, rep.Result, strings.Join(rep.Reasons, "; "))
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
