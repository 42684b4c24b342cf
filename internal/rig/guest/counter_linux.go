package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"posagent/internal/localapi/wire"
)

// counter is a till at which several scanners are plugged in at once.
type counter struct {
	*shop
	sources []*emulated
}

// openCounter plugs the models into the ports, one after another, and starts an
// agent for them.
func openCounter(ctx context.Context, s *stage, uid uint32, models ...model) (*counter, error) {
	c := &counter{}
	var blocks []string
	for i, m := range models {
		e, err := s.emulate(m, i)
		if err != nil {
			return nil, errors.Join(err, c.remove())
		}
		c.sources = append(c.sources, e)
		blocks = append(blocks, e.block())
	}
	err := c.each(func(e *emulated) error { return e.plug(ctx) })
	if err == nil {
		c.shop, err = openShop(ctx, s, uid, blocks...)
	}
	if err != nil {
		return nil, errors.Join(err, c.remove())
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// each does something with all scanners at once.
func (c *counter) each(do func(*emulated) error) error {
	errs := make([]error, len(c.sources))
	var all sync.WaitGroup
	for i, e := range c.sources {
		all.Go(func() { errs[i] = do(e) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// allAre waits until every scanner is in a state.
func (c *counter) allAre(ctx context.Context, state string) error {
	return c.await(ctx, "all scanners to be "+state, func(st wire.Status) bool {
		for _, sc := range st.Scanners {
			if sc.State != state {
				return false
			}
		}
		return len(st.Scanners) > 0
	})
}

// settled waits until a scanner's counters stand still.
func (c *counter) settled(ctx context.Context, name string) (wire.Scanner, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	last, err := c.counters(ctx, name)
	for still := 0; err == nil && still < 3; {
		pauseFor(ctx, 200*time.Millisecond)
		before := last
		if last, err = c.counters(ctx, name); last.Refused == before.Refused && last.FramingErrors == before.FramingErrors {
			still++
		} else {
			still = 0
		}
		err = errors.Join(err, ctx.Err())
	}
	return last, err
}

func (c *counter) remove() error {
	var errs []error
	for _, e := range c.sources {
		errs = append(errs, e.remove())
	}
	c.sources = nil
	return errors.Join(errs...)
}

func (c *counter) close() error {
	var err error
	if c.shop != nil {
		err = c.shop.close()
	}
	return errors.Join(err, c.remove())
}
