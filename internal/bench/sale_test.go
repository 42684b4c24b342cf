//go:build linux

package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/queue/queuetest"
)

// pace lies between what is measured, so that the work behind one figure does
// not run into the next.
const pace = 5 * time.Millisecond

// lap is what one sale took.
type lap struct {
	scan   time.Duration // from the write of the terminator to the pay's first byte on the wire
	read   time.Duration // the same from the return of the serial driver's Read
	answer time.Duration // from the write of the answer to its event at the client

	firstByte, firstRead, answered, event time.Time

	beforeWire, beforePaid int64 // durable commits since the code was sent
}

// sell takes one sale from its opening to its end, as a register and a cashier do.
func (s *stand) sell() lap {
	s.tb.Helper()
	s.sales++
	_, _, err := s.api.OpenSale(s.tb.Context(), wire.NewSale{
		SaleID: fmt.Sprintf("B-%s-%06d", s.run, s.sales), Amount: offline.Money{Currency: "HKD", Value: 12850},
	})
	s.check(err)
	s.until("somebody waits for a scan", s.manager.Waiting)
	time.Sleep(pace)
	s.check(s.scanner.SendRaw(fmt.Appendf(nil, "28%s%07d", s.run, s.sales)))
	time.Sleep(pace)
	opened := s.commits.Load()
	written := time.Now()
	s.check(s.scanner.SendRaw([]byte{'\r'}))
	pay := <-s.gateway.pays
	sent := s.commits.Load()
	time.Sleep(pace)
	close(pay.reply)
	paid := <-s.stream.paid
	told := s.commits.Load()
	answered := <-pay.sent
	s.until("the till is free", func() bool { return s.till.Snapshot().Foreground == nil })
	time.Sleep(pace)
	return lap{
		scan: pay.first.Sub(written), read: pay.first.Sub(s.line.readAt()), answer: paid.Sub(answered),
		beforeWire: sent - opened, beforePaid: told - sent,
		firstByte: pay.first, firstRead: pay.read, answered: answered, event: paid,
	}
}

// figures are the laps of one run and the limits measured between them.
type figures struct{ scan, read, answer, sync, sign, both, verify, wake []time.Duration }

func (f *figures) add(s *stand, l *limits) {
	n := s.sell()
	f.scan, f.read, f.answer = append(f.scan, n.scan), append(f.read, n.read), append(f.answer, n.answer)
	f.sync = append(f.sync, l.sync())
	time.Sleep(pace)
	f.sign = append(f.sign, l.sign())
	time.Sleep(pace)
	f.both = append(f.both, l.both(s.beside.Go))
	time.Sleep(pace)
	f.verify = append(f.verify, l.verify())
	f.wake = append(f.wake, l.wake())
}

func percentile(list []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)*p/100]
}

func median(list []time.Duration) time.Duration { return percentile(list, 50) }

func micros(d time.Duration) float64 { return float64(d) / 1e3 }

// report names the figures in microseconds.
func report(b *testing.B, list []time.Duration, limit time.Duration) {
	b.ReportMetric(0, "ns/op") // of a whole round with its pauses: says nothing
	b.ReportMetric(micros(median(list)), "p50-µs")
	b.ReportMetric(micros(percentile(list, 95)), "p95-µs")
	b.ReportMetric(micros(limit), "limit-µs")
	b.ReportMetric(float64(median(list))/float64(limit), "ratio")
}

// sizes are the journals that the figures are taken with.
func sizes(b *testing.B, measure func(b *testing.B, path string)) {
	b.Run("finished=0", func(b *testing.B) { measure(b, journalPath(b)) })
	n := largeSize()
	if n == 0 {
		return
	}
	b.Run("finished="+strconv.Itoa(n), func(b *testing.B) { measure(b, largeJournal(b, n)) })
}

// largeSize is POSAGENT_BENCH_LARGE, else 0.
func largeSize() int {
	n, err := strconv.Atoi(os.Getenv("POSAGENT_BENCH_LARGE"))
	if err != nil {
		return 0
	}
	return n
}

// buildDir is on the disk that holds the checkout: the system's place for
// temporary files may be memory, where a sync costs nothing.
func buildDir(tb testing.TB) string {
	tb.Helper()
	dir := filepath.Join("..", "..", "build", "bench")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// journalPath names a journal that is still to be made.
func journalPath(tb testing.TB) string { return filepath.Join(diskDir(tb), "journal.db") }

func diskDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp(buildDir(tb), "run-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// socketDir has a short name: the path of a socket has room for about 100 bytes.
func socketDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "posagent-bench-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// largeJournal makes a journal of n finished payments once and keeps it for the
// next run: making 1,000,000 takes a minute and 3 GB.
func largeJournal(tb testing.TB, n int) string {
	tb.Helper()
	path := filepath.Join(buildDir(tb), "finished-"+strconv.Itoa(n)+".db")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := queuetest.Fill(path, n); err != nil {
		tb.Fatal(err)
	}
	return path
}
