package admin_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/admin"
	"posagent/internal/localapi"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// digits is a reader of distinct, reproducible bytes.
type digits struct {
	mu sync.Mutex
	n  uint64
}

func (d *digits) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := 0; i < len(p); {
		d.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, d.n))
		i += copy(p[i:], sum[:])
	}
	return len(p), nil
}

// rig is the real engine with its counted journal and a scripted gateway.
type rig struct {
	t       *testing.T
	metrics *admin.Metrics
	journal *offlinetest.Journal
	gateway *offlinetest.Gateway
	engine  *offline.Engine
}

// play runs a story in virtual time.
func play(t *testing.T, story func(r *rig)) string {
	t.Helper()
	body := ""
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, metrics: newMetrics(), journal: offlinetest.NewJournal()}
		r.gateway = offlinetest.NewGateway(r.journal)
		policy := offline.DefaultPolicy()
		var err error
		r.engine, err = offline.NewEngine(offline.Config{
			Journal: r.metrics.Counting(r.journal, localapi.ReasonClass), Gateway: r.gateway, Policy: policy,
			Minter: offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: &digits{}}, Boot: "boot-1", Log: slog.New(slog.DiscardHandler),
			OnAttempt: r.metrics.Attempt,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done, ready := make(chan error, 1), make(chan struct{})
		go func() { done <- r.engine.Run(ctx, func() { close(ready) }) }()
		<-ready
		story(r)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		for _, v := range r.gateway.Violations() {
			t.Error(v)
		}
		body = scrape(t, r.metrics)
		r.totals(body)
	})
	return body
}

// totals holds the counters against what the journal says of the day.
func (r *rig) totals(body string) {
	r.t.Helper()
	list, err := r.journal.Totals(offline.DayOf(time.Now()))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, total := range list {
		want(r.t, body,
			`posagent_paid_minor_units_total{currency="HKD"} `+float(total.PaidSum.Value),
			`posagent_refunded_minor_units_total{currency="HKD"} `+float(total.RefundedSum.Value))
	}
}

// float is a number as the text format has it.
func float(v int64) string { return strconv.FormatFloat(float64(v), 'g', -1, 64) }

func (r *rig) open(id offline.SaleID, code string) {
	r.t.Helper()
	n := offline.NewSale{ID: id, Amount: offline.Money{Currency: "HKD", Value: 12850}}
	if code != "" {
		c, err := offline.ParseIdentityCode(code)
		if err != nil {
			r.t.Fatal(err)
		}
		n.Code = c
	}
	if _, _, err := r.engine.OpenSale(n); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) settle(id offline.SaleID, after time.Duration, want offline.SaleState) offline.Sale {
	r.t.Helper()
	time.Sleep(after)
	synctest.Wait()
	s, err := r.engine.Sale(id)
	if err != nil {
		r.t.Fatal(err)
	}
	if s.State() != want {
		r.t.Fatalf("after %s the sale is %s, not %s", after, s.State(), want)
	}
	return s
}

var (
	success  = offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS", AcquirementID: "2026112100001"}
	topUp    = offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "USER_BALANCE_NOT_ENOUGH", Class: offline.ClassTopUp}
	rescan   = offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "CODE_EXPIRED", Class: offline.ClassRescan}
	unclear  = offline.Outcome{Kind: offline.InProcess, ResultStatus: "U", ResultCode: "UNKNOWN_EXCEPTION", Class: offline.ClassAskAgain, AcquirementID: "2026112100001", TradeStatus: "WAIT_BUYER_PAY"}
	silent   = offline.Outcome{Kind: offline.NoAnswer}
	returned = offline.Outcome{Kind: offline.Success, ResultStatus: "S", AcquirementID: "2026112100001", Undo: offline.UndoReturned}
)

func after(d time.Duration, o offline.Outcome) offlinetest.Reply {
	return offlinetest.Reply{After: d, Outcome: o}
}

const code = "281234567890123456"

