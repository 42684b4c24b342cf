package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"posagent/device"
	"posagent/device/usb"
	"posagent/internal/rig"
)

// latency measures, for each kind, the time from the last report or byte of a
// label until the scan is in the hand of whoever waits, and beside it how long
// the same takes until the kernel's own device file gives it.
func latency(ctx context.Context, s *stage) (err error) {
	for _, m := range fourModels() {
		e, err := s.emulate(m, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(s.latencyOf(ctx, e), e.remove()); err != nil {
			return fmt.Errorf("%s: %w", m.called, err)
		}
	}
	return nil
}

func (s *stage) latencyOf(ctx context.Context, e *emulated) error {
	if err := e.plug(ctx); err != nil {
		return err
	}
	count := s.count(400, 50)
	raw, err := rawLatency(ctx, e, count)
	if err != nil {
		return fmt.Errorf("the device file: %w", err)
	}
	scans, err := scanLatency(ctx, e, count)
	if err != nil {
		return err
	}
	s.figure("last report or byte to scan, "+e.called, "%s; to the device file %s", spread(scans), spread(raw))
	return nil
}

// sendTimed sends a label and tells when its last part left. What comes before
// that part is given time to arrive: it is no part of the measurement.
func (e *emulated) sendTimed(ctx context.Context, label string) (time.Time, error) {
	parts, err := e.encode(label)
	if err != nil {
		return time.Time{}, err
	}
	last := len(parts) - 1
	if last > 0 && e.device.Functions[e.feed].HID.Protocol == 1 {
		last-- // Enter goes down; that it goes up again is not waited for
	}
	var at time.Time
	for i, p := range parts {
		if i == last && i > 0 {
			pauseFor(ctx, 10*time.Millisecond)
		}
		if i == last {
			at = time.Now()
		}
		if err := e.raw(ctx, p); err != nil {
			return at, err
		}
	}
	return at, nil
}

// scanLatency measures with the driver and the manager that the agent has.
func scanLatency(ctx context.Context, e *emulated, count int) (all []time.Duration, err error) {
	sc, err := scannerOf(e.model)
	if err != nil {
		return nil, err
	}
	m, err := device.New(device.Options{Scanners: []device.Scanner{sc}, DuplicateWindow: -1})
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(running) }()
	defer func() { stop(); err = errors.Join(err, <-ended) }()
	if err := until(ctx, "the scanner to be ready", func() (bool, string) {
		h := m.Health()[0]
		return h.State == device.StateReady, h.LastError
	}); err != nil {
		return nil, err
	}
	claim, err := m.Claim(ctx)
	if err != nil {
		return nil, err
	}
	for n := range count {
		sent := make(chan timed, 1)
		scan, err := claim.NextArmed(ctx, func() {
			go func() {
				at, err := e.sendTimed(ctx, rig.Label(5, n))
				sent <- timed{at, err}
			}()
		})
		now := time.Now()
		t := <-sent
		if err := errors.Join(err, t.err); err != nil {
			return nil, err
		}
		if got := scan.Text.Reveal(); got != rig.Label(5, n) {
			return nil, fmt.Errorf("label %d came as %q", n, got)
		}
		all = append(all, now.Sub(t.at))
	}
	return all, nil
}

type timed struct {
	at  time.Time
	err error
}

// rawLatency measures at the kernel's device file of the same function.
func rawLatency(ctx context.Context, e *emulated, count int) (all []time.Duration, err error) {
	path, done, err := e.deviceFile(ctx)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if e.device.Functions[e.feed].HID == nil {
		if err := makeRaw(f); err != nil {
			return nil, err
		}
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := f.SetReadDeadline(deadline); err != nil {
			return nil, err
		}
	}
	for n := range count {
		sent := make(chan timed, 1)
		go func() {
			at, err := e.sendTimed(ctx, rig.Label(5, n))
			sent <- timed{at, err}
		}()
		buf := make([]byte, 4096)
		for {
			got, err := f.Read(buf)
			if err != nil {
				return nil, errors.Join(err, (<-sent).err)
			}
			if done(buf[:got]) {
				break
			}
		}
		now := time.Now()
		t := <-sent
		if t.err != nil {
			return nil, t.err
		}
		all = append(all, now.Sub(t.at))
	}
	return all, nil
}

