package till_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// failNext makes the journal's next commit fail.
func failNext(b *bench) offlinetest.Faults {
	return offlinetest.FailBefore(b.journal.Commits()+1, errors.New("disk full"))
}

func TestAScanIsPaid(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, offlinetest.Reply{After: time.Second, Outcome: success().Outcome})
		b.open("A")
		b.scan(goodCode)
		b.wantForeground("A", offline.SaleStateProcessing)
		if b.manager.Waiting() {
			t.Error("the gate is open while a payment is under way")
		}
		pass(time.Second)
		b.wantLast("A", offline.SaleStatePaid)
		if got := b.gateway.Sent()[0].Code.Reveal(); got != goodCode {
			t.Error("another code than the scanned one was charged")
		}
	})
}

func TestWhatIsNoPaymentCodeGivesANoticeAndTheSaleWaitsOn(t *testing.T) {
	for label, code := range map[string]string{
		product:                 "product_ean13",
		weChat:                  "other_wallet_wechat",
		"28123456789":           "short",
		"https://example.com/x": "store_qr_url",
	} {
		t.Run(code, func(t *testing.T) {
			run(t, func(b *bench) {
				b.gateway.Expect(offline.OpPay, success())
				b.open("A")
				b.scan(label)
				n := b.wantNotice(code)
				if n.SaleID != "A" || n.Source != "gun" || n.Do == "" {
					t.Errorf("notice %+v", n)
				}
				b.wantForeground("A", offline.SaleStateWaiting)
				if b.pays() != 0 {
					t.Fatal("a message was sent")
				}
				b.scan(goodCode)
				b.wantLast("A", offline.SaleStatePaid)
				kind := map[string]decode.Kind{"product_ean13": decode.KindProduct, "other_wallet_wechat": decode.KindOtherWallet, "short": decode.KindShort, "store_qr_url": decode.KindStoreQR}[code]
				b.wantCounted(kind)
				if b.till.Snapshot().Notice != nil {
					t.Error("the notice outlived the wrong scan")
				}
			})
		})
	}
}

func TestAUsedCodeIsNotChargedAgainAndTheSaleWaitsOn(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, success()) // the engine signs beside the commit that refuses the code
		b.open("A")
		b.scan(goodCode)
		b.wantLast("A", offline.SaleStatePaid)
		pass(time.Minute)
		b.open("B")
		b.scan(goodCode)
		n := b.wantNotice(till.CodeAlreadyUsed)
		if n.UsedBy != "A" || n.UsedAt.IsZero() {
			t.Errorf("notice %+v, want it to name A", n)
		}
		b.wantCounted(decode.KindPaymentCode)
		b.wantForeground("B", offline.SaleStateWaiting)
		b.scan(otherCode)
		b.wantLast("B", offline.SaleStatePaid)
		if b.pays() != 2 {
			t.Errorf("%d payments", b.pays())
		}
	})
}

func TestAfterARestartTheUsedCodeIsStillKnown(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, success()) // the engine signs beside the commit that refuses the code
		b.open("A")
		b.scan(goodCode)
		b.restart()
		b.open("B")
		b.scan(goodCode)
		b.wantNotice(till.CodeAlreadyUsed)
	})
}

func TestARefusalThatAFreshCodeCuresArmsTheScannersAgain(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Failure, "EXPIRED_CODE", offline.ClassRescan))
		b.gateway.Always(offline.OpPay, success()) // the engine signs beside the commit that refuses the code
		b.open("A")
		b.scan(goodCode)
		b.wantForeground("A", offline.SaleStateDeclined)
		if s := b.till.Snapshot(); !s.Waiting || !b.manager.Waiting() {
			t.Error("the till does not wait for the fresh code")
		}
		pass(5 * time.Second) // else the second read of the label counts as a double one
		b.scan(goodCode)
		if n := b.wantNotice(till.CodeRepeated); n.UsedBy != "A" {
			t.Errorf("notice %+v", n)
		}
		b.scan(otherCode)
		b.wantLast("A", offline.SaleStatePaid)
		if n := len(b.till.Snapshot().Last.Payments); n != 2 {
			t.Errorf("%d payments, want 2", n)
		}
	})
}

