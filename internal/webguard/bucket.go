package webguard

import (
	"sync"
	"time"
)

// Bucket lets a burst through and then one per interval. It is safe for
// concurrent use.
type Bucket struct {
	burst int
	every time.Duration

	mu   sync.Mutex
	left int
	last time.Time
}

// NewBucket makes a full one.
func NewBucket(burst int, every time.Duration) *Bucket {
	return &Bucket{burst: burst, every: every, left: burst, last: time.Now()}
}

// Take tells whether one more may pass.
func (b *Bucket) Take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := int(time.Since(b.last) / b.every); n > 0 {
		b.left = min(b.burst, b.left+n)
		b.last = b.last.Add(time.Duration(n) * b.every)
	}
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}
