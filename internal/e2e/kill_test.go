package e2e

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
	"posagent/queue"
)

var (
	killCount = flag.Int("kill.count", 50, "how often the daemon is killed with SIGKILL")
	killSeed  = flag.Uint64("kill.seed", 0, "draws scenarios and moments; 0: from the clock")
)

// TestKillAtAnyMomentLosesNoChargeAndChargesNobodyTwice sells through a daemon
// that is killed with SIGKILL again and again: while it starts, at random
// moments, and right after a message has changed the gateway's books. When it
// has come to rest, every sale is held against the gateway's ledger.
func TestKillAtAnyMomentLosesNoChargeAndChargesNobodyTwice(t *testing.T) {
	slow(t)
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kill.count=%d -kill.seed=%d", *killCount, seed)
	begun := time.Now()
	s := openShop(t, shopOptions{log: `level = "info"`})
	r := newRegister(s, seed)
	closing := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { r.run(closing) })
	killer := &killer{shop: s, rng: rand.New(rand.NewPCG(seed, 2)), stats: sum{}}
	for range *killCount {
		killer.once()
	}
	s.start()
	close(closing)
	wg.Wait()
	killing := time.Since(begun)

	sales := s.settle(r)
	charged := s.callsOf(offline.OpPay)
	s.postEverythingAgain(r, sales)
	if n := s.callsOf(offline.OpPay); n != charged {
		t.Errorf("posting every sale again made %d payments", n-charged)
	}
	entries := len(s.gateway.Ledger().Entries())
	s.gateway.Flush()
	if n := len(s.gateway.Ledger().Entries()); n != entries {
		t.Errorf("%d movements of money were still under way when the till had come to rest", n-entries)
	}
	j := newJudge(s.gateway)
	for _, sale := range r.sold {
		if got, known := sales[sale.id]; known {
			j.sale(sale, got)
		}
	}
	j.messages(r.sold)
	s.resolveAttention(j, sales)
	faults := slices.Concat(r.wrong, j.faults)
	s.stop()
	report, err := queue.Verify(context.Background(), s.journal)
	must(t, err)
	for _, f := range report.Findings {
		faults = append(faults, "the journal: "+f.String())
	}
	for _, f := range faults {
		t.Error(f)
	}
	movements := sum{}
	for _, e := range s.gateway.Ledger().Entries() {
		movements[string(e.Kind)]++
	}
	for _, c := range s.gateway.Calls() {
		movements[string(c.Op)+" message"]++
	}
	t.Logf("kills: %s", killer.stats)
	t.Logf("register: %s", r.stats)
	t.Logf("sales end as: %s", j.states)
	t.Logf("gateway: %s", movements)
	t.Logf("violations: %d; %s of killing, %s in all", len(faults), killing.Round(time.Second), time.Since(begun).Round(time.Second))
}

// killer starts the daemon and kills it.
type killer struct {
	shop  *shop
	rng   *rand.Rand
	stats sum
}

// once is one life of the daemon.
func (k *killer) once() {
	switch draw := k.rng.IntN(10); {
	case draw < 2:
		k.stats["while starting"]++
		k.shop.launch()
		time.Sleep(time.Duration(k.rng.IntN(80_000)) * time.Microsecond)
	case draw < 5:
		k.stats["at a random moment"]++
		k.shop.start()
		time.Sleep(time.Duration(k.rng.IntN(1200)) * time.Millisecond)
	default:
		// The gateway's books have just changed, and the answer is on its way:
		// the moments at which the most is at stake.
		k.stats["after a message"]++
		seen := k.message(1 + k.rng.IntN(12))
		k.shop.start()
		select {
		case <-seen:
		case <-time.After(1500 * time.Millisecond):
		}
		time.Sleep(time.Duration(k.rng.IntN(3000)) * time.Microsecond)
	}
	k.shop.kill()
	k.shop.watchCalls(nil)
}

// message is closed when the gateway has seen so many messages.
func (k *killer) message(n int) <-chan struct{} {
	seen := make(chan struct{})
	var mu sync.Mutex
	k.shop.watchCalls(func(sandbox.Call) {
		mu.Lock()
		defer mu.Unlock()
		if n--; n == 0 {
			close(seen)
		}
	})
	return seen
}

// settle waits until nothing goes on any more and returns all sales.
func (s *shop) settle(r *register) map[string]wire.Sale {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	for {
		sales, err := r.known(context.Background())
		must(s.t, err)
		open := unsettled(sales)
		if len(open) == 0 {
			return sales
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			for _, id := range open {
				s.t.Errorf("sale %s does not come to rest: it is %s, %s", id, sales[id].State, sales[id].Message.Key)
			}
			return sales
		}
	}
}

// postEverythingAgain repeats each request: the same sale must come back.
func (s *shop) postEverythingAgain(r *register, sales map[string]wire.Sale) {
	s.t.Helper()
	for _, sale := range r.sold {
		want, known := sales[sale.id]
		if !known {
			continue
		}
		got, created, err := s.client.OpenSale(context.Background(), sale.request())
		if err != nil || created || got.State != want.State || got.MerchantTransID != want.MerchantTransID {
			s.t.Errorf("posting %s again: created %v, %s %s, error %v; it was %s %s",
				sale.id, created, got.State, got.MerchantTransID, err, want.State, want.MerchantTransID)
		}
	}
}

// resolveAttention has a person look each open case up at the gateway and record
// what the books say: nothing must be left over.
func (s *shop) resolveAttention(j *judge, sales map[string]wire.Sale) {
	s.t.Helper()
	for id, sale := range sales {
		s.resolveRefunds(j, sale)
		if sale.State != wire.Attention {
			continue
		}
		result, want := wire.ResolvedNotPaid, wire.Cancelled
		for _, p := range sale.Payments {
			if j.accounts[offline.MerchantTransID(p.MerchantTransID)].Balance().Value > 0 {
				result, want = wire.ResolvedPaid, wire.Paid
			}
		}
		got, err := s.client.Resolve(context.Background(), id, wire.Resolution{Result: result, By: "supervisor", Note: "looked up at the gateway"})
		if err != nil || got.State != want || !got.Final {
			s.t.Errorf("%s: resolved as %s it is %s, final %v, error %v", id, result, got.State, got.Final, err)
		}
	}
}

// resolveRefunds has a person look each parked refund up at the gateway.
func (s *shop) resolveRefunds(j *judge, sale wire.Sale) {
	s.t.Helper()
	for _, f := range sale.Refunds {
		if !needsPerson(f) {
			continue
		}
		result, want := wire.ResolvedNotRefunded, wire.RefundDeclined
		if j.refunded[offline.AcquirementID(sale.AcquirementID)][offline.RefundID(f.RefundID)] > 0 {
			result, want = wire.ResolvedRefunded, wire.RefundRefunded
		}
		got, err := s.client.ResolveRefund(context.Background(), sale.SaleID, f.RefundID, wire.Resolution{Result: result, By: "supervisor", Note: "looked up at the gateway"})
		if err != nil || got.State != want || !got.Final {
			s.t.Errorf("%s, refund %s: resolved as %s it is %s, final %v, error %v", sale.SaleID, f.RefundID, result, got.State, got.Final, err)
		}
	}
}
