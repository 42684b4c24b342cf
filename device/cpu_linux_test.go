package device

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"posagent/device/decode"
)

// idler is a scanner that is always there and says nothing.
type idler struct {
	wait  time.Duration // of a Read
	away  bool
	reads int
}

func (*idler) Kind() string { return "idler" }

func (i *idler) Find() (Location, error) {
	if i.away {
		return Location{}, errAbsent
	}
	return Location{Path: "/idler"}, nil
}

func (i *idler) Open(Location) (Port, error) { return i, nil }

func (i *idler) Read() (Chunk, error) {
	i.reads++
	if i.wait > 0 {
		<-time.After(i.wait)
	}
	return Chunk{}, nil
}

func (*idler) Close() error { return nil }

// Each round is three seconds of a Manager with one scanner; cpu-ms/s is what it
// takes of a processor, thousand being the whole.
func BenchmarkAManagerWithNothingToDo(b *testing.B) {
	const long = 3 * time.Second
	for _, bc := range []struct {
		name    string
		scanner idler
	}{
		{"a scanner that waits", idler{wait: 100 * time.Millisecond}},
		{"a scanner that is away", idler{away: true}},
		{"a scanner whose Read returns at once", idler{}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			var spent time.Duration
			d := bc.scanner
			for b.Loop() {
				m, err := New(Options{Scanners: []Scanner{{Name: "lane", Driver: &d, Framing: decode.Framing{}}}})
				if err != nil {
					b.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(b.Context(), long)
				before := processorTime(b)
				if err := m.Run(ctx); err != nil {
					b.Fatal(err)
				}
				spent += processorTime(b) - before
				cancel()
			}
			seconds := float64(b.N) * long.Seconds()
			b.ReportMetric(float64(spent.Microseconds())/1000/seconds, "cpu-ms/s")
			b.ReportMetric(float64(d.reads)/seconds, "reads/s")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
