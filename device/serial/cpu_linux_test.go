package serial

import (
	"context"
	"io"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"posagent/device"
)

// dead answers as a tty whose device has gone does, but for the probe.
type dead struct{ reads int }

func (d *dead) Read([]byte) (int, error) { d.reads++; return 0, io.EOF }
func (*dead) alive() error               { return nil }
func (*dead) Close() error               { return nil }

type deadDriver struct{ line dead }

func (*deadDriver) Kind() string                   { return "serial" }
func (*deadDriver) Find() (device.Location, error) { return device.Location{Path: "/dev/dead"}, nil }
func (d *deadDriver) Open(loc device.Location) (device.Port, error) {
	return &port{line: &d.line, path: loc.Path}, nil
}

// Each round is three seconds of a Manager whose port returns at once for ever;
// cpu-ms/s is what that takes of a processor, thousand being the whole.
func BenchmarkAPortThatReturnsAtOnceForEver(b *testing.B) {
	const long = 3 * time.Second
	var spent time.Duration
	var d deadDriver
	for b.Loop() {
		m, err := device.New(device.Options{Scanners: []device.Scanner{{Name: "lane", Driver: &d}}})
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
	b.ReportMetric(float64(d.line.reads)/seconds, "reads/s")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
