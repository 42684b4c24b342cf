package hid

import (
	"errors"
	"fmt"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/hid/pos"
)

const (
	// readWait bounds one Read of the port: as long as device.Port allows, since
	// each Read of an idle scanner wakes a processor.
	readWait = 200 * time.Millisecond

	// closeWait bounds Close. The library's read takes pollEvery, unless the
	// wall clock was set back meanwhile: it waits by that.
	closeWait = 2 * time.Second

	// endless is an idle gap that never ends a label: its end stands in the
	// reports, and the assembler knows when to give it up.
	endless = time.Hour
)

// port is an open scanner in HID POS mode.
type port struct {
	r     *reader
	asm   *pos.Assembler
	join  joiner
	lost  bool   // reports before the next whole one are lost
	held  *input // came, and waits for the Read after this one
	spent []byte // the report that the last Read handed out
	timer *time.Timer
}

// Framing: a label is what the reports say. The rest of the configuration
// stays.
func (p *port) Framing(configured decode.Framing) decode.Framing {
	configured.Suffix, configured.IdleGap = decode.SuffixNone, endless
	return configured
}

// Read gives what the next report holds of a label. It never waits for the
// library.
func (p *port) Read() (device.Chunk, error) {
	clear(p.spent) // no payment code stays behind in memory
	p.spent = nil
	if in := p.held; in != nil {
		p.held = nil
		return p.report(*in), nil
	}
	if p.timer == nil {
		p.timer = time.NewTimer(readWait)
	} else {
		p.timer.Reset(readWait)
	}
	select {
	case in, ok := <-p.r.reports:
		p.timer.Stop()
		if !ok {
			return device.Chunk{}, p.gone()
		}
		return p.take(in), nil
	case <-p.timer.C:
		return p.idle(time.Now()), nil
	}
}

// take looks at what came before the report: a label that stalled, or reports
// that were lost. If there is something to tell, the report waits.
func (p *port) take(in input) device.Chunk {
	whole, broken := p.join.add(in)
	p.lost = p.lost || in.lost || broken
	if whole == nil {
		return device.Chunk{}
	}
	in.data, in.lost = whole, p.lost
	p.lost = false
	if c := p.asm.Idle(in.at); c.Fault != nil {
		p.held = &in
		return c
	}
	return p.report(in)
}

func (p *port) report(in input) device.Chunk {
	if in.lost {
		in.lost = false
		p.held = &in
		return p.asm.Lost(in.at)
	}
	p.spent = in.data
	return p.asm.Report(in.data, in.at)
}

// idle takes the time without a report.
func (p *port) idle(now time.Time) device.Chunk {
	if p.join.cutOff(now) {
		return p.asm.Lost(now)
	}
	return p.asm.Idle(now)
}

// gone says why nothing comes any more.
func (p *port) gone() error {
	err := p.r.err
	switch {
	case errors.Is(err, errSpins):
		return &device.Error{
			Op: "read", Port: p.r.path, Kind: device.KindFaulty, Err: err,
			Hint: "the scanner sends empty reports without end: unplug it and plug it in again; if that does not help, it is broken",
		}
	case err == nil:
		err = errors.New("the reader was stopped")
	}
	return &device.Error{
		Op: "read", Port: p.r.path, Kind: device.KindGone, Err: err,
		Hint: "the scanner left the bus: check the cable, the hub and its power supply",
	}
}

// Close tells the reader to give the device back and waits until it has.
func (p *port) Close() error {
	close(p.r.stop)
	if err := wait(p.r.done, closeWait); err != nil {
		return fmt.Errorf("close %s: %w", p.r.path, err)
	}
	return p.r.closeErr
}

func wait(done <-chan struct{}, limit time.Duration) error {
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-done:
		return nil
	case <-t.C:
		return fmt.Errorf("the library did not come back within %v: was the clock set back?", limit)
	}
}
