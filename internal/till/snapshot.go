package till

import (
	"context"
	"time"

	"posagent/device"
	"posagent/internal/health"
	"posagent/offline"
)

// Snapshot is everything there is to see at the till at one moment. It is
// immutable: nobody may write into what it points to.
type Snapshot struct {
	Version uint64 // grows with every snapshot of this run; 0: the till is not open yet

	// Ready tells whether a sale would be opened now; Reasons says why not.
	Ready   bool
	Reasons []health.Warning
	// Held tells that the till's configuration is being changed: a new sale waits
	// for a moment. Ready is not affected.
	Held     bool
	draining Drained

	Foreground *offline.Sale // nil: none
	Last       *offline.Sale // the one before, until the next sale opens
	Waiting    bool          // the foreground sale waits for a code ...
	Deadline   time.Time     // ... until then; zero while none waits

	Scanners []device.Health
	Notice   *Notice // newest; nil: none since the sale or its payment began
	Gateway  Gateway
	Backlog  Backlog
	Warnings []health.Warning // all that are visible, Reasons included
}

// published is a snapshot with the signal that there is a newer one.
type published struct {
	snapshot *Snapshot
	next     chan struct{}
}

// publish makes the next snapshot.
func (t *Till) publish(open bool) {
	s := &Snapshot{
		Version:    t.published.Load().snapshot.Version + 1,
		Foreground: t.foreground,
		Last:       t.last,
		Notice:     t.notice,
		Held:       t.held,
		draining:   t.drainState(),
		Warnings:   t.opt.Health.Snapshot(),
	}
	for _, w := range s.Warnings {
		if w.Severity == health.BlocksSelling {
			s.Reasons = append(s.Reasons, w)
		}
	}
	s.Ready = open && len(s.Reasons) == 0
	if open && awaitsCode(t.foreground) {
		s.Waiting, s.Deadline = true, t.foreground.ExpiresAt
	}
	if t.opt.Scanners != nil {
		s.Scanners = t.opt.Scanners.Health()
	}
	var except offline.SaleID
	if t.foreground != nil {
		except = t.foreground.ID
	}
	s.Backlog = t.backlog.view(except)
	t.mu.Lock()
	s.Gateway = t.gateway.Gateway
	t.mu.Unlock()
	old := t.published.Swap(&published{snapshot: s, next: make(chan struct{})})
	close(old.next)
}

// Latest returns the newest snapshot, and a channel that is closed when there
// is a newer one. Whoever is slow skips to the newest.
func (t *Till) Latest() (*Snapshot, <-chan struct{}) {
	p := t.published.Load()
	return p.snapshot, p.next
}

// Snapshot returns the newest snapshot.
func (t *Till) Snapshot() *Snapshot {
	s, _ := t.Latest()
	return s
}

// Wait returns the newest snapshot as soon as there is one beyond the given
// version, or ctx's error.
func (t *Till) Wait(ctx context.Context, after uint64) (*Snapshot, error) {
	for {
		s, next := t.Latest()
		if s.Version > after {
			return s, nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
