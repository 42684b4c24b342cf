package hid

import (
	"errors"
	"time"
)

const (
	// pollEvery bounds one read and with it how long a stop takes.
	pollEvery = 200 * time.Millisecond

	// depth is how many reports wait for the program at most. hidapi has 31: a
	// program that is held up for a moment would lose the front of a label.
	depth = 4096

	// A read that comes back without a report sooner than fastEmpty was not
	// waiting. Some devices send empty packets; fastEmpties in a row mean that
	// nothing waits any more, and going on would take a whole processor.
	fastEmpty   = pollEvery / 4
	fastEmpties = 64

	// A device that was just opened may hand out what it read before: it is
	// taken until the device is quiet, for drainFor at most.
	quiet    = 50 * time.Millisecond
	drainFor = time.Second
)

// errSpins: reading returns at once and without data.
var errSpins = errors.New("reading returns at once and without data")

// input is one report, or the word that some before it are lost.
type input struct {
	data []byte
	at   time.Time
	lost bool // reports before this one did not fit the queue
}

// reader is the goroutine that owns a device: it opens it, reads it, and closes
// it.
type reader struct {
	api    library
	path   string
	size   int                // of the longest report
	enable func(handle) error // after opening; may be nil
	old    func(input)        // takes what was there before

	stop    chan struct{}
	opened  chan error // one value
	reports chan input // closed at the end
	done    chan struct{}

	// The causes of the end, to be read after reports or done is closed.
	err      error
	closeErr error
}

func newReader(api library, path string, size int) *reader {
	return &reader{
		api: api, path: path, size: size,
		stop: make(chan struct{}), opened: make(chan error, 1), reports: make(chan input, depth), done: make(chan struct{}),
	}
}

func (r *reader) run() {
	defer close(r.done)
	defer close(r.reports)
	h, err := r.api.open(r.path)
	if err != nil {
		r.opened <- err
		return
	}
	// Whatever happens, the device is given back: a keyboard that is not is dead
	// until it is plugged in again.
	defer func() { r.closeErr = h.Close() }()
	if r.enable != nil {
		if err := r.enable(h); err != nil {
			r.opened <- err
			return
		}
	}
	if err := r.drain(h); err != nil {
		r.opened <- err
		return
	}
	r.opened <- nil
	r.err = r.read(h)
}

func (r *reader) drain(h handle) error {
	buf := make([]byte, r.size)
	for end := time.Now().Add(drainFor); time.Now().Before(end) && !r.stopped(); {
		begun := time.Now()
		n, err := h.ReadTimeout(buf, int(quiet/time.Millisecond))
		switch {
		case err != nil:
			return err
		case n > 0:
			r.old(input{data: buf[:n], at: time.Now()})
		case time.Since(begun) >= quiet/2:
			clear(buf)
			return nil
		}
	}
	clear(buf) // it may have held a payment code
	return nil
}

func (r *reader) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// ended tells whether the device was given back.
func (r *reader) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// read takes reports over until the device is gone or it is told to stop.
func (r *reader) read(h handle) error {
	buf := make([]byte, r.size)
	fast, lost := 0, false
	for !r.stopped() {
		begun := time.Now()
		n, err := h.ReadTimeout(buf, int(pollEvery/time.Millisecond))
		now := time.Now()
		switch {
		case err != nil:
			return err
		case n > 0:
			fast = 0
			in := input{data: append([]byte(nil), buf[:n]...), at: now, lost: lost}
			clear(buf[:n])
			select {
			case r.reports <- in:
				lost = false
			default:
				// Waiting would only move the loss into hidapi, where nobody sees it.
				lost = true
			}
		case now.Sub(begun) >= fastEmpty:
			fast = 0
		default:
			if fast++; fast >= fastEmpties {
				return errSpins
			}
		}
	}
	return nil
}
