// Package salelog tells the log what becomes of money: one line for each transition of a sale, payment or refund, and one
// line that sums a sale up when it has ended, with the times of its steps.
//
// It hears of changes after their commit, from the engine's broker, and so is never on a payment's way. Where it cannot
// keep up, it reads what it missed from the journal.
package salelog

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"posagent/offline"
)

// Engine publishes changes.
type Engine interface {
	Subscribe(buffer int) *offline.Subscription
}

// Journal has what was committed.
type Journal interface {
	Events(after uint64, limit int) ([]offline.Event, error)
	LastEvent() (uint64, error)
}

// Teller writes the lines.
type Teller struct {
	engine  Engine
	journal Journal
	log     *slog.Logger
	changes *offline.Subscription
	last    uint64 // number of the newest event that was told
	seen    map[offline.SaleID]standing
	steps   map[offline.SaleID]*steps
}

// buffered is how many changes may wait. A sale makes three or four.
const buffered = 1024

// remembered bounds what is kept of sales under way.
const remembered = 20_000

// New prepares a teller. It subscribes at once, so that an engine that starts after it is told of from its first change.
func New(engine Engine, journal Journal, log *slog.Logger) (*Teller, error) {
	t := &Teller{
		engine: engine, journal: journal, log: log, changes: engine.Subscribe(buffered),
		seen: map[offline.SaleID]standing{}, steps: map[offline.SaleID]*steps{},
	}
	var err error
	if t.last, err = journal.LastEvent(); err != nil {
		t.changes.Close()
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	return t, nil
}

// Run tells of changes until ctx ends, and then of those that are there already: stop the engine first.
func (t *Teller) Run(ctx context.Context) error {
	defer func() { t.changes.Close() }()
	for {
		select {
		case c, open := <-t.changes.C:
			t.hear(c, open)
		case <-ctx.Done():
			t.drain()
			return nil
		}
	}
}

// drain tells of what waits, and begins nothing that has no end.
func (t *Teller) drain() {
	for {
		select {
		case c, open := <-t.changes.C:
			if !open {
				t.catchUp()
				return
			}
			t.hear(c, true)
		default:
			return
		}
	}
}

func (t *Teller) hear(c offline.Change, open bool) {
	if !open { // too many at once
		t.changes = t.engine.Subscribe(buffered)
		t.catchUp()
		return
	}
	told := c.Event <= t.last
	t.change(c, told)
	t.last = max(t.last, c.Event)
}

// catchUp tells of what was committed and not heard, in the journal's words.
func (t *Teller) catchUp() {
	for {
		events, err := t.journal.Events(t.last, 500)
		if err != nil {
			t.log.Error("what became of some sales is not in the log; the journal has it", "error", err)
			return
		}
		if len(events) == 0 {
			return
		}
		for i := range events {
			t.event(&events[i])
			t.last = events[i].Seq
		}
	}
}

// change tells of one change. What was told already only moves the picture on.
func (t *Teller) change(c offline.Change, told bool) {
	before, known := t.seen[c.Sale.ID]
	if !known {
		before = standingOf(c.Sale.Before(c.Write), c.Write.NewSale == nil)
	}
	after := standingOf(c.Sale, true)
	t.time(c)
	if !told {
		t.transitions(c, before, after)
		if after.over && (!before.over || before.sale == offline.SaleStateAttention && after.sale != before.sale) {
			t.summary(c, after)
		}
	}
	if after.over {
		delete(t.steps, c.Sale.ID)
	}
	if c.Sale.Settled() || len(t.seen) >= remembered {
		delete(t.seen, c.Sale.ID)
		return
	}
	t.seen[c.Sale.ID] = after
}

// standing is what a sale's lines speak of: its states.
type standing struct {
	sale     offline.SaleState // "": not there yet
	payments map[offline.MerchantTransID]payment
	refunds  map[offline.RefundID]offline.RefundState
	over     bool // ended, or a person's
}

type payment struct {
	state offline.State
	late  bool // the gateway named the money as taken when it was to be undone, or after an end without it
}

func standingOf(s offline.Sale, there bool) standing {
	out := standing{payments: map[offline.MerchantTransID]payment{}, refunds: map[offline.RefundID]offline.RefundState{}}
	if !there {
		return out
	}
	out.sale = s.State()
	out.over = s.Final() || out.sale == offline.SaleStateAttention
	for i := range s.Payments {
		p := &s.Payments[i]
		out.payments[p.ID] = payment{offline.DeriveState(*p), p.LateSuccess()}
	}
	for i := range s.Refunds {
		out.refunds[s.Refunds[i].ID] = s.Refunds[i].State()
	}
	return out
}

// steps are the moments of a sale that this run has seen.
type steps struct {
	opened, code, intent, sent, answered time.Time
}

// time notes the moments that a change tells of.
func (t *Teller) time(c offline.Change) {
	if n := c.Write.NewSale; n != nil && len(t.steps) < remembered {
		t.steps[c.Sale.ID] = &steps{opened: n.CreatedAt}
	}
	s := t.steps[c.Sale.ID]
	if s == nil {
		return
	}
	for _, pw := range c.Write.Payments {
		if pw.New != nil {
			*s = steps{opened: s.opened, code: pw.New.CreatedAt}
		}
		p := c.Sale.Payment(pw.ID)
		for _, f := range pw.Facts {
			switch {
			case f.Kind == offline.FactBegun && f.Op == offline.OpPay && s.intent.IsZero():
				s.intent = c.At
			case f.Kind == offline.FactFinished && p != nil && isPay(p, f.Attempt):
				s.answered = f.At
				if c.Write.Took > 0 {
					s.sent = f.At.Add(-c.Write.Took)
				}
			}
		}
	}
}

func isPay(p *offline.Payment, attempt int) bool {
	return attempt >= 1 && attempt <= len(p.Attempts) && p.Attempts[attempt-1].Op == offline.OpPay
}
