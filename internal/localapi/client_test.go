package localapi_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// api is the real client on the bench's socket, whichever server has it now.
func (b *bench) api(opt client.Options) *client.Client {
	b.t.Helper()
	opt.Socket = "memory"
	opt.Dial = func(ctx context.Context) (net.Conn, error) { return b.current.Load().dial(ctx) }
	c, err := client.New(opt)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestTheWholeLifeOfASaleThroughTheClient(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, offlinetest.Reply{After: 2 * time.Second, Outcome: success().Outcome})
		b.gateway.Expect(offline.OpRefund, offlinetest.Reply{After: 2 * time.Second, Outcome: success().Outcome})
		c := b.api(client.Options{})
		defer c.Close()
		ctx := b.t.Context()
		n := wire.NewSale{SaleID: "R-1", Amount: wire.Money{Currency: "HKD", Value: 12850}, OrderTitle: "Tea", Timeout: "90s"}
		sale, created, err := c.OpenSale(ctx, n)
		if err != nil || !created || sale.State != wire.Waiting {
			t.Fatalf("%+v %v %v", sale, created, err)
		}
		if _, created, err := c.OpenSale(ctx, n); err != nil || created {
			t.Errorf("again: created %v, %v", created, err)
		}
		time.AfterFunc(5*time.Second, func() { _, _ = c.SubmitCode(ctx, "R-1", goodCode) })
		var seen []string
		sale, err = c.Await(ctx, "R-1", func(s wire.Sale) bool {
			seen = append(seen, string(s.State))
			return s.State == wire.Attention
		})
		if err != nil || sale.State != wire.Paid || strings.Join(seen, " ") != "waiting processing paid" {
			t.Errorf("%s %v, seen %v", sale.State, err, seen)
		}
		refund, created, err := c.Refund(ctx, "R-1", wire.NewRefund{RefundID: "F-1", Amount: n.Amount})
		if err != nil || !created || refund.State != wire.RefundProcessing {
			t.Errorf("%+v %v %v", refund, created, err)
		}
		if refund, err = c.WaitRefund(ctx, "R-1", "F-1", time.Minute); err != nil || refund.State != wire.RefundRefunded {
			t.Errorf("%+v %v", refund, err)
		}
		list, err := c.Sales(ctx, client.Filter{State: wire.Paid, Limit: 10})
		if err != nil || len(list.Sales) != 1 || list.Sales[0].Refunded.Value != 12850 {
			t.Errorf("%+v %v", list, err)
		}
		if _, err := c.Cancel(ctx, "R-1", "me"); client.Code(err) != wire.CodeSaleFinal {
			t.Errorf("cancel: %v", err)
		}
		if _, err := c.Recheck(ctx, "R-1"); client.Code(err) != wire.CodeSaleFinal {
			t.Errorf("recheck: %v", err)
		}
		if _, err := c.Resolve(ctx, "R-1", wire.Resolution{Result: wire.ResolvedPaid, By: "me", Note: "x"}); client.Code(err) != wire.CodeNotInAttention {
			t.Errorf("resolve: %v", err)
		}
		if s, err := c.Status(ctx); err != nil || !s.Till.Ready {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestTheClientsStreamOutlivesARestartOfTheDaemonAndMissesNoSale(t *testing.T) {
	run(t, func(b *bench) {
		c := b.api(client.Options{})
		defer c.Close()
		ctx, leave := context.WithCancel(b.t.Context())
		last := map[string]wire.State{}
		pictures, losses := 0, 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ev := range c.Events(ctx) {
				switch {
				case ev.Lost != nil:
					losses++
				case ev.Picture != nil:
					pictures++
				case ev.Sale != nil:
					last[ev.Sale.SaleID] = ev.Sale.State
				}
			}
		}()
		synctest.Wait()
		b.paid("A", goodCode)
		b.stop()
		pass(3 * time.Second)
		b.start()
		b.paid("B", otherCode) // most likely before the client is back
		pass(10 * time.Second)
		leave()
		<-done
		if last["A"] != wire.Paid || last["B"] != wire.Paid {
			t.Errorf("told %v", last)
		}
		if pictures != 2 || losses == 0 {
			t.Errorf("%d pictures, %d losses", pictures, losses)
		}
	})
}

func TestOverAListenerThatNeedsOneTheTokenIsAsked(t *testing.T) {
	run(t, func(b *bench) {
		dial := func(ctx context.Context) (net.Conn, error) { return b.tcp.dial(ctx) }
		for given, want := range map[client.Token]error{token: nil, "wrong": client.ErrPermission, "": client.ErrPermission} {
			c, err := client.New(client.Options{Address: "memory", Token: given, Dial: dial})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Status(b.t.Context()); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			c.Close()
		}
	})
}
