package offline_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

const otherCode = "289876543210987654"

func TestTheSameSaleAgainIsTheSameSaleAndOtherContentAConflict(t *testing.T) {
	run(t, func(b *bench) {
		first := b.open("R-1", "")
		again, created, err := b.engine.OpenSale(offline.NewSale{ID: "R-1", Amount: hkd(12850)})
		if err != nil || created || again.Version != first.Version {
			t.Errorf("again: created %v, %v", created, err)
		}
		for name, n := range map[string]offline.NewSale{
			"other amount":   {ID: "R-1", Amount: hkd(12851)},
			"other currency": {ID: "R-1", Amount: offline.Money{Currency: "CNY", Value: 12850}},
			"other title":    {ID: "R-1", Amount: hkd(12850), Title: "Tea"},
			"a code":         {ID: "R-1", Amount: hkd(12850), Code: code(t, goodCode)},
		} {
			if _, _, err := b.engine.OpenSale(n); !errors.Is(err, offline.ErrSaleConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestBadSalesAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	run(t, func(b *bench) {
		for name, n := range map[string]offline.NewSale{
			"no id":            {Amount: hkd(1)},
			"an id with space": {ID: "R 1", Amount: hkd(1)},
			"nothing":          {ID: "R-1", Amount: hkd(0)},
			"a negative":       {ID: "R-1", Amount: hkd(-5)},
			"17 digits":        {ID: "R-1", Amount: hkd(10_000_000_000_000_000)},
			"dinars":           {ID: "R-1", Amount: offline.Money{Currency: "KWD", Value: 1000}},
		} {
			if _, _, err := b.engine.OpenSale(n); !offline.IsRefusal(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if last, _ := b.journal.LastEvent(); last != 0 {
			t.Errorf("%d commits", last)
		}
	})
}

func TestARefusedCodeMayBeFollowedByAFreshOneUnderANewId(t *testing.T) {
	run(t, func(b *bench) {
		expired := reply(offline.Failure)
		expired.Outcome.ResultCode, expired.Outcome.Class = "EXPIRED_CODE", offline.ClassRescan
		b.gateway.Expect(offline.OpPay, expired, reply(offline.Success))
		b.open("R-1", "")
		if _, err := b.engine.Pay("R-1", code(t, goodCode)); err != nil {
			t.Fatal(err)
		}
		sale := b.settle("R-1", time.Second, offline.SaleStateDeclined)
		if !sale.CanRescan() || sale.Final() {
			t.Error("an expired code must leave the sale open for a fresh one")
		}
		if _, err := b.engine.Pay("R-1", code(t, otherCode)); err != nil {
			t.Fatal(err)
		}
		sale = b.settle("R-1", time.Second, offline.SaleStatePaid)
		if len(sale.Payments) != 2 || sale.Payments[0].ID == sale.Payments[1].ID {
			t.Errorf("payments %+v", sale.Payments)
		}
		if _, err := b.engine.Pay("R-1", code(t, "300000000000000001")); !errors.Is(err, offline.ErrFinal) {
			t.Errorf("a third code after paid: %v", err)
		}
	})
}

func TestASaleWithoutACodeExpiresAndTakesNoneAfterwards(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1", "")
		time.Sleep(2 * time.Minute)
		if _, err := b.engine.Pay("R-1", code(t, goodCode)); !errors.Is(err, offline.ErrFinal) {
			t.Errorf("a code in the very moment of expiry: %v", err)
		}
		if sale, err := b.engine.Expire("R-1"); err != nil || sale.State() != offline.SaleStateExpired || !sale.Final() {
			t.Errorf("%s, %v", sale.State(), err)
		}
	})
}

func TestACancelBeforeTheCodeEndsAtOnceAndOneAfterPaidIsRefused(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1", "")
		if sale, err := b.engine.Cancel("R-1", "anna"); err != nil || sale.State() != offline.SaleStateCancelled || sale.End.By != "anna" {
			t.Errorf("%s, %v", sale.State(), err)
		}
		b.gateway.Expect(offline.OpPay, reply(offline.Success))
		b.open("R-2", goodCode)
		b.settle("R-2", time.Second, offline.SaleStatePaid)
		if _, err := b.engine.Cancel("R-2", "anna"); !errors.Is(err, offline.ErrFinal) {
			t.Errorf("cancel of a paid sale: %v", err)
		}
	})
}

func TestACancelWhileNothingCouldBeSentEndsUnsent(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, offlinetest.Reply{Outcome: offline.Outcome{Kind: offline.NotSent}})
		b.open("R-1", goodCode)
		b.settle("R-1", 3500*time.Millisecond, offline.SaleStateProcessing)
		if _, err := b.engine.Cancel("R-1", "anna"); err != nil {
			t.Fatal(err)
		}
		b.settle("R-1", time.Millisecond, offline.SaleStateCancelled)
	})
}

