package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
)

// Each row of DeriveState's table, named by its bits in the table's order:
// ended, parked, reversal, good cancel, alive after it, seen, pay sent, pay open.
func TestDeriveState(t *testing.T) {
	rows := []struct {
		name string
		tell func(*story) *story
		want offline.State
	}{
		{"00000000 no attempt", func(s *story) *story { return s }, offline.StateCreated},
		{"00000000 the only pay never left", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent)
		}, offline.StateCreated},
		{"00000000 two pays never left, a cancel was asked", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).exchange(offline.OpPay, notSent).ask()
		}, offline.StateCreated},
		{"00000011 pay under way", func(s *story) *story {
			return s.begin(offline.OpPay)
		}, offline.StatePaying},
		{"00000011 pay under way after one that never left", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).begin(offline.OpPay)
		}, offline.StatePaying},
		{"00000011 pay under way and a cancel asked", func(s *story) *story {
			return s.begin(offline.OpPay).ask()
		}, offline.StatePaying},
		{"00000010 pay under way, but another run looks", func(s *story) *story {
			return s.begin(offline.OpPay).restart()
		}, offline.StateUnconfirmed},
		{"00000010 pay under way with a query beside it", func(s *story) *story {
			return s.begin(offline.OpPay).begin(offline.OpQuery)
		}, offline.StateUnconfirmed},
		{"00000010 pay was not answered", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer)
		}, offline.StateUnconfirmed},
		{"00000010 the gateway does not know", func(s *story) *story {
			return s.exchange(offline.OpPay, unknown)
		}, offline.StateUnconfirmed},
		{"00000110 the customer must confirm", func(s *story) *story {
			return s.exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting)
		}, offline.StateUnconfirmed},
		{"00000110 success that was not yet followed up", func(s *story) *story {
			return s.exchange(offline.OpPay, success)
		}, offline.StateUnconfirmed},
		{"00000010 refusal that was not yet followed up", func(s *story) *story {
			return s.exchange(offline.OpPay, refused)
		}, offline.StateUnconfirmed},
		{"00000010 the gateway finds nothing", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).exchange(offline.OpQuery, notFound)
		}, offline.StateUnconfirmed},

		{"00100000 reversal of a payment that never left", func(s *story) *story { return s.reverse() }, offline.StateReversing},
		{"00100010 reversal decided", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse()
		}, offline.StateReversing},
		{"00100011 reversal decided while pay is under way", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse()
		}, offline.StateReversing},
		{"00100010 cancel without an answer", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, noAnswer)
		}, offline.StateReversing},
		{"00100010 cancel under way", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().begin(offline.OpCancel)
		}, offline.StateReversing},
		{"00100110 late success after the reversal", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success)
		}, offline.StateReversing},
		{"00110010 cancel confirmed for a trade nobody saw", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, cancelled)
		}, offline.StateWatching},
		{"00110010 cancel says closed, but nobody saw the trade", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, undoClosed)
		}, offline.StateWatching},
		{"00110110 cancel confirmed for a trade seen before", func(s *story) *story {
			return s.exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting).reverse().exchange(offline.OpCancel, cancelled)
		}, offline.StateReversing},
		{"00110110 cancel returned money", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, undoPaid)
		}, offline.StateReversing},
		{"00111110 the trade turned up after the cancel", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, cancelled).exchange(offline.OpQuery, asked)
		}, offline.StateReversing},
		{"00110010 the watched trade is still away", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, cancelled).exchange(offline.OpQuery, notFound)
		}, offline.StateWatching},

		{"01100010 parked", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, misfit).park()
		}, offline.StateAttention},
		{"01100010 parked, the re-check got no answer", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().exchange(offline.OpQuery, noAnswer)
		}, offline.StateAttention},
		{"01100010 parked, another run looks", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().restart()
		}, offline.StateAttention},
		{"00100110 parking lifted by a verified answer", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().exchange(offline.OpQuery, waiting)
		}, offline.StateReversing},
		{"00100010 parking lifted by an answer that finds nothing", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().exchange(offline.OpQuery, notFound)
		}, offline.StateReversing},
		{"00110010 parking lifted by a late confirmed cancel", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().begin(offline.OpCancel).park().answer(offline.OpCancel, cancelled)
		}, offline.StateWatching},
		{"01100110 parked again after a lifted parking", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().exchange(offline.OpQuery, waiting).park()
		}, offline.StateAttention},
		{"01000010 parked without a reversal", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).park()
		}, offline.StateAttention},
		{"01000010 parked without a reversal, the trade is still open", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).park().exchange(offline.OpQuery, waiting)
		}, offline.StateAttention},
		{"00000110 parking without a reversal lifted by success", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).park().exchange(offline.OpQuery, asked)
		}, offline.StateUnconfirmed},

		{"1------- paid", func(s *story) *story {
			return s.exchange(offline.OpPay, success).end(offline.ResultPaid, "")
		}, offline.StatePaid},
		{"1------- declined", func(s *story) *story {
			return s.exchange(offline.OpPay, refused).end(offline.ResultDeclined, "")
		}, offline.StateDeclined},
		{"1------- cancelled", func(s *story) *story {
			return s.end(offline.ResultCancelled, offline.HowUnsent)
		}, offline.StateCancelled},
		{"1------- paid by a person's word, out of attention", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().resolve(offline.ResultPaid, "")
		}, offline.StatePaid},
		{"1------- cancelled by a person's word, out of attention", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().resolve(offline.ResultCancelled, offline.HowPerson)
		}, offline.StateCancelled},
		{"1------- a late success after the end, not yet followed up", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, waiting).reverse().
				exchange(offline.OpCancel, cancelled).end(offline.ResultCancelled, offline.HowEither).answer(offline.OpPay, success)
		}, offline.StateCancelled},
		{"11------ a late success after the end was raised", func(s *story) *story {
			s.begin(offline.OpPay).exchange(offline.OpQuery, waiting).reverse().
				exchange(offline.OpCancel, cancelled).end(offline.ResultCancelled, offline.HowEither)
			return s.commit(s.write(s.outcome(offline.OpPay, success), parked(offline.ReasonLateSuccess)))
		}, offline.StateAttention},
		{"1------- a late success that a person has looked at", func(s *story) *story {
			s.begin(offline.OpPay).exchange(offline.OpQuery, waiting).reverse().
				exchange(offline.OpCancel, cancelled).end(offline.ResultCancelled, offline.HowEither)
			return s.commit(s.write(s.outcome(offline.OpPay, success), parked(offline.ReasonLateSuccess))).
				resolve(offline.ResultCancelled, offline.HowPerson)
		}, offline.StateCancelled},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := offline.DeriveState(row.tell(created(t)).payment()); got != row.want {
				t.Errorf("DeriveState = %s, want %s", got, row.want)
			}
		})
	}
}

