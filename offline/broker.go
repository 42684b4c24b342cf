package offline

import (
	"slices"
	"sync"
	"time"
)

// Change is one committed change, as subscribers get it: never before its
// commit (I6), in the order of the commits.
type Change struct {
	Event uint64    // number of the event in the journal
	Sale  Sale      // after the change
	Write Write     // what was committed
	At    time.Time // when the commit was durable
}

// Subscription delivers changes on C. A subscriber that does not keep up is
// dropped: C is closed with Lagged true, and it starts again from the whole
// picture. It never holds up a payment.
type Subscription struct {
	C <-chan Change

	c      chan Change
	broker *broker
	mu     sync.Mutex
	lagged bool
	closed bool
}

// Lagged tells whether C was closed because its buffer was full.
func (s *Subscription) Lagged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lagged
}

// Close ends the subscription and closes C.
func (s *Subscription) Close() {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.broker.drop(s)
	s.shut(false)
}

func (s *Subscription) shut(lagged bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed, s.lagged = true, lagged
		close(s.c)
	}
}

// broker hands changes to subscribers in the order of their event numbers, as
// commits of different sales may report in another order than they were made.
type broker struct {
	mu      sync.Mutex
	subs    []*Subscription // in the order of subscribing
	last    uint64          // newest event handed out
	pending map[uint64]Change
}

func newBroker(last uint64) *broker {
	return &broker{last: last, pending: map[uint64]Change{}}
}

func (b *broker) subscribe(buffer int) *Subscription {
	c := make(chan Change, buffer)
	s := &Subscription{C: c, c: c, broker: b}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs = append(b.subs, s)
	return s
}

func (b *broker) drop(s *Subscription) {
	b.subs = slices.DeleteFunc(b.subs, func(other *Subscription) bool { return other == s })
}

func (b *broker) publish(c Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending[c.Event] = c
	for {
		next, ok := b.pending[b.last+1]
		if !ok {
			return
		}
		delete(b.pending, b.last+1)
		b.last++
		b.subs = slices.DeleteFunc(b.subs, func(s *Subscription) bool {
			select {
			case s.c <- next:
				return false
			default:
				s.shut(true)
				return true
			}
		})
	}
}
