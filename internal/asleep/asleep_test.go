package asleep

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachSleepIsToldOnceWithItsLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		slept.Store(int64(5 * time.Hour)) // before the daemon was started
		var told []time.Duration
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- Watch(ctx, func() time.Duration { return time.Duration(slept.Load()) }, func(d time.Duration) { told = append(told, d) })
		}()
		for _, step := range []time.Duration{0, 20 * time.Second, 0, Shortest - 1, -time.Hour, 8 * time.Hour} {
			time.Sleep(every + every/2)
			synctest.Wait()
			slept.Add(int64(step))
		}
		time.Sleep(2 * every)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if want := []time.Duration{20 * time.Second, 8 * time.Hour}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

func TestAMachineThatIsAwakeDoesNotSleep(t *testing.T) {
	before := Total()
	<-time.After(20 * time.Millisecond)
	if slept := Total() - before; slept.Abs() >= Shortest {
		t.Errorf("this machine slept %s while this test ran", slept)
	}
}