// A cancel that the gateway carried out before the pay request arrived undoes
// nothing, even where its answer is committed after the answer to pay.
func TestACancelIsNoProofForATradeThatMayBeYounger(t *testing.T) {
	rows := []struct {
		name string
		tell func(*story) *story
		want offline.State
	}{
		{"pay answered while the cancel was under way", func(s *story) *story {
			return s.begin(offline.OpPay).after(6*time.Second).reverse().begin(offline.OpCancel).
				answer(offline.OpPay, success).answer(offline.OpCancel, cancelled)
		}, offline.StateReversing},
		{"query answered while the cancel was under way", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).begin(offline.OpQuery).reverse().begin(offline.OpCancel).
				answer(offline.OpQuery, waiting).answer(offline.OpCancel, cancelled)
		}, offline.StateReversing},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(created(t))
			if got := offline.DeriveState(s.payment()); got != row.want {
				t.Errorf("DeriveState = %s, want %s", got, row.want)
			}
			if step := s.next(); step.Kind != offline.StepSend || step.Op != offline.OpCancel {
				t.Errorf("Next = %+v, want a second cancel", step)
			}
			s.exchange(offline.OpCancel, undoPaid)
			if step := s.next(); step.Kind != offline.StepRecord || step.Fact.Result != offline.ResultCancelled {
				t.Errorf("Next after the second cancel = %+v, want the end", step)
			}
		})
	}
}

