package keyboard

import (
	"slices"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/keyboard/evdev"
)

const (
	// maxRead bounds one Read, and with it how long a stop takes.
	maxRead = 200 * time.Millisecond
	// silence is how long nothing comes before a Read says so. A shift key alone
	// gives no text, and must not look like silence.
	silence = 100 * time.Millisecond
	// stallGaps is how many idle gaps a label may stall where a key ends it, as
	// in decode.Framer.
	stallGaps = 5
)

// source is the event nodes of one scanner.
type source interface {
	// Read waits for events of any node, d at most, and gives the node they are
	// from and how many there are; 0 when none came. Errors are final.
	Read(d time.Duration, events []evdev.Event) (node, n int, err error)
	// Held throws away what is queued at a node and gives the keys that are down
	// after it.
	Held(node int) (evdev.KeySet, error)
	Close() error
}

// port turns the events of a scanner's nodes into chunks.
type port struct {
	src  source
	path string

	decoders []*Decoder // one for each node
	owner    int        // the node whose label is under way; -1: none
	queue    []Output
	data     []byte
	events   [64]evdev.Event

	last   time.Time // when an event came last
	gap    time.Duration
	suffix decode.Suffix
	learnt bool // auto: this scanner ends labels with a key
}

// newPort reads a scanner of so many nodes. midway says that it was typing when
// its nodes were taken: what comes first is the rest of a label.
func newPort(src source, path string, nodes int, layout Layout, framing decode.Framing, midway bool) (*port, error) {
	p := &port{src: src, path: path, owner: -1, last: time.Now(), gap: framing.IdleGap, suffix: framing.Suffix}
	if p.gap == 0 {
		p.gap = decode.DefaultIdleGap
	}
	for range nodes {
		d, err := layout.NewDecoder(framing.Suffix)
		if err != nil {
			return nil, err
		}
		if midway {
			d.Skip()
		}
		p.decoders = append(p.decoders, d)
	}
	return p, nil
}

// Read gives the text that the next keys make, up to the end of one label.
func (p *port) Read() (device.Chunk, error) {
	for end := time.Now().Add(maxRead); ; {
		if len(p.queue) > 0 {
			return p.next(), nil
		}
		left := min(silence, time.Until(end))
		if left <= 0 {
			return device.Chunk{}, nil
		}
		node, n, err := p.src.Read(left, p.events[:])
		switch {
		case err != nil:
			return device.Chunk{}, fault("read", p.path, err)
		case n > 0:
			p.last = time.Now()
			if err := p.take(node, p.events[:n]); err != nil {
				return device.Chunk{}, fault("read", p.path, err)
			}
		case time.Since(p.last) >= p.patience():
			p.idle()
			if len(p.queue) == 0 {
				return device.Chunk{}, nil
			}
		default:
			return device.Chunk{}, nil
		}
	}
}

// patience is how long a label may stall. Giving up early would make the rest of
// it, when it comes, look like a whole one.
func (p *port) patience() time.Duration {
	auto := p.suffix == "" || p.suffix == decode.SuffixAuto
	if p.suffix == decode.SuffixNone || auto && !p.learnt {
		return p.gap
	}
	return stallGaps * p.gap
}

// take decodes the events of one node.
func (p *port) take(node int, events []evdev.Event) error {
	dropped := slices.IndexFunc(events, func(e evdev.Event) bool { return e.Type == evdev.Syn && e.Code == evdev.SynDropped })
	if dropped < 0 {
		p.feed(node, events)
		return nil
	}
	p.feed(node, events[:dropped])
	d := p.decoders[node]
	d.Lose("the kernel had to drop key events: they were not read in time", p.put)
	p.owner = node
	// The state of the keys is from now, so all that was queued before has to go:
	// an event after it would be taken twice, one before it not at all.
	held, err := p.src.Held(node)
	if err != nil {
		return err
	}
	d.Resync(held)
	return nil
}

func (p *port) feed(node int, events []evdev.Event) {
	d := p.decoders[node]
	from := len(p.queue)
	d.Feed(events, p.put)
	if p.owner >= 0 && p.owner != node && len(p.queue) > from {
		// Two parts of the device typed at once: whose key was whose label's?
		clear(p.queue[from:])
		p.queue = p.queue[:from]
		const why = "two keyboards of the device typed at once"
		p.decoders[p.owner].fault(why, p.put)
		d.fault(why, func(Output) {})
		return
	}
	switch {
	case d.Begun():
		p.owner = node
	case p.owner == node:
		p.owner = -1
	}
}

func (p *port) put(o Output) { p.queue = append(p.queue, o) }

// idle ends what silence ends.
func (p *port) idle() {
	for _, d := range p.decoders {
		d.Idle(p.put)
	}
	p.owner = -1
}

// next makes a chunk of what is queued, up to the end of a label.
func (p *port) next() device.Chunk {
	var c device.Chunk
	clear(p.data) // no payment code stays behind
	p.data = p.data[:0]
	used := 0
	for _, o := range p.queue {
		used++
		p.data = append(p.data, o.Text...)
		c.End, c.Fault = o.End, o.Fault
		if c.End || c.Fault != nil {
			break
		}
	}
	rest := copy(p.queue, p.queue[used:])
	clear(p.queue[rest:])
	p.queue = p.queue[:rest]
	p.learnt = p.learnt || c.End
	c.Data = p.data
	return c
}

// Close gives the keys back to the desktop.
func (p *port) Close() error { return p.src.Close() }
