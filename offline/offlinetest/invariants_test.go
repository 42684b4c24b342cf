package offlinetest_test

import (
	"strings"
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, offline.Beijing)

// stored is a sale as a store without guards would give it back.
func stored(t *testing.T, facts ...offline.Fact) offline.Sale {
	t.Helper()
	amount := offline.Money{Currency: "HKD", Value: 100}
	s, err := offline.Restore(offline.StoredSale{
		Head: offline.SaleHead{ID: "R-1", Amount: amount, Boot: "run-1"},
		Payments: []offline.StoredPayment{{
			Head:  offline.PaymentHead{ID: "P-1", Amount: amount, CreatedAt: noon, Boot: "run-1", Code: offline.CodeDigest{Masked: "28••4394"}},
			Facts: facts,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func begun(n int, op offline.Op, boot offline.BootID) offline.Fact {
	return offline.Fact{Kind: offline.FactBegun, At: noon, Attempt: n, Op: op, ReqMsgID: offline.ReqMsgID(strings.Repeat("m", n)), Boot: boot}
}

func finished(n int, o offline.Outcome) offline.Fact {
	return offline.Fact{Kind: offline.FactFinished, At: noon, Attempt: n, Outcome: &o}
}

func over(r offline.Result, how offline.How) offline.Fact {
	return offline.Fact{Kind: offline.FactEnded, At: noon, Result: r, How: how}
}

// A checker that never complains checks nothing: each breach is found under the
// name of its invariant.
func TestCheckInvariantsFindsEachBreach(t *testing.T) {
	pay := begun(1, offline.OpPay, "run-1")
	ok := offline.Outcome{Kind: offline.Success}
	silence := offline.Outcome{Kind: offline.NoAnswer}
	reversal := offline.Fact{Kind: offline.FactReversal, At: noon}
	rows := []struct {
		name  string
		facts []offline.Fact
		rule  string // "" where all is well
	}{
		{"paid by a success", []offline.Fact{pay, finished(1, ok), over(offline.ResultPaid, "")}, ""},
		{"cancelled and confirmed", []offline.Fact{pay, finished(1, silence), reversal, begun(2, offline.OpCancel, "run-2"), finished(2, ok),
			over(offline.ResultCancelled, offline.HowEither)}, ""},
		{"paid by silence", []offline.Fact{pay, finished(1, silence), over(offline.ResultPaid, "")}, "I4"},
		{"declined by silence", []offline.Fact{pay, finished(1, silence), over(offline.ResultDeclined, "")}, "I4"},
		{"declined while paid", []offline.Fact{pay, finished(1, ok), over(offline.ResultDeclined, "")}, "I4"},
		{"paid after a reversal", []offline.Fact{pay, reversal, finished(1, ok), over(offline.ResultPaid, "")}, "I5"},
		{"paid by another run", []offline.Fact{begun(1, offline.OpPay, "run-2")}, "I3"},
		{"two pays under way", []offline.Fact{pay, begun(2, offline.OpPay, "run-1")}, "I2"},
		{"pay after the reversal", []offline.Fact{reversal, pay}, "I5"},
		{"cancel without a reversal", []offline.Fact{pay, begun(2, offline.OpCancel, "run-1")}, "I5"},
		{"unsent with a pay under way", []offline.Fact{pay, over(offline.ResultCancelled, offline.HowUnsent)}, "I4"},
		{"closed without a proof", []offline.Fact{pay, finished(1, silence), reversal, over(offline.ResultCancelled, offline.HowClosed)}, "I4"},
		{"closed although paid", []offline.Fact{pay, finished(1, ok), reversal, begun(2, offline.OpCancel, "run-1"), finished(2, ok),
			over(offline.ResultCancelled, offline.HowClosed)}, "I4"},
		{"cancelled although the trade may be younger", []offline.Fact{pay, reversal, begun(2, offline.OpCancel, "run-1"), finished(1, ok), finished(2, ok),
			over(offline.ResultCancelled, offline.HowReturned)}, "I4"},
		{"cancelled by nobody", []offline.Fact{pay, over(offline.ResultCancelled, offline.HowPerson)}, "I4"},
		{"refunded without refunds", []offline.Fact{pay, finished(1, ok), over(offline.ResultCancelled, offline.HowRefunded)}, "I4"},
		{"sent after the end", []offline.Fact{pay, finished(1, ok), over(offline.ResultPaid, ""), begun(2, offline.OpQuery, "run-1")}, "I4"},
		{"a code in an answer", []offline.Fact{pay, finished(1, offline.Outcome{Kind: offline.NoAnswer, Detail: "code 289012345678904394 refused"})}, "I9"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := offlinetest.CheckInvariants(offline.Sale{}, stored(t, row.facts...))
			if row.rule == "" {
				if err != nil {
					t.Errorf("complains: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), ": "+row.rule+": ") {
				t.Errorf("got %v, want a breach of %s", err, row.rule)
			}
		})
	}
}

func TestCheckInvariantsFindsWhatWasRewritten(t *testing.T) {
	pay := begun(1, offline.OpPay, "run-1")
	silence := finished(1, offline.Outcome{Kind: offline.NoAnswer})
	reversal := offline.Fact{Kind: offline.FactReversal, At: noon, Reason: offline.ReasonAsked}
	other := reversal
	other.Reason = offline.ReasonNotFound
	end := over(offline.ResultCancelled, offline.HowUnsent)
	rows := []struct {
		name          string
		before, after []offline.Fact
		rule          string
	}{
		{"nothing", []offline.Fact{pay, silence}, []offline.Fact{pay, silence, reversal}, ""},
		{"an answer", []offline.Fact{pay, silence}, []offline.Fact{pay, finished(1, offline.Outcome{Kind: offline.Failure})}, "I8"},
		{"an intent", []offline.Fact{pay}, []offline.Fact{begun(1, offline.OpPay, "run-1"), silence}, ""},
		{"an intent's run", []offline.Fact{begun(1, offline.OpQuery, "run-1")}, []offline.Fact{begun(1, offline.OpQuery, "run-2")}, "I8"},
		{"a reversal", []offline.Fact{pay, silence, reversal}, []offline.Fact{pay, silence, other}, "I5"},
		{"facts are gone", []offline.Fact{pay, silence}, []offline.Fact{pay}, "I8"},
		{"an end", []offline.Fact{end}, []offline.Fact{over(offline.ResultCancelled, offline.HowPerson)}, "I8"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := offlinetest.CheckInvariants(stored(t, row.before...), stored(t, row.after...))
			if row.rule == "" {
				if err != nil {
					t.Errorf("complains: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), ": "+row.rule+": ") {
				t.Errorf("got %v, want a breach of %s", err, row.rule)
			}
		})
	}
}

// A store keeps neither zone nor monotonic clock: the same moment is no change.
func TestCheckInvariantsComparesMoments(t *testing.T) {
	before := stored(t, begun(1, offline.OpPay, "run-1"))
	after := stored(t, begun(1, offline.OpPay, "run-1"))
	after.Payments[0].CreatedAt = after.Payments[0].CreatedAt.UTC()
	after.Payments[0].Attempts[0].BegunAt = after.Payments[0].Attempts[0].BegunAt.UTC()
	if err := offlinetest.CheckInvariants(before, after); err != nil {
		t.Error(err)
	}
}
