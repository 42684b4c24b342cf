package admin

import (
	"context"
	"strconv"
	"sync"
	"time"

	"posagent/internal/audit"
	"posagent/internal/webguard"
)

// The bounds of what callers can write into the trail. Whoever is refused could
// else fill it, and push out what others did.
const (
	refusedBurst = 20
	refusedEvery = 10 * time.Minute
	// quiet is how long the same reading by the same caller is not told again:
	// monitoring asks every few seconds.
	quiet   = 10 * time.Minute
	mostOld = 256
)

// trail records calls, refused and repeated ones at a bounded rate.
type trail struct {
	kept   audit.Trail
	bucket *webguard.Bucket

	mu    sync.Mutex
	swept int // refusals that were not recorded since the last one that was
	seen  map[string]*repeated
}

type repeated struct {
	at time.Time // of the entry that was recorded
	n  int       // since then
}

func newTrail(kept audit.Trail) *trail {
	return &trail{kept: kept, bucket: webguard.NewBucket(refusedBurst, refusedEvery), seen: map[string]*repeated{}}
}

// record keeps an entry. What cannot be kept is in the log by then.
func (t *trail) record(ctx context.Context, e audit.Entry) {
	if t.kept != nil {
		_ = t.kept.Record(context.WithoutCancel(ctx), e)
	}
}

// refused keeps a refusal, unless there were many: then the next one that is kept
// says how many.
func (t *trail) refused(ctx context.Context, e audit.Entry) {
	if !t.bucket.Take() {
		t.mu.Lock()
		t.swept++
		t.mu.Unlock()
		return
	}
	t.mu.Lock()
	n := t.swept
	t.swept = 0
	t.mu.Unlock()
	if n > 0 {
		e = e.With("not_recorded", strconv.Itoa(n))
	}
	t.record(ctx, e)
}

// reading keeps that something was handed out, once in a while for the same
// caller; the next one says how often meanwhile.
func (t *trail) reading(ctx context.Context, e audit.Entry) {
	key := e.Via + "\x00" + e.Actor + "\x00" + string(e.Action) + "\x00" + e.Subject + "\x00" + string(e.Result)
	now := time.Now()
	t.mu.Lock()
	old := t.seen[key]
	if old != nil && now.Sub(old.at) < quiet {
		old.n++
		t.mu.Unlock()
		return
	}
	if len(t.seen) >= mostOld {
		clear(t.seen) // a few readings are told again
	}
	t.seen[key] = &repeated{at: now}
	t.mu.Unlock()
	if old != nil && old.n > 0 {
		e = e.With("repeated", strconv.Itoa(old.n))
	}
	t.record(ctx, e)
}

func noContext() context.Context { return context.Background() }
