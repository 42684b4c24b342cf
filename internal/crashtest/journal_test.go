package crashtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

// mortal is the journal as one process has it: it counts durable writes, checks
// every one against the invariants, and fails for ever once the process is dead.
type mortal struct {
	offline.Journal
	p    *process
	slow time.Duration // the first commit takes so long
}

func (m *mortal) Commit(w offline.Write) (offline.Committed, error) {
	time.Sleep(m.slow)
	m.slow = 0
	if !m.p.reach(beforeWrite) {
		return offline.Committed{}, fmt.Errorf("%w: %w", offline.ErrJournal, errDead)
	}
	before, err := m.Sale(w.SaleID)
	if err != nil && !errors.Is(err, offline.ErrUnknownSale) {
		return offline.Committed{}, err
	}
	c, err := m.Journal.Commit(w)
	if err != nil {
		var used *offline.CodeUsedError
		if !errors.As(err, &used) {
			m.p.faults.add("a write was refused: %v", err)
		}
		return c, err
	}
	if err := offlinetest.CheckInvariants(before, c.Sale); err != nil {
		m.p.faults.add("%v", err)
	}
	m.oneDriver(&c.Sale)
	if !m.p.reach(afterWrite) {
		return offline.Committed{}, fmt.Errorf("%w: %w", offline.ErrJournal, errDead)
	}
	return c, nil
}

// oneDriver: beside the pay under way, a payment or refund has one message of
// this run under way at most; two drivers would have two (I7).
func (m *mortal) oneDriver(s *offline.Sale) {
	check := func(what string, list []offline.Attempt) {
		open := 0
		for _, a := range list {
			if a.Op != offline.OpPay && a.Boot == m.p.boot && !a.Finished() {
				open++
			}
		}
		if open > 1 {
			m.p.faults.add("%s has %d messages under way", what, open)
		}
	}
	for i := range s.Payments {
		check("payment "+string(s.Payments[i].ID), s.Payments[i].Attempts)
	}
	for i := range s.Refunds {
		check("refund "+string(s.Refunds[i].ID), s.Refunds[i].Attempts)
	}
}

// closing ends a round trip's context with its body.
type closing struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c closing) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}
