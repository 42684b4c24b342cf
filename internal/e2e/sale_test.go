package e2e

import (
	"context"
	"fmt"
	"strings"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

// await looks again and again until what is waited for is there.
func (s *shop) await(what string, look func(context.Context) (bool, error)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		ok, err := look(ctx)
		if ok {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			s.t.Fatalf("waited %s for %s: %v", patience, what, err)
		}
	}
}

// awaitSale follows a sale, over restarts of the daemon, until done says so.
func (s *shop) awaitSale(id, what string, done func(wire.Sale) bool) wire.Sale {
	s.t.Helper()
	var sale wire.Sale
	s.await(fmt.Sprintf("sale %s to be %s", id, what), func(ctx context.Context) (bool, error) {
		got, err := s.client.Sale(ctx, id)
		if err != nil {
			return false, fmt.Errorf("it was %s: %w", sale.State, err)
		}
		sale = got
		return done(sale), fmt.Errorf("it is %s, settled %v", sale.State, sale.Settled)
	})
	return sale
}

func inState(state wire.State) func(wire.Sale) bool {
	return func(s wire.Sale) bool { return s.State == state }
}

// settledAs waits for a state in which nothing is left to do in the background.
func (s *shop) settledAs(id string, state wire.State) wire.Sale {
	s.t.Helper()
	return s.awaitSale(id, string(state)+" and settled", func(w wire.Sale) bool { return w.State == state && w.Settled })
}

func hkd(value int64) wire.Money { return wire.Money{Currency: "HKD", Value: value} }

// open opens a sale that waits for the scanner, and waits until it listens.
func (s *shop) open(id string, amount int64) wire.Sale {
	s.t.Helper()
	sale := s.post(wire.NewSale{SaleID: id, Amount: hkd(amount)})
	s.awaitArmed(id)
	return sale
}

func (s *shop) post(n wire.NewSale) wire.Sale {
	s.t.Helper()
	sale, _, err := s.client.OpenSale(context.Background(), n)
	must(s.t, err)
	return sale
}

func (s *shop) awaitArmed(id string) {
	s.t.Helper()
	s.await("the scanner to be ready for sale "+id, func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		return err == nil && armed(st, id), err
	})
}

func armed(st wire.Status, id string) bool {
	return st.Till.Foreground == id && st.Till.Waiting && len(st.Scanners) == 1 && st.Scanners[0].State == "ready"
}

func (s *shop) scan(label string) {
	s.t.Helper()
	must(s.t, s.scanner.Send(label))
}

// scanUntil scans a label until it has had its effect. The till shows that it
// waits a moment before its gate is open; a scan in between is refused, and the
// cashier scans once more. A second read of a label that was taken is harmless.
func (s *shop) scanUntil(label, what string, look func(context.Context) (bool, error)) {
	s.t.Helper()
	answered := uint64(0)
	if n := s.notice(context.Background()); n != nil {
		answered = n.Serial
	}
	s.scan(label)
	scanned := time.Now()
	s.await(what, func(ctx context.Context) (bool, error) {
		ok, err := look(ctx)
		if ok {
			return true, nil
		}
		n := s.notice(ctx)
		refused := n != nil && n.Serial > answered && (n.Code == "closed" || n.Code == "early")
		if refused {
			answered = n.Serial
		}
		if refused || time.Since(scanned) > time.Second {
			s.scan(label)
			scanned = time.Now()
		}
		return false, fmt.Errorf("%w; the cashier is told %+v", err, n)
	})
}

func (s *shop) notice(ctx context.Context) *wire.Notice {
	st, err := s.client.Status(ctx)
	if err != nil {
		return nil
	}
	return st.Till.Notice
}

// pay scans a code for the sale in the foreground and returns the sale as soon
// as its payment has begun.
func (s *shop) pay(id, code string) (sale wire.Sale) {
	s.t.Helper()
	s.scanUntil(code, "sale "+id+" to begin", func(ctx context.Context) (_ bool, err error) {
		sale, err = s.client.Sale(ctx, id)
		return err == nil && len(sale.Payments) > 0, fmt.Errorf("it is %s: %w", sale.State, err)
	})
	return sale
}

// answer scans a label that starts no payment and returns what the cashier is told.
func (s *shop) answer(label, code string) (n wire.Notice) {
	s.t.Helper()
	s.scanUntil(label, "the answer "+code, func(ctx context.Context) (bool, error) {
		got := s.notice(ctx)
		if got == nil || got.Code != code {
			return false, fmt.Errorf("the cashier is told %+v", got)
		}
		n = *got
		return true, nil
	})
	return n
}

// script makes the gateway play a scenario for the next payment.
func (s *shop) script(name string) {
	s.t.Helper()
	sc, ok := sandbox.Lookup(name)
	if !ok {
		s.t.Fatalf("the simulated gateway has no scenario %q", name)
	}
	s.gateway.Script(sandbox.Next, sc)
}

// callsOf counts the messages of an operation that reached the gateway.
func (s *shop) callsOf(op offline.Op) int {
	n := 0
	for _, c := range s.gateway.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// holds requires what the gateway's books hold for a sale.
func (s *shop) holds(sale wire.Sale, want int64) {
	s.t.Helper()
	var got int64
	for _, p := range sale.Payments {
		got += s.gateway.Ledger().Balance(offline.MerchantTransID(p.MerchantTransID)).Value
	}
	if got != want {
		s.t.Errorf("sale %s is %s and the gateway holds %d, want %d", sale.SaleID, sale.State, got, want)
	}
	if faults := s.gateway.Ledger().Audit(); len(faults) > 0 {
		s.t.Errorf("the gateway's books: %s", strings.Join(faults, "; "))
	}
}
