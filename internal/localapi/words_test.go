package localapi

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/cashier"
)

const here, before offline.BootID = "here", "before"

// told is a sale of one payment, as this run sees it.
type told struct {
	head offline.SaleHead
	end  *offline.SaleEnd
	pay  *offline.Payment
}

func (f told) sale() *offline.Sale {
	s := offline.Sale{SaleHead: f.head, End: f.end, Version: 1}
	s.Amount = offline.Money{Currency: "HKD", Value: 100}
	if f.pay != nil {
		s.Payments = []offline.Payment{*f.pay}
	}
	s = s.SeenBy(here)
	return &s
}

// payment has the attempts, numbered and committed in their order.
func payment(boot offline.BootID, attempts ...offline.Attempt) *offline.Payment {
	p := &offline.Payment{PaymentHead: offline.PaymentHead{ID: "T", Boot: boot, CreatedAt: time.Now()}}
	for i, a := range attempts {
		a.N, a.BegunSeq = i+1, 2*i+1
		if a.Boot == "" {
			a.Boot = here
		}
		if a.Outcome.Kind != "" {
			a.FinishedSeq, a.FinishedAt = 2*i+2, time.Now()
		}
		p.Attempts = append(p.Attempts, a)
	}
	p.Facts = 2 * len(attempts)
	return p
}

func at(op offline.Op, kind offline.OutcomeKind, code string, class offline.ReasonClass) offline.Attempt {
	return offline.Attempt{Op: op, Outcome: offline.Outcome{Kind: kind, ResultCode: code, Class: class}}
}

func lost(op offline.Op) offline.Attempt { return offline.Attempt{Op: op, Boot: before} }

func with(p *offline.Payment, change func(*offline.Payment)) *offline.Payment {
	change(p)
	return p
}

func reversed(p *offline.Payment, why offline.Reason) *offline.Payment {
	p.Facts++
	p.Reversal = &offline.Mark{Seq: p.Facts, Reason: why}
	return p
}

func parked(p *offline.Payment, why offline.Reason) *offline.Payment {
	p.Facts++
	p.Parked = &offline.Mark{Seq: p.Facts, Reason: why}
	return p
}

func ended(p *offline.Payment, result offline.Result, how offline.How) *offline.Payment {
	p.Facts++
	p.End = &offline.End{Seq: p.Facts, Result: result, How: how}
	return p
}

func personLooked(p *offline.Payment) *offline.Payment {
	p.Facts++
	p.Resolved = &offline.Mark{Seq: p.Facts, By: "x", Note: "y"}
	return p
}

// declinedByQuery has the answer to its pay still under way.
func declinedByQuery() *offline.Payment {
	p := payment(here, offline.Attempt{Op: offline.OpPay}, at(offline.OpQuery, offline.Failure, "", ""))
	return ended(p, offline.ResultDeclined, "")
}

func tookAfter(p *offline.Payment) *offline.Payment {
	p.Facts++
	p.Attempts[0].FinishedSeq, p.Attempts[0].Outcome = p.Facts, offline.Outcome{Kind: offline.Success}
	return parked(p, offline.ReasonLateSuccess)
}

