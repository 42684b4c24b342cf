package logx

import (
	"sync"
	"sync/atomic"
	"time"
)

// class sorts lines by what their loss would cost.
type class int

const (
	classDebug class = iota
	classOrdinary
	classMoney
	classes
)

// waitingLimit is how many bytes may wait when a line of the class comes: beyond it the line is dropped and counted.
// A sale makes some 2 kB at level info.
func waitingLimit(c class) int {
	return [classes]int{classDebug: 1 << 20, classOrdinary: 4 << 20, classMoney: 16 << 20}[c]
}

// perLine is what a waiting line takes beside its text.
const perLine = 200

// item is one line on its way.
type item struct {
	class class
	line  []byte // as a stream gets it
	event *event // as a system's log gets it; nil for streams
}

func (i *item) size() int {
	n := perLine + len(i.line)
	if i.event != nil {
		n += i.event.size()
	}
	return n
}

// handover is what waits for the writer. Whoever logs takes the lock for as long as it takes to append a pointer, and
// never waits for a write.
type handover struct {
	wake chan struct{} // holds one: there is something to do

	mu      sync.Mutex
	items   []item
	bytes   int // of items, and of those that are being written
	put     uint64
	written uint64
	closed  bool
	waiters []waiter
	lost    [classes]uint64 // since the last line about it

	lostAll [classes]atomic.Uint64
}

// waiter is told when all that was put before it is written.
type waiter struct {
	upTo uint64
	done chan struct{}
}

func newHandover() *handover { return &handover{wake: make(chan struct{}, 1)} }

// add takes a line, or counts it as lost. It returns false where the writer has ended.
func (h *handover) add(i item) bool {
	n := i.size()
	h.mu.Lock()
	switch {
	case h.closed:
		h.mu.Unlock()
		return false
	case h.bytes+n > waitingLimit(i.class):
		h.lost[i.class]++
		h.mu.Unlock()
		h.lostAll[i.class].Add(1)
		return true
	}
	h.items = append(h.items, i)
	h.bytes += n
	h.put++
	h.mu.Unlock()
	h.nudge()
	return true
}

func (h *handover) nudge() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// takeAll gives the writer what waits.
func (h *handover) takeAll() []item {
	h.mu.Lock()
	defer h.mu.Unlock()
	items := h.items
	h.items = nil
	return items
}

// finished notes that a line was written.
func (h *handover) finished(i *item) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes -= i.size()
	h.written++
	left := h.waiters[:0]
	for _, w := range h.waiters {
		if h.written < w.upTo {
			left = append(left, w)
			continue
		}
		close(w.done)
	}
	h.waiters = left
}

// losses returns what was lost since it was asked last.
func (h *handover) losses() (lost [classes]uint64, some bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lost, h.lost = h.lost, [classes]uint64{}
	return lost, lost != [classes]uint64{}
}

// flush waits until all that was put so far is written, at most as long as the limit. It tells whether it is.
func (h *handover) flush(limit time.Duration) bool {
	h.mu.Lock()
	if h.written >= h.put {
		h.mu.Unlock()
		return true
	}
	w := waiter{upTo: h.put, done: make(chan struct{})}
	h.waiters = append(h.waiters, w)
	h.mu.Unlock()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-w.done:
		return true
	case <-t.C:
		return false
	}
}

// close lets nothing more in.
func (h *handover) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.nudge()
}

func (h *handover) ended() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed && len(h.items) == 0
}
