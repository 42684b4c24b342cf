package till_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/till"
	"posagent/offline"
)

func TestAHoldWaitsForTheSaleInTheForegroundAndKeepsTheNextOneOut(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("R-1")
		held := make(chan func(), 1)
		go func() {
			release, err := b.till.Hold(b.t.Context())
			if err != nil {
				t.Error(err)
			}
			held <- release
		}()
		pass(10 * time.Second)
		select {
		case <-held:
			t.Fatal("the till was held with a customer at it")
		default:
		}
		b.wantForeground("R-1", offline.SaleStateWaiting)
		b.scan(goodCode)
		release := <-held
		if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "R-2", Amount: hkd(100)}); !errors.Is(err, till.ErrHeld) {
			t.Errorf("a sale while the till is held: %v", err)
		}
		if sale, created, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "R-1", Amount: hkd(12850)}); err != nil || created || sale.State() != offline.SaleStatePaid {
			t.Errorf("the sale before, asked for again: %s, %v", sale.State(), err)
		}
		waited := make(chan error, 1)
		go func() { waited <- b.till.Released(b.t.Context()) }()
		synctest.Wait()
		if _, err := b.till.Hold(b.t.Context()); !errors.Is(err, till.ErrHeldTwice) {
			t.Errorf("a second hold: %v", err)
		}
		release()
		if err := <-waited; err != nil {
			t.Error(err)
		}
		b.open("R-2")
	})
}

func TestAHoldThatIsGivenUpHoldsNothing(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1")
		ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
		defer cancel()
		if _, err := b.till.Hold(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		synctest.Wait()
		if b.till.Snapshot().Held {
			t.Error("the till is still held")
		}
		b.wantForeground("R-1", offline.SaleStateWaiting)
	})
}

func TestAHoldEndsWithTheTill(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1")
		ended := make(chan error, 1)
		go func() { _, err := b.till.Hold(context.Background()); ended <- err }()
		synctest.Wait()
		b.stop()
		if err := <-ended; !errors.Is(err, offline.ErrStopped) {
			t.Errorf("error %v", err)
		}
		if err := b.till.Released(context.Background()); !errors.Is(err, offline.ErrStopped) {
			t.Errorf("waiting for the release of a till that has ended: %v", err)
		}
	})
}

func TestAScannerThatIsTakenOutLeavesNoWarning(t *testing.T) {
	run(t, func(b *bench) {
		b.gun.away.Store(true)
		b.gun.pull <- struct{}{}
		pass(5 * time.Second)
		if len(b.till.Snapshot().Warnings) != 1 {
			t.Fatalf("warnings %v", b.till.Snapshot().Warnings)
		}
		if err := b.manager.Replace(b.t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Errorf("warnings about what is not there any more: %v", w)
		}
	})
}
