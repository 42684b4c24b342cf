package e2e

import (
	"context"
	"testing"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

func TestAnswerOfTheFirstSaleThatComesDuringTheSecondBelongsToTheFirst(t *testing.T) {
	for name, c := range map[string]struct {
		cancel bool
		want   wire.State
		holds  int64
	}{
		"the first was found paid by a query":    {cancel: false, want: wire.Paid, holds: 1100},
		"the first was cancelled by the cashier": {cancel: true, want: wire.Cancelled, holds: 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, shopOptions{timeout: "8s"})
			s.start()
			charged := s.nextCall(offline.OpPay)
			s.script("slow_3s")
			s.open("R-1", 1100)
			s.pay("R-1", s.nextCode())
			<-charged
			if c.cancel {
				_, err := s.client.Cancel(context.Background(), "R-1", "cashier")
				must(t, err)
			}
			s.awaitSale("R-1", "out of the foreground", leftForeground)

			s.script("confirm_never")
			s.open("R-2", 2200)
			s.pay("R-2", s.nextCode())
			first := s.awaitSale("R-1", "answered at last", func(w wire.Sale) bool { return w.Payments[0].Attempts[0].FinishedAt != nil })
			if a := first.Payments[0].Attempts[0]; a.Op != "pay" || a.Outcome != "success" {
				t.Fatalf("the first answer of R-1 is %s %s", a.Op, a.Outcome)
			}
			second, err := s.client.Sale(context.Background(), "R-2")
			must(t, err)
			if second.State == wire.Paid || second.Payments[0].AcquirementID == first.Payments[0].AcquirementID {
				t.Errorf("R-2 is %s with the trade of R-1 %s", second.State, second.Payments[0].AcquirementID)
			}
			s.holds(s.settledAs("R-1", c.want), c.holds)
			if second.State != wire.Cancelled && second.State != wire.Reversing {
				_, err = s.client.Cancel(context.Background(), "R-2", "cashier")
				must(t, err)
			}
			s.holds(s.settledAs("R-2", wire.Cancelled), 0)
			if n := s.callsOf(offline.OpPay); n != 2 {
				t.Errorf("%d payments were sent for two sales", n)
			}
		})
	}
}

func TestNoNetworkWhenTheCodeIsScannedEndsWithNothingCharged(t *testing.T) {
	s := openShop(t, shopOptions{policy: `code_ttl = "1s"`})
	s.start()
	s.line.cut()
	s.open("R-1", 900)
	code := s.nextCode()
	s.pay("R-1", code)
	sale := s.settledAs("R-1", wire.Cancelled)
	if sale.Message.Key != "cancelled.no_connection" {
		t.Errorf("the cashier is told %s: %s", sale.Message.Key, sale.Message.Detail)
	}
	if len(s.gateway.Calls()) != 0 {
		t.Errorf("the gateway got %d messages over a line that was cut", len(s.gateway.Calls()))
	}
	for _, a := range sale.Payments[0].Attempts {
		if a.Op != "pay" || a.Outcome != "not_sent" {
			t.Errorf("a payment that never left was followed by %s, %s", a.Op, a.Outcome)
		}
	}

	s.line.mend()
	s.open("R-2", 900)
	s.pay("R-2", s.nextCode())
	s.holds(s.settledAs("R-2", wire.Paid), 900)
	s.holds(sale, 0)
}

func TestShortLossOfNetworkIsBridgedWithinTheLifeOfTheCode(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	s.line.cut()
	s.open("R-1", 900)
	s.pay("R-1", s.nextCode())
	s.awaitSale("R-1", "tried", func(w wire.Sale) bool { return w.Payments[0].Attempts[0].Outcome == "not_sent" })
	s.line.mend()
	s.holds(s.settledAs("R-1", wire.Paid), 900)
	if n := s.callsOf(offline.OpPay); n != 1 {
		t.Errorf("%d payments arrived", n)
	}
}

func TestCleanUpGoesOnWhenTheGatewayIsBack(t *testing.T) {
	for name, between := range map[string]func(*shop){
		"the daemon stays": func(*shop) {},
		"the daemon is killed while the gateway is gone": func(s *shop) { s.kill(); s.start() },
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, shopOptions{})
			s.start()
			s.script("confirm_never")
			s.open("R-1", 3300)
			s.pay("R-1", s.nextCode())
			s.awaitSale("R-1", "confirming", inState(wire.Confirming))
			s.line.cut()
			_, err := s.client.Cancel(context.Background(), "R-1", "cashier")
			must(t, err)
			unsent := func(w wire.Sale) bool {
				n := 0
				for _, a := range w.Payments[0].Attempts {
					if a.Op == "cancel" && a.Outcome == "not_sent" {
						n++
					}
				}
				return w.State == wire.Reversing && n > 1
			}
			s.awaitSale("R-1", "reversing in vain", unsent)
			between(s)
			// The next customer is not made to wait for it.
			s.open("R-2", 100)
			_, err = s.client.Cancel(context.Background(), "R-2", "cashier")
			must(t, err)
			s.settledAs("R-2", wire.Cancelled)

			s.line.mend()
			s.holds(s.settledAs("R-1", wire.Cancelled), 0)
			s.script("paid")
			s.open("R-3", 400)
			s.pay("R-3", s.nextCode())
			s.holds(s.settledAs("R-3", wire.Paid), 400)
		})
	}
}

func TestKillBetweenTheChargeAndItsAnswerEndsPaid(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	charged := s.nextCall(offline.OpPay)
	s.script("late_answer")
	s.open("R-1", 15000)
	s.pay("R-1", s.nextCode())
	<-charged
	s.kill()
	s.killAtOnce()
	s.start()
	s.holds(s.settledAs("R-1", wire.Paid), 15000)
	if n := s.callsOf(offline.OpPay); n != 1 {
		t.Errorf("%d payments were sent", n)
	}
	if sc, _ := sandbox.Lookup("late_answer"); sc.Ends != "paid" {
		t.Errorf("the scenario ends %s: this test proves nothing", sc.Ends)
	}
}

// killAtOnce starts the daemon and kills it at once: the start must not depend on
// having been whole.
func (s *shop) killAtOnce() {
	s.launch()
	s.kill()
}
