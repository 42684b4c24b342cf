package offline_test

import (
	"errors"
	"strings"
	"testing"

	"posagent/offline"
)

// refuses applies a write that must be refused with the given error, and checks
// that the sale is untouched.
func (s *story) refuses(w offline.Write, want error) {
	s.t.Helper()
	before := s.sale.Version
	after, err := s.sale.Apply(w)
	if !errors.Is(err, want) {
		s.t.Fatalf("Apply = %v, want %v", err, want)
	}
	if after.Version != before {
		s.t.Errorf("a refused write moved the sale from version %d to %d", before, after.Version)
	}
	if !strings.Contains(err.Error(), "sale ") {
		s.t.Errorf("the error does not name the sale: %v", err)
	}
}

func fact(kind offline.FactKind) offline.Fact { return offline.Fact{Kind: kind} }

func ended(r offline.Result, how offline.How) offline.Fact {
	return offline.Fact{Kind: offline.FactEnded, Result: r, How: how}
}

// Every guard of a payment, each with what it lets through and what it stops.
func TestPaymentGuards(t *testing.T) {
	unclear := func(s *story) *story { return s.exchange(offline.OpPay, noAnswer) }
	rows := []struct {
		name string
		tell func(*story) *story
		fact func(*story) offline.Fact
		want error // nil: accepted
	}{
		{"I3: the run that read the code pays", nil, func(s *story) offline.Fact { return s.intent(offline.OpPay) }, nil},
		{"I3: another run does not pay", (*story).restart,
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrIllegal},
		{"I2: pay again after one that never left", func(s *story) *story { return s.exchange(offline.OpPay, notSent) },
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, nil},
		{"I2: no pay beside one under way", func(s *story) *story { return s.begin(offline.OpPay) },
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrIllegal},
		{"I2: no pay after one that may have left", unclear,
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrIllegal},
		{"I2: no pay after an unclear one, although a later one never left", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).begin(offline.OpPay)
		}, func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrIllegal},
		{"no pay once a cancel was asked", func(s *story) *story { return s.ask() },
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrIllegal},
		{"I5: no pay once the reversal is decided", func(s *story) *story { return s.reverse() },
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrIllegal},
		{"I4: no pay after the end", func(s *story) *story { return s.end(offline.ResultCancelled, offline.HowUnsent) },
			func(s *story) offline.Fact { return s.intent(offline.OpPay) }, offline.ErrFinal},

		{"a query by any run", func(s *story) *story { return unclear(s).restart() },
			func(s *story) offline.Fact { return s.intent(offline.OpQuery) }, nil},
		{"no query after the end", func(s *story) *story { return s.end(offline.ResultCancelled, offline.HowUnsent) },
			func(s *story) offline.Fact { return s.intent(offline.OpQuery) }, offline.ErrFinal},
		{"a cancel of a decided reversal", func(s *story) *story { return unclear(s).reverse() },
			func(s *story) offline.Fact { return s.intent(offline.OpCancel) }, nil},
		{"no cancel without a decided reversal", func(s *story) *story { return unclear(s).ask() },
			func(s *story) offline.Fact { return s.intent(offline.OpCancel) }, offline.ErrIllegal},
		{"no cancel of what a person must look at", func(s *story) *story { return unclear(s).reverse().park() },
			func(s *story) offline.Fact { return s.intent(offline.OpCancel) }, offline.ErrIllegal},
		{"a cancel again once a re-check has lifted the parking", func(s *story) *story {
			return unclear(s).reverse().park().exchange(offline.OpQuery, waiting)
		}, func(s *story) offline.Fact { return s.intent(offline.OpCancel) }, nil},
		{"no refund within a payment", unclear,
			func(s *story) offline.Fact { return s.intent(offline.OpRefund) }, offline.ErrIllegal},
		{"no unknown operation", unclear,
			func(s *story) offline.Fact { return s.intent("void") }, offline.ErrIllegal},

		{"attempts are numbered without a gap", unclear, func(s *story) offline.Fact {
			f := s.intent(offline.OpQuery)
			f.Attempt++
			return f
		}, offline.ErrIllegal},
		{"an attempt names its message", unclear, func(s *story) offline.Fact {
			f := s.intent(offline.OpQuery)
			f.ReqMsgID = ""
			return f
		}, offline.ErrIllegal},
		{"an attempt names its run", unclear, func(s *story) offline.Fact {
			f := s.intent(offline.OpQuery)
			f.Boot = ""
			return f
		}, offline.ErrIllegal},
		{"an id of a message is used once", unclear, func(s *story) offline.Fact {
			f := s.intent(offline.OpQuery)
			f.ReqMsgID = s.attempts()[0].ReqMsgID
			return f
		}, offline.ErrIllegal},

		{"an answer to what was sent", func(s *story) *story { return s.begin(offline.OpPay) },
			func(s *story) offline.Fact { return s.outcome(offline.OpPay, success) }, nil},
		{"a late answer after the end is kept", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, asked).end(offline.ResultPaid, "")
		}, func(s *story) offline.Fact { return s.outcome(offline.OpPay, success) }, nil},
		{"no answer to what was never sent", nil, func(*story) offline.Fact {
			return offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &success}
		}, offline.ErrIllegal},
		{"I8: no second answer to one message", unclear, func(*story) offline.Fact {
			return offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &success}
		}, offline.ErrIllegal},
		{"no answer without an outcome", func(s *story) *story { return s.begin(offline.OpPay) },
			func(*story) offline.Fact { return offline.Fact{Kind: offline.FactFinished, Attempt: 1} }, offline.ErrIllegal},
		{"no outcome of an unknown kind", func(s *story) *story { return s.begin(offline.OpPay) },
			func(s *story) offline.Fact { return s.outcome(offline.OpPay, offline.Outcome{Kind: "perhaps"}) }, offline.ErrIllegal},
		{"no success for another amount", func(s *story) *story { return s.begin(offline.OpPay) },
			func(s *story) offline.Fact {
				return s.outcome(offline.OpPay, offline.Outcome{Kind: offline.Success, Anomaly: offline.OtherAmount})
			}, offline.ErrIllegal},
		{"another amount is kept as what it is", func(s *story) *story { return s.begin(offline.OpPay) },
			func(s *story) offline.Fact { return s.outcome(offline.OpPay, otherSum) }, nil},
		{"a good cancel of a trade with another amount", func(s *story) *story {
			return unclear(s).reverse().begin(offline.OpCancel)
		}, func(s *story) offline.Fact {
			return s.outcome(offline.OpCancel, offline.Outcome{Kind: offline.Success, Anomaly: offline.OtherAmount})
		}, nil},

		{"a cancel may be asked", unclear, func(*story) offline.Fact { return fact(offline.FactCancelAsked) }, nil},
		{"a cancel may be asked twice", func(s *story) *story { return unclear(s).ask() },
			func(*story) offline.Fact { return fact(offline.FactCancelAsked) }, nil},
		{"no cancel is asked after the end", func(s *story) *story { return s.end(offline.ResultCancelled, offline.HowUnsent) },
			func(*story) offline.Fact { return fact(offline.FactCancelAsked) }, offline.ErrFinal},
		{"a reversal may be decided", unclear, func(*story) offline.Fact { return fact(offline.FactReversal) }, nil},
		{"I5: a reversal is decided once", func(s *story) *story { return unclear(s).reverse() },
			func(*story) offline.Fact { return fact(offline.FactReversal) }, offline.ErrIllegal},
		{"no reversal of what is proven paid", func(s *story) *story { return s.exchange(offline.OpPay, success) },
			func(*story) offline.Fact { return fact(offline.FactReversal) }, offline.ErrIllegal},
		{"no reversal after the end", func(s *story) *story { return s.end(offline.ResultCancelled, offline.HowUnsent) },
			func(*story) offline.Fact { return fact(offline.FactReversal) }, offline.ErrFinal},
		{"no cancel beside a refund", func(s *story) *story {
			s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).exchange(offline.OpCancel, tooLate).park()
			return s.openRefund("F-1", 4000).exchange(offline.OpQuery, closed)
		}, func(s *story) offline.Fact { return s.intent(offline.OpCancel) }, offline.ErrIllegal},
		{"parking", unclear, func(*story) offline.Fact { return fact(offline.FactParked) }, nil},
		{"no parking after the end", func(s *story) *story { return s.end(offline.ResultCancelled, offline.HowUnsent) },
			func(*story) offline.Fact { return fact(offline.FactParked) }, offline.ErrFinal},
		{"a person resolves what is in attention", func(s *story) *story { return unclear(s).reverse().park() },
			func(*story) offline.Fact { return fact(offline.FactResolved) }, nil},
		{"a person resolves nothing else", func(s *story) *story { return unclear(s).reverse() },
			func(*story) offline.Fact { return fact(offline.FactResolved) }, offline.ErrIllegal},
		{"a person resolves nothing once a re-check has lifted the parking", func(s *story) *story {
			return unclear(s).reverse().park().exchange(offline.OpQuery, waiting)
		}, func(*story) offline.Fact { return fact(offline.FactResolved) }, offline.ErrIllegal},
		{"a person resolves nothing after the end", func(s *story) *story {
			return unclear(s).reverse().park().resolve(offline.ResultPaid, "")
		}, func(*story) offline.Fact { return fact(offline.FactResolved) }, offline.ErrIllegal},
		{"no fact of an unknown kind", unclear, func(*story) offline.Fact { return fact("forgotten") }, offline.ErrIllegal},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := created(t)
			if row.tell != nil {
				row.tell(s)
			}
			w := s.write(row.fact(s))
			if row.want == nil {
				s.commit(w)
				return
			}
			s.refuses(w, row.want)
		})
	}
}

