package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/internal/rig"
)

// flood has all scanners send without a pause and at once while nobody waits, as
// fast as a USB bus would take it. The agent must refuse each label once, and must
// be of use at once when it is over. A keyboard cannot make its scanner wait: the
// kernel keeps some sixty events, and when it had to drop one on this slow machine
// the label must be reported as damaged.
func flood(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, 0, fourModels()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	count := s.count(400, 100)
	begun := time.Now()
	if err := c.each(func(e *emulated) error {
		for i := range count {
			if err := e.send(ctx, rig.Label(1, i)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	s.figure("labels sent", "%d by each of %d scanners in %s", count, len(c.sources), ms(time.Since(begun)))
	for i, e := range c.sources {
		sc, err := c.settled(ctx, e.called)
		if err != nil {
			return err
		}
		whole := sc.Refused == uint64(count) && sc.FramingErrors == 0
		reported := e.typing() && sc.Refused < uint64(count) && sc.FramingErrors > 0
		s.check((whole || reported) && sc.GoodReads+sc.Duplicates == 0,
			fmt.Sprintf("%d labels of every scanner at the same time are each counted once, %s", count, e.called), "%s", countedAs(sc))
		s.holds(c.pay(ctx, e, code(i)), "a customer pays after the flood, by "+e.called)
	}
	return nil
}

func countedAs(sc wire.Scanner) string {
	return fmt.Sprintf("%d refused, %d damaged, %d good, %d doubled", sc.Refused, sc.FramingErrors, sc.GoodReads, sc.Duplicates)
}

// endless sends bytes without an end: nothing of it becomes a label, the agent
// does not grow, and the next label is read.
func endless(ctx context.Context, s *stage) (err error) {
	size := s.count(10<<20, 1<<20)
	c, err := openCounter(ctx, s, 0, cdcModel())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	id, err := c.openSale(ctx)
	if err != nil {
		return err
	}
	e := c.sources[0]
	before, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	chunk := make([]byte, 4096)
	for i := range chunk {
		chunk[i] = byte('0' + i%10)
	}
	begun := time.Now()
	for sent := 0; sent < size; sent += len(chunk) {
		if err := e.raw(ctx, chunk); err != nil {
			return err
		}
	}
	took := time.Since(begun)
	after, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	s.figure("bytes without an end", "%d in %s, the agent used %s of the processor", size, ms(took), ms(after.processor-before.processor))
	s.check(after.resident < before.resident+8<<10, "the agent does not grow", "%d KiB before, %d KiB after", before.resident, after.resident)
	if err := e.raw(ctx, []byte("\r")); err != nil {
		return err
	}
	err = c.await(ctx, "the bytes to be dropped", func(st wire.Status) bool { return scanner(st, e.called).FramingErrors > 0 })
	sc, cerr := c.counters(ctx, e.called)
	s.check(errors.Join(err, cerr) == nil && sc.GoodReads == 0, "they are one framing error and no label",
		"%d framing errors, %d good reads", sc.FramingErrors, sc.GoodReads)
	if err := e.send(ctx, code(1)); err != nil {
		return err
	}
	s.holds(c.awaitPaid(ctx, id), "the sale that waited meanwhile is paid by the next label")
	return nil
}
