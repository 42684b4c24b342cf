package alipay

import (
	"fmt"
	"strings"

	"posagent/offline"
)

// trade is what a status word says about the trade.
type trade string

const (
	tradeUnsaid  trade = ""        // no status field
	tradePaid    trade = "paid"    //
	tradeClosed  trade = "closed"  // nothing is held
	tradeWaiting trade = "waiting" // the customer must act on the phone
	tradePending trade = "pending" // known to be unfinished
	tradeUnknown trade = "unknown" // a word of no table: never an end
)

// tradeOf sorts the status words of this platform's siblings (DANA's
// AcquirementStatus; docs.antom.com/ac/gr/trade_status; AMS paymentStatus).
func tradeOf(word string) trade {
	switch word {
	case "SUCCESS", "TRADE_SUCCESS", "TRADE_FINISHED":
		return tradePaid
	case "CLOSED", "CANCELLED", "CANCELED", "TRADE_CLOSED", "FAIL", "FAILED":
		return tradeClosed
	case "WAIT_BUYER_PAY", "INIT", "PAYING", "PROCESSING", "PAYMENT_IN_PROCESS":
		return tradeWaiting
	case "MERCHANT_ACCEPT", "PENDING":
		return tradePending
	}
	return tradeUnknown
}

// tradeOfAll reads several status fields as one: where they disagree, the trade
// counts as unfinished.
func tradeOfAll(words []string) (trade, string) {
	if len(words) == 0 {
		return tradeUnsaid, ""
	}
	upper := strings.ToUpper(strings.TrimSpace(words[0]))
	first := tradeOf(upper)
	for _, w := range words[1:] {
		if tradeOf(strings.ToUpper(strings.TrimSpace(w))) != first {
			return tradeUnknown, strings.Join(words, " and ")
		}
	}
	return first, upper
}

// waitsForCustomer tells whether a result code with U asks the customer to act
// on the phone.
func waitsForCustomer(code string) bool {
	switch normalCode(code) {
	case "PAYMENT_IN_PROCESS", "WAIT_BUYER_PAY", "10003":
		return true
	}
	return false
}

// classify says what a verified answer to req proves. It is the only place
// where a kind is made from an answer.
func (t codeTable) classify(req offline.Request, a answer) offline.Outcome {
	state, word := tradeOfAll(a.words)
	out := describeAnswer(req, a, word)
	if detail := foreign(req, a); detail != "" {
		return offline.Outcome{Kind: offline.NoAnswer, Detail: clean(detail, maxDetail, req.Code)}
	}
	switch out.ResultStatus {
	case "S":
		t.success(&out, req, a, state)
	case "F":
		t.failed(&out, req, a.code)
	case "U":
		out.Kind = offline.InProcess
		out.Class = offline.ClassAskAgain
		out.Confirm = isPayOrQuery(req.Op) && (state == tradeWaiting || waitsForCustomer(a.code))
	default:
		out.Kind = offline.NoAnswer
		out.Detail = fmt.Sprintf("resultStatus %q is none of S, F and U", out.ResultStatus)
	}
	checkAmount(&out, req, a)
	return out
}

func isPayOrQuery(op offline.Op) bool { return op == offline.OpPay || op == offline.OpQuery }

func (t codeTable) success(out *offline.Outcome, req offline.Request, a answer, state trade) {
	switch req.Op {
	case offline.OpPay:
		out.Kind = offline.Success
		// A listed code or a status word that contradicts the S: a query decides.
		row, listed := t.lookup(a.code)
		if listed && row.Name != "SUCCESS" && row.Name != "10000" || state != tradeUnsaid && state != tradePaid {
			out.Kind = offline.InProcess
			out.Confirm = state == tradeWaiting || waitsForCustomer(a.code)
			out.Detail = "resultStatus S with a code or trade status that says otherwise"
		}
	case offline.OpQuery:
		queried(out, req, a, state)
	case offline.OpCancel:
		out.Kind = offline.Success
		switch strings.ToUpper(strings.TrimSpace(a.action)) {
		case "CLOSE":
			out.Undo = offline.UndoClosed
		case "REFUND":
			out.Undo = offline.UndoReturned
		}
	case offline.OpRefund:
		out.Kind = offline.Success
	}
}

// queried: S says that the query worked, not that the trade is paid.
func queried(out *offline.Outcome, req offline.Request, a answer, state trade) {
	switch state {
	case tradePaid:
		out.Kind = offline.Success
	case tradeClosed:
		out.Kind = offline.Failure
		out.Class = offline.ClassOtherMeans
	case tradeUnsaid:
		out.Kind, out.Class = offline.InProcess, offline.ClassAskAgain
		if a.paymentTime != "" && a.orderAmount.is(req.Amount) {
			out.Kind, out.Class = offline.Success, ""
		}
	case tradeWaiting, tradePending, tradeUnknown:
		out.Kind, out.Class = offline.InProcess, offline.ClassAskAgain
		out.Confirm = state == tradeWaiting
	}
}

