package e2e

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

// pace is long enough for several lives of a daemon that crashes.
const pace = 4 * time.Second

// dropIn puts a file beside the configuration.
func (s *shop) dropIn(name, text string) {
	s.t.Helper()
	dir := filepath.Join(s.dir, "posagent.d")
	must(s.t, os.MkdirAll(dir, 0o700))
	must(s.t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

// A daemon that crashes takes the answers under way with it. Were its questions
// due again at once, a unit that is restarted every second would ask every second
// about each open payment.
func TestADaemonInACrashLoopAsksNoFasterThanOneThatRuns(t *testing.T) {
	slow(t)
	s := openShop(t, shopOptions{timeout: "20s"})
	s.dropIn("50-pace.toml", `[policy]
query_interval = "4s"
query_timeout = "20s"
answer_wait = "4s"
cancel_interval = "4s"
cancel_interval_max = "30s"
`)
	s.start()
	s.script("confirm_never")
	s.open("R-1", 1100)
	s.pay("R-1", s.nextCode())
	s.awaitSale("R-1", "confirming", inState(wire.Confirming))
	_, err := s.client.Cancel(context.Background(), "R-1", "cashier")
	must(t, err)
	s.settledAs("R-1", wire.Cancelled)

	// From now on the gateway keeps its answers to itself.
	held := make(chan struct{})
	var once sync.Once
	release := func() { once.Do(func() { close(held) }) }
	t.Cleanup(release)
	var mu sync.Mutex
	heard := map[offline.MerchantTransID][]offline.Op{}
	message := make(chan offline.Op, 64)
	s.watchCalls(func(c sandbox.Call) {
		mu.Lock()
		heard[c.MerchantTransID] = append(heard[c.MerchantTransID], c.Op)
		mu.Unlock()
		select {
		case message <- c.Op:
		default:
		}
		<-held
	})
	for _, id := range []string{"R-2", "R-3"} {
		s.open(id, 2200)
		s.pay(id, s.nextCode())
		for <-message != offline.OpPay { // others of the sale before come in between
		}
		if id == "R-2" { // its reversal is decided, and its cancels get lost
			_, err := s.client.Cancel(context.Background(), id, "cashier")
			must(t, err)
		}
		s.kill()
		s.start()
	}
	begun, lives := time.Now(), 0
	mu.Lock()
	before := map[offline.MerchantTransID]int{}
	for id, ops := range heard {
		before[id] = len(ops)
	}
	mu.Unlock()
	for ; time.Since(begun) < 2*pace+pace/2; lives++ {
		select {
		case <-message:
		case <-time.After(500 * time.Millisecond):
		}
		s.kill()
		s.start()
	}
	limit := int(time.Since(begun)/pace) + 1
	mu.Lock()
	asked := 0
	for id, ops := range heard {
		if n := len(ops) - before[id]; n > limit {
			t.Errorf("%s: %d messages in %d lives within %s, want %d at most: %v", id, n, lives, time.Since(begun), limit, ops)
		}
		asked += len(ops)
	}
	mu.Unlock()
	if asked < 5 || limit > lives/2 {
		t.Errorf("%d messages, at most %d more of each allowed in %d lives: this proves nothing", asked, limit, lives)
	}
	s.watchCalls(nil)
	release()
	s.dropIn("50-pace.toml", "")
	s.kill()
	s.start()
	s.holds(s.settledAs("R-2", wire.Cancelled), 0)
	s.awaitSale("R-3", "at rest", func(w wire.Sale) bool { return w.Settled })
	if n := s.callsOf(offline.OpPay); n != 3 {
		t.Errorf("%d payments were sent for three sales", n)
	}
}
