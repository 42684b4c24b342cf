package offline_test

import (
	"fmt"
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

// noon is a moment in the middle of a business day: nothing here comes near its
// end by chance.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, offline.Beijing)

const (
	firstRun  offline.BootID = "run-1"
	secondRun offline.BootID = "run-2"
)

var hkd100 = offline.Money{Currency: "HKD", Value: 10000}

// story tells what happened to one sale, fact by fact. Every fact goes through
// Apply, and every change is checked against the invariants, so that a story
// that cannot happen fails the test that tells it.
type story struct {
	t    testing.TB
	sale offline.Sale
	now  time.Time
	boot offline.BootID
	id   offline.MerchantTransID
	msgs int
}

// opened is a sale that waits for a code.
func opened(t testing.TB) *story {
	t.Helper()
	s := &story{t: t, now: noon, boot: firstRun}
	s.commit(offline.Write{SaleID: "R-1", NewSale: &offline.SaleHead{
		ID: "R-1", Amount: hkd100, CreatedAt: noon, ExpiresAt: noon.Add(2 * time.Minute), Boot: firstRun,
	}})
	return s
}

// created is a sale whose code was read and whose payment has not been sent.
func created(t testing.TB) *story {
	t.Helper()
	return opened(t).scan("P-1")
}

// sent is a sale whose pay request left at noon.
func sent(t testing.TB) *story {
	t.Helper()
	return created(t).begin(offline.OpPay)
}

func (s *story) scan(id offline.MerchantTransID) *story {
	s.t.Helper()
	s.id = id
	return s.commit(offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: id, New: s.head(id)}}})
}

func (s *story) head(id offline.MerchantTransID) *offline.PaymentHead {
	return &offline.PaymentHead{
		ID: id, Amount: s.sale.Amount, CreatedAt: s.now, Boot: s.boot,
		Code: offline.CodeDigest{Hash: "h-" + string(id), Masked: "28••••••••••4394"},
	}
}

// commit applies one write that must be accepted and keep every invariant.
func (s *story) commit(w offline.Write) *story {
	s.t.Helper()
	after, err := s.sale.Apply(w)
	if err != nil {
		s.t.Fatalf("refused: %v", err)
	}
	if err := offlinetest.CheckInvariants(s.sale, after); err != nil {
		s.t.Fatalf("accepted, but: %v", err)
	}
	if w.NewSale == nil {
		wantBefore(s.t, s.sale, after, w, s.boot)
	}
	s.sale = after
	return s
}

// write is a write with facts about the current payment.
func (s *story) write(facts ...offline.Fact) offline.Write {
	for i := range facts {
		if facts[i].At.IsZero() {
			facts[i].At = s.now
		}
	}
	return offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: s.id, Facts: facts}}}
}

func (s *story) fact(f offline.Fact) *story {
	s.t.Helper()
	return s.commit(s.write(f))
}

// after lets time pass.
func (s *story) after(d time.Duration) *story {
	s.now = s.now.Add(d)
	return s
}

// restart is a new run of the process: answers under way are lost.
func (s *story) restart() *story {
	s.boot += "+"
	return s
}

func (s *story) attempts() []offline.Attempt { return s.sale.Payment(s.id).Attempts }

// intent is the fact of a message about to be sent.
func (s *story) intent(op offline.Op) offline.Fact {
	s.msgs++
	return offline.Fact{
		Kind: offline.FactBegun, At: s.now, Attempt: len(s.attempts()) + 1, Op: op, Boot: s.boot,
		ReqMsgID: offline.ReqMsgID(fmt.Sprintf("msg-%d", s.msgs)),
	}
}

func (s *story) begin(op offline.Op) *story {
	s.t.Helper()
	return s.fact(s.intent(op))
}

// outcome is the fact of an answer to the newest unanswered message of an operation.
func (s *story) outcome(op offline.Op, o offline.Outcome) offline.Fact {
	s.t.Helper()
	list := s.attempts()
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Op == op && !list[i].Finished() {
			return offline.Fact{Kind: offline.FactFinished, At: s.now, Attempt: list[i].N, Outcome: &o}
		}
	}
	s.t.Fatalf("no unanswered %s", op)
	return offline.Fact{}
}

func (s *story) answer(op offline.Op, o offline.Outcome) *story {
	s.t.Helper()
	return s.fact(s.outcome(op, o))
}

// exchange is a message and its answer at the same moment.
func (s *story) exchange(op offline.Op, o offline.Outcome) *story {
	s.t.Helper()
	return s.begin(op).answer(op, o)
}

func (s *story) ask() *story {
	s.t.Helper()
	return s.fact(offline.Fact{Kind: offline.FactCancelAsked, By: "anna"})
}

func (s *story) reverse() *story {
	s.t.Helper()
	return s.fact(offline.Fact{Kind: offline.FactReversal, Reason: offline.ReasonQueryLimit})
}

func (s *story) park() *story {
	s.t.Helper()
	return s.fact(offline.Fact{Kind: offline.FactParked, Reason: offline.ReasonCancelUnconfirmed})
}

func (s *story) resolve(r offline.Result, how offline.How) *story {
	s.t.Helper()
	return s.commit(s.write(
		offline.Fact{Kind: offline.FactResolved, By: "lee", Note: "asked the support"},
		offline.Fact{Kind: offline.FactEnded, Result: r, How: how},
	))
}

