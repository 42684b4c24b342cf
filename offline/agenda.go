package offline

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// agenda is the list of sales that need to be looked at later, those due first.
// It holds ids only; what to do is read from the journal when the time comes.
type agenda struct {
	mu    sync.Mutex
	items dueHeap
	at    map[SaleID]time.Time // the earliest entry of each sale; later ones are stale
	woken chan struct{}
}

func newAgenda() *agenda {
	return &agenda{at: map[SaleID]time.Time{}, woken: make(chan struct{}, 1)}
}

// add puts a sale on the list, or moves it forward.
func (a *agenda) add(id SaleID, due time.Time) {
	a.mu.Lock()
	if old, ok := a.at[id]; !ok || due.Before(old) {
		a.at[id] = due
		heap.Push(&a.items, DueSale{ID: id, Due: due})
	}
	a.mu.Unlock()
	a.wake()
}

func (a *agenda) wake() {
	select {
	case a.woken <- struct{}{}:
	default:
	}
}

// len counts the sales on the list.
func (a *agenda) len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at)
}

// pop takes the first sale that is due, or tells how long the next one has.
func (a *agenda) pop(now time.Time) (id SaleID, ok bool, next time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.items) > 0 {
		first := a.items[0]
		if due, live := a.at[first.ID]; !live || !due.Equal(first.Due) {
			heap.Pop(&a.items)
			continue
		}
		if first.Due.After(now) {
			return "", false, first.Due.Sub(now)
		}
		heap.Pop(&a.items)
		delete(a.at, first.ID)
		return first.ID, true, 0
	}
	return "", false, time.Hour
}

// take waits for a sale that is due, or for the end of ctx.
func (a *agenda) take(ctx context.Context) (SaleID, error) {
	for {
		id, ok, next := a.pop(time.Now())
		if ok {
			a.wake() // another worker may find more
			return id, nil
		}
		// The wall clock may be set forward while we sleep: look at least now and then.
		t := time.NewTimer(min(next, 5*time.Second))
		select {
		case <-t.C:
		case <-a.woken:
		case <-ctx.Done():
		}
		t.Stop()
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
}

type dueHeap []DueSale

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].Due.Before(h[j].Due) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's.
func (h *dueHeap) Push(x any) { *h = append(*h, x.(DueSale)) } //nolint:forcetypeassert // heap.Push is called with DueSale alone

// Pop is heap.Interface's.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
