package replay

import (
	"errors"
	"sync"
	"time"

	"posagent/device"
)

// readTimeout is that of the serial driver.
const readTimeout = 100 * time.Millisecond

// Driver plays a capture back. The clock starts at the first Open. Bytes that
// were due while nobody had the port open are lost, as on a real line; after
// the last event the line stays silent.
type Driver struct {
	name string

	mu     sync.Mutex
	events []timed
	next   int
	begun  time.Time
	absent bool
	open   bool
}

// timed is an event at its time since the beginning.
type timed struct {
	Event
	at time.Duration
}

// NewDriver returns a driver for one playback. name stands for the port.
func NewDriver(name string, c Capture) *Driver {
	d := &Driver{name: name}
	var at time.Duration
	for _, e := range c {
		at += e.After
		d.events = append(d.events, timed{Event: e, at: at})
	}
	return d
}

// Kind is "replay".
func (*Driver) Kind() string { return "replay" }

// Done reports whether every event has been played.
func (d *Driver) Done() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.next == len(d.events)
}

// Find gives the capture's name, unless it is unplugged now.
func (d *Driver) Find() (device.Location, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.skip()
	if d.absent {
		return device.Location{}, &device.Error{Op: "find", Port: d.name, Kind: device.KindAbsent, Hint: "the recording is at a point where the scanner was unplugged"}
	}
	return device.Location{Path: d.name, Detail: "recording"}, nil
}

// Open begins or continues the playback.
func (d *Driver) Open(device.Location) (device.Port, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.skip()
	switch {
	case d.open:
		return nil, &device.Error{Op: "open", Port: d.name, Kind: device.KindBusy, Err: errors.New("the recording is being played"), Hint: "use one driver per scanner"}
	case d.absent:
		return nil, &device.Error{Op: "open", Port: d.name, Kind: device.KindAbsent}
	}
	if d.begun.IsZero() {
		d.begun = time.Now()
	}
	d.open = true
	return &playback{d}, nil
}

// skip plays what was due while the port was closed.
func (d *Driver) skip() {
	if d.begun.IsZero() || d.open {
		return
	}
	for ; d.next < len(d.events) && d.events[d.next].at < time.Since(d.begun); d.next++ {
		d.apply(d.events[d.next])
	}
}

func (d *Driver) apply(e timed) {
	switch e.Op {
	case OpUnplug:
		d.absent = true
	case OpReplug:
		d.absent = false
	}
}

// due waits for the next event, readTimeout at most.
func (d *Driver) due() (timed, bool) {
	d.mu.Lock()
	wait := readTimeout
	due := false
	if d.next < len(d.events) {
		left := d.events[d.next].at - time.Since(d.begun)
		due = left <= wait
		wait = min(wait, left)
	}
	d.mu.Unlock()
	if wait > 0 {
		<-time.After(wait)
	}
	if !due {
		return timed{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.events[d.next]
	d.next++
	d.apply(e)
	return e, true
}

// playback is the open port; the mutex of its Driver guards it.
type playback struct{ d *Driver }

func (p *playback) Read() (device.Chunk, error) {
	e, ok := p.d.due()
	switch {
	case !ok:
		return device.Chunk{}, nil
	case e.Op == OpUnplug:
		return device.Chunk{}, &device.Error{Op: "read", Port: p.d.name, Kind: device.KindGone, Err: errors.New("unplugged in the recording")}
	default:
		return device.Chunk{Data: e.Data, End: e.End, AIM: e.AIM, Fault: e.fault()}, nil
	}
}

func (p *playback) Close() error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.d.open = false
	return nil
}
