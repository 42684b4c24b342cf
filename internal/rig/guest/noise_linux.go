package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// noise has each scanner send nonsense while a sale waits. Nothing of it may be
// charged or end up in a label, and the customer pays with the next one.
func noise(ctx context.Context, s *stage) (err error) {
	c, err := openCounter(ctx, s, 0, fourModels()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.allAre(ctx, "ready"); err != nil {
		return err
	}
	random := rand.NewChaCha8([32]byte{1})
	for i, e := range c.sources {
		id, err := c.openSale(ctx)
		if err != nil {
			return err
		}
		for range s.count(200, 50) {
			if err := e.raw(ctx, e.nonsense(random)); err != nil {
				return err
			}
		}
		if err := e.calm(ctx); err != nil {
			return err
		}
		charged := len(c.gateway.Ledger().Trades())
		if err := e.send(ctx, code(i)); err != nil {
			return err
		}
		s.holds(c.awaitPaid(ctx, id), "after nonsense the customer pays, by "+e.called)
		sc, err := c.counters(ctx, e.called)
		if err != nil {
			return err
		}
		s.check(charged == i && sc.FramingErrors > 0 && sc.State == "ready", "nonsense is counted and charges nobody, "+e.called,
			"%d framing errors, %d labels that are no codes", sc.FramingErrors, sc.GoodReads-1+sc.Refused)
	}
	return nil
}

// nonsense is what a broken cable, a wrong mode or a wrong device could send.
func (e *emulated) nonsense(random *rand.ChaCha8) []byte {
	// In 64 bytes, the length of a HID POS report.
	b := make([]byte, 64)
	_, _ = random.Read(b) // it never fails
	function := e.device.Functions[e.feed].HID
	switch {
	case function == nil:
		return b
	case function.Protocol == 1: // keys, several at once, known and unknown
		return b[:8]
	}
	switch b[0] % 4 {
	case 0: // cut off
		b[0] = 2
		return b[:1+b[1]%60]
	case 1: // of another report id
		b[0] = 7
	case 2: // more data than there is room for
		b[0], b[1] = 2, 57+b[1]%190
	case 3: // a label that goes on, and never does
		b[0], b[1], b[63] = 2, b[1]%57, b[63]|1
	}
	return b
}

// calm ends whatever the nonsense began: a pause, and for a port or a keyboard
// the end of a label.
func (e *emulated) calm(ctx context.Context) error {
	function := e.device.Functions[e.feed].HID
	switch {
	case function == nil:
		if err := e.raw(ctx, []byte("\r")); err != nil {
			return err
		}
	case function.Protocol == 1:
		if err := e.raw(ctx, make([]byte, 8)); err != nil { // all keys up
			return err
		}
		if err := e.send(ctx, ""); err != nil { // Enter
			return err
		}
	}
	pauseFor(ctx, 2*time.Second)
	return nil
}