// deviceFile is the file at which the kernel gives what the scanner sends, and
// how its reader knows that a label is whole.
func (e *emulated) deviceFile(ctx context.Context) (path string, done func([]byte) bool, err error) {
	err = until(ctx, "the device file of "+e.called, func() (bool, string) {
		found, err := usb.System{}.Find(usb.Match{VID: fmt.Sprintf("%04x", e.device.VID), PID: fmt.Sprintf("%04x", e.device.PID)})
		if err != nil || len(found) != 1 {
			return false, fmt.Sprint(found, err)
		}
		for _, i := range found[0].Interfaces {
			switch {
			case e.device.Functions[e.feed].HID == nil && len(i.TTY) > 0:
				path, done = i.TTY[0], func(b []byte) bool { return b[len(b)-1] == '\r' }
			case i.Number == e.feed && len(i.HID) == 1 && i.Protocol == 1 && len(i.HID[0].Input) == 1:
				path, done = i.HID[0].Input[0], enterDown
			case i.Number == e.feed && len(i.HID) == 1 && i.Protocol == 0 && i.HID[0].Hidraw != "":
				path, done = i.HID[0].Hidraw, func(b []byte) bool { return b[len(b)-1]&1 == 0 }
			}
		}
		return path != "", fmt.Sprintf("%+v", found)
	})
	return path, done, err
}

// The layout of an input event on a 64-bit system (linux/input.h).
const (
	eventSize  = 24
	eventType  = 16
	eventCode  = 18
	eventValue = 20
	typeKey    = 1
	keyEnter   = 28
)

// enterDown finds the key in events as the kernel gives them.
func enterDown(b []byte) bool {
	for _, k := range keysDown(b) {
		if k == keyEnter {
			return true
		}
	}
	return false
}

// keysDown lists the keys that were pressed.
func keysDown(b []byte) (keys []uint16) {
	for ; len(b) >= eventSize; b = b[eventSize:] {
		if binary.LittleEndian.Uint16(b[eventType:]) == typeKey && binary.LittleEndian.Uint32(b[eventValue:]) == 1 {
			keys = append(keys, binary.LittleEndian.Uint16(b[eventCode:]))
		}
	}
	return keys
}

// enumeration measures what it costs to look for scanners, with one plugged into
// each port.
func enumeration(ctx context.Context, s *stage) (err error) {
	var sources []*emulated
	defer func() {
		for _, e := range sources {
			err = errors.Join(err, e.remove())
		}
	}()
	for i, m := range fourModels() {
		e, err := s.emulate(m, i)
		if err != nil {
			return err
		}
		sources = append(sources, e)
		if err := e.plug(ctx); err != nil {
			return err
		}
	}
	count := s.count(200, 30)
	cost := func(name string, look func() error) error {
		var all []time.Duration
		for range count {
			begun := time.Now()
			if err := look(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, time.Since(begun))
		}
		s.figure("one look: "+name, "%s", spread(all))
		return nil
	}
	if err := cost("all USB devices", func() error { _, err := usb.System{}.List(); return err }); err != nil {
		return err
	}
	if err := cost("a scanner that is not there", func() error {
		_, err := usb.System{}.Find(usb.Match{VID: "ffff", PID: "ffff"})
		return err
	}); err != nil {
		return err
	}
	for _, e := range sources {
		sc, err := scannerOf(e.model)
		if err != nil {
			return err
		}
		if err := cost("the driver of "+e.called, func() error { _, err := sc.Driver.Find(); return err }); err != nil {
			return err
		}
	}
	return nil
}
