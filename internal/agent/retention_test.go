package agent

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"posagent/queue/queuetest"
)

// A machine whose clock starts in a wrong year must not forget its sales.
func TestSalesAreOnlyForgottenByAConfirmedClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := queuetest.Open(t)
		s := queuetest.NewScript(j)
		s.Now = time.Now().Add(-50 * 24 * time.Hour)
		queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
		if err := j.Tidy(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		var confirmed atomic.Bool
		go func() {
			done <- prune(ctx, j, func() time.Duration { return 31 * 24 * time.Hour }, confirmed.Load, slog.New(slog.DiscardHandler))
		}()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if _, err := j.Sale("R-1"); err != nil {
			t.Errorf("with a clock that nobody confirmed: %v", err)
		}
		confirmed.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if _, err := j.Sale("R-1"); err == nil {
			t.Error("the sale is past its retention, the clock is confirmed, and it is still there")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