func TestTheTimeForAFreshCodeEndsWithTheSales(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Failure, "EXPIRED_CODE", offline.ClassRescan))
		b.open("A")
		b.scan(goodCode)
		b.wantForeground("A", offline.SaleStateDeclined)
		pass(2 * time.Minute)
		b.wantLast("A", offline.SaleStateDeclined)
		if !b.till.Snapshot().Last.Final() {
			t.Error("the declined sale is not final after its time")
		}
	})
}

func TestARefusalThatComesAfterTheSalesTimeIsItsEnd(t *testing.T) {
	run(t, func(b *bench) {
		late := reply(offline.Failure, "EXPIRED_CODE", offline.ClassRescan)
		late.After = 4 * time.Second
		b.gateway.Expect(offline.OpPay, late)
		b.open("A")
		pass(118 * time.Second)
		b.scan(goodCode)
		pass(3 * time.Second)
		b.wantForeground("A", offline.SaleStateProcessing) // past its time, and not touched
		pass(time.Second)
		b.wantLast("A", offline.SaleStateDeclined)
	})
}

func TestAScanOutsideASaleIsAnsweredAndNeverKept(t *testing.T) {
	run(t, func(b *bench) {
		b.scan(goodCode)
		if n := b.wantNotice(string(device.ReasonClosed)); n.SaleID != "" {
			t.Errorf("notice %+v", n)
		}
		b.open("A")
		if b.till.Snapshot().Notice != nil {
			t.Error("the notice about the scan before is still there")
		}
		pass(time.Minute)
		b.wantForeground("A", offline.SaleStateWaiting)
		if b.pays() != 0 {
			t.Error("the stale scan was charged")
		}
	})
}

func TestAScanWhileAPaymentIsUnderWayIsAnsweredAsThatSales(t *testing.T) {
	run(t, func(b *bench) {
		slow := success()
		slow.After = time.Second
		b.gateway.Expect(offline.OpPay, slow)
		b.open("A")
		b.scan(goodCode)
		b.scan(otherCode)
		if n := b.wantNotice(string(device.ReasonClosed)); n.SaleID != "A" {
			t.Errorf("notice %+v", n)
		}
		pass(2 * time.Second)
		b.wantLast("A", offline.SaleStatePaid)
	})
}

func TestTheSecondReadOfTheSameCodeIsNoNews(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("A")
		b.scan(goodCode)
		b.scan(goodCode)
		if n := b.till.Snapshot().Notice; n != nil {
			t.Errorf("notice %+v", n)
		}
	})
}

func TestACodeFromTheRegisterGoesTheSameWay(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("A")
		var wrong *till.CodeError
		if _, err := b.till.SubmitCode("A", text(product)); !errors.As(err, &wrong) || wrong.Class.Code != "product_ean13" {
			t.Errorf("a product: %v", err)
		}
		synctest.Wait()
		if n := b.wantNotice("product_ean13"); n.Source != "" || n.SaleID != "A" {
			t.Errorf("notice %+v", n)
		}
		if _, err := b.till.SubmitCode("B", text(goodCode)); !errors.Is(err, offline.ErrUnknownSale) {
			t.Errorf("another sale: %v", err)
		}
		if _, err := b.till.SubmitCode("A", text(goodCode)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		b.wantLast("A", offline.SaleStatePaid)
	})
}

func TestTheSameCodeSubmittedAgainIsNoSecondPayment(t *testing.T) {
	run(t, func(b *bench) {
		slow := success()
		slow.After = time.Second
		b.gateway.Expect(offline.OpPay, slow)
		b.open("A")
		for _, state := range []offline.SaleState{offline.SaleStateProcessing, offline.SaleStateProcessing, offline.SaleStatePaid} {
			sale, err := b.till.SubmitCode("A", text(goodCode))
			if err != nil || sale.State() != state {
				t.Errorf("got %s %v, want %s", sale.State(), err, state)
			}
			if state == offline.SaleStateProcessing {
				pass(600 * time.Millisecond)
			}
		}
		if _, err := b.till.SubmitCode("A", text(otherCode)); !errors.Is(err, offline.ErrFinal) {
			t.Errorf("another code after the end: %v", err)
		}
		synctest.Wait()
		b.wantNotice(till.CodeNotExpected)
		if b.pays() != 1 {
			t.Errorf("%d payments", b.pays())
		}
	})
}

