package agent

import (
	"context"
	"fmt"
	"strings"

	"posagent/internal/health"
	"posagent/internal/till"
)

// Pulse is the running daemon as its service manager sees it: does it live, does
// it sell. One goroutine at a time may call Alive.
type Pulse struct {
	till   picture
	stores func() // takes and gives back the locks of engine and journal
	seen   uint64 // of the till's snapshots, at the last Alive
}

// picture is what the till shows; *till.Till has it.
type picture interface {
	Wait(ctx context.Context, after uint64) (*till.Snapshot, error)
}

func (a *agent) pulse() *Pulse {
	return &Pulse{till: a.till, stores: func() {
		a.engine.Backlog()
		if a.journal != nil {
			_, _ = a.journal.Stats() // what fails there is told by whoever needs it
		}
	}}
}

// Alive returns nil when the till has taken a turn since the last call, and the
// locks of engine and journal can be had. The till takes a turn every few seconds
// even if nothing happens. A lock that nobody gives back keeps Alive from
// returning. A journal that fails is no reason to start the daemon anew, as it
// stops selling and says so; it moves.
func (p *Pulse) Alive(ctx context.Context) error {
	s, err := p.till.Wait(ctx, p.seen)
	if err != nil {
		return fmt.Errorf("the till has taken no turn: %w", err)
	}
	p.seen = s.Version
	p.stores()
	return nil
}

// Standing says whether sales are taken, and in one line why not, as soon as
// there is a snapshot of the till beyond the given version.
func (p *Pulse) Standing(ctx context.Context, after uint64) (text string, sells bool, version uint64, err error) {
	s, err := p.till.Wait(ctx, after)
	if err != nil {
		return "", false, 0, err
	}
	return standingText(s), s.Ready, s.Version, nil
}

// standingText is one line for a person who looks after many tills.
func standingText(s *till.Snapshot) string {
	if !s.Ready {
		if len(s.Reasons) == 0 {
			return "cannot sell: the till is not open"
		}
		return "cannot sell: " + describeWarnings(s.Reasons)
	}
	var also []health.Warning
	for _, w := range s.Warnings {
		if w.Severity == health.Warn {
			also = append(also, w)
		}
	}
	if len(also) == 0 {
		return "ready to sell"
	}
	return "ready to sell, but: " + describeWarnings(also)
}

// describeWarnings names conditions by title and subject. Their texts are not
// here: they may count, and every change of the line is a message.
func describeWarnings(list []health.Warning) string {
	names := make([]string, 0, len(list))
	for _, w := range list {
		name := w.Title
		if w.Subject != "" {
			name += " (" + w.Subject + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, "; ")
}
