package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

// keptInPart is a payment that was taken after its reversal was decided, whose
// cancel was refused, and of which a person gives 40 of 100 back.
func keptInPart(t *testing.T) *story {
	t.Helper()
	s := sent(t).after(6*time.Second).reverse().answer(offline.OpPay, success)
	s.exchange(offline.OpCancel, offline.Outcome{Kind: offline.Failure, ResultStatus: "F"}).park()
	return s.openRefund("F-1", 4000)
}

func TestARefundKeepsACancelFromReturningTheRest(t *testing.T) {
	rows := []struct {
		name string
		tell func(*story) *story
		want offline.State
		step offline.Step
	}{
		{"under way, and the gateway was asked again", func(s *story) *story {
			return s.exchange(offline.OpQuery, asked)
		}, offline.StateAttention, idle},
		{"done, and asked again", func(s *story) *story {
			s.exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
			return s.exchange(offline.OpQuery, asked)
		}, offline.StateAttention, idle},
		{"in attention itself, and asked again", func(s *story) *story {
			s.exchangeRefund("F-1", offline.OpRefund, noAnswer).commit(s.refundWrite("F-1", parked(offline.ReasonRefundUnconfirmed)))
			return s.exchange(offline.OpQuery, asked)
		}, offline.StateAttention, idle},
		{"asked before the refund began", func(s *story) *story {
			return s.exchange(offline.OpQuery, asked).restart()
		}, offline.StateAttention, idle},
		{"refused: the reversal goes on", func(s *story) *story {
			s.exchange(offline.OpQuery, asked)
			return s.exchangeRefund("F-1", offline.OpRefund, refused).endRefund("F-1", offline.ResultDeclined)
		}, offline.StateReversing, sends(offline.OpCancel)},
		{"the gateway holds nothing any more", func(s *story) *story {
			return s.exchange(offline.OpQuery, closed)
		}, offline.StateReversing, ending(offline.ResultCancelled, offline.HowReturned)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(keptInPart(t))
			if got := offline.DeriveState(s.payment()); got != row.want {
				t.Errorf("DeriveState = %s, want %s", got, row.want)
			}
			if diff := stepDiff(s.next(), row.step); diff != "" {
				t.Errorf("Next %s", diff)
			}
		})
	}
}

// refusedCancel is a sale on the bench like keptInPart before its refund.
func refusedCancel(b *bench) {
	b.t.Helper()
	b.gateway.Expect(offline.OpPay, late(4*time.Second, success))
	b.gateway.Expect(offline.OpCancel, reply(offline.Failure))
	b.open("R-1", goodCode)
	time.Sleep(time.Second)
	if _, err := b.engine.Cancel("R-1", "anna"); err != nil {
		b.t.Fatal(err)
	}
	b.settle("R-1", time.Minute, offline.SaleStateAttention)
}

func TestARecheckBesideARefundCancelsNothing(t *testing.T) {
	run(t, func(b *bench) {
		refusedCancel(b)
		b.gateway.Expect(offline.OpRefund, late(time.Second, success))
		b.gateway.Expect(offline.OpQuery, late(time.Second, asked))
		if _, _, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(850)}); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.engine.Recheck("R-1"); err != nil {
			b.t.Fatal(err)
		}
		sale := b.settle("R-1", time.Hour, offline.SaleStateAttention) // a second cancel is not in the script
		if sale.Refunded() != hkd(850) {
			b.t.Errorf("refunded %s", sale.Refunded())
		}
		if _, err := b.engine.Resolve("R-1", offline.ResultPaid, "lee", "the customer kept the rest"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestARefusedRefundLetsTheReversalGoOnWithoutARestart(t *testing.T) {
	run(t, func(b *bench) {
		refusedCancel(b)
		b.gateway.Expect(offline.OpRefund, late(3*time.Second, offline.Outcome{Kind: offline.Failure, ResultStatus: "F"}))
		b.gateway.Expect(offline.OpQuery, late(time.Second, asked))
		b.gateway.Expect(offline.OpCancel, late(time.Second, undoPaid))
		if _, _, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(850)}); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.engine.Recheck("R-1"); err != nil {
			b.t.Fatal(err)
		}
		b.settle("R-1", 2*time.Second, offline.SaleStateAttention)
		b.settle("R-1", 3*time.Second, offline.SaleStateCancelled)
	})
}

