package main

import (
	"context"
	"errors"
	"time"
)

// idle measures what an agent with all scanners attached uses while nothing
// happens.
func idle(ctx context.Context, s *stage) (err error) {
	models := fourModels()
	c, err := openCounter(ctx, s, 0, models...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	pauseFor(ctx, 3*time.Second) // what starting left to do
	before, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	begun := time.Now()
	pauseFor(ctx, time.Duration(s.count(10, 5))*time.Second)
	after, err := usageOf(c.agent.Process.Pid)
	if err != nil {
		return err
	}
	took := time.Since(begun)
	share := float64(after.processor-before.processor) / float64(took) * 100
	s.figure("idle processor time", "%.2f %% of one emulated processor with %d scanners, over %s; %d KiB resident", share, len(models), ms(took), after.resident)
	// Emulation is ten to thirty times slower than a till's processor.
	s.check(share < 15, "an idle agent leaves the processor alone", "%.2f %%", share)
	took, err = c.stop()
	s.check(err == nil && took < 3*time.Second, "it stops in order, with all scanners attached", "after %s%s", ms(took), because(err))
	return nil
}
