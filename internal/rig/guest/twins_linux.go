package main

import (
	"context"
	"errors"
	"fmt"

	"posagent/internal/localapi/wire"
)

// twins are two scanners of one model without serial numbers. Only the socket
// tells them apart, and without it the agent must say so and use neither.
func twins(ctx context.Context, s *stage) (err error) {
	m := honeywellModel()
	m.device.Serial = ""
	var both []*emulated
	defer func() {
		for _, e := range both {
			err = errors.Join(err, e.remove())
		}
	}()
	for i := range 2 {
		m.called = fmt.Sprintf("twin-%d", i+1)
		e, err := s.emulate(m, i)
		if err != nil {
			return err
		}
		both = append(both, e)
		if err := e.plug(ctx); err != nil {
			return err
		}
	}
	if err := ambiguous(ctx, s, m); err != nil {
		return err
	}
	var blocks []string
	for _, e := range both {
		e.table = fmt.Sprintf("type = \"hid\"\nmatch = { vid = \"%04x\", pid = \"%04x\", usb_path = %q }", m.device.VID, m.device.PID, e.g.HostPath())
		blocks = append(blocks, e.block())
	}
	k, err := openShop(ctx, s, 0, blocks...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	if err := k.start(ctx); err != nil {
		return err
	}
	for i, e := range both {
		if _, err := k.awaitState(ctx, e.called, "ready"); err != nil {
			return err
		}
		s.holds(k.pay(ctx, e, code(i)), "a customer pays by "+e.called+", found by its socket")
	}
	return separate(ctx, k, both)
}

// separate: what one of them sends, and that it leaves, is its own affair.
func separate(ctx context.Context, k *shop, both []*emulated) error {
	for n, e := range both {
		for i := range n + 2 {
			if err := e.send(ctx, code(100*(n+1)+i)); err != nil {
				return err
			}
		}
	}
	err := k.await(ctx, "the labels of both", func(st wire.Status) bool {
		return scanner(st, both[0].called).Refused == 2 && scanner(st, both[1].called).Refused == 3
	})
	k.stage.holds(err, "what each of two sends is counted as its own")
	if err := both[0].unplug(ctx); err != nil {
		return err
	}
	if _, err := k.awaitState(ctx, both[0].called, "absent"); err != nil {
		return err
	}
	k.stage.holds(k.pay(ctx, both[1], code(900)), "when one of two is pulled out the other goes on")
	if err := both[0].plug(ctx); err != nil {
		return err
	}
	if _, err := k.awaitState(ctx, both[0].called, "ready"); err != nil {
		return err
	}
	k.stage.holds(k.pay(ctx, both[0], code(901)), "in the same socket it is itself again")
	return nil
}

// ambiguous asks for one of two that are alike.
func ambiguous(ctx context.Context, s *stage, m model) (err error) {
	k, err := openShop(ctx, s, 0, table("either", hidTable(m.device.VID, m.device.PID, "")))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	if err := k.start(ctx); err != nil {
		return err
	}
	_, err = k.awaitState(ctx, "either", "faulty")
	sc, cerr := k.counters(ctx, "either")
	s.check(errors.Join(err, cerr) == nil && sc.Hint != "", "of two that are alike none is guessed", "%s: %s", sc.Error, sc.Hint)
	return nil
}
