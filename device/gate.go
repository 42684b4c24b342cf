package device

import (
	"context"
	"hash/maphash"
	"sync"
	"time"
)

// gate decides which label is handed to whom. It is open only while somebody
// is inside Claim.Next.
type gate struct {
	window time.Duration
	seed   maphash.Seed

	mu      sync.Mutex
	epoch   uint64    // grows whenever the gate opens or closes
	waiting chan Scan // of the one inside Next; nil: closed
	holder  *Claim
	stopped bool
	done    chan struct{} // closed by stop

	// handed remembers digests of labels that were handed over within the
	// window. The labels themselves are not kept.
	handed map[uint64]time.Time
}

func (g *gate) init(window time.Duration) {
	g.window = window
	g.seed = maphash.MakeSeed()
	g.handed = make(map[uint64]time.Time)
	g.done = make(chan struct{})
}

// mark is what a label that begins now is marked with. Equal marks mean that
// the gate neither opened nor closed in between.
func (g *gate) mark() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.epoch
}

func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting != nil
}

// offer hands the scan over if somebody waits for it and its label began after
// they did. Otherwise it says why not. accepted is called before the scan is
// delivered, so that whoever gets it finds it counted.
func (g *gate) offer(s Scan, mark uint64, accepted func()) (Reason, bool) {
	digest := maphash.String(g.seed, s.Text.Reveal())
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.repeated(digest, s.ReadAt):
		return ReasonDuplicate, false
	case g.waiting == nil:
		return ReasonClosed, false
	case mark != g.epoch:
		return ReasonEarly, false
	}
	if g.window > 0 {
		g.handed[digest] = s.ReadAt
	}
	accepted()
	w := g.waiting
	g.shut() // before delivery: whoever wakes up finds the gate closed
	w <- s   // never blocks: it holds one and the gate opens once for it
	return "", true
}

// repeated reports whether the label was handed over within the window. One
// that was refused is not remembered: the cashier may scan it again at once.
func (g *gate) repeated(digest uint64, now time.Time) bool {
	for d, at := range g.handed {
		if now.Sub(at) >= g.window {
			delete(g.handed, d)
		}
	}
	_, ok := g.handed[digest]
	return ok
}

func (g *gate) shut() {
	g.waiting = nil
	g.epoch++
}

func (g *gate) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return
	}
	g.stopped = true
	g.shut()
	close(g.done)
}

func (g *gate) claim(holder string) (*Claim, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopped:
		return nil, ErrStopped
	case g.holder != nil:
		return nil, &ClaimedError{Holder: g.holder.name, Since: g.holder.since}
	}
	g.holder = &Claim{gate: g, name: holder, since: time.Now(), released: make(chan struct{})}
	return g.holder, nil
}

// Claim is the right to be handed scans.
type Claim struct {
	gate     *gate
	name     string
	since    time.Time
	released chan struct{}
}

// Next opens the gate and waits for the first label that is read whole while it
// is open. The gate is closed again when Next returns, whatever it returns.
//
// Next keeps waiting while scanners come and go. It ends with ctx.Err(),
// ErrReleased or ErrStopped. A scan that was handed over at the same moment
// wins over these, so that no accepted scan is lost.
func (c *Claim) Next(ctx context.Context) (Scan, error) {
	return c.NextArmed(ctx, func() {})
}

// NextArmed is Next that calls armed once the gate is open: whoever tells the
// cashier to scan must not do so earlier. armed must return at once.
func (c *Claim) NextArmed(ctx context.Context, armed func()) (Scan, error) {
	if err := ctx.Err(); err != nil {
		return Scan{}, err
	}
	w, err := c.open()
	if err != nil {
		return Scan{}, err
	}
	armed()
	select {
	case s := <-w:
		return s, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-c.released:
		err = ErrReleased
	case <-c.gate.done:
		err = ErrStopped
	}
	c.close(w)
	select {
	case s := <-w:
		return s, nil
	default:
		return Scan{}, err
	}
}

func (c *Claim) open() (chan Scan, error) {
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopped:
		return nil, ErrStopped
	case g.holder != c:
		return nil, ErrReleased
	case g.waiting != nil:
		return nil, ErrNextRunning
	}
	w := make(chan Scan, 1)
	g.waiting = w
	g.epoch++
	return w, nil
}

func (c *Claim) close(w chan Scan) {
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting == w {
		g.shut()
	}
}

// Release gives the scanners back and ends a Next that waits. Calling it again
// does nothing.
func (c *Claim) Release() {
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holder != c {
		return
	}
	g.holder = nil
	if g.waiting != nil {
		g.shut()
	}
	close(c.released)
}
