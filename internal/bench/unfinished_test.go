//go:build linux

package bench_test

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// left is how many payments an earlier run has left without an outcome.
const left = 10_000

// BenchmarkFirstSaleBesideUnfinished starts a till whose journal holds 10,000
// payments without an outcome, sells at once, and waits until all of them are
// cleared up. Its figures are the first sale's, beside the medians of sales with
// nothing else to do, after the clean-up of the same run. It takes 20,000 commits
// and is therefore one of the long ones.
func BenchmarkFirstSaleBesideUnfinished(b *testing.B) {
	if largeSize() == 0 {
		b.Skip("POSAGENT_BENCH_LARGE is not set")
	}
	var scan, answer, started, cleared, calmScan, calmAnswer []time.Duration
	for b.Loop() {
		path := journalPath(b)
		if err := queue.Import(path, queue.Options{Terminal: "S01/T03"}, unfinished(left)); err != nil {
			b.Fatal(err)
		}
		s := newStand(b, path)
		begun := time.Now()
		first := s.sell()
		scan, answer, started = append(scan, first.read), append(answer, first.answer), append(started, s.started)
		for unsettled := left; unsettled > 0; time.Sleep(10 * time.Millisecond) {
			stats, err := s.journal.Stats()
			s.check(err)
			if unsettled = stats.Unsettled; time.Since(begun) > 30*time.Minute {
				b.Fatalf("after 30 minutes %d payments are still unsettled", unsettled)
			}
		}
		cleared = append(cleared, time.Since(begun))
		for range 20 {
			n := s.sell()
			calmScan, calmAnswer = append(calmScan, n.read), append(calmAnswer, n.answer)
		}
		s.stop()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(micros(median(started))/1e3, "start-ms")
	b.ReportMetric(micros(median(scan)), "scan-µs")
	b.ReportMetric(micros(median(answer)), "answer-µs")
	b.ReportMetric(float64(median(scan))/float64(median(calmScan)), "scan-ratio")
	b.ReportMetric(float64(median(answer))/float64(median(calmAnswer)), "answer-ratio")
	b.ReportMetric(median(cleared).Seconds(), "cleared-s")
}

func unfinished(n int) iter.Seq[[]offline.Write] {
	key := []byte("the key of unfinished payments")
	s := &queuetest.Script{
		Boot:   "boot-0",
		Now:    time.Now().Add(-time.Duration(n) * 2 * time.Second),
		Digest: func(c offline.IdentityCode) offline.CodeDigest { return offline.DigestCode(key, c) },
	}
	return func(yield func([]offline.Write) bool) {
		for i := range n {
			id := offline.SaleID(fmt.Sprintf("U-%06d", i))
			m := offline.MerchantTransID(fmt.Sprintf("S01-T03-%s-%016X", s.Now.Format("20060102T150405"), i))
			if !yield([]offline.Write{s.Start(id, m, queuetest.Code(i))}) {
				return
			}
		}
	}
}
