package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// desktop reads a keyboard as a desktop does: beside whoever else has it open,
// and all the time. The kernel keeps some sixty events for it.
type desktop struct {
	f     *os.File
	count atomic.Int64 // of keys that went down
	ended chan error
}

func openDesktop(path string) (*desktop, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	d := &desktop{f: f, ended: make(chan error, 1)}
	go func() {
		buf := make([]byte, 64*eventSize)
		for {
			n, err := f.Read(buf)
			if err != nil {
				d.ended <- err
				return
			}
			d.count.Add(int64(len(keysDown(buf[:n]))))
		}
	}()
	return d, nil
}

// keys tells how many keys went down, once no more come.
func (d *desktop) keys(ctx context.Context) int {
	for {
		before := d.count.Load()
		pauseFor(ctx, 300*time.Millisecond)
		if d.count.Load() == before || ctx.Err() != nil {
			return int(d.count.Swap(0))
		}
	}
}

func (d *desktop) close() error {
	err := d.f.Close()
	if ended := <-d.ended; !errors.Is(ended, os.ErrClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// killed kills the agent while it has a keyboard for itself: the desktop must
// get the keys again, and the next agent must take them again.
func killed(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, 0, keyboardModel())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	e := c.sources[0]
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	kills := s.count(10, 2)
	for i := range kills {
		path, _, err := e.deviceFile(ctx)
		if err != nil {
			return fmt.Errorf("the keyboard is not a keyboard any more: %w", err)
		}
		d, err := openDesktop(path)
		if err != nil {
			return err
		}
		if err := c.killOnce(ctx, s, d, i); err != nil {
			return errors.Join(fmt.Errorf("kill %d: %w", i, err), d.close())
		}
		if err := d.close(); err != nil {
			return err
		}
	}
	s.check(true, "and a customer pays after each start", "%d kills", kills)
	return nil
}

func (c *counter) killOnce(ctx context.Context, s *stage, d *desktop, i int) error {
	e := c.sources[0]
	label := code(100 + i)
	strokes := len(label) + 1
	if err := e.send(ctx, label); err != nil {
		return err
	}
	held := d.keys(ctx)
	if err := c.kill(); err != nil {
		return err
	}
	if err := e.send(ctx, label); err != nil {
		return err
	}
	free := d.keys(ctx)
	if err := c.start(ctx); err != nil {
		return err
	}
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	if err := e.send(ctx, label); err != nil {
		return err
	}
	again := d.keys(ctx)
	ok := held == 0 && free == strokes && again == 0
	if i == 0 || !ok {
		s.check(ok, "after SIGKILL the desktop has the keyboard, and the next start takes it again",
			"of %d keys the desktop got %d before, %d after the kill, %d after the start", strokes, held, free, again)
	}
	if !ok {
		return errors.New("the keyboard is with the wrong reader")
	}
	return c.pay(ctx, e, code(i))
}