func TestARecheckWhileReversingSendsTheNextCancelAtOnce(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		no := reply(offline.InProcess)
		b.gateway.Expect(offline.OpCancel, no, no, no, no)
		b.open("R-1", goodCode)
		time.Sleep(time.Second)
		if _, err := b.engine.Cancel("R-1", "anna"); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.engine.Recheck("R-1"); err != nil { // a cancel must not overtake its pay, whoever waits
			b.t.Fatal(err)
		}
		b.settle("R-1", 3900*time.Millisecond, offline.SaleStateReversing)
		b.wantOps(offline.OpPay)
		b.settle("R-1", 8100*time.Millisecond, offline.SaleStateReversing) // at 5, 7 and 11 s; it is 13 s now, the next one is due at 19 s
		b.wantOps(offline.OpPay, offline.OpCancel, offline.OpCancel, offline.OpCancel)
		if _, err := b.engine.Recheck("R-1"); err != nil {
			b.t.Fatal(err)
		}
		b.settle("R-1", 300*time.Millisecond, offline.SaleStateReversing)
		b.wantOps(offline.OpPay, offline.OpCancel, offline.OpCancel, offline.OpCancel, offline.OpCancel)
		b.gateway.Expect(offline.OpCancel, late(0, undoClosed))
		b.gateway.Always(offline.OpQuery, offlinetest.Reply{Outcome: closed})
		b.settle("R-1", time.Hour, offline.SaleStateCancelled)
	})
}

func TestAQueryThatFindsItClosedAwaitsTheAnswerToPay(t *testing.T) {
	for name, row := range map[string]struct {
		pay  offlinetest.Reply
		want offline.SaleState
	}{
		"which never comes":  {silence(), offline.SaleStateCancelled},
		"which contradicts":  {late(8*time.Second, success), offline.SaleStateAttention},
		"which is a refusal": {late(8*time.Second, refused), offline.SaleStateDeclined},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(b *bench) {
				b.gateway.Expect(offline.OpPay, row.pay)
				b.gateway.Expect(offline.OpQuery, offlinetest.Reply{Outcome: closed})
				b.open("R-1", goodCode)
				b.settle("R-1", 7*time.Second, offline.SaleStateChecking)
				b.settle("R-1", 5*time.Second, row.want)
			})
		})
	}
}

func TestNothingIsOwedIsNotSaidBesideARefund(t *testing.T) {
	owed := func(s *story) offline.Write {
		return s.write(fact(offline.FactResolved), ended(offline.ResultCancelled, offline.HowPerson))
	}
	s := keptInPart(t)
	s.refuses(owed(s), offline.ErrRefundStands) // under way
	done := *s
	done.exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
	done.refuses(owed(&done), offline.ErrRefundStands)
	s.exchangeRefund("F-1", offline.OpRefund, refused).endRefund("F-1", offline.ResultDeclined)
	s.commit(owed(s))
}

func TestWhatWasRefundedOutOfAttentionCountsAsTakenToo(t *testing.T) {
	s := keptInPart(t)
	before := *s.seen()
	if got := offline.TotalsOf(offline.Sale{}, before); len(got) != 0 {
		t.Fatalf("in attention it counts as %+v", got)
	}
	s.exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
	count := func(before, after offline.Sale) (sum offline.DayTotal) {
		for _, c := range offline.TotalsOf(before, after) {
			sum = sum.Add(c.Total)
		}
		return sum
	}
	want := offline.DayTotal{Paid: 1, PaidSum: offline.Money{Value: 10000}, Refunded: 1, RefundedSum: offline.Money{Value: 4000}}
	if got := count(before, *s.seen()); got != want {
		t.Errorf("after the first refund %+v, want %+v", got, want)
	}
	after := *s.seen()
	s.openRefund("F-2", 6000).exchangeRefund("F-2", offline.OpRefund, success).endRefund("F-2", offline.ResultRefunded)
	s.end(offline.ResultCancelled, offline.HowRefunded)
	want = offline.DayTotal{Refunded: 1, RefundedSum: offline.Money{Value: 6000}}
	if got := count(after, *s.seen()); got != want {
		t.Errorf("after the second one %+v more, want %+v", got, want)
	}
	want = offline.DayTotal{Paid: 1, PaidSum: offline.Money{Value: 10000}, Refunded: 2, RefundedSum: offline.Money{Value: 10000}}
	if got := count(offline.Sale{}, *s.seen()); got != want {
		t.Errorf("altogether %+v, want %+v", got, want)
	}
}
