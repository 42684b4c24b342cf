package agent

import (
	"context"

	"posagent/internal/audit"
)

// reloadForAdmin is what the admin API asks for. A report is an answer whatever it
// says: it tells what was refused or taken back, and why.
func (a *agent) reloadForAdmin(ctx context.Context, by audit.Actor) (any, error) {
	rep, err := a.Reload(ctx, Ask{By: by, Trigger: "admin"})
	if err != nil {
		return nil, adminError(err)
	}
	return rep, nil
}
