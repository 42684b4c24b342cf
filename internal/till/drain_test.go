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

func TestADrainedTillLetsTheSaleInTheForegroundEndAndOpensNoOther(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("R-1")
		if err := b.till.Drain(b.t.Context(), "ops"); err != nil {
			t.Fatal(err)
		}
		d := b.till.Snapshot().Drained()
		if !d.Draining || d.Drained || d.Foreground != "R-1" || d.By != "ops" || d.Since.IsZero() {
			t.Errorf("with a customer at it: %+v", d)
		}
		done := make(chan till.Drained, 1)
		go func() {
			d, err := b.till.WaitDrained(b.t.Context())
			if err != nil {
				t.Error(err)
			}
			done <- d
		}()
		synctest.Wait()
		if len(done) > 0 {
			t.Error("drained with a customer at it")
		}
		b.scan(goodCode)
		if d := <-done; !d.Drained || d.Foreground != "" || d.Open != 0 {
			t.Errorf("after the customer: %+v", d)
		}
		wantDraining(b, "R-2")
		if sale, created, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "R-1", Amount: hkd(12850)}); err != nil || created || sale.State() != offline.SaleStatePaid {
			t.Errorf("the sale before, asked for again: %s, %v", sale.State(), err)
		}
		if err := b.till.Resume(b.t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := b.till.Snapshot().Drained(); d.Draining || d.Drained || d.By != "" {
			t.Errorf("after resume: %+v", d)
		}
		b.open("R-2")
	})
}

// wantDraining opens a sale, which must be refused with the code that registers
// and translations are keyed by.
func wantDraining(b *bench, id offline.SaleID) {
	b.t.Helper()
	_, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: id, Amount: hkd(100)})
	var not *till.NotReadyError
	if !errors.As(err, &not) || len(not.Reasons) != 1 || not.Reasons[0].Code != till.WarnDraining {
		b.t.Errorf("a sale on a drained till: %v", err)
	}
}

func TestASecondDrainAndASecondResumeChangeNothing(t *testing.T) {
	run(t, func(b *bench) {
		ctx := b.t.Context()
		if err := errors.Join(b.till.Drain(ctx, "first"), b.till.Drain(ctx, "second")); err != nil {
			t.Fatal(err)
		}
		if d := b.till.Snapshot().Drained(); d.By != "first" || !d.Drained {
			t.Errorf("got %+v", d)
		}
		wantDraining(b, "R-1")
		if err := errors.Join(b.till.Resume(ctx), b.till.Resume(ctx)); err != nil {
			t.Fatal(err)
		}
		b.open("R-1")
	})
}

func TestAWaitForADrainThatTakesTooLongTellsHowFarItIs(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1")
		if err := b.till.Drain(b.t.Context(), "ops"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Second)
		defer cancel()
		d, err := b.till.WaitDrained(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || d.Drained || d.Foreground != "R-1" {
			t.Errorf("got %+v, %v", d, err)
		}
		go func() {
			if err := b.till.Resume(b.t.Context()); err != nil {
				t.Error(err)
			}
		}()
		if d, err := b.till.WaitDrained(b.t.Context()); err != nil || d.Drained || d.Draining {
			t.Errorf("resumed by somebody else meanwhile: %+v, %v", d, err)
		}
	})
}
