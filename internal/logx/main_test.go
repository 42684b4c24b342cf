package logx

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// lumberjack begins this goroutine with its first line and has no way to end it.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}

// open is New for a test that ends the log with itself.
func open(t testing.TB, opts Options) *Log {
	t.Helper()
	l, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { finish(t, l) })
	return l
}

// finish has everything written.
func finish(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// written is a system's log that a test can read: a line for each event.
type written struct {
	mu     sync.Mutex
	out    io.Writer
	events []event
	fail   error
}

func (w *written) put(e *event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return w.fail
	}
	w.events = append(w.events, *e)
	if w.out != nil {
		_, err := fmt.Fprintf(w.out, "%s %q\n", oneLine(e.text), eventText(e))
		return err
	}
	return nil
}

func (w *written) close() error { return nil }

func BenchmarkLine(b *testing.B) {
	plain := slog.New(slog.NewJSONHandler(io.Discard, nil))
	logs := map[string]*slog.Logger{"slog alone": plain}
	for _, format := range []Format{FormatText, FormatJSON, FormatJournald} {
		logs[string(format)] = open(b, Options{Format: format, Stderr: io.Discard, sink: &discarded{}}).Logger()
	}
	for name, log := range logs {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				log.Info("payment ended", "action", ActionPayment, "merchantTransId", "S01-T03-20261121T093000-5XKQ2M7TJ4WZ3GAB", "state", "paid", "code", "28••••••••••4394")
			}
		})
	}
}

type discarded struct{}

func (discarded) put(*event) error { return nil }
func (discarded) close() error     { return nil }
