//go:build linux

package bench_test

import (
	"testing"
	"time"

	"posagent/queue"
)

// BenchmarkOpen opens and closes the journal alone.
func BenchmarkOpen(b *testing.B) {
	sizes(b, func(b *testing.B, path string) {
		var took []time.Duration
		for b.Loop() {
			begun := time.Now()
			j, err := queue.Open(path, queue.Options{Terminal: "S01/T03"})
			took = append(took, time.Since(begun))
			if err == nil {
				err = j.Close()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(micros(median(took))/1e3, "p50-ms")
		b.ReportMetric(micros(percentile(took, 95))/1e3, "p95-ms")
	})
}

// BenchmarkStart is from the first part's making to a till that is ready, without
// the loading of program, configuration and keys.
func BenchmarkStart(b *testing.B) {
	sizes(b, func(b *testing.B, path string) {
		var took []time.Duration
		for b.Loop() {
			s := newStand(b, path)
			took = append(took, s.started)
			s.stop()
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(micros(median(took))/1e3, "p50-ms")
	})
}
