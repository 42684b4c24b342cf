package till_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/health"
	"posagent/internal/till"
	"posagent/offline"
)

func TestASaleInTheForegroundWaitsAndSaysUntilWhen(t *testing.T) {
	run(t, func(b *bench) {
		if s := b.till.Snapshot(); !s.Ready || s.Foreground != nil || s.Waiting {
			t.Errorf("before: %+v", s)
		}
		sale := b.open("A")
		s := b.till.Snapshot()
		if !s.Waiting || !s.Deadline.Equal(sale.ExpiresAt) {
			t.Errorf("waiting %v until %s, want until %s", s.Waiting, s.Deadline, sale.ExpiresAt)
		}
		b.wantForeground("A", offline.SaleStateWaiting)
		if !b.manager.Waiting() {
			t.Error("the scanners' gate is closed while the sale waits")
		}
	})
}

func TestASecondSaleIsRefusedAndToldWhichOneIsInTheWay(t *testing.T) {
	run(t, func(b *bench) {
		b.open("A")
		var busy *till.BusyError
		_, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "B", Amount: hkd(100)})
		if !errors.As(err, &busy) || busy.SaleID != "A" {
			t.Errorf("got %v, want busy with A", err)
		}
		if _, err := b.engine.Sale("B"); !errors.Is(err, offline.ErrUnknownSale) {
			t.Errorf("the refused sale is in the journal: %v", err)
		}
	})
}

func TestTheSameSaleAgainIsTheSameSale(t *testing.T) {
	again := func(b *bench, n offline.NewSale) (offline.Sale, bool, error) { return b.till.Open(b.t.Context(), n) }
	a := offline.NewSale{ID: "A", Amount: hkd(12850)}
	t.Run("while it is in the foreground", func(t *testing.T) {
		run(t, func(b *bench) {
			b.open("A")
			if sale, created, err := again(b, a); err != nil || created || sale.ID != "A" {
				t.Errorf("created %v, %v", created, err)
			}
		})
	})
	t.Run("while another one is in the foreground", func(t *testing.T) {
		run(t, func(b *bench) {
			b.open("A")
			cancelled(b, "A")
			b.open("B")
			if sale, created, err := again(b, a); err != nil || created || sale.State() != offline.SaleStateCancelled {
				t.Errorf("created %v, %v", created, err)
			}
			b.wantForeground("B", offline.SaleStateWaiting)
		})
	})
	t.Run("while the till does not sell", func(t *testing.T) {
		run(t, func(b *bench) {
			b.open("A")
			b.health.Set(health.Warning{Code: "x", Severity: health.BlocksSelling})
			if _, created, err := again(b, a); err != nil || created {
				t.Errorf("created %v, %v", created, err)
			}
		})
	})
	t.Run("but with other content it is a conflict", func(t *testing.T) {
		run(t, func(b *bench) {
			b.open("A")
			if _, _, err := again(b, offline.NewSale{ID: "A", Amount: hkd(1)}); !errors.Is(err, offline.ErrSaleConflict) {
				t.Errorf("got %v", err)
			}
			b.wantForeground("A", offline.SaleStateWaiting)
		})
	})
}

func cancelled(b *bench, id offline.SaleID) {
	b.t.Helper()
	if _, err := b.engine.Cancel(id, "cashier"); err != nil {
		b.t.Fatal(err)
	}
}

func TestWhatBlocksSellingRefusesNewSalesOnly(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("A")
		b.health.Set(health.Warning{Code: "no_keys", Severity: health.BlocksSelling, Title: "No keys"})
		synctest.Wait()
		if s := b.till.Snapshot(); s.Ready || len(s.Reasons) != 1 || s.Reasons[0].Code != "no_keys" {
			t.Errorf("ready %v because of %+v", s.Ready, s.Reasons)
		}
		b.scan(goodCode) // the customer who stands there is served
		b.wantLast("A", offline.SaleStatePaid)
		var notReady *till.NotReadyError
		if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "B", Amount: hkd(1)}); !errors.As(err, &notReady) || len(notReady.Reasons) != 1 {
			t.Errorf("got %v", err)
		}
		b.health.Clear("no_keys")
		b.open("B")
	})
}

func TestTheNextSaleNeedNotWaitForTheNewsOfTheLastOnesEnd(t *testing.T) {
	run(t, func(b *bench) {
		for range 50 { // whichever of news and request comes first
			b.open("A" + offline.SaleID(time.Now().Format("150405.000000000")))
			f := b.till.Snapshot().Foreground.ID
			cancelled(b, f)
			if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "next-" + f, Amount: hkd(1)}); err != nil {
				t.Fatalf("right after the cancel: %v", err)
			}
			cancelled(b, "next-"+f)
			pass(time.Second)
		}
	})
}