func TestEachCommittedFactIsCountedOnce(t *testing.T) {
	for _, row := range []struct {
		name  string
		story func(r *rig)
		want  []string
	}{
		{"paid", func(r *rig) {
			r.gateway.Expect(offline.OpPay, after(700*time.Millisecond, success))
			r.open("R-1", code)
			r.settle("R-1", time.Second, offline.SaleStatePaid)
		}, []string{
			`posagent_sales_opened_total 1`, `posagent_sales_total{reason="gateway",result="paid"} 1`,
			`posagent_paid_minor_units_total{currency="HKD"} 12850`,
			`posagent_scan_to_answer_seconds_sum{result="paid"} 0.7`, `posagent_scan_to_answer_seconds_count{result="paid"} 1`,
			`posagent_gateway_calls_total{op="pay",outcome="success"} 1`,
		}},
		{"refused for good", func(r *rig) {
			r.gateway.Expect(offline.OpPay, after(time.Second, topUp))
			r.open("R-1", code)
			r.settle("R-1", 2*time.Second, offline.SaleStateDeclined)
		}, []string{
			`posagent_sales_total{reason="top_up",result="declined"} 1`, `posagent_paid_minor_units_total{currency="HKD"} 0`,
			`posagent_scan_to_answer_seconds_sum{result="declined"} 1`,
		}},
		{"refused, and paid with a fresh code: one sale, two answers", func(r *rig) {
			r.gateway.Expect(offline.OpPay, after(time.Second, rescan), after(time.Second, success))
			r.open("R-1", "")
			for _, c := range []string{code, "281234567890123457"} {
				id, err := offline.ParseIdentityCode(c)
				if err != nil {
					r.t.Fatal(err)
				}
				if _, err := r.engine.Pay("R-1", id); err != nil {
					r.t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
			}
			r.settle("R-1", 0, offline.SaleStatePaid)
		}, []string{
			`posagent_sales_opened_total 1`, `posagent_sales_total{reason="gateway",result="paid"} 1`, `posagent_sales_total{reason="rescan",result="declined"} 0`,
			`posagent_scan_to_answer_seconds_count{result="declined"} 1`, `posagent_scan_to_answer_seconds_count{result="paid"} 1`,
		}},
		{"nobody scanned", func(r *rig) {
			r.open("R-1", "")
			time.Sleep(2 * time.Minute)
			if _, err := r.engine.Expire("R-1"); err != nil {
				r.t.Fatal(err)
			}
		}, []string{`posagent_sales_total{reason="no_code",result="expired"} 1`}},
		{"cancelled before a scan", func(r *rig) {
			r.open("R-1", "")
			if _, err := r.engine.Cancel("R-1", "cashier"); err != nil {
				r.t.Fatal(err)
			}
		}, []string{`posagent_sales_total{reason="asked",result="cancelled"} 1`, `posagent_reversals_total{reason="asked"} 0`}},
		{"no result, reversed, money back", func(r *rig) {
			r.gateway.Always(offline.OpPay, after(10*time.Second, silent))
			r.gateway.Always(offline.OpQuery, after(100*time.Millisecond, unclear))
			r.gateway.Always(offline.OpCancel, after(100*time.Millisecond, returned))
			r.open("R-1", code)
			r.settle("R-1", 10*time.Minute, offline.SaleStateCancelled)
		}, []string{
			`posagent_sales_total{reason="returned",result="cancelled"} 1`, `posagent_reversals_total{reason="query_limit"} 1`,
			`posagent_returned_minor_units_total{currency="HKD"} 12850`, `posagent_paid_minor_units_total{currency="HKD"} 0`,
			`posagent_scan_to_answer_seconds_count{result="reversing"} 1`, `posagent_scan_to_answer_seconds_count{result="cancelled"} 0`,
		}},
		{"taken after the cashier was told that it was not", func(r *rig) {
			r.gateway.Expect(offline.OpPay, after(7*time.Second, topUp))
			r.gateway.Expect(offline.OpQuery, after(2500*time.Millisecond, success))
			r.open("R-1", code)
			r.settle("R-1", time.Minute, offline.SaleStateAttention)
		}, []string{
			`posagent_late_successes_total 1`, `posagent_attention_total{reason="late_success"} 1`,
			`posagent_sales_total{reason="top_up",result="declined"} 1`, `posagent_scan_to_answer_seconds_count{result="declined"} 1`,
			`posagent_scan_to_answer_seconds_count{result="attention"} 0`,
		}},
		{"reversed, and paid all the same", func(r *rig) {
			r.gateway.Expect(offline.OpPay, after(4*time.Second, success))
			r.gateway.Always(offline.OpCancel, after(100*time.Millisecond, returned))
			r.gateway.Always(offline.OpQuery, after(100*time.Millisecond, success))
			r.open("R-1", code)
			time.Sleep(time.Second)
			if _, err := r.engine.Cancel("R-1", "cashier"); err != nil {
				r.t.Fatal(err)
			}
			r.settle("R-1", 30*time.Minute, offline.SaleStateCancelled)
		}, []string{
			`posagent_late_successes_total 1`, `posagent_reversals_total{reason="asked"} 1`,
			`posagent_sales_total{reason="returned",result="cancelled"} 1`, `posagent_returned_minor_units_total{currency="HKD"} 12850`,
		}},
		{"paid, and a part of it given back", func(r *rig) {
			r.gateway.Expect(offline.OpPay, after(time.Second, success))
			r.gateway.Expect(offline.OpRefund, after(time.Second, success))
			r.open("R-1", code)
			r.settle("R-1", 2*time.Second, offline.SaleStatePaid)
			if _, _, err := r.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: offline.Money{Currency: "HKD", Value: 5000}}); err != nil {
				r.t.Fatal(err)
			}
			r.settle("R-1", time.Minute, offline.SaleStatePaid)
		}, []string{
			`posagent_paid_minor_units_total{currency="HKD"} 12850`, `posagent_refunded_minor_units_total{currency="HKD"} 5000`,
			`posagent_sales_total{reason="gateway",result="paid"} 1`,
		}},
		{"a person decides", func(r *rig) {
			r.gateway.Always(offline.OpPay, after(10*time.Second, silent))
			r.gateway.Always(offline.OpQuery, after(100*time.Millisecond, silent))
			r.gateway.Always(offline.OpCancel, after(100*time.Millisecond, silent))
			r.open("R-1", code)
			r.settle("R-1", time.Hour, offline.SaleStateAttention)
			if _, err := r.engine.Resolve("R-1", offline.ResultPaid, "Mei", "seen at Alipay"); err != nil {
				r.t.Fatal(err)
			}
		}, []string{
			`posagent_attention_total{reason="cancel_unconfirmed"} 1`, `posagent_sales_total{reason="person",result="paid"} 1`,
			`posagent_paid_minor_units_total{currency="HKD"} 12850`, `posagent_scan_to_answer_seconds_count{result="reversing"} 1`,
		}},
	} {
		t.Run(row.name, func(t *testing.T) { want(t, play(t, row.story), row.want...) })
	}
}

// A write that the store refused is no sale.
func TestAFailedCommitIsNotCounted(t *testing.T) {
	m, j := newMetrics(), offlinetest.NewJournal()
	j.SetFaults(offlinetest.FailBefore(1, offline.ErrJournal))
	head := &offline.SaleHead{ID: "R-1", Amount: offline.Money{Currency: "HKD", Value: 1}, CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Minute), Boot: "boot-1"}
	if _, err := m.Counting(j, localapi.ReasonClass).Commit(offline.Write{SaleID: "R-1", NewSale: head}); err == nil {
		t.Fatal("the store was to fail")
	}
	want(t, scrape(t, m), `posagent_sales_opened_total 0`)
}