func TestARecheckLiftsAttentionOnlyByAVerifiedAnswer(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Always(offline.OpQuery, silence())
		b.gateway.Always(offline.OpCancel, silence())
		b.open("R-1", goodCode)
		b.settle("R-1", 10*time.Minute, offline.SaleStateAttention)
		recheck := func(want offline.SaleState) {
			t.Helper()
			if _, err := b.engine.Recheck("R-1"); err != nil {
				t.Fatal(err)
			}
			b.settle("R-1", 12*time.Second, want)
		}
		recheck(offline.SaleStateAttention)
		b.gateway.Always(offline.OpQuery, reply(offline.Success))
		b.gateway.Always(offline.OpCancel, reply(offline.Success))
		recheck(offline.SaleStateCancelled)
		if _, err := b.engine.Recheck("R-1"); !errors.Is(err, offline.ErrFinal) {
			t.Errorf("a re-check of a settled sale: %v", err)
		}
	})
}

func TestPastTheDeadlineARefundSettlesWhatACancelCannot(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Always(offline.OpQuery, pending())
		b.gateway.Always(offline.OpCancel, offlinetest.Reply{Outcome: offline.Outcome{Kind: offline.NotSent}})
		b.open("R-1", goodCode)
		b.settle("R-1", 2*time.Hour, offline.SaleStateReversing)
		b.gateway.Always(offline.OpQuery, reply(offline.Success))
		b.restart()
		b.settle("R-1", 15*time.Hour, offline.SaleStateAttention)
		sale, _ := b.engine.Sale("R-1")
		if why := sale.Current().Parked.Reason; why != offline.ReasonCancelTooLate {
			t.Errorf("parked for %s", why)
		}
		b.gateway.Expect(offline.OpRefund, reply(offline.Success))
		if _, _, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(12850)}); err != nil {
			t.Fatal(err)
		}
		sale = b.settle("R-1", time.Second, offline.SaleStateCancelled)
		if how := sale.Current().End.How; how != offline.HowRefunded || !sale.Settled() {
			t.Errorf("ended %s, settled %v", how, sale.Settled())
		}
	})
}

func TestStoppingRecordsTheAnswerUnderWay(t *testing.T) {
	run(t, func(b *bench) {
		slow := reply(offline.Success)
		slow.After = 3 * time.Second
		b.gateway.Expect(offline.OpPay, slow)
		b.open("R-1", goodCode)
		b.stop()
		if sale, _ := b.engine.Sale("R-1"); sale.State() != offline.SaleStatePaid {
			t.Errorf("after the stop the sale is %s", sale.State())
		}
		if _, _, err := b.engine.OpenSale(offline.NewSale{ID: "R-2", Amount: hkd(1)}); !errors.Is(err, offline.ErrStopped) {
			t.Errorf("a sale after the stop: %v", err)
		}
		b.start()
	})
}

func TestStoppingDoesNotWaitForAnAnswerThatNeverComes(t *testing.T) {
	run(t, func(b *bench) {
		never := silence()
		never.After = time.Hour
		b.gateway.Expect(offline.OpPay, never)
		b.gateway.Expect(offline.OpQuery, reply(offline.Success))
		b.open("R-1", goodCode)
		begun := time.Now()
		b.restart()
		if took := time.Since(begun); took > 7*time.Second {
			t.Errorf("stopping took %s", took)
		}
		b.settle("R-1", time.Minute, offline.SaleStatePaid)
	})
}

func TestSubscribersGetEveryChangeInOrderAndSlowOnesAreDropped(t *testing.T) {
	run(t, func(b *bench) {
		quick, slow := b.engine.Subscribe(16), b.engine.Subscribe(1)
		b.gateway.Expect(offline.OpPay, reply(offline.Success))
		b.open("R-1", "")
		if _, err := b.engine.Pay("R-1", code(t, goodCode)); err != nil {
			t.Fatal(err)
		}
		b.settle("R-1", time.Second, offline.SaleStatePaid)
		var states []offline.SaleState
		for i := range 3 {
			c := <-quick.C
			if c.Event != uint64(i+1) {
				t.Errorf("event %d came as number %d", c.Event, i+1)
			}
			states = append(states, c.Sale.State())
		}
		if states[2] != offline.SaleStatePaid {
			t.Errorf("states %v", states)
		}
		<-slow.C
		if _, open := <-slow.C; open || !slow.Lagged() {
			t.Error("a subscriber that does not keep up must be dropped and told so")
		}
		quick.Close()
	})
}

func TestCleanUpsGoOnBesideASaleInTheForeground(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, silence())
		for i := range 20 {
			id := offline.SaleID("R-" + string(rune('a'+i)))
			b.open(id, "28123456789012"+string(rune('0'+i/10))+string(rune('0'+i%10))+"00")
		}
		b.gateway.Always(offline.OpQuery, reply(offline.Success))
		b.restart()
		b.engine.Arm(true)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if left := b.engine.Backlog(); left.Driven+left.Listed != 0 {
			t.Errorf("%+v left", left)
		}
		b.engine.Arm(false)
	})
}

func TestARecheckOfASaleThatWaitsForACodeChangesNothing(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1", "")
		sale, err := b.engine.Recheck("R-1")
		if err != nil || sale.State() != offline.SaleStateWaiting {
			t.Errorf("state %s, error %v; nothing was sent, so there is nothing to ask and nothing is over", sale.State(), err)
		}
	})
}
