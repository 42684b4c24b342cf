//go:build linux

package bench_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"posagent/internal/admin"
	"posagent/internal/localapi"
	"posagent/offline"
	"posagent/queue"
)

// nothing is a journal that takes every write and does nothing.
type nothing struct {
	offline.Journal
	sale offline.Sale
}

func (n *nothing) Commit(offline.Write) (offline.Committed, error) {
	return offline.Committed{Sale: n.sale}, nil
}

// BenchmarkMetricsOfASale is what all counters of one paid sale cost: its three
// writes, each with the time of its commit, the message, and the journal's own
// work left out.
func BenchmarkMetricsOfASale(b *testing.B) {
	m := admin.NewMetrics("bench", "bench", admin.Gauges{})
	m.Currency("HKD")
	now := time.Now()
	amount := offline.Money{Currency: "HKD", Value: 12850}
	success := offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS"}
	p := offline.Payment{PaymentHead: offline.PaymentHead{ID: "M-1", Amount: amount, CreatedAt: now}}
	p.Attempts = []offline.Attempt{{N: 1, Op: offline.OpPay, BegunSeq: 1, FinishedSeq: 2, FinishedAt: now, Outcome: success}}
	p.Facts, p.End = 3, &offline.End{At: now, Seq: 3, Result: offline.ResultPaid}
	sale := offline.Sale{SaleHead: offline.SaleHead{ID: "R-1", Amount: amount, CreatedAt: now}, Payments: []offline.Payment{p}}
	j := m.Counting(&nothing{sale: sale}, localapi.ReasonClass)
	writes := []offline.Write{
		{SaleID: "R-1", NewSale: &sale.SaleHead},
		{SaleID: "R-1", Payments: []offline.PaymentWrite{{
			ID: "M-1", New: &p.PaymentHead, Facts: []offline.Fact{{Kind: offline.FactBegun, At: now, Attempt: 1, Op: offline.OpPay}},
		}}},
		{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: "M-1", Facts: []offline.Fact{
			{Kind: offline.FactFinished, At: now, Attempt: 1, Outcome: &success}, {Kind: offline.FactEnded, At: now, Result: offline.ResultPaid},
		}}}},
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, w := range writes {
			if _, err := j.Commit(w); err != nil {
				b.Fatal(err)
			}
			m.Commit(time.Millisecond)
		}
		m.Attempt(offline.OpPay, success, 300*time.Millisecond)
	}
}

// BenchmarkScrape is one answer of /metrics, with what a scrape asks of the
// journal; the size of the answer stands beside it.
func BenchmarkScrape(b *testing.B) {
	sizes(b, func(b *testing.B, path string) {
		j, err := queue.Open(path, queue.Options{Terminal: "S01/T03"})
		if err != nil {
			b.Fatal(err)
		}
		defer func() {
			if err := j.Close(); err != nil {
				b.Error(err)
			}
		}()
		m := admin.NewMetrics("bench", "bench", admin.Gauges{Journal: func() admin.Journal {
			s, err := j.Stats()
			if err != nil {
				b.Error(err)
			}
			return admin.Journal{OK: j.Err() == nil, Size: s.FileSize, Used: s.Used, Free: s.Free, Sales: s.Sales, Live: s.Live}
		}})
		h := m.Handler()
		var took []time.Duration
		size := 0
		for b.Loop() {
			w := httptest.NewRecorder()
			begun := time.Now()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/metrics", nil))
			took = append(took, time.Since(begun))
			if size = w.Body.Len(); w.Code != http.StatusOK {
				b.Fatalf("answered %d", w.Code)
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(micros(median(took)), "p50-µs")
		b.ReportMetric(micros(percentile(took, 99)), "p99-µs")
		b.ReportMetric(float64(size), "bytes")
	})
}
