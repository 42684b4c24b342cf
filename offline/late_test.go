package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

// declinedWithAQuestion is a payment that ended as declined while a question was
// still on its way.
func declinedWithAQuestion(t testing.TB) *story {
	t.Helper()
	s := sent(t).after(5 * time.Second).begin(offline.OpQuery)
	return s.commit(s.write(s.outcome(offline.OpPay, refused), ended(offline.ResultDeclined, "")))
}

// doubted is the same payment after that question was answered "paid".
func doubted(t testing.TB) *story {
	t.Helper()
	s := declinedWithAQuestion(t)
	return s.commit(s.write(s.outcome(offline.OpQuery, asked), parked(offline.ReasonLateSuccess)))
}

func parked(why offline.Reason) offline.Fact {
	return offline.Fact{Kind: offline.FactParked, Reason: why}
}

func TestASuccessAfterAnEndWithoutMoneyCallsAPerson(t *testing.T) {
	rows := []struct {
		name string
		tell func(*testing.T) *story
		want offline.Step
	}{
		{"after a refusal", func(t *testing.T) *story {
			return declinedWithAQuestion(t).answer(offline.OpQuery, asked)
		}, parking(offline.ReasonLateSuccess)},
		{"after a cancel that closed the trade", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting).reverse().
				exchange(offline.OpCancel, undoClosed).begin(offline.OpQuery).end(offline.ResultCancelled, offline.HowClosed).
				answer(offline.OpQuery, asked)
		}, parking(offline.ReasonLateSuccess)},
		{"after a cancel that returned the money: it may have come after that", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting).reverse().
				exchange(offline.OpCancel, undoPaid).begin(offline.OpQuery).end(offline.ResultCancelled, offline.HowReturned).
				answer(offline.OpQuery, asked)
		}, parking(offline.ReasonLateSuccess)},
		{"after a person found that nothing is owed", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer).reverse().park().begin(offline.OpQuery).
				resolve(offline.ResultCancelled, offline.HowPerson).answer(offline.OpQuery, asked)
		}, parking(offline.ReasonLateSuccess)},
		{"with another amount", func(t *testing.T) *story {
			return declinedWithAQuestion(t).answer(offline.OpQuery, otherSum)
		}, parking(offline.ReasonOtherAmount)},
		{"it is raised once", doubtedT, idle},
		{"also while another run looks", func(t *testing.T) *story { return doubted(t).restart() }, idle},
		{"an answer that it is still open proves nothing", func(t *testing.T) *story {
			return declinedWithAQuestion(t).answer(offline.OpQuery, waiting)
		}, idle},
		{"a refusal after a refusal is no news", func(t *testing.T) *story {
			return declinedWithAQuestion(t).answer(offline.OpQuery, failed)
		}, idle},
		{"a success after an end as paid is no news", func(t *testing.T) *story {
			return sent(t).exchange(offline.OpQuery, asked).end(offline.ResultPaid, "").answer(offline.OpPay, success)
		}, idle},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := stepDiff(row.tell(t).next(), row.want); diff != "" {
				t.Errorf("Next %s", diff)
			}
		})
	}
}

func doubtedT(t *testing.T) *story { return doubted(t) }

func TestAnEndInDoubtLeavesAttentionInFourWays(t *testing.T) {
	rows := []struct {
		name string
		tell func(*story) *story
		want offline.SaleState
	}{
		{"while nobody does anything it stays", func(s *story) *story { return s.after(48 * time.Hour).restart() }, offline.SaleStateAttention},
		{"asked again, the gateway says paid once more: still a person's", func(s *story) *story {
			return s.exchange(offline.OpQuery, asked)
		}, offline.SaleStateAttention},
		{"asked again, the gateway says nothing", func(s *story) *story {
			return s.exchange(offline.OpQuery, noAnswer)
		}, offline.SaleStateAttention},
		{"a person decides that it stands as paid", func(s *story) *story {
			return s.resolve(offline.ResultPaid, "")
		}, offline.SaleStatePaid},
		{"a person finds that nothing is owed", func(s *story) *story {
			return s.resolve(offline.ResultCancelled, offline.HowPerson)
		}, offline.SaleStateCancelled},
		{"the gateway, asked again, holds nothing any more", func(s *story) *story {
			return s.exchange(offline.OpQuery, closed).end(offline.ResultCancelled, offline.HowEither)
		}, offline.SaleStateCancelled},
		{"a refund of a part leaves it open", func(s *story) *story {
			return s.openRefund("F-1", 4000).exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
		}, offline.SaleStateAttention},
		{"refunds returned all of it", func(s *story) *story {
			s.openRefund("F-1", 10000).exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
			return s.end(offline.ResultCancelled, offline.HowRefunded)
		}, offline.SaleStateCancelled},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(doubted(t))
			sale := s.seen()
			if got := sale.State(); got != row.want {
				t.Errorf("the sale is %s, want %s", got, row.want)
			}
			over := row.want != offline.SaleStateAttention
			if sale.Final() != over || sale.Settled() != over || sale.InForeground() {
				t.Errorf("final %t, settled %t, in the foreground %t", sale.Final(), sale.Settled(), sale.InForeground())
			}
			if step := s.next(); step.Kind != offline.StepIdle {
				t.Errorf("Next = %+v, want nothing by itself", step)
			}
		})
	}
}

