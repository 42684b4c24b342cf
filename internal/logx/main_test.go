package logx

import (
	"io"
	"log/slog"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// lumberjack begins this goroutine with its first line and has no way to end it.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}

func BenchmarkLine(b *testing.B) {
	plain := slog.New(slog.NewJSONHandler(io.Discard, nil))
	netted, err := New(Options{Format: FormatJSON, Stderr: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	for name, log := range map[string]*slog.Logger{"slog alone": plain, "with the net": netted.Logger()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				log.Info("payment ended", "merchantTransId", "S01-T03-20261121T093000-5XKQ2M7TJ4WZ3GAB", "state", "paid", "code", "28••••••••••4394")
			}
		})
	}
}