func TestARefusedCodeSubmittedAgainReturnsTheSaleAsItIs(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Failure, "EXPIRED_CODE", offline.ClassRescan))
		b.gateway.Always(offline.OpPay, success()) // the engine signs beside the commit that refuses the code
		b.open("A")
		for range 2 {
			sale, err := b.till.SubmitCode("A", text(goodCode))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if len(sale.Payments) != 1 {
				t.Errorf("%d payments", len(sale.Payments))
			}
		}
		b.wantNotice(till.CodeRepeated)
	})
}

func TestWhoeverBringsACodeFirstWinsAndThereIsOnePayment(t *testing.T) {
	for range 20 {
		run(t, func(b *bench) {
			slow := success()
			slow.After = time.Second
			b.gateway.Expect(offline.OpPay, slow)
			b.open("A")
			var wg sync.WaitGroup
			for _, c := range []string{goodCode, otherCode} {
				wg.Go(func() {
					if _, err := b.till.SubmitCode("A", text(c)); err != nil && !errors.Is(err, offline.ErrFinal) {
						t.Errorf("a code that lost the race: %v", err)
					}
				})
			}
			wg.Go(func() { b.gun.labels <- thirdCode })
			wg.Wait()
			pass(2 * time.Second)
			b.wantLast("A", offline.SaleStatePaid)
			if n := b.pays(); n != 1 {
				t.Fatalf("%d payments", n)
			}
		})
	}
}

func TestACodeOfACancelledSaleIsNotChargedToTheNextCustomer(t *testing.T) {
	run(t, func(b *bench) {
		b.open("A")
		cancelled(b, "A")
		synctest.Wait()
		b.open("B")
		if _, err := b.till.SubmitCode("A", text(goodCode)); !errors.Is(err, offline.ErrFinal) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		b.wantForeground("B", offline.SaleStateWaiting)
		if b.pays() != 0 {
			t.Error("a payment was sent")
		}
	})
}

func TestAnUnpluggedScannerShowsAfterAMomentAndComesBack(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.open("A")
		b.gun.away.Store(true)
		b.gun.pull <- struct{}{}
		pass(time.Second)
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Errorf("after a second: %+v", w)
		}
		pass(10 * time.Second)
		s := b.till.Snapshot()
		if len(s.Warnings) != 1 || s.Warnings[0].Code != till.WarnScanner || s.Warnings[0].Subject != "gun" || s.Warnings[0].Remedy == "" {
			t.Errorf("after 11 s: %+v", s.Warnings)
		}
		if !s.Ready || s.Scanners[0].State != device.StateAbsent {
			t.Errorf("ready %v, scanner %s", s.Ready, s.Scanners[0].State)
		}
		b.gun.away.Store(false)
		pass(5 * time.Second)
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Errorf("after it came back: %+v", w)
		}
		b.scan(goodCode)
		b.wantLast("A", offline.SaleStatePaid)
	})
}

func TestScannersThatSomebodyElseHoldsAreTakenWhenTheyAreFree(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		claim, err := b.manager.Claim(device.WithHolder(b.t.Context(), "scanner listen"))
		if err != nil {
			t.Fatal(err)
		}
		b.open("A")
		if w := b.till.Snapshot().Warnings; len(w) != 1 || w[0].Code != till.WarnScannersClaimed {
			t.Errorf("warnings %+v", w)
		}
		claim.Release()
		pass(time.Second)
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Errorf("warnings %+v after the release", w)
		}
		b.scan(goodCode)
		b.wantLast("A", offline.SaleStatePaid)
	})
}

func TestAJournalThatFailsAtTheScanChargesNobodyAndSaysSo(t *testing.T) {
	run(t, func(b *bench) {
		b.failure = offline.ErrJournal
		b.gateway.Always(offline.OpPay, success()) // the engine signs beside the commit that fails
		b.open("A")
		b.journal.SetFaults(failNext(b))
		b.scan(goodCode)
		n := b.wantNotice(till.CodeNotStarted)
		if n.Do == "" || b.pays() != 0 {
			t.Errorf("notice %+v, %d payments", n, b.pays())
		}
		if s := b.till.Snapshot(); s.Ready {
			t.Error("the till still sells")
		}
		pass(3 * time.Minute) // the sale's time ends and cannot be recorded: no loop, no panic
	})
}
