package replay

import (
	"slices"
	"sync"
	"time"

	"posagent/device"
	"posagent/device/decode"
)

// recordMax bounds a recording: an evening of scanning is a tenth of it.
const recordMax = 1 << 20

// Recorder is a driver that reads through another one and notes what comes. It
// works for every transport, since it stands where all of them meet.
type Recorder struct {
	driver device.Driver

	mu     sync.Mutex
	events Capture
	size   int
	full   bool
	last   time.Time // of the newest event; zero: none yet
	gone   bool

	framing decode.Framing
	framed  bool
}

// Record returns a driver that does as d does and notes what its scanner sends.
func Record(d device.Driver) *Recorder { return &Recorder{driver: d} }

// Kind is that of the driver behind it.
func (r *Recorder) Kind() string { return r.driver.Kind() }

// Find asks the driver behind it.
func (r *Recorder) Find() (device.Location, error) { return r.driver.Find() }

// Open opens the port of the driver behind it.
func (r *Recorder) Open(loc device.Location) (device.Port, error) {
	p, err := r.driver.Open(loc)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		r.gone = false
		r.note(Event{Op: OpReplug})
	}
	return &recorded{Port: p, r: r}, nil
}

// Capture is what was noted so far. It holds whole labels: see Recording.Hidden.
func (r *Recorder) Capture() Capture {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Framing is what the labels of the newest connection are read with; ok is false
// before there was one.
func (r *Recorder) Framing() (f decode.Framing, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.framing, r.framed
}

// Full reports whether something came that was not noted any more, because the
// recording had reached 1 MB.
func (r *Recorder) Full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.full
}

func (r *Recorder) note(e Event) {
	now := time.Now()
	if r.size += len(e.Data) + 1; r.size > recordMax {
		r.full = true
		return
	}
	if !r.last.IsZero() {
		e.After = now.Sub(r.last).Round(time.Microsecond)
	}
	r.last = now
	r.events = append(r.events, e)
}

// recorded is an open port that is being recorded.
type recorded struct {
	device.Port
	r *Recorder
}

// Framing is that of the port behind it, where it has one of its own.
func (p *recorded) Framing(configured decode.Framing) decode.Framing {
	framed, ok := p.Port.(device.Framed)
	if ok {
		configured = framed.Framing(configured)
	}
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	p.r.framing, p.r.framed = configured, true
	return configured
}

func (p *recorded) Read() (device.Chunk, error) {
	c, err := p.Port.Read()
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	if len(c.Data) > 0 || c.End || c.Fault != nil {
		p.r.note(Event{Op: OpBytes, Data: slices.Clone(c.Data), End: c.End && c.Fault == nil, AIM: c.AIM, Damaged: c.Fault != nil})
	}
	// A port that fails otherwise is opened again at once; there is no event for that.
	if err != nil && device.KindOf(err) == device.KindGone {
		p.r.gone = true
		p.r.note(Event{Op: OpUnplug})
	}
	return c, err
}