func TestAnEndInDoubtIsGuarded(t *testing.T) {
	rows := []struct {
		name string
		tell func(*testing.T) *story
		fact func(*story) offline.Fact
		want error
	}{
		{"no parking after the end without an answer that doubts it", func(t *testing.T) *story { return declinedWithAQuestion(t) },
			func(*story) offline.Fact { return parked(offline.ReasonLateSuccess) }, offline.ErrFinal},
		{"no parking for another reason", func(t *testing.T) *story {
			return declinedWithAQuestion(t).answer(offline.OpQuery, asked)
		}, func(*story) offline.Fact { return parked(offline.ReasonSetup) }, offline.ErrFinal},
		{"no parking twice", doubtedT, func(*story) offline.Fact { return parked(offline.ReasonLateSuccess) }, offline.ErrFinal},
		{"no pay", doubtedT, func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrFinal},
		{"no cancel", doubtedT, func(s *story) offline.Fact { return s.intent(offline.OpCancel) }, offline.ErrFinal},
		{"a question", doubtedT, func(s *story) offline.Fact { return s.intent(offline.OpQuery) }, nil},
		{"no reversal", doubtedT, func(*story) offline.Fact { return fact(offline.FactReversal) }, offline.ErrFinal},
		{"never paid without a person", doubtedT,
			func(*story) offline.Fact { return ended(offline.ResultPaid, "") }, offline.ErrIllegal},
		{"not declined again", doubtedT, func(*story) offline.Fact { return ended(offline.ResultDeclined, "") }, offline.ErrIllegal},
		{"not closed", doubtedT, func(*story) offline.Fact { return ended(offline.ResultCancelled, offline.HowClosed) }, offline.ErrIllegal},
		{"not unsent", doubtedT, func(*story) offline.Fact { return ended(offline.ResultCancelled, offline.HowUnsent) }, offline.ErrIllegal},
		{"not cancelled by the refusal from before", doubtedT,
			func(*story) offline.Fact { return ended(offline.ResultCancelled, offline.HowEither) }, offline.ErrIllegal},
		{"not refunded without refunds", doubtedT,
			func(*story) offline.Fact { return ended(offline.ResultCancelled, offline.HowRefunded) }, offline.ErrIllegal},
		{"not by a person's word about an earlier parking", func(t *testing.T) *story {
			s := created(t).exchange(offline.OpPay, noAnswer).reverse().park().begin(offline.OpQuery).
				resolve(offline.ResultCancelled, offline.HowPerson)
			return s.commit(s.write(s.outcome(offline.OpQuery, asked), parked(offline.ReasonLateSuccess)))
		}, func(*story) offline.Fact { return ended(offline.ResultPaid, "") }, offline.ErrIllegal},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(t)
			f := row.fact(s)
			if row.want == nil {
				s.fact(f)
				return
			}
			s.refuses(s.write(f), row.want)
		})
	}
}

