package till

import (
	"context"
	"time"

	"posagent/internal/health"
	"posagent/offline"
)

// Drained is how far a till has come that takes no new sale.
type Drained struct {
	Draining   bool           `json:"draining"`             // no new sale is opened
	Since      time.Time      `json:"since,omitzero"`       // of that
	By         string         `json:"by,omitempty"`         // who asked for it
	Drained    bool           `json:"drained"`              // and nobody stands at the till any more
	Foreground offline.SaleID `json:"foreground,omitempty"` // whose end is waited for
	Open       int            `json:"open"`                 // sales that go on in the background; a stop leaves them to the next start
	Attention  int            `json:"attention"`            // of them, those that wait for a person
}

// Drain keeps new sales from being opened until Resume: as a warning that blocks
// selling, which register and cashier see. The sale in the foreground goes on to
// its end, refunds and the background go on too. When Drain returns, no sale is
// opened any more. A second Drain changes nothing. Errors: offline.ErrStopped and
// ctx's, where the till did not take the command.
func (t *Till) Drain(ctx context.Context, by string) error {
	return t.do(ctx, func() {
		if t.draining != nil {
			return
		}
		t.draining = &Drained{Draining: true, Since: time.Now(), By: by}
		t.opt.Health.Set(drainWarning())
	})
}

// Resume ends a Drain. On a till that sells it changes nothing.
func (t *Till) Resume(ctx context.Context) error {
	return t.do(ctx, func() {
		t.draining = nil
		t.opt.Health.Clear(WarnDraining)
	})
}

// Drained tells how far a drain has come.
func (s *Snapshot) Drained() Drained {
	out := s.draining
	out.Open, out.Attention = s.Backlog.Unsettled, s.Backlog.AttentionCount
	if f := s.Foreground; f != nil && f.InForeground() {
		out.Foreground = f.ID
	}
	out.Drained = out.Draining && out.Foreground == ""
	return out
}

// WaitDrained returns as soon as nobody stands at the till, or, with ctx's error,
// how far it has come until then. A till that is not being drained is not waited
// for.
func (t *Till) WaitDrained(ctx context.Context) (Drained, error) {
	for {
		s, next := t.Latest()
		d := s.Drained()
		if d.Drained || !d.Draining {
			return d, nil
		}
		select {
		case <-next:
		case <-t.stopped:
			return d, offline.ErrStopped
		case <-ctx.Done():
			return d, ctx.Err()
		}
	}
}

func (t *Till) drainState() Drained {
	if t.draining == nil {
		return Drained{}
	}
	return *t.draining
}

func drainWarning() health.Warning {
	return health.Warning{
		Code: WarnDraining, Severity: health.BlocksSelling, Title: "Till closed by store IT",
		Text:   "Store IT has closed this till for new sales. A sale that is under way goes on to its end.",
		Remedy: "Use another till or other means of payment. Store IT: 'posagent admin resume' opens it again.",
	}
}