func TestSaleState(t *testing.T) {
	type facts struct{ final, foreground, rescan, settled bool }
	rows := []struct {
		name string
		tell func(*testing.T) *story
		want offline.SaleState
		is   facts
	}{
		{"no code yet", func(t *testing.T) *story { return opened(t) }, offline.SaleStateWaiting, facts{foreground: true}},
		{"no code in time", func(t *testing.T) *story {
			return opened(t).close(offline.SaleExpired)
		}, offline.SaleStateExpired, facts{final: true, settled: true}},
		{"cancelled before a code came", func(t *testing.T) *story {
			return opened(t).close(offline.SaleCancelled)
		}, offline.SaleStateCancelled, facts{final: true, settled: true}},
		{"restarted before a code came", func(t *testing.T) *story {
			return opened(t).close(offline.SaleRestarted)
		}, offline.SaleStateCancelled, facts{final: true, settled: true}},
		{"code read", func(t *testing.T) *story { return created(t) }, offline.SaleStateProcessing, facts{foreground: true}},
		{"pay under way", func(t *testing.T) *story { return sent(t) }, offline.SaleStateProcessing, facts{foreground: true}},
		{"no answer to pay", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer)
		}, offline.SaleStateChecking, facts{foreground: true}},
		{"the customer must confirm", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, confirm)
		}, offline.SaleStateConfirming, facts{foreground: true}},
		{"the customer must confirm, one query got no answer", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, confirm).exchange(offline.OpQuery, noAnswer)
		}, offline.SaleStateConfirming, facts{foreground: true}},
		{"the customer must confirm no longer", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, confirm).exchange(offline.OpQuery, unknown)
		}, offline.SaleStateChecking, facts{foreground: true}},
		{"the word to confirm came after a query that found nothing", func(t *testing.T) *story {
			return sent(t).exchange(offline.OpQuery, notFound).answer(offline.OpPay, confirm)
		}, offline.SaleStateConfirming, facts{foreground: true}},
		{"being reversed", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer).reverse()
		}, offline.SaleStateReversing, facts{}},
		{"cancelled and watched", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, cancelled)
		}, offline.SaleStateCancelled, facts{final: true}},
		{"cancelled", func(t *testing.T) *story {
			return created(t).end(offline.ResultCancelled, offline.HowUnsent)
		}, offline.SaleStateCancelled, facts{final: true, settled: true}},
		{"paid", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, success).end(offline.ResultPaid, "")
		}, offline.SaleStatePaid, facts{final: true, settled: true}},
		{"paid with a refund under way", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, success).end(offline.ResultPaid, "").openRefund("F-1", 100)
		}, offline.SaleStatePaid, facts{final: true}},
		{"declined for good", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, refused).end(offline.ResultDeclined, "")
		}, offline.SaleStateDeclined, facts{final: true, settled: true}},
		{"declined, a fresh code may help", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "")
		}, offline.SaleStateDeclined, facts{foreground: true, rescan: true}},
		{"declined, then cancelled", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "").close(offline.SaleCancelled)
		}, offline.SaleStateCancelled, facts{final: true, settled: true}},
		{"declined, no further code in time", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "").close(offline.SaleExpired)
		}, offline.SaleStateDeclined, facts{final: true, settled: true}},
		{"second code under way", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "").scan("P-2").begin(offline.OpPay)
		}, offline.SaleStateProcessing, facts{foreground: true}},
		{"a person must look", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer).reverse().park()
		}, offline.SaleStateAttention, facts{}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(t).seen()
			if got := s.State(); got != row.want {
				t.Errorf("State = %s, want %s", got, row.want)
			}
			got := facts{s.Final(), s.InForeground(), s.CanRescan(), s.Settled()}
			if got != row.is {
				t.Errorf("final, foreground, rescan, settled = %+v, want %+v", got, row.is)
			}
		})
	}
}

func TestARefusalIsFinalWhereTheCodeCameWithTheRequest(t *testing.T) {
	s := &story{t: t, now: noon, boot: firstRun}
	s.commit(offline.Write{SaleID: "R-1", NewSale: &offline.SaleHead{
		ID: "R-1", Amount: hkd100, CreatedAt: noon, CodeGiven: true, Boot: firstRun,
	}})
	s.scan("P-1").exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "")
	if sale := s.seen(); sale.CanRescan() || !sale.Final() {
		t.Errorf("CanRescan = %v, Final = %v; want a final refusal", sale.CanRescan(), sale.Final())
	}
}

func TestALateSuccessIsRaised(t *testing.T) {
	rows := []struct {
		name string
		tell func(*story) *story
		want bool
	}{
		{"paid as it should", func(s *story) *story {
			return s.exchange(offline.OpPay, success).end(offline.ResultPaid, "")
		}, false},
		{"success while reversing", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success)
		}, true},
		{"success before the reversal", func(s *story) *story {
			return s.exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting).reverse()
		}, false},
		{"the cancel returned money", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, undoPaid)
		}, false},
		{"success of a query after the refusal of pay had ended it", func(s *story) *story {
			return s.begin(offline.OpPay).begin(offline.OpQuery).answer(offline.OpPay, refused).
				end(offline.ResultDeclined, "").answer(offline.OpQuery, asked)
		}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := row.tell(created(t)).payment()
			if got := p.LateSuccess(); got != row.want {
				t.Errorf("LateSuccess = %v, want %v", got, row.want)
			}
		})
	}
}