// A sale is tried again with a fresh code after a refusal. If the refused payment
// then turns out to be taken, the customer may be charged twice.
func TestAnEarlierPaymentInDoubtDecidesTheSale(t *testing.T) {
	s := sent(t).after(5 * time.Second).begin(offline.OpQuery)
	s.commit(s.write(s.outcome(offline.OpPay, staleCode), ended(offline.ResultDeclined, "")))
	if !s.seen().CanRescan() {
		t.Fatal("a refused code cannot be scanned afresh")
	}
	late := s.write(s.outcome(offline.OpQuery, asked), parked(offline.ReasonLateSuccess))

	waits := *s
	if waits.commit(late); waits.seen().CanRescan() || waits.seen().State() != offline.SaleStateAttention {
		t.Errorf("it still takes a code, as %s", waits.seen().State())
	}

	s.scan("P-2").begin(offline.OpPay)
	s.commit(late)
	if got := s.seen().State(); got != offline.SaleStateProcessing || s.seen().Final() {
		t.Errorf("while the second payment is under way the sale is %s", got)
	}
	s.commit(s.write(s.outcome(offline.OpPay, success), ended(offline.ResultPaid, "")))
	sale := s.seen()
	if sale.State() != offline.SaleStateAttention || sale.Deciding().ID != "P-1" || sale.Settled() {
		t.Fatalf("with two payments taken the sale is %s, decided by %s", sale.State(), sale.Deciding().ID)
	}
	if p := sale.Refundable(); p == nil || p.ID != "P-1" {
		t.Fatalf("a refund would return %+v, want the first payment", p)
	}

	s.id = "P-1"
	s.openRefund("F-1", 10000).exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
	s.end(offline.ResultCancelled, offline.HowRefunded)
	sale = s.seen()
	if sale.State() != offline.SaleStatePaid || sale.Deciding().ID != "P-2" || !sale.Settled() {
		t.Errorf("afterwards the sale is %s, decided by %s", sale.State(), sale.Deciding().ID)
	}
	if sale.Refunded().Value != 0 || sale.Refundable().ID != "P-2" {
		t.Errorf("of the second payment %s is back", sale.Refunded())
	}
	s.id = "P-2"
	s.openRefund("F-2", 10000)
}

func TestALateSuccessSurvivesTheRunThatHeardIt(t *testing.T) {
	run(t, func(b *bench) {
		refusal := offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "BALANCE_NOT_ENOUGH", Class: offline.ClassTopUp}
		b.gateway.Expect(offline.OpPay, late(7*time.Second, refusal))
		b.gateway.Expect(offline.OpQuery, late(2500*time.Millisecond, asked))
		b.open("R-1", goodCode)
		b.settle("R-1", 7100*time.Millisecond, offline.SaleStateDeclined)
		sale := b.settle("R-1", time.Second, offline.SaleStateAttention)
		if why := sale.Current().Parked; why == nil || why.Reason != offline.ReasonLateSuccess {
			b.t.Fatalf("parked %+v", why)
		}
		b.restart()
		b.settle("R-1", time.Hour, offline.SaleStateAttention)
		if _, err := b.engine.Cancel("R-1", "anna"); err == nil {
			b.t.Error("a cancel was taken for a sale whose end is in doubt")
		}

		b.gateway.Expect(offline.OpRefund, late(time.Second, success))
		if _, _, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(12850)}); err != nil {
			b.t.Fatal(err)
		}
		sale = b.settle("R-1", 2*time.Second, offline.SaleStateCancelled)
		if !sale.Settled() || sale.Current().End.How != offline.HowRefunded {
			b.t.Errorf("settled %t, end %+v", sale.Settled(), sale.Current().End)
		}
		if due, err := b.journal.Unsettled(offline.NeverDue, 10); err != nil || len(due) != 0 {
			b.t.Errorf("unsettled %v, %v", due, err)
		}
	})
}

func TestARecheckOfAnEndInDoubtAsksAndEndsItOnlyWhereNothingIsHeld(t *testing.T) {
	run(t, func(b *bench) {
		refusal := offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "BALANCE_NOT_ENOUGH", Class: offline.ClassTopUp}
		b.gateway.Expect(offline.OpPay, late(7*time.Second, refusal))
		b.gateway.Expect(offline.OpQuery, late(2500*time.Millisecond, asked), late(time.Second, asked), late(time.Second, closed))
		b.open("R-1", goodCode)
		b.settle("R-1", 8*time.Second, offline.SaleStateAttention)
		for _, want := range []offline.SaleState{offline.SaleStateAttention, offline.SaleStateCancelled} {
			if _, err := b.engine.Recheck("R-1"); err != nil {
				b.t.Fatal(err)
			}
			b.settle("R-1", 2*time.Second, want)
		}
		if _, err := b.engine.Recheck("R-1"); err == nil {
			b.t.Error("a re-check was taken for a sale that is over")
		}
	})
}

func late(after time.Duration, o offline.Outcome) offlinetest.Reply {
	return offlinetest.Reply{After: after, Outcome: o}
}
