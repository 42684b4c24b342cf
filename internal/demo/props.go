package demo

import (
	"context"
	"fmt"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

// scan sends a label through the pseudo-terminal, as a scanner would.
func (s *stage) scan(label string) error {
	s.line.scanner(label)
	return s.shop.Scanner.Send(label)
}

// called hears of every message that reached the gateway.
func (s *stage) called(c sandbox.Call) {
	s.line.wire(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil && c.Op == s.watched {
		close(s.seen)
		s.seen = nil
	}
}

// nextCall is closed when the next message of an operation has reached the gateway.
func (s *stage) nextCall(op offline.Op) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watched, s.seen = op, make(chan struct{})
	return s.seen
}

// awaitNotice waits until the till has told the cashier about the last scan.
func (s *stage) awaitNotice(ctx context.Context) error {
	last := s.notices.Load()
	for s.noticed == last {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the till says nothing about the scan: %w", ctx.Err())
		}
		last = s.notices.Load()
	}
	s.noticed = last
	return nil
}

// follow writes the daemon's events on the timeline until its stream breaks.
func (s *stage) follow(ctx context.Context, stop context.CancelFunc) {
	defer stop()
	for e := range s.client.Events(ctx) {
		switch {
		case e.Lost != nil:
			return
		case e.Notice != nil:
			s.notices.Store(e.Notice.Serial)
			s.line.notice(*e.Notice)
		case e.Sale != nil:
			s.line.sale(*e.Sale)
		case e.Picture != nil:
			for _, sale := range e.Picture.Unsettled {
				s.line.sale(sale)
			}
		}
	}
}

// audit compares what the till shows with what the gateway's books hold.
func (s *stage) audit(ctx context.Context) []string {
	problems := s.shop.Gateway.Ledger().Audit()
	for _, id := range s.shown {
		sale, err := s.client.Sale(ctx, id)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", id, err))
			continue
		}
		var held int64
		for _, p := range sale.Payments {
			held += s.shop.Gateway.Ledger().Balance(offline.MerchantTransID(p.MerchantTransID)).Value
		}
		want := int64(0)
		if sale.State == wire.Paid {
			want = sale.Amount.Value - s.refunded[id]
		}
		if held != want {
			problems = append(problems, fmt.Sprintf("%s is shown as %s, but the gateway holds %d where it should hold %d", id, sale.State, held, want))
		}
	}
	return problems
}
