package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/internal/rig"
)

// labels sends very many labels through the driver of each kind, as fast as the
// bus takes them, and holds every one that arrives against what was sent.
func labels(ctx context.Context, s *stage) error {
	models := fourModels()
	fast := keyboardModel()
	fast.called, fast.encode = "keyboard without pauses between keys", typedFast
	models = append(models, fast)
	for i, m := range models {
		count := s.count(10_000, 300)
		if m.called == fast.called {
			count /= 10
		}
		if err := s.labelsOf(ctx, m, i, count); err != nil {
			return err
		}
	}
	return s.labelsFromOutside(ctx, len(models))
}

func (s *stage) labelsOf(ctx context.Context, m model, source, count int) (err error) {
	sc, err := scannerOf(m)
	if err != nil {
		return err
	}
	e, err := s.emulate(m, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.remove()) }()
	if err := e.plug(ctx); err != nil {
		return err
	}
	s.roundTrip(ctx, sc, source, count, func(ctx context.Context) error {
		for n := range count {
			if err := e.sendAtOnce(ctx, rig.Label(source, n)); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// labelsFromOutside are sent by QEMU's own devices. Its keyboard takes 24 ms for
// a key, so that there are fewer.
func (s *stage) labelsFromOutside(ctx context.Context, source int) error {
	a, d := &adapter{s.host}, &desk{s.host}
	sc, err := serialScanner(a.name(), 0x0403, 0x6001, "")
	if err != nil {
		return err
	}
	if err := a.plug(ctx); err != nil {
		return err
	}
	count := s.count(10_000, 300)
	s.roundTrip(ctx, sc, source, count, func(context.Context) error {
		return s.host.ask(rig.Request{Verb: rig.SendLabels, Source: source, Count: count})
	})
	if err := a.unplug(ctx); err != nil {
		return err
	}
	if sc, err = hidScanner(d.name(), 0x0627, 0x0001, ""); err != nil {
		return err
	}
	if err := d.plug(ctx); err != nil {
		return err
	}
	source++
	count = s.count(50, 5)
	s.roundTrip(ctx, sc, source, count, func(ctx context.Context) error {
		for n := range count {
			if err := d.send(ctx, rig.Label(source, n)); err != nil {
				return err
			}
		}
		return nil
	})
	return d.unplug(ctx)
}

// roundTrip sends labels as fast as they are taken, and compares.
func (s *stage) roundTrip(ctx context.Context, sc device.Scanner, source, count int, sendAll func(context.Context) error) {
	c := &comparison{source: source, count: count}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := time.Now()
	ready := make(chan struct{})
	sent := make(chan error, 1)
	go func() {
		select {
		case <-ready:
			sent <- sendAll(ctx)
		case <-ctx.Done():
			sent <- ctx.Err()
		}
	}()
	err := pump(ctx, sc, func() { begun = time.Now(); close(ready) }, c.take)
	took := time.Since(begun)
	if err != nil || c.wrong != nil {
		cancel()
		err = fmt.Errorf("%d of %d labels came: %w", c.next, count, errors.Join(c.wrong, err, <-sent))
	} else {
		err = <-sent
	}
	text := fmt.Sprintf("in %s", ms(took))
	if err != nil {
		text = err.Error()
	}
	s.check(err == nil, fmt.Sprintf("%d labels of %s arrive, none lost, doubled or mixed", count, sc.Name), "%s", text)
}

// comparison holds labels against those that were sent, in their order.
type comparison struct {
	source, count, next int
	wrong               error
}

// take reports that nothing more is to come.
func (c *comparison) take(f decode.Frame) bool {
	from, n, ok := rig.ParseLabel(f.Text.Reveal())
	switch {
	case f.Err != nil:
		c.wrong = fmt.Errorf("label %d: %w", c.next, f.Err)
	case !ok || from != c.source || n != c.next:
		c.wrong = fmt.Errorf("label %d was to come, and %q came", c.next, f.Text.Reveal())
	default:
		c.next++
		return c.next == c.count
	}
	return true
}
