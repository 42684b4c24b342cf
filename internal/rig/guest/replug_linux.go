package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// replug pulls all scanners out and plugs them in again, many times, with a scan
// after each, and now and then a payment.
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
	cycles := s.count(200, 5)
	sent := make([]uint64, len(c.sources))
	paid := make([]uint64, len(c.sources))
	var back []time.Duration
	for i := range cycles {
		took, err := c.cycle(ctx)
		if err != nil {
			return fmt.Errorf("cycle %d: %w", i, err)
		}
		back = append(back, took)
		for n, e := range c.sources {
			if n == i%len(c.sources) && i%4 == 0 {
				if err := c.pay(ctx, e, code(i)); err != nil {
					return fmt.Errorf("cycle %d, %s: %w", i, e.called, err)
				}
				paid[n]++
				continue
			}
			if err := e.send(ctx, code(10_000*(n+1)+i)); err != nil {
				return fmt.Errorf("cycle %d: %w", i, err)
			}
			sent[n]++
		}
		if err := c.countedEach(ctx, sent, paid); err != nil {
			return fmt.Errorf("cycle %d: %w", i, err)
		}
	}
	s.check(true, "every scanner reads after every replug", "%d cycles with %d scanners", cycles, len(c.sources))
	s.figure("plug to ready, all at once", "%s", spread(back))
	after, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	s.check(after.files <= before.files+2, "no file is left open", "%d before, %d after", before.files, after.files)
	s.figure("the agent's memory", "%d KiB before, %d KiB after %d cycles", before.resident, after.resident, cycles)
	return nil
}

// cycle pulls all scanners out and plugs them in, and tells how long it took from
// the plug until all were ready.
func (c *counter) cycle(ctx context.Context) (time.Duration, error) {
	if err := c.each(func(e *emulated) error { return e.unplug(ctx) }); err != nil {
		return 0, err
	}
	if err := c.allAre(ctx, "absent"); err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := c.each(func(e *emulated) error { return e.plug(ctx) }); err != nil {
		return 0, err
	}
	err := c.allAre(ctx, "ready")
	return time.Since(begun), err
}

// countedEach waits until the labels are counted, and requires that nothing else is.
func (c *counter) countedEach(ctx context.Context, refused, good []uint64) error {
	for n, e := range c.sources {
		err := until(ctx, "the labels of "+e.called, func() (bool, string) {
			sc, err := c.counters(ctx, e.called)
			return err == nil && sc.Refused == refused[n] && sc.GoodReads == good[n] && sc.Duplicates == 0 && sc.FramingErrors == 0,
				fmt.Sprintf("%d refused of %d, %d good of %d, %d doubled, %d framing errors; %v",
					sc.Refused, refused[n], sc.GoodReads, good[n], sc.Duplicates, sc.FramingErrors, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
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
	parts, err := e.encode(label)
	if err != nil {
		return err
	}
	switch {
	case len(parts) > 1: // keys: down and up again
		parts = parts[:len(parts)/2&^1]
	case e.device.Functions[e.feed].HID != nil: // a report that says that more follows
		more := append([]byte(nil), parts[0]...)
		more[len(more)-1] |= 1
		parts = [][]byte{more}
	default:
		parts = [][]byte{parts[0][:len(parts[0])/2]}
	}
	for _, p := range parts {
		if err := e.raw(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
