package queuetest

import (
	"fmt"
	"sync"
	"testing"

	"posagent/offline"
)

func manyTests() []namedTest {
	return []namedTest{
		{"commits from many goroutines each take effect once", func(t *testing.T, j Subject, s *Script) {
			const workers, sales = 4, 25
			var wg sync.WaitGroup
			errs := make(chan error, workers*sales*3+20)
			for w := range workers {
				own := *s
				own.n = w * 1000000
				wg.Go(func() {
					for i := range sales {
						id := offline.SaleID(fmt.Sprintf("R-%d-%d", w, i))
						m := offline.MerchantTransID(fmt.Sprintf("M-%d-%d", w, i))
						_, err := j.Commit(own.Start(id, m, Code(w*1000+i)))
						errs <- err
						_, err = j.Commit(own.Paid(id, m))
						errs <- err
						_, err = j.Sales(offline.SaleFilter{State: offline.SaleStatePaid, Limit: 3})
						errs <- err
					}
				})
			}
			if j.Tidy != nil {
				wg.Go(func() {
					for range 20 {
						errs <- j.Tidy()
					}
				})
			}
			wg.Wait()
			close(errs)
			for err := range errs {
				if err != nil {
					t.Error(err)
				}
			}
			for range 2 {
				if n, err := j.LastEvent(); n != 2*workers*sales || err != nil {
					t.Errorf("last event %d, %v; want %d", n, err, 2*workers*sales)
				}
				sum := Amount()
				sum.Value *= workers * sales
				wantTotals(t, j, "2026-11-21", offline.DayTotal{Paid: workers * sales, PaidSum: sum, RefundedSum: offline.Money{Currency: "HKD"}})
				j = j.Reopen()
			}
		}},
		{"of two commits with one code one is refused", func(t *testing.T, j Subject, s *Script) {
			var wg sync.WaitGroup
			results := make([]error, 8)
			for i := range results {
				w := s.Start(offline.SaleID(fmt.Sprintf("R-%d", i)), offline.MerchantTransID(fmt.Sprintf("M-%d", i)), Code(1))
				wg.Go(func() { _, results[i] = j.Commit(w) })
			}
			wg.Wait()
			taken := 0
			for _, err := range results {
				if err == nil {
					taken++
				}
			}
			if taken != 1 {
				t.Errorf("%d payments took the same code, want 1: %v", taken, results)
			}
		}},
		{"a sale with many attempts is kept whole", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)))
			var c offline.Committed
			for i := 2; i <= 300; i++ {
				c = Commit(t, j,
					s.Facts("R-1", "M-1", s.Begun(i, offline.OpQuery)),
					s.Facts("R-1", "M-1", s.Finished(i, offline.Outcome{Kind: offline.InProcess, ResultStatus: "U"})))
			}
			j = j.Reopen()
			if got := sale(t, j, "R-1"); got.Version != c.Sale.Version || len(got.Payments[0].Attempts) != 300 {
				t.Errorf("version %d with %d attempts; want %d with 300", got.Version, len(got.Payments[0].Attempts), c.Sale.Version)
			}
		}},
	}
}
