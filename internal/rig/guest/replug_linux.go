package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// replug pulls scanners out and plugs them in again, one after the other, many
// times, with a scan after each and now and then a payment. The others stay in.
func replug(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, 0, fourModels()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	before, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	cycles := s.count(200, 8)
	refused, paid := make([]uint64, len(c.sources)), make([]uint64, len(c.sources))
	shown, ready := make([][]time.Duration, len(c.sources)), make([][]time.Duration, len(c.sources))
	for i := range cycles {
		n := i % len(c.sources)
		seen, took, err := c.cycle(ctx, c.sources[n])
		if err != nil {
			return fmt.Errorf("cycle %d: %w", i, err)
		}
		shown[n], ready[n] = append(shown[n], seen), append(ready[n], took)
		if i%10 < len(c.sources) {
			err = c.pay(ctx, c.sources[n], code(i))
			paid[n]++
		} else {
			err = c.sources[n].send(ctx, code(i))
			refused[n]++
		}
		if err := errors.Join(err, c.counted(ctx, c.sources[n], refused[n], paid[n])); err != nil {
			c.tellLog()
			return fmt.Errorf("cycle %d, %s: %w", i, c.sources[n].called, err)
		}
	}
	s.check(true, "a scanner reads after every replug", "%d replugs of %d scanners in turn", cycles, len(c.sources))
	for n, e := range c.sources {
		s.figure("plug to kernel, "+e.called, "%s", spread(shown[n]))
		s.figure("from there to ready, "+e.called, "%s", spread(ready[n]))
	}
	after, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	s.check(after.files <= before.files+2, "no file is left open", "%d before, %d after", before.files, after.files)
	s.figure("the agent's memory", "%d KiB before, %d KiB after %d replugs", before.resident, after.resident, cycles)
	return nil
}

// cycle pulls a scanner out and plugs it in. It tells how long it took until the
// kernel showed the device, and from there until it was ready.
func (c *counter) cycle(ctx context.Context, e *emulated) (shown, ready time.Duration, err error) {
	if err := e.unplug(ctx); err != nil {
		return 0, 0, err
	}
	if _, err := c.awaitState(ctx, e.called, "absent"); err != nil {
		return 0, 0, err
	}
	begun := time.Now()
	if err := e.plug(ctx); err != nil {
		return 0, 0, err
	}
	shown = time.Since(begun)
	ready, err = c.awaitState(ctx, e.called, "ready")
	return shown, ready, err
}

// counted waits until the labels of a scanner are counted, and nothing else is.
func (c *counter) counted(ctx context.Context, e *emulated, refused, good uint64) error {
	return until(ctx, "the labels of "+e.called, func() (bool, string) {
		sc, err := c.counters(ctx, e.called)
		return err == nil && sc.Refused == refused && sc.GoodReads == good && sc.Duplicates == 0 && sc.FramingErrors == 0,
			fmt.Sprintf("%d refused of %d, %d good of %d, %d doubled, %d framing errors; %v",
				sc.Refused, refused, sc.GoodReads, good, sc.Duplicates, sc.FramingErrors, err)
	})
}

// spread sums durations up.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(percent int) time.Duration { return all[(len(all)-1)*percent/100].Round(10 * time.Microsecond) }
	return fmt.Sprintf("p50 %s, p99 %s, longest %s of %d", at(50), at(99), at(100), len(all))
}

// cutOff unplugs each scanner in the middle of a label while a sale waits. What
// came is dropped, and the customer pays with the label that is read whole.
func cutOff(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, 0, fourModels()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	for i, e := range c.sources {
		id, err := c.openSale(ctx)
		if err != nil {
			return err
		}
		if err := e.sendHalf(ctx, code(2*i)); err != nil {
			return err
		}
		pauseFor(ctx, 50*time.Millisecond) // so that the half is read, not lost in the kernel
		if err := e.unplug(ctx); err != nil {
			return err
		}
		if _, err := c.awaitState(ctx, e.called, "absent"); err != nil {
			return err
		}
		if err := e.plug(ctx); err != nil {
			return err
		}
		if _, err := c.awaitState(ctx, e.called, "ready"); err != nil {
			return err
		}
		if err := e.send(ctx, code(2*i+1)); err != nil {
			return err
		}
		s.holds(c.awaitPaid(ctx, id), "half a label is dropped, the whole one pays, by "+e.called)
		sc, err := c.counters(ctx, e.called)
		if err != nil {
			return err
		}
		s.check(sc.FramingErrors == 1 && sc.GoodReads == 1 && sc.Refused == 0, "the half is counted as a framing error, of "+e.called,
			"%d framing errors, %d good, %d refused", sc.FramingErrors, sc.GoodReads, sc.Refused)
	}
	return nil
}

// sendHalf sends the beginning of a label.
func (e *emulated) sendHalf(ctx context.Context, label string) error {
	parts, err := half(e.model, label)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := e.raw(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// half is the beginning of what a scanner sends for a label.
func half(m model, label string) ([][]byte, error) {
	parts, err := m.encode(label)
	if err != nil {
		return nil, err
	}
	switch {
	case len(parts) > 1: // keys, down and up again
		return parts[:len(parts)/2&^1], nil
	case m.device.Functions[m.feed].HID != nil: // a report that says that more follows
		more := slices.Clone(parts[0])
		more[len(more)-1] |= 1
		return [][]byte{more}, nil
	}
	return [][]byte{parts[0][:len(parts[0])/2]}, nil
}
