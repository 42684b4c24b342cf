// Package demo shows a newcomer the whole of posagent in under a minute: a
// simulated gateway, throw-away keys and journal, a virtual scanner on a real
// pseudo-terminal, and the daemon as a process of its own that is killed and
// started again in the middle of a payment. It judges every act by the sale's
// state and by the gateway's ledger.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

// Options say how the demo runs.
type Options struct {
	Program string    // the executable that is run as "PROGRAM serve --config FILE"
	Out     io.Writer // the timeline
	Dir     string    // an empty directory for keys, journal and sockets
}

// ErrDifferent: an act did not end as it should. The timeline says which.
var ErrDifferent = errors.New("not everything ended as it should")

// Run plays every act. It returns nil only if each ended as it should and the
// ledger of the gateway agrees with what the till shows.
func Run(ctx context.Context, opt Options) (err error) {
	s, err := raise(ctx, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.strike()) }()
	s.line.prologue(s)
	failed := 0
	for i, a := range acts() {
		if err := s.play(ctx, i+1, a); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed++
			s.line.verdict(false, err.Error())
			continue
		}
		s.line.verdict(true, a.lesson)
	}
	if problems := s.audit(ctx); len(problems) > 0 {
		failed += len(problems)
		for _, p := range problems {
			s.line.verdict(false, p)
		}
	}
	if failed > 0 {
		s.line.say("\nThe daemon's log:\n%s", s.daemonLog())
		return fmt.Errorf("%w: %d differences", ErrDifferent, failed)
	}
	s.line.epilogue(s, len(acts()))
	return nil
}

// play runs one act and judges how the sale stands afterwards.
func (s *stage) play(ctx context.Context, number int, a act) error {
	s.line.act(number, a)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	id := fmt.Sprintf("DEMO-%02d", number)
	s.shown = append(s.shown, id)
	if a.scenario != "" {
		if err := s.shop.Play(a.scenario); err != nil {
			return err
		}
	}
	if _, _, err := s.client.OpenSale(ctx, wire.NewSale{SaleID: id, Amount: a.amount, OrderTitle: "Demo basket"}); err != nil {
		return fmt.Errorf("opening the sale: %w", err)
	}
	if err := s.awaitArmed(ctx, id); err != nil {
		return err
	}
	if err := a.play(ctx, s, id); err != nil {
		return err
	}
	sale, err := s.await(ctx, id, func(w wire.Sale) bool { return w.State == a.ends && (w.Settled || w.State == wire.Attention) })
	s.line.sale(sale) // what became known while no stream was open
	s.line.flush()
	if err != nil {
		return fmt.Errorf("the sale is %s, it should be %s: %w", sale.State, a.ends, err)
	}
	if a.after == nil {
		return nil
	}
	err = a.after(ctx, s, id)
	s.line.flush()
	return err
}

// await follows a sale over restarts of the daemon.
func (s *stage) await(ctx context.Context, id string, done func(wire.Sale) bool) (wire.Sale, error) {
	for {
		sale, err := s.client.WaitSale(ctx, id, 0, 0)
		if err == nil && done(sale) {
			return sale, nil
		}
		if err != nil && !errors.Is(err, client.ErrNotRunning) && ctx.Err() == nil && client.Code(err) == "" {
			s.line.note("%v", err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return sale, ctx.Err()
		}
	}
}

// awaitArmed waits until the till listens to the scanner for this sale.
func (s *stage) awaitArmed(ctx context.Context, id string) error {
	for {
		st, err := s.client.Status(ctx)
		if err == nil && st.Till.Foreground == id && st.Till.Waiting && len(st.Scanners) == 1 && st.Scanners[0].State == "ready" {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the scanner was not ready: %w", errors.Join(err, ctx.Err()))
		}
	}
}
