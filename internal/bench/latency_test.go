//go:build linux

package bench_test

import (
	"path/filepath"
	"testing"
)

// BenchmarkScanToFirstByte measures from the return of the Read that brought the
// scan's terminator to the first byte of the pay request on the wire; beside it
// from the write of the terminator, with the time that the kernel takes to carry
// it through the pseudo-terminal. The limit is the larger of one commit's
// syncs and one RSA-2048 signature, as both go on at the same time.
func BenchmarkScanToFirstByte(b *testing.B) {
	sizes(b, func(b *testing.B, path string) {
		f := sellAll(b, path)
		limit := max(median(f.sync), median(f.sign))
		report(b, f.read, limit)
		b.ReportMetric(micros(median(f.scan)), "from-write-p50-µs")
		b.ReportMetric(micros(median(f.sync)), "sync-µs")
		b.ReportMetric(micros(median(f.sign)), "sign-µs")
		b.ReportMetric(micros(median(f.both)), "both-at-once-µs")
	})
}

// BenchmarkAnswerToEvent measures from the gateway's write of its answer to the
// moment at which a client of the local API has read that the sale is paid. The
// limit is one commit's syncs and one verification, one after the other.
func BenchmarkAnswerToEvent(b *testing.B) {
	sizes(b, func(b *testing.B, path string) {
		f := sellAll(b, path)
		report(b, f.answer, median(f.sync)+median(f.verify))
		b.ReportMetric(micros(median(f.sync)), "sync-µs")
		b.ReportMetric(micros(median(f.verify)), "verify-µs")
		b.ReportMetric(micros(median(f.wake)), "wake-µs")
	})
}

func sellAll(b *testing.B, path string) *figures {
	s := newStand(b, path)
	l := newLimits(b, filepath.Dir(path), s.gateway.merchant)
	for range 20 { // caches, connections, pools
		s.sell()
	}
	f := &figures{}
	for b.Loop() {
		f.add(s, l)
	}
	b.StopTimer()
	s.stop()
	return f
}
