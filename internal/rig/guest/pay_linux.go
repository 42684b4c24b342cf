package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"posagent/internal/localapi/wire"
)

// payByEachKind: one till with every kind of scanner configured and none there.
// Each in turn is plugged in, is used for a payment, and leaves.
func payByEachKind(ctx context.Context, s *stage) (err error) {
	models := []model{cdcModel(), honeywellModel(), zebraModel(), newlandModel(), keyboardModel()}
	var blocks []string
	for _, m := range models {
		blocks = append(blocks, table(m.called, m.table))
	}
	outside := []source{&adapter{s.host}, &desk{s.host}}
	for _, o := range outside {
		blocks = append(blocks, o.block())
	}
	k, err := openShop(ctx, s, 0, blocks...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	if err := k.start(ctx); err != nil {
		return err
	}
	for i, m := range models {
		e, err := s.emulate(m, i%4)
		if err != nil {
			return err
		}
		if err := payWith(ctx, k, e, i); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", m.called, err), e.remove())
		}
		if err := e.remove(); err != nil {
			return err
		}
	}
	for i, src := range outside {
		if err := payWith(ctx, k, src, len(models)+i); err != nil {
			return fmt.Errorf("%s: %w", src.name(), err)
		}
	}
	return nil
}

// payWith plugs a scanner in, pays with it, shows it a code that nobody waits
// for, and takes it out.
func payWith(ctx context.Context, k *shop, src source, n int) error {
	s := k.stage
	begun := time.Now()
	if err := src.plug(ctx); err != nil {
		return err
	}
	seen := time.Since(begun)
	if _, err := k.awaitState(ctx, src.name(), "ready"); err != nil {
		return err
	}
	s.figure("plug to ready by "+src.name(), "%s, of these %s until the kernel shows it", ms(time.Since(begun)), ms(seen))
	err := k.pay(ctx, src, code(n))
	s.holds(err, "a customer pays by "+src.name())
	if err := src.send(ctx, code(1000+n)); err != nil {
		return err
	}
	err = k.await(ctx, "the stale code to be refused", func(st wire.Status) bool { return scanner(st, src.name()).Refused == 1 })
	c, cerr := k.counters(ctx, src.name())
	s.check(errors.Join(err, cerr) == nil && c.GoodReads == 1 && c.FramingErrors == 0, "every read is counted once, by "+src.name(),
		"%d good, %d refused, %d framing errors; %s %s", c.GoodReads, c.Refused, c.FramingErrors, c.Port, c.Detail)
	if err := src.unplug(ctx); err != nil {
		return err
	}
	took, err := k.awaitState(ctx, src.name(), "absent")
	s.check(err == nil, "it is missed when it is pulled out, "+src.name(), "after %s", ms(took))
	return nil
}

// ms is a duration as people read it in a table.
func ms(d time.Duration) string { return d.Round(time.Millisecond).String() }

// composite plugs in, again and again, a scanner that is a keyboard and a HID POS
// scanner in one. The kernel shows the keyboard first: it must not be taken for
// all there is.
func composite(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, 0, compositeModel())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	cycles := s.count(10, 3)
	for i := range cycles {
		if _, _, err := c.cycle(ctx, c.sources[0]); err != nil {
			return err
		}
		if err := c.pay(ctx, c.sources[0], code(i)); err != nil {
			return fmt.Errorf("after replug %d: %w", i, err)
		}
	}
	s.check(true, "it is read by its HID POS interface after every replug", "%d times", cycles)
	return nil
}
