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
	kept audit.Trail

	mu   sync.Mutex
	ways map[string]*refusals // one for each way in: who knocks at one hides nobody at another
	seen map[string]*repeated
}

// refusals are those by one way.
type refusals struct {
	bucket *webguard.Bucket
	swept  int // not recorded since the last one that was
}

type repeated struct {
	at time.Time // of the entry that was recorded
	n  int       // since then
}

func newTrail(kept audit.Trail) *trail {
	return &trail{kept: kept, ways: map[string]*refusals{}, seen: map[string]*repeated{}}
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
	n, tell := t.admit(e.Via)
	if !tell {
		return
	}
	if n > 0 {
		e = e.With("not_recorded", strconv.Itoa(n))
	}
	t.record(ctx, e)
}

// admit tells whether a refusal by this way is recorded now, and how many were not
// since the last one.
func (t *trail) admit(via string) (swept int, tell bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	way := t.ways[via]
	if way == nil {
		way = &refusals{bucket: webguard.NewBucket(refusedBurst, refusedEvery)}
		t.ways[via] = way
	}
	if !way.bucket.Take() {
		way.swept++
		return 0, false
	}
	swept, way.swept = way.swept, 0
	return swept, true
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