func TestTheResultStaysInSightUntilTheNextSale(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("A")
		b.scan(goodCode)
		b.wantLast("A", offline.SaleStatePaid)
		pass(time.Hour)
		b.wantLast("A", offline.SaleStatePaid)
		b.open("B")
		if s := b.till.Snapshot(); s.Last != nil {
			t.Errorf("beside the new sale: %s", describe(s.Last))
		}
	})
}

func TestASaleThatNobodyPaysExpiresAndFreesTheTill(t *testing.T) {
	run(t, func(b *bench) {
		b.open("A")
		pass(119 * time.Second)
		b.wantForeground("A", offline.SaleStateWaiting)
		pass(time.Second)
		b.wantLast("A", offline.SaleStateExpired)
		if b.manager.Waiting() {
			t.Error("the scanners' gate is open without a sale")
		}
		b.open("B")
	})
}

func TestADecidedReversalFreesTheTillAtOnce(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.InProcess, "UNKNOWN_EXCEPTION", ""))
		b.gateway.Always(offline.OpQuery, reply(offline.InProcess, "", ""))
		b.gateway.Always(offline.OpCancel, reply(offline.InProcess, "UNKNOWN_EXCEPTION", ""))
		b.open("A")
		b.scan(goodCode)
		b.wantForeground("A", offline.SaleStateChecking)
		cancelled(b, "A")
		synctest.Wait()
		b.wantLast("A", offline.SaleStateReversing)
		b.open("B")
		if got := b.till.Snapshot().Backlog; got.Unsettled != 1 || got.ByState[offline.SaleStateReversing] != 1 {
			t.Errorf("backlog %+v, want A reversing", got)
		}
		b.till.Snapshot()
		pass(5 * time.Minute)
		got := b.till.Snapshot()
		if got.Backlog.AttentionCount != 1 || got.Backlog.Attention[0] != "A" {
			t.Errorf("backlog %+v, want A to need a person", got.Backlog)
		}
	})
}

func TestASaleWithItsCodeIsPaidWithoutAScanner(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		n := offline.NewSale{ID: "A", Amount: hkd(100), Code: identity(t, goodCode)}
		if _, created, err := b.till.Open(b.t.Context(), n); err != nil || !created {
			t.Fatal(created, err)
		}
		synctest.Wait()
		b.wantLast("A", offline.SaleStatePaid)
		if _, created, err := b.till.Open(b.t.Context(), n); err != nil || created {
			t.Errorf("again: created %v, %v", created, err)
		}
		n.Code = identity(t, otherCode)
		if _, _, err := b.till.Open(b.t.Context(), n); !errors.Is(err, offline.ErrSaleConflict) {
			t.Errorf("with another code: %v", err)
		}
	})
}

func TestAFailedJournalStopsSelling(t *testing.T) {
	run(t, func(b *bench) {
		b.failure = offline.ErrJournal
		b.open("A")
		cancelled(b, "A")
		b.journal.SetFaults(failNext(b))
		if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "B", Amount: hkd(1)}); !errors.Is(err, offline.ErrJournal) {
			t.Fatalf("got %v", err)
		}
		synctest.Wait()
		s := b.till.Snapshot()
		if s.Ready || len(s.Reasons) != 1 || s.Reasons[0].Code != till.WarnJournalFailed || s.Foreground != nil {
			t.Errorf("ready %v, reasons %+v, foreground %s", s.Ready, s.Reasons, describe(s.Foreground))
		}
		var notReady *till.NotReadyError
		if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "C", Amount: hkd(1)}); !errors.As(err, &notReady) {
			t.Errorf("the next sale: %v", err)
		}
	})
}

func TestAStoppedTillTakesNoSaleAndSaysSo(t *testing.T) {
	run(t, func(b *bench) {
		b.open("A")
		b.stop()
		if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: "B", Amount: hkd(1)}); !errors.Is(err, offline.ErrStopped) {
			t.Errorf("got %v", err)
		}
		if s := b.till.Snapshot(); s.Ready || s.Waiting {
			t.Errorf("the last picture is that of an open till: %+v", s)
		}
		b.start()
		// The sale of the run before is over: nobody would hand it a code.
		pass(time.Second)
		if s, err := b.engine.Sale("A"); err != nil || s.State() != offline.SaleStateCancelled {
			t.Errorf("after the restart: %s %v", s.State(), err)
		}
		b.open("B")
	})
}

func TestARequestThatWasNotTakenChangesNothing(t *testing.T) {
	run(t, func(b *bench) {
		b.stop()
		synctest.Wait()
		fresh, err := till.New(till.Options{Engine: b.engine, Journal: b.journal, Health: b.health})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Second)
		defer cancel()
		if _, _, err := fresh.Open(ctx, offline.NewSale{ID: "A", Amount: hkd(1)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a till that is not open: %v", err)
		}
		b.start()
	})
}

func TestATillNeedsItsParts(t *testing.T) {
	for name, opt := range map[string]till.Options{
		"no engine": {}, "no journal": {Engine: &offline.Engine{}},
	} {
		if _, err := till.New(opt); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
