package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"posagent/device/usb"
)

// permission runs the agent as an ordinary user. Until somebody lets it, it may
// not use the scanners, and says what to do; then it uses them by itself.
func permission(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, waiter, fourModels()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, e := range c.sources {
		_, err := c.awaitState(ctx, e.called, "no_permission")
		sc, cerr := c.counters(ctx, e.called)
		s.check(errors.Join(err, cerr) == nil && sc.Hint != "", "without permission it says what to do, "+e.called, "%s: %s", sc.Error, sc.Hint)
	}
	for i, e := range c.sources {
		if err := allow(e.g.HostPath()); err != nil {
			return err
		}
		took, err := c.awaitState(ctx, e.called, "ready")
		if err != nil {
			return err
		}
		s.figure("permission to ready, "+e.called, "%s", ms(took))
		s.holds(c.pay(ctx, e, code(i)), "a customer pays once it is permitted, by "+e.called)
	}
	return nil
}

// allow does for one device what the project's udev rule does.
func allow(path string) error {
	found, err := usb.System{}.Find(usb.Match{Path: path})
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%d devices are at %s", len(found), path)
	}
	nodes := []string{found[0].Node}
	for _, i := range found[0].Interfaces {
		nodes = append(nodes, i.TTY...)
		for _, h := range i.HID {
			nodes = append(nodes, h.Input...)
		}
	}
	for _, n := range nodes {
		if err := os.Chown(filepath.Clean(n), 0, waiter); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Clean(n), 0o660); err != nil {
			return err
		}
	}
	return nil
}
