//go:build linux

package bench_test

import (
	"testing"

	"go.uber.org/goleak"

	"posagent/internal/threads"
)

func TestMain(m *testing.M) {
	threads.Set() // as the daemon does
	goleak.VerifyTestMain(m,
		// lumberjack never ends the goroutine that puts old files aside.
		goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}