func (s *story) end(r offline.Result, how offline.How) *story {
	s.t.Helper()
	return s.fact(offline.Fact{Kind: offline.FactEnded, Result: r, How: how})
}

// payment is the current payment as this run judges it.
func (s *story) payment() offline.Payment { return s.sale.Payment(s.id).SeenBy(s.boot) }

func (s *story) seen() *offline.Sale {
	sale := s.sale.SeenBy(s.boot)
	return &sale
}

func (s *story) next() offline.Step {
	return offline.Next(s.payment(), s.now, offline.DefaultPolicy())
}

// Answers as the adapter makes them.
var (
	success    = offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS", AcquirementID: "A-1"}
	asked      = offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS", AcquirementID: "A-1", TradeStatus: "SUCCESS"}
	refused    = offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "BALANCE_NOT_ENOUGH", Class: offline.ClassTopUp}
	staleCode  = offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "INVALID_CODE", Class: offline.ClassRescan}
	failed     = offline.Outcome{Kind: offline.Failure, ResultStatus: "S", TradeStatus: "FAIL", Class: offline.ClassOtherMeans}
	closed     = offline.Outcome{Kind: offline.Failure, ResultStatus: "S", TradeStatus: "CLOSED", AcquirementID: "A-1", Class: offline.ClassOtherMeans}
	unknown    = offline.Outcome{Kind: offline.InProcess, ResultStatus: "U", ResultCode: "UNKNOWN_EXCEPTION"}
	waiting    = offline.Outcome{Kind: offline.InProcess, ResultStatus: "S", TradeStatus: "WAIT_BUYER_PAY", AcquirementID: "A-1", Confirm: true}
	confirm    = offline.Outcome{Kind: offline.InProcess, ResultStatus: "U", ResultCode: "PAYMENT_IN_PROCESS", Confirm: true}
	notFound   = offline.Outcome{Kind: offline.NotFound, ResultStatus: "F", ResultCode: "ORDER_NOT_EXIST"}
	noAnswer   = offline.Outcome{Kind: offline.NoAnswer, Detail: "no answer in time"}
	notSent    = offline.Outcome{Kind: offline.NotSent, Detail: "no connection"}
	tooLate    = offline.Outcome{Kind: offline.TooLate, ResultStatus: "F", ResultCode: "CANCEL_WINDOW_EXCEED"}
	misfit     = offline.Outcome{Kind: offline.Refused, ResultStatus: "F", ResultCode: "INVALID_SIGNATURE", Class: offline.ClassSetup}
	cancelled  = offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS"}
	undoClosed = offline.Outcome{Kind: offline.Success, ResultStatus: "S", Undo: offline.UndoClosed}
	undoPaid   = offline.Outcome{Kind: offline.Success, ResultStatus: "S", Undo: offline.UndoReturned}
	otherSum   = offline.Outcome{Kind: offline.NoAnswer, ResultStatus: "S", Anomaly: offline.OtherAmount, AcquirementID: "A-1"}
)

func (s *story) close(why offline.SaleReason) *story {
	s.t.Helper()
	return s.commit(offline.Write{SaleID: "R-1", EndSale: &offline.SaleEnd{At: s.now, Reason: why}})
}

func (s *story) openRefund(id offline.RefundID, value int64) *story {
	s.t.Helper()
	return s.commit(offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: id, New: s.refundHead(id, value)}}})
}

func (s *story) refundHead(id offline.RefundID, value int64) *offline.RefundHead {
	return &offline.RefundHead{
		ID: id, Payment: s.id, Amount: offline.Money{Currency: s.sale.Amount.Currency, Value: value}, CreatedAt: s.now,
	}
}

// refundWrite is a write with facts about a refund.
func (s *story) refundWrite(id offline.RefundID, facts ...offline.Fact) offline.Write {
	for i := range facts {
		if facts[i].At.IsZero() {
			facts[i].At = s.now
		}
	}
	return offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: id, Facts: facts}}}
}

// refundIntent is the fact of a message about a refund about to be sent.
func (s *story) refundIntent(id offline.RefundID, op offline.Op) offline.Fact {
	f := s.intent(op)
	f.Attempt = len(s.sale.Refund(id).Attempts) + 1
	return f
}

func (s *story) beginRefund(id offline.RefundID, op offline.Op) *story {
	s.t.Helper()
	return s.commit(s.refundWrite(id, s.refundIntent(id, op)))
}

func (s *story) answerRefund(id offline.RefundID, o offline.Outcome) *story {
	s.t.Helper()
	return s.commit(s.refundWrite(id, offline.Fact{
		Kind: offline.FactFinished, Attempt: len(s.sale.Refund(id).Attempts), Outcome: &o,
	}))
}

func (s *story) exchangeRefund(id offline.RefundID, op offline.Op, o offline.Outcome) *story {
	s.t.Helper()
	return s.beginRefund(id, op).answerRefund(id, o)
}

func (s *story) endRefund(id offline.RefundID, r offline.Result) *story {
	s.t.Helper()
	return s.commit(s.refundWrite(id, offline.Fact{Kind: offline.FactEnded, Result: r}))
}

// refund is the refund as this run judges it.
func (s *story) refund(id offline.RefundID) offline.Refund { return s.sale.Refund(id).SeenBy(s.boot) }

func (s *story) nextRefund(id offline.RefundID) offline.Step {
	return offline.NextRefund(s.refund(id), s.payment(), s.now, offline.DefaultPolicy())
}
