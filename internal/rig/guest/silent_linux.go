package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// silent plugs in a scanner that the bus finds and that then answers nothing: the
// kernel itself waits for it, five seconds a question. The till goes on with the
// other scanner meanwhile, and the agent stops in order.
func silent(ctx context.Context, s *stage) (err error) {
	m := honeywellModel()
	dir, err := os.MkdirTemp("", "silent")
	if err != nil {
		return err
	}
	mute, err := s.bench.NewSilent(dir, 3, m.device)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mute.Remove(), os.RemoveAll(dir)) }()
	e, err := s.emulate(cdcModel(), 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.remove()) }()
	k, err := openShop(ctx, s, 0, e.block(), table(m.called, m.table))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	if err := k.start(ctx); err != nil {
		return err
	}
	if err := mute.Plug(); err != nil {
		return err
	}
	if err := until(ctx, "the silent device", func() (bool, string) { return mute.OnBus(), "it is not on the bus" }); err != nil {
		return err
	}
	if err := e.plug(ctx); err != nil {
		return err
	}
	took, err := k.awaitState(ctx, e.called, "ready")
	s.check(err == nil, "another scanner is found meanwhile", "after %s", ms(took))
	for i := range s.count(3, 3) {
		if err := k.pay(ctx, e, code(i)); err != nil {
			return fmt.Errorf("payment %d: %w", i, err)
		}
		pauseFor(ctx, 2*time.Second)
	}
	s.check(true, "customers pay by the other scanner", "%d of them", s.count(3, 3))
	st, err := k.api.Status(ctx)
	sc := scanner(st, m.called)
	s.check(err == nil && sc.State != "ready" && sc.Error != "", "the silent scanner is not called ready", "%s: %s; %s", sc.State, sc.Error, sc.Hint)
	// A call into the kernel that does not return cannot be given up, and while
	// one of its threads is in there the process cannot end either. What is in
	// flight is the next start's, as after a power cut.
	took, err = k.stop()
	s.check(took < 40*time.Second, "the agent ends once the kernel lets go", "after %s%s", ms(took), because(err))
	return nil
}
