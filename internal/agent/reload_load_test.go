package agent

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"posagent/internal/audit"
	"posagent/internal/localapi/wire"
	"posagent/offline/sandbox"
)

// Sales of every kind while the configuration changes again and again: each ends as
// its scenario says, and the gateway's books show no customer charged twice.
func TestSalesEndAsTheyMustWhileTheConfigurationChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	second := r.secondScanner()
	var wg sync.WaitGroup
	sold := make(chan struct{})
	reloads := 0
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-sold:
				return
			default:
			}
			text := fmt.Sprintf("[terminal]\nstore_name = \"Shop %d\"\n[policy]\nquery_limit = %d\n", i, 15+i%5)
			if i%2 == 0 {
				text += "[[scanner]]\nname = \"table\"\ntype = \"serial\"\nport = \"" + second.Path() + "\"\n"
			}
			r.dropIn(text)
			rep, err := r.agent.Reload(context.Background(), Ask{By: audit.Self(), Trigger: "admin"})
			if err != nil || rep.Result != ResultApplied {
				t.Errorf("reload %d: %s %q, %v", i, rep.Result, rep.Reasons, err)
				return
			}
			reloads++
		}
	})
	scenarios := []struct {
		name  string
		state wire.State
	}{{"paid", "paid"}, {"confirm", "paid"}, {"unknown_paid", "paid"}, {"not_exist_once", "paid"}, {"unknown_closed", "cancelled"}}
	begun := time.Now()
	for i := range 20 {
		sc := scenarios[i%len(scenarios)]
		found, ok := sandbox.Lookup(sc.name)
		if !ok {
			t.Fatalf("no scenario %s", sc.name)
		}
		r.gateway.Script(sandbox.Next, found)
		r.sellAs(fmt.Sprintf("L-%d", i), 900+int64(i), sc.state)
	}
	took := time.Since(begun)
	close(sold)
	wg.Wait()
	t.Logf("20 sales in %s beside %d reloads", took.Round(time.Millisecond), reloads)
	if reloads < 5 {
		t.Errorf("only %d reloads beside 20 sales", reloads)
	}
	r.await("everything to settle", func(s wire.Status) bool { return s.Backlog.Unsettled == 0 })
	r.wantBooks()
	if n := len(r.trail()); n < reloads {
		t.Errorf("%d reloads, %d entries in the trail", reloads, n)
	}
}