// I4 and I5: which end needs which proof.
func TestEndGuards(t *testing.T) {
	unclear := func(s *story) *story { return s.exchange(offline.OpPay, noAnswer) }
	undone := func(s *story) *story {
		return s.exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting).reverse().exchange(offline.OpCancel, cancelled)
	}
	returned := func(s *story) *story {
		return unclear(s).reverse().exchange(offline.OpCancel, undoPaid)
	}
	rows := []struct {
		name string
		tell func(*story) *story
		end  offline.Fact
		want error
	}{
		{"paid by the answer to pay", func(s *story) *story { return s.exchange(offline.OpPay, success) }, ended(offline.ResultPaid, ""), nil},
		{"paid by a query", func(s *story) *story { return unclear(s).exchange(offline.OpQuery, asked) }, ended(offline.ResultPaid, ""), nil},
		{"not paid while pay is under way", func(s *story) *story { return s.begin(offline.OpPay) }, ended(offline.ResultPaid, ""), offline.ErrIllegal},
		{"not paid by silence", unclear, ended(offline.ResultPaid, ""), offline.ErrIllegal},
		{"not paid by an unknown result", func(s *story) *story { return s.exchange(offline.OpPay, unknown) }, ended(offline.ResultPaid, ""), offline.ErrIllegal},
		{"not paid with another amount", func(s *story) *story { return s.exchange(offline.OpPay, otherSum) }, ended(offline.ResultPaid, ""), offline.ErrIllegal},
		{"not paid by a good cancel", undone, ended(offline.ResultPaid, ""), offline.ErrIllegal},
		{"I5: not paid by a late success after the reversal", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success)
		}, ended(offline.ResultPaid, ""), offline.ErrIllegal},

		{"declined by the answer to pay", func(s *story) *story { return s.exchange(offline.OpPay, refused) }, ended(offline.ResultDeclined, ""), nil},
		{"declined by a query", func(s *story) *story { return unclear(s).exchange(offline.OpQuery, failed) }, ended(offline.ResultDeclined, ""), nil},
		{"not declined by silence", unclear, ended(offline.ResultDeclined, ""), offline.ErrIllegal},
		{"not declined by an unknown result", func(s *story) *story { return s.exchange(offline.OpPay, unknown) }, ended(offline.ResultDeclined, ""), offline.ErrIllegal},
		{"not declined because the trade is not found", func(s *story) *story { return unclear(s).exchange(offline.OpQuery, notFound) }, ended(offline.ResultDeclined, ""), offline.ErrIllegal},
		{"not declined because the message never left", func(s *story) *story { return s.exchange(offline.OpPay, notSent) }, ended(offline.ResultDeclined, ""), offline.ErrIllegal},
		{"not declined because the message was rejected", func(s *story) *story { return s.exchange(offline.OpPay, misfit) }, ended(offline.ResultDeclined, ""), offline.ErrIllegal},
		{"not declined while another answer says paid", func(s *story) *story {
			return s.begin(offline.OpPay).begin(offline.OpQuery).answer(offline.OpPay, refused).answer(offline.OpQuery, asked)
		}, ended(offline.ResultDeclined, ""), offline.ErrIllegal},
		{"not declined once the reversal is decided", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, refused)
		}, ended(offline.ResultDeclined, ""), offline.ErrIllegal},

		{"unsent without an attempt", func(s *story) *story { return s }, ended(offline.ResultCancelled, offline.HowUnsent), nil},
		{"unsent after attempts that never left", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).exchange(offline.OpPay, notSent)
		}, ended(offline.ResultCancelled, offline.HowUnsent), nil},
		{"not unsent with a pay under way", func(s *story) *story { return s.begin(offline.OpPay) }, ended(offline.ResultCancelled, offline.HowUnsent), offline.ErrIllegal},
		{"not unsent with a pay of a run that died", func(s *story) *story { return s.begin(offline.OpPay).restart() }, ended(offline.ResultCancelled, offline.HowUnsent), offline.ErrIllegal},
		{"not unsent by silence", unclear, ended(offline.ResultCancelled, offline.HowUnsent), offline.ErrIllegal},

		{"closed by a refusal of pay while reversing", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, refused)
		}, ended(offline.ResultCancelled, offline.HowClosed), nil},
		{"closed by a query", func(s *story) *story { return unclear(s).exchange(offline.OpQuery, closed) }, ended(offline.ResultCancelled, offline.HowClosed), nil},
		{"closed by a cancel of a trade that was seen", undone, ended(offline.ResultCancelled, offline.HowClosed), nil},
		{"closed by a cancel of a trade that nobody saw", func(s *story) *story {
			return unclear(s).reverse().exchange(offline.OpCancel, cancelled)
		}, ended(offline.ResultCancelled, offline.HowClosed), nil},
		{"not closed by a decided reversal alone", func(s *story) *story { return unclear(s).reverse() }, ended(offline.ResultCancelled, offline.HowClosed), offline.ErrIllegal},
		{"not closed by a cancel that is unclear", func(s *story) *story {
			return unclear(s).reverse().exchange(offline.OpCancel, unknown)
		}, ended(offline.ResultCancelled, offline.HowClosed), offline.ErrIllegal},
		{"not closed by a cancel that was refused", func(s *story) *story {
			return unclear(s).reverse().exchange(offline.OpCancel, tooLate)
		}, ended(offline.ResultCancelled, offline.HowClosed), offline.ErrIllegal},
		{"not closed because the trade is not found", func(s *story) *story {
			return unclear(s).reverse().exchange(offline.OpQuery, notFound)
		}, ended(offline.ResultCancelled, offline.HowClosed), offline.ErrIllegal},
		{"not closed while the trade lives on after the cancel", func(s *story) *story {
			return unclear(s).reverse().exchange(offline.OpCancel, cancelled).exchange(offline.OpQuery, asked)
		}, ended(offline.ResultCancelled, offline.HowEither), offline.ErrIllegal},
		{"not closed where the trade may be younger than the cancel", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().begin(offline.OpCancel).answer(offline.OpPay, success).answer(offline.OpCancel, cancelled)
		}, ended(offline.ResultCancelled, offline.HowReturned), offline.ErrIllegal},
		{"\"nothing was taken\" not where the cancel returned money", returned, ended(offline.ResultCancelled, offline.HowClosed), offline.ErrIllegal},
		{"\"nothing was taken\" not where an answer says paid", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).exchange(offline.OpCancel, cancelled)
		}, ended(offline.ResultCancelled, offline.HowClosed), offline.ErrIllegal},
		{"returned by the cancel", returned, ended(offline.ResultCancelled, offline.HowReturned), nil},
		{"either, where the gateway did not say", undone, ended(offline.ResultCancelled, offline.HowEither), nil},
		{"not returned by silence", unclear, ended(offline.ResultCancelled, offline.HowReturned), offline.ErrIllegal},
		{"not refunded without refunds", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).park()
		}, ended(offline.ResultCancelled, offline.HowRefunded), offline.ErrIllegal},
		{"not by a person without a person", func(s *story) *story { return unclear(s).reverse().park() }, ended(offline.ResultCancelled, offline.HowPerson), offline.ErrIllegal},
		{"not cancelled without saying how", undone, ended(offline.ResultCancelled, ""), offline.ErrIllegal},
		{"a payment never ends as refunded", undone, ended(offline.ResultRefunded, offline.HowRefunded), offline.ErrIllegal},
		{"not in an unknown way", undone, ended("lost", ""), offline.ErrIllegal},
		{"not twice", func(s *story) *story {
			return s.exchange(offline.OpPay, success).end(offline.ResultPaid, "")
		}, ended(offline.ResultPaid, ""), offline.ErrFinal},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(created(t))
			if row.want == nil {
				s.commit(s.write(row.end))
				return
			}
			s.refuses(s.write(row.end), row.want)
		})
	}
}

func TestAPersonsWordEndsAPayment(t *testing.T) {
	for _, end := range []offline.Fact{ended(offline.ResultPaid, ""), ended(offline.ResultCancelled, offline.HowPerson)} {
		t.Run(string(end.Result), func(t *testing.T) {
			s := created(t).exchange(offline.OpPay, noAnswer).reverse().park()
			s.refuses(s.write(end), offline.ErrIllegal)
			s.resolve(end.Result, end.How)
		})
	}
}