func TestEveryStateAndReasonHasItsWords(t *testing.T) {
	open := offline.Attempt{Op: offline.OpPay}
	silent := at(offline.OpPay, offline.NoAnswer, "", "")
	unsent := at(offline.OpPay, offline.NotSent, "", "")
	asking := at(offline.OpQuery, offline.InProcess, "", "")
	yes := at(offline.OpPay, offline.Success, "SUCCESS", "")
	declined := func(code string, class offline.ReasonClass) *offline.Payment {
		return ended(payment(here, at(offline.OpPay, offline.Failure, code, class)), offline.ResultDeclined, "")
	}
	goodCancel := at(offline.OpCancel, offline.Success, "SUCCESS", "")
	otherAmount := at(offline.OpQuery, offline.NoAnswer, "", "")
	otherAmount.Outcome.Anomaly = offline.OtherAmount
	confirm := at(offline.OpPay, offline.InProcess, "PAYMENT_IN_PROCESS", "")
	confirm.Outcome.Confirm = true
	given := offline.SaleHead{CodeGiven: true}
	late := reversed(payment(here, silent), offline.ReasonAsked)
	late.Attempts = append(late.Attempts, offline.Attempt{Op: offline.OpQuery, Boot: here, BegunSeq: 4, FinishedSeq: 5, Outcome: offline.Outcome{Kind: offline.Success}})

	for _, row := range []struct {
		name  string
		told  told
		state offline.SaleState
		key   string
		code  string // "": the key
	}{
		{"waiting", told{}, offline.SaleStateWaiting, "waiting", ""},
		{"expired", told{end: &offline.SaleEnd{Reason: offline.SaleExpired}}, offline.SaleStateExpired, "expired", ""},
		{"cancelled before a code", told{end: &offline.SaleEnd{Reason: offline.SaleCancelled}}, offline.SaleStateCancelled, "cancelled.asked", ""},
		{"restarted before a code", told{end: &offline.SaleEnd{Reason: offline.SaleRestarted}}, offline.SaleStateCancelled, "cancelled.restarted", ""},

		{"pay sent", told{pay: payment(here, open)}, offline.SaleStateProcessing, "processing", ""},
		{"no connection", told{pay: payment(here, unsent)}, offline.SaleStateProcessing, "processing.no_connection", ""},
		{"no connection before, sent again", told{pay: payment(here, unsent, open)}, offline.SaleStateProcessing, "processing", ""},
		{"the customer confirms", told{pay: payment(here, confirm)}, offline.SaleStateConfirming, "confirming", ""},

		{"no answer", told{pay: payment(here, silent)}, offline.SaleStateChecking, "checking", ""},
		{"asking", told{pay: payment(here, silent, asking)}, offline.SaleStateChecking, "checking", ""},
		{"asking without a network", told{pay: payment(here, silent, at(offline.OpQuery, offline.NotSent, "", ""))}, offline.SaleStateChecking, "checking.no_connection", ""},
		{"restarted while paying", told{pay: payment(before, lost(offline.OpPay))}, offline.SaleStateChecking, "checking.restarted", ""},
		{"restarted, and an answer since", told{pay: payment(before, lost(offline.OpPay), asking)}, offline.SaleStateChecking, "checking", ""},

		{"reversing as asked", told{pay: reversed(payment(here, silent), offline.ReasonAsked)}, offline.SaleStateReversing, "reversing.asked", ""},
		{"reversing after the queries", told{pay: reversed(payment(here, silent), offline.ReasonQueryLimit)}, offline.SaleStateReversing, "reversing.query_limit", ""},
		{"reversing what was not found", told{pay: reversed(payment(here, silent), offline.ReasonNotFound)}, offline.SaleStateReversing, "reversing.not_found", ""},
		{"reversing another amount", told{pay: reversed(payment(here, silent), offline.ReasonOtherAmount)}, offline.SaleStateReversing, "reversing.other_amount", ""},
		{"reversing a late payment", told{pay: late}, offline.SaleStateReversing, "reversing.late", ""},

		{"paid", told{pay: ended(payment(here, yes), offline.ResultPaid, "")}, offline.SaleStatePaid, "paid", "SUCCESS"},
		{"paid by a query", told{pay: ended(payment(here, silent, at(offline.OpQuery, offline.Success, "SUCCESS", "")), offline.ResultPaid, "")}, offline.SaleStatePaid, "paid", "SUCCESS"},
		{"paid by a person", told{pay: ended(personLooked(parked(payment(here, silent), offline.ReasonCancelRefused)), offline.ResultPaid, "")}, offline.SaleStatePaid, "paid.person", ""},

		{"declined, fresh code", told{pay: declined("EXPIRED_CODE", offline.ClassRescan)}, offline.SaleStateDeclined, "code.EXPIRED_CODE", "EXPIRED_CODE"},
		{"declined, fresh code, unknown code", told{pay: declined("NEW_CODE", offline.ClassRescan)}, offline.SaleStateDeclined, "waiting.rescan", "NEW_CODE"},
		{"declined, too late for a fresh code", told{pay: declined("EXPIRED_CODE", offline.ClassRescan), end: &offline.SaleEnd{Reason: offline.SaleExpired}}, offline.SaleStateDeclined, "declined", "EXPIRED_CODE"},
		{"declined, the code came with the sale", told{head: given, pay: declined("EXPIRED_CODE", offline.ClassRescan)}, offline.SaleStateDeclined, "code.EXPIRED_CODE", "EXPIRED_CODE"},
		{"declined, and reported as taken after that", told{pay: func() *offline.Payment {
			p := declined("NEW_CODE", offline.ClassOtherMeans)
			p.Attempts = append(p.Attempts, offline.Attempt{
				Op: offline.OpQuery, Boot: here, BegunSeq: 2, FinishedSeq: p.End.Seq + 1, Outcome: offline.Outcome{Kind: offline.Success},
			})
			p.Facts = p.End.Seq + 1
			return parked(p, offline.ReasonLateSuccess)
		}()}, offline.SaleStateAttention, "attention.late_success", ""},
		{"declined, other means", told{pay: declined("NEW_CODE", offline.ClassOtherMeans)}, offline.SaleStateDeclined, "declined.other_means", "NEW_CODE"},
		{"declined, top up", told{pay: declined("NEW_CODE", offline.ClassTopUp)}, offline.SaleStateDeclined, "declined.top_up", "NEW_CODE"},
		{"declined, wallet", told{pay: declined("NEW_CODE", offline.ClassWallet)}, offline.SaleStateDeclined, "declined.wallet", "NEW_CODE"},
		{"declined, set-up", told{pay: declined("NEW_CODE", offline.ClassSetup)}, offline.SaleStateDeclined, "declined.setup", "NEW_CODE"},
		{"declined, supervisor", told{pay: declined("NEW_CODE", offline.ClassSupervisor)}, offline.SaleStateDeclined, "declined.supervisor", "NEW_CODE"},
		{"declined, unlisted", told{pay: declined("NEW_CODE", "")}, offline.SaleStateDeclined, "declined", "NEW_CODE"},
		{"declined, without a code", told{pay: declined("", "")}, offline.SaleStateDeclined, "declined", ""},
		{"declined, then the money was named as taken", told{pay: tookAfter(declinedByQuery())}, offline.SaleStateAttention, "attention.late_success", ""},
		{"cancelled after a refusal", told{pay: declined("EXPIRED_CODE", offline.ClassRescan), end: &offline.SaleEnd{Reason: offline.SaleCancelled}}, offline.SaleStateCancelled, "cancelled.after_decline", ""},

		{"cancelled and watched", told{pay: reversed(payment(here, silent, goodCancel), offline.ReasonAsked)}, offline.SaleStateCancelled, "cancelled", ""},
		{"cancelled, asked before it left", told{pay: ended(with(payment(here, unsent), func(p *offline.Payment) { p.CancelAsk = &offline.Mark{} }), offline.ResultCancelled, offline.HowUnsent)}, offline.SaleStateCancelled, "cancelled.asked", ""},
		{"cancelled, no connection", told{pay: ended(payment(here, unsent), offline.ResultCancelled, offline.HowUnsent)}, offline.SaleStateCancelled, "cancelled.no_connection", ""},
		{"cancelled, could not be signed", told{pay: ended(payment(here, at(offline.OpPay, offline.NotSent, "", offline.ClassSetup)), offline.ResultCancelled, offline.HowUnsent)}, offline.SaleStateCancelled, "cancelled.setup", ""},
		{"cancelled, never tried", told{pay: ended(payment(here), offline.ResultCancelled, offline.HowUnsent)}, offline.SaleStateCancelled, "cancelled.unsent", ""},
		{"cancelled, closed", told{pay: ended(payment(here, silent), offline.ResultCancelled, offline.HowClosed)}, offline.SaleStateCancelled, "cancelled.closed", ""},
		{"cancelled, returned", told{pay: ended(payment(here, silent), offline.ResultCancelled, offline.HowReturned)}, offline.SaleStateCancelled, "cancelled.returned", ""},
		{"cancelled, either", told{pay: ended(payment(here, silent), offline.ResultCancelled, offline.HowEither)}, offline.SaleStateCancelled, "cancelled.either", ""},
		{"cancelled, refunded", told{pay: ended(payment(here, silent), offline.ResultCancelled, offline.HowRefunded)}, offline.SaleStateCancelled, "cancelled.refunded", ""},
		{"cancelled, by a person", told{pay: ended(payment(here, silent), offline.ResultCancelled, offline.HowPerson)}, offline.SaleStateCancelled, "cancelled.person", ""},

		{"attention, cancel unconfirmed", told{pay: parked(reversed(payment(here, silent), offline.ReasonAsked), offline.ReasonCancelUnconfirmed)}, offline.SaleStateAttention, "attention.cancel_unconfirmed", ""},
		{"attention, cancel refused", told{pay: parked(reversed(payment(here, silent), offline.ReasonAsked), offline.ReasonCancelRefused)}, offline.SaleStateAttention, "attention.cancel_refused", ""},
		{"attention, too late", told{pay: parked(reversed(payment(here, silent), offline.ReasonAsked), offline.ReasonCancelTooLate)}, offline.SaleStateAttention, "attention.cancel_too_late", ""},
		{"attention, too late for another amount", told{pay: parked(reversed(payment(here, silent, otherAmount), offline.ReasonOtherAmount), offline.ReasonCancelTooLate)}, offline.SaleStateAttention, "attention.cancel_too_late", ""},
		{"attention, another amount", told{pay: parked(reversed(payment(here, silent, otherAmount), offline.ReasonOtherAmount), offline.ReasonCancelRefused)}, offline.SaleStateAttention, "attention.other_amount", ""},
		{"attention, set-up", told{pay: parked(reversed(payment(here, silent), offline.ReasonAsked), offline.ReasonSetup)}, offline.SaleStateAttention, "attention.setup", ""},
		{"attention, repaired journal", told{pay: parked(payment(before, lost(offline.OpPay)), offline.ReasonRepaired)}, offline.SaleStateAttention, "attention.repaired", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			sale := row.told.sale()
			if got := sale.State(); got != row.state {
				t.Fatalf("the facts make it %s, the row says %s", got, row.state)
			}
			m := words(sale)
			want := row.code
			if want == "" {
				want = row.key
			}
			if m.Key != row.key || m.Code != want {
				t.Errorf("key %s code %s, want %s %s", m.Key, m.Code, row.key, want)
			}
			if !slices.Contains(cashier.Keys(), m.Key) {
				t.Errorf("%s is not in the catalogue", m.Key)
			}
			if m.Title == "" || m.Money == "" || m.Detail == "" || m.Action == "" {
				t.Errorf("words are missing: %+v", m)
			}
		})
	}
}

