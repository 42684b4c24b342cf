package localapi_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// took runs a call and tells how much virtual time it took.
func took(f func()) time.Duration {
	begun := time.Now()
	f()
	return time.Since(begun).Round(100 * time.Millisecond)
}

func TestALongPollAnswersAtTheNextVersion(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, offlinetest.Reply{After: 3 * time.Second, Outcome: success().Outcome})
		sale := b.wantSale(b.call("POST", "/v1/sales", openA), 201, wire.Waiting)
		time.AfterFunc(2*time.Second, func() { _, _ = b.till.SubmitCode("A", codeText(goodCode)) })
		d := took(func() {
			sale = b.wantSale(b.call("GET", fmt.Sprintf("/v1/sales/A?wait=30s&since=%d", sale.Version), ""), 200, wire.Processing)
		})
		if d != 2*time.Second {
			t.Errorf("the first news took %s, want 2 s", d)
		}
		d = took(func() {
			sale = b.wantSale(b.call("GET", fmt.Sprintf("/v1/sales/A?wait=30s&since=%d", sale.Version), ""), 200, wire.Paid)
		})
		if d != 3*time.Second {
			t.Errorf("the result took %s, want 3 s", d)
		}
		d = took(func() { b.call("GET", fmt.Sprintf("/v1/sales/A?wait=30s&since=%d", sale.Version), "") })
		if d != 0 {
			t.Errorf("a final sale was waited for: %s", d)
		}
	})
}

func TestWithoutSinceALongPollWaitsForTheEnd(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, offlinetest.Reply{After: 3 * time.Second, Outcome: success().Outcome})
		b.call("POST", "/v1/sales", openA)
		time.AfterFunc(2*time.Second, func() { _, _ = b.till.SubmitCode("A", codeText(goodCode)) })
		if d := took(func() { b.wantSale(b.call("GET", "/v1/sales/A?wait=30s", ""), 200, wire.Paid) }); d != 5*time.Second {
			t.Errorf("it took %s, want 5 s", d)
		}
	})
}

func TestALongPollEndsAfterItsTimeWithTheSaleAsItIs(t *testing.T) {
	run(t, func(b *bench) {
		sale := b.wantSale(b.call("POST", "/v1/sales", openA), 201, wire.Waiting)
		for _, row := range []struct {
			wait string
			want time.Duration
		}{{"5s", 5 * time.Second}, {"1500ms", 1500 * time.Millisecond}, {"0s", 0}, {"1h", time.Minute}} {
			d := took(func() {
				b.wantSale(b.call("GET", fmt.Sprintf("/v1/sales/A?wait=%s&since=%d", row.wait, sale.Version), ""), 200, wire.Waiting)
			})
			if d != row.want {
				t.Errorf("wait=%s took %s, want %s", row.wait, d, row.want)
			}
		}
	})
}

func TestWaitsAndVersionsAreReadStrictly(t *testing.T) {
	run(t, func(b *bench) {
		b.call("POST", "/v1/sales", openA)
		for query, field := range map[string]string{
			"wait=30": "wait", "wait=-1s": "wait", "wait=": "wait", "wait=long": "wait",
			"since=x": "since", "since=-1": "since", "since=": "since", "since=1.5": "since", "waits=1s": "waits",
		} {
			if p := b.wantProblem(b.call("GET", "/v1/sales/A?"+query, ""), 400, wire.CodeInvalidRequest); p.Field != field {
				t.Errorf("%s: field %q", query, p.Field)
			}
		}
		b.wantProblem(b.call("GET", "/v1/sales/none?wait=30s", ""), 404, wire.CodeSaleNotFound)
	})
}

func TestTooManyLongPollsAreRefusedAndVanishedClientsFreeTheirs(t *testing.T) {
	runWith(t, localapi.Limits{Waits: 3}, func(b *bench) {
		b.call("POST", "/v1/sales", openA)
		ctx, leave := context.WithCancel(b.t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				resp, err := b.client.Do(b.request("GET", "/v1/sales/A?wait=60s", "").WithContext(ctx))
				if err == nil {
					_ = resp.Body.Close()
				}
			})
		}
		synctest.Wait()
		b.wantProblem(b.call("GET", "/v1/sales/A?wait=60s", ""), 503, wire.CodeTooManyClients)
		b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Waiting) // without wait it costs nothing
		leave()
		wg.Wait()
		synctest.Wait()
		if d := took(func() { b.wantSale(b.call("GET", "/v1/sales/A?wait=1s", ""), 200, wire.Waiting) }); d != time.Second {
			t.Errorf("after they left: %s", d)
		}
	})
}

func TestAStopAnswersLongPollsAtOnce(t *testing.T) {
	run(t, func(b *bench) {
		b.call("POST", "/v1/sales", openA)
		got := make(chan answer, 1)
		go func() { got <- b.call("GET", "/v1/sales/A?wait=60s", "") }()
		synctest.Wait()
		if d := took(b.stop); d > time.Second {
			t.Errorf("the stop took %s", d)
		}
		b.wantSale(<-got, 200, wire.Waiting)
	})
}

func TestALongPollOutlivesABurstOfOtherSalesChanges(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, success())
		b.call("POST", "/v1/sales", openA)
		got := make(chan answer, 1)
		go func() { got <- b.call("GET", "/v1/sales/A?wait=60s", "") }()
		synctest.Wait()
		for i := range 200 { // more than a subscription holds
			n := offline.NewSale{ID: offline.SaleID(fmt.Sprintf("R-%d", i)), Amount: offline.Money{Currency: "HKD", Value: 1}, Code: identity(t, fmt.Sprintf("28%016d", i))}
			if _, _, err := b.engine.OpenSale(n); err != nil {
				t.Fatal(err)
			}
		}
		b.call("POST", "/v1/sales/A/cancel", "")
		b.wantSale(<-got, 200, wire.Cancelled)
	})
}