// failed: what an F proves depends on its code. An F on pay that proves nothing
// has no class unless the gateway wants us to slow down: a query follows at
// once, as the documents of ACQ.SYSTEM_ERROR ask.
func (t codeTable) failed(out *offline.Outcome, req offline.Request, code string) {
	row, listed := t.lookup(code)
	if !listed {
		row = Code{Class: offline.ClassOtherMeans, Pay: offline.Failure, Query: offline.InProcess,
			Cancel: offline.Failure, Refund: offline.Failure}
	}
	out.Class = row.Class
	switch req.Op {
	case offline.OpPay:
		out.Kind = row.Pay
		// Where an earlier message may have been charged, a refusal of this one
		// ("code already used") does not say that nothing was taken.
		if !req.First {
			out.Kind = offline.InProcess
		}
		if out.Kind == offline.InProcess && row.Name != "REQUEST_TRAFFIC_EXCEED_LIMIT" {
			out.Class = ""
		}
		return
	case offline.OpQuery:
		out.Kind = row.Query
	case offline.OpCancel:
		out.Kind = row.Cancel
	case offline.OpRefund:
		out.Kind = row.Refund
	}
	switch out.Kind {
	case offline.InProcess, offline.NotFound:
		out.Class = offline.ClassAskAgain
	case offline.Failure, offline.TooLate:
		out.Class = offline.ClassSupervisor
	case offline.Refused, offline.Success, offline.NoAnswer, offline.NotSent:
	}
}

// foreign tells why an answer is about something else than what was asked.
func foreign(req offline.Request, a answer) string {
	switch {
	case a.merchantTransID != "" && a.merchantTransID != string(req.MerchantTransID):
		return "the answer is about merchantTransId " + a.merchantTransID
	case a.acquirementID != "" && req.AcquirementID != "" && a.acquirementID != string(req.AcquirementID):
		return "the answer is about acquirementId " + a.acquirementID
	case req.Op == offline.OpRefund && a.merchantRefundID != "" && a.merchantRefundID != string(req.RefundID):
		return "the answer is about merchantRefundId " + a.merchantRefundID
	}
	return ""
}

// checkAmount takes back what an answer for another amount seemed to prove. A
// trade that is, or may become, paid is marked so that it is reversed; a cancel
// that worked has already done so and stays good.
func checkAmount(out *offline.Outcome, req offline.Request, a answer) {
	what, got, want := "orderAmount", a.orderAmount, req.Amount
	if req.Op == offline.OpRefund && a.refundAmount.present {
		what, got, want = "refundAmount", a.refundAmount, req.RefundAmount
	}
	if !got.present || want.IsZero() || got.is(want) {
		return
	}
	if got.unreadable {
		if out.Kind == offline.Success && req.Op != offline.OpCancel {
			out.Kind, out.Class = offline.NoAnswer, ""
			out.Detail = "the answer's " + what + " cannot be read"
		}
		return
	}
	alive := out.Kind == offline.Success || out.Kind == offline.InProcess
	if alive || out.Kind == offline.Failure && isPayOrQuery(req.Op) {
		out.Detail = fmt.Sprintf("the gateway's %s is %s %d, not %s %d (minor units)", what,
			clean(got.money.Currency, 8, req.Code), got.money.Value, want.Currency, want.Value)
		if alive {
			out.Anomaly = offline.OtherAmount
		}
		if req.Op != offline.OpCancel {
			out.Kind, out.Class, out.Confirm = offline.NoAnswer, "", false
		}
	}
}

// describeAnswer carries over what an answer says, made fit to be kept.
func describeAnswer(req offline.Request, a answer, word string) offline.Outcome {
	out := offline.Outcome{
		ResultStatus: clean(strings.ToUpper(strings.TrimSpace(a.status)), 8, req.Code),
		ResultCode:   clean(a.code, maxCode, req.Code),
		ResultMsg:    clean(a.msg, maxMsg, req.Code),
		TradeStatus:  clean(word, maxCode, req.Code),
		PaymentTime:  clean(a.paymentTime, maxCode, req.Code),
	}
	switch {
	case isID(a.acquirementID) && maskCodes(a.acquirementID, req.Code) == a.acquirementID:
		out.AcquirementID = offline.AcquirementID(a.acquirementID)
	case a.acquirementID != "":
		out.Detail = "the answer's acquirementId is no usable id and was left out"
	}
	if p := a.payAmount; p.present && !p.unreadable && len(p.money.Currency) <= 8 {
		out.PayAmount = &p.money
	}
	return out
}