func TestTheGatewaysOwnTextIsQuotedWhereACodeHasNoWords(t *testing.T) {
	a := at(offline.OpPay, offline.Failure, "NEW_CODE", offline.ClassOtherMeans)
	a.Outcome.ResultMsg = "The wallet is on holiday."
	m := words(told{pay: ended(payment(here, a), offline.ResultDeclined, "")}.sale())
	if want := "Nothing was taken. Alipay says: The wallet is on holiday."; m.Detail != want {
		t.Errorf("detail %q, want %q", m.Detail, want)
	}
}

func TestEveryStateOfARefundHasItsWords(t *testing.T) {
	otherAmount := at(offline.OpRefund, offline.NoAnswer, "", "")
	otherAmount.Outcome.Anomaly = offline.OtherAmount
	for _, row := range []struct {
		name   string
		refund func(*offline.Refund)
		list   []offline.Attempt
		key    string
		code   string
	}{
		{"begun", func(*offline.Refund) {}, nil, "refund.processing", ""},
		{"no connection", func(*offline.Refund) {}, []offline.Attempt{at(offline.OpRefund, offline.NotSent, "", "")}, "refund.no_connection", ""},
		{"refunded", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultRefunded} }, nil, "refund.refunded", ""},
		{"declined", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultDeclined} }, []offline.Attempt{at(offline.OpRefund, offline.Failure, "NEW_CODE", "")}, "refund.declined", "NEW_CODE"},
		{"declined, too much", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultDeclined} }, []offline.Attempt{at(offline.OpRefund, offline.Failure, "REFUND_AMOUNT_EXCEED", "")}, "refund.declined.amount", "REFUND_AMOUNT_EXCEED"},
		{"declined, not found", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultDeclined} }, []offline.Attempt{at(offline.OpRefund, offline.Failure, "ORDER_NOT_EXIST", "")}, "refund.declined.not_found", "ORDER_NOT_EXIST"},
		{"declined, id used before", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultDeclined} }, []offline.Attempt{at(offline.OpRefund, offline.Failure, "REPEAT_REQ_INCONSISTENT", "")}, "refund.declined.repeated", "REPEAT_REQ_INCONSISTENT"},
		{"declined, too late", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultDeclined} }, []offline.Attempt{at(offline.OpRefund, offline.TooLate, "REFUND_WINDOW_EXCEED", "")}, "refund.declined.too_late", "REFUND_WINDOW_EXCEED"},
		{"declined, without a code", func(f *offline.Refund) { f.End = &offline.End{Result: offline.ResultDeclined} }, nil, "refund.declined", ""},
		{"refunded, a person says", func(f *offline.Refund) {
			f.End = &offline.End{Result: offline.ResultRefunded, How: offline.HowPerson}
		}, []offline.Attempt{at(offline.OpRefund, offline.InProcess, "UNKNOWN_EXCEPTION", "")}, "refund.refunded.person", ""},
		{"not refunded, a person says", func(f *offline.Refund) {
			f.End = &offline.End{Result: offline.ResultDeclined, How: offline.HowPerson}
		}, []offline.Attempt{at(offline.OpRefund, offline.InProcess, "UNKNOWN_EXCEPTION", "")}, "refund.declined.person", ""},
		{"unconfirmed", func(f *offline.Refund) { f.Parked = &offline.Mark{Reason: offline.ReasonRefundUnconfirmed} }, nil, "refund.attention", ""},
		{"set-up", func(f *offline.Refund) { f.Parked = &offline.Mark{Reason: offline.ReasonSetup} }, nil, "refund.attention.setup", ""},
		{"another amount", func(f *offline.Refund) {
			f.Parked = &offline.Mark{Seq: 9, Reason: offline.ReasonOtherAmount}
		}, []offline.Attempt{otherAmount}, "refund.attention.other_amount", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := &offline.Refund{RefundHead: offline.RefundHead{ID: "F"}}
			f.Attempts = payment(here, row.list...).Attempts
			row.refund(f)
			m := refundWords(f)
			want := row.code
			if want == "" {
				want = row.key
			}
			if m.Key != row.key || m.Code != want || m.Title == "" || m.Money == "" || m.Action == "" {
				t.Errorf("%+v, want %s %s", m, row.key, want)
			}
			if !slices.Contains(cashier.Keys(), m.Key) {
				t.Errorf("%s is not in the catalogue", m.Key)
			}
		})
	}
}

// A text that nobody is ever shown is a text that nobody keeps true. Texts for
// single result codes are reached by the code and are checked in the catalogue.
func TestEveryKeyOfTheCatalogueIsShownSomewhere(t *testing.T) {
	generic := map[string]string{
		"attention":       "a state without a reason",
		"reversing":       "a reason that is not known here",
		"declined.rescan": "the same as waiting.rescan, for a code that came with the sale",
	}
	rows, err := os.ReadFile("words_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range cashier.Keys() {
		if _, excused := generic[key]; excused || strings.HasPrefix(key, "code.") {
			continue
		}
		if !strings.Contains(string(rows), `"`+key+`"`) {
			t.Errorf("no row above ends at %q", key)
		}
	}
}
