package alipay

import (
	"fmt"
	"strings"
	"testing"

	"posagent/offline"
)

const (
	sameAmount  = `"orderAmount":{"currency":"HKD","value":"12850"}`
	otherAmount = `"orderAmount":{"currency":"HKD","value":"12851"}`
	otherMoney  = `"orderAmount":{"currency":"CNY","value":"12850"}`
	badAmount   = `"orderAmount":{"currency":"HKD","value":"128.50"}`
	sameTrade   = `"merchantTransId":"` + testTransID + `","acquirementId":"` + testAcqID + `"`
	paymentTime = `"paymentTime":"2026-11-21T09:30:01+08:00"`
)

// outline is the part of an outcome that decides what happens next.
func outline(o offline.Outcome) string {
	s := string(o.Kind)
	if o.Class != "" {
		s += " class " + string(o.Class)
	}
	if o.Confirm {
		s += " confirm"
	}
	if o.Undo != "" {
		s += " undo " + string(o.Undo)
	}
	if o.Anomaly != "" {
		s += " anomaly " + string(o.Anomaly)
	}
	return s
}

func TestAnswersToPay(t *testing.T) {
	c := newClient(t, nil)
	for _, tc := range []struct{ name, body, want string }{
		{"S with all fields", result("S", "SUCCESS", sameTrade, sameAmount, paymentTime), "success"},
		{"S alone", result("S", "SUCCESS"), "success"},
		{"small s", result("s", "SUCCESS", sameAmount), "success"},
		{"S without a code", result("S", ""), "success"},
		{"S with an unlisted code", result("S", "PAID_WITH_COUPON"), "success"},
		{"S with the number of a success", result("S", "10000"), "success"},
		{"S with a status that says paid", result("S", "SUCCESS", `"acquirementStatus":"SUCCESS"`), "success"},
		{"S with a code that says not yet", result("S", "PAYMENT_IN_PROCESS"), "in_process confirm"},
		{"S with a code of a refusal", result("S", "RISK_REJECT"), "in_process"},
		{"S with a status that says waiting", result("S", "SUCCESS", `"tradeStatus":"WAIT_BUYER_PAY"`), "in_process confirm"},
		{"S with a status that says closed", result("S", "SUCCESS", `"tradeStatus":"TRADE_CLOSED"`), "in_process"},
		{"S for another amount", result("S", "SUCCESS", sameTrade, otherAmount), "no_answer anomaly other_amount"},
		{"S for another currency", result("S", "SUCCESS", sameTrade, otherMoney), "no_answer anomaly other_amount"},
		{"S with an amount that cannot be read", result("S", "SUCCESS", badAmount), "no_answer"},
		{"S with the amount as a number", result("S", "SUCCESS", `"orderAmount":{"currency":"HKD","value":12850}`), "success"},
		{"S with the amount null", result("S", "SUCCESS", `"orderAmount":null`), "success"},
		{"S for another merchantTransId", result("S", "SUCCESS", `"merchantTransId":"S01-T03-other"`), "no_answer"},
		{"S with an empty merchantTransId", result("S", "SUCCESS", `"merchantTransId":""`), "success"},
		{"U in process", result("U", "PAYMENT_IN_PROCESS"), "in_process class ask_again confirm"},
		{"small u", result("u", "PAYMENT_IN_PROCESS"), "in_process class ask_again confirm"},
		{"U waiting for the customer", result("U", "WAIT_BUYER_PAY"), "in_process class ask_again confirm"},
		{"U by number", result("U", "10003"), "in_process class ask_again confirm"},
		{"U with a waiting status", result("U", "UNKNOWN_EXCEPTION", `"acquirementStatus":"INIT"`), "in_process class ask_again confirm"},
		{"U unknown", result("U", "UNKNOWN_EXCEPTION"), "in_process class ask_again"},
		{"U with the code of a success", result("U", "SUCCESS", sameAmount), "in_process class ask_again"},
		{"U with the code of a refusal", result("U", "RISK_REJECT"), "in_process class ask_again"},
		{"U for another amount", result("U", "PAYMENT_IN_PROCESS", sameTrade, otherAmount), "no_answer anomaly other_amount"},
		{"F refused", result("F", "USER_BALANCE_NOT_ENOUGH"), "failure class top_up"},
		{"F with the mainland prefix", result("F", "ACQ.PAYMENT_AUTH_CODE_INVALID"), "failure class rescan"},
		{"F set-up", result("F", "INVALID_SIGNATURE"), "failure class setup"},
		{"F unlisted", result("F", "MOON_IN_THE_WRONG_HOUSE"), "failure class other_means"},
		{"F without a code", result("F", ""), "failure class other_means"},
		{"F already used", result("F", "REPEAT_REQ_INCONSISTENT"), "in_process"},
		{"F already paid", result("F", "ACQ.TRADE_HAS_SUCCESS"), "in_process"},
		{"F already closed", result("F", "TRADE_HAS_CLOSE"), "in_process"},
		{"F system error", result("F", "SYSTEM_ERROR"), "in_process"},
		{"F too many requests", result("F", "REQUEST_TRAFFIC_EXCEED_LIMIT"), "in_process class ask_again"},
		{"F with the code of a success", result("F", "SUCCESS"), "in_process"},
		{"F for another amount", result("F", "RISK_REJECT", otherAmount), "no_answer"},
		{"F already used for another amount", result("F", "REPEAT_REQ_INCONSISTENT", otherAmount), "no_answer anomaly other_amount"},
		{"unknown letter", result("X", "SUCCESS"), "no_answer"},
		{"word for a letter", result("SUCCESS", "SUCCESS"), "no_answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outline(judge(t, c, request(t, offline.OpPay), tc.body)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEveryPublishedCodeOnEveryOperation(t *testing.T) {
	c := newClient(t, nil)
	again := request(t, offline.OpPay)
	again.First = false
	eachPublished(t, func(t *testing.T, code string, kind offline.OutcomeKind, class offline.ReasonClass) {
		name := strings.TrimPrefix(code, "ACQ.")
		pay := judge(t, c, request(t, offline.OpPay), result("F", code))
		if pay.Kind != kind || kind == offline.Failure && pay.Class != class || pay.ResultCode != code {
			t.Errorf("pay: %s (%s)", outline(pay), pay.ResultCode)
		}
		if got := judge(t, c, again, result("F", code)); got.Kind != offline.InProcess {
			t.Errorf("a repeated pay: %s, but the first one may have been charged", outline(got))
		}

		query, cancel, refund := offline.InProcess, offline.Failure, offline.Failure
		switch {
		case class == offline.ClassSetup:
			query, cancel, refund = offline.Refused, offline.Refused, offline.Refused
		case name == "ORDER_NOT_EXIST" || name == "TRADE_NOT_EXIST":
			query = offline.NotFound
		case name == "CANCEL_WINDOW_EXCEED":
			cancel = offline.TooLate
		case name == "REFUND_WINDOW_EXCEED":
			refund = offline.TooLate
		case strings.Contains(" PAYMENT_IN_PROCESS UNKNOWN_EXCEPTION REQUEST_TRAFFIC_EXCEED_LIMIT SYSTEM_ERROR 10003 20000 WAIT_BUYER_PAY ", " "+name+" "):
			cancel, refund = offline.InProcess, offline.InProcess
		}
		for op, want := range map[offline.Op]offline.OutcomeKind{
			offline.OpQuery: query, offline.OpCancel: cancel, offline.OpRefund: refund,
		} {
			got := judge(t, c, request(t, op), result("F", code))
			if got.Kind != want || want == offline.Refused && got.Class != offline.ClassSetup || got.Confirm {
				t.Errorf("%s: %s, want %s", op, outline(got), want)
			}
		}
		for _, ep := range Functions() {
			if got := judge(t, c, request(t, ep.Op), result("U", code)); got.Kind != offline.InProcess || got.Class != offline.ClassAskAgain {
				t.Errorf("%s with U: %s", ep.Op, outline(got))
			}
		}
	})
}

func TestAnswersToQuery(t *testing.T) {
	c := newClient(t, nil)
	rows := []struct{ name, body, want string }{
		{"no status, time and amount there", result("S", "SUCCESS", sameAmount, paymentTime), "success"},
		{"no status, time alone", result("S", "SUCCESS", paymentTime), "in_process class ask_again"},
		{"no status, amount alone", result("S", "SUCCESS", sameAmount), "in_process class ask_again"},
		{"no status, another amount", result("S", "SUCCESS", otherAmount, paymentTime), "no_answer anomaly other_amount"},
		{"no status at all", result("S", "SUCCESS"), "in_process class ask_again"},
		{"status empty", result("S", "SUCCESS", sameAmount, paymentTime, `"acquirementStatus":""`), "in_process class ask_again"},
		{"status null", result("S", "SUCCESS", sameAmount, paymentTime, `"acquirementStatus":null`), "success"},
		{"unknown word", result("S", "SUCCESS", sameAmount, paymentTime, `"acquirementStatus":"SETTLED_MAYBE"`), "in_process class ask_again"},
		{"two words that agree", result("S", "SUCCESS", `"acquirementStatus":"SUCCESS","tradeStatus":"TRADE_SUCCESS"`), "success"},
		{"two words that disagree", result("S", "SUCCESS", `"acquirementStatus":"SUCCESS","tradeStatus":"TRADE_CLOSED"`), "in_process class ask_again"},
		{"paid for another amount", result("S", "SUCCESS", otherAmount, `"acquirementStatus":"SUCCESS"`), "no_answer anomaly other_amount"},
		{"waiting for another amount", result("S", "SUCCESS", otherMoney, `"acquirementStatus":"INIT"`), "no_answer anomaly other_amount"},
		{"closed for another amount", result("S", "SUCCESS", otherAmount, `"acquirementStatus":"CLOSED"`), "no_answer"},
		{"paid, amount unreadable", result("S", "SUCCESS", badAmount, `"acquirementStatus":"SUCCESS"`), "no_answer"},
		{"another merchantTransId", result("S", "SUCCESS", `"merchantTransId":"x","acquirementStatus":"SUCCESS"`), "no_answer"},
		{"U with a word that says paid", result("U", "UNKNOWN_EXCEPTION", `"acquirementStatus":"SUCCESS"`), "in_process class ask_again"},
		{"U waiting", result("U", "PAYMENT_IN_PROCESS"), "in_process class ask_again confirm"},
		{"F not found", result("F", "ORDER_NOT_EXIST"), "not_found class ask_again"},
		{"F not found, mainland", result("F", "ACQ.TRADE_NOT_EXIST"), "not_found class ask_again"},
		{"F set-up", result("F", "CLIENT_INVALID"), "refused class setup"},
		{"F system error", result("F", "SYSTEM_ERROR"), "in_process class ask_again"},
		{"F unlisted", result("F", "MOON_IN_THE_WRONG_HOUSE"), "in_process class ask_again"},
		{"F with a word that says closed", result("F", "PROCESS_FAIL", `"acquirementStatus":"CLOSED"`), "in_process class ask_again"},
		{"F with a word that says paid", result("F", "PROCESS_FAIL", `"acquirementStatus":"SUCCESS"`), "in_process class ask_again"},
	}
	for want, words := range map[string]string{
		"success":                            "SUCCESS TRADE_SUCCESS TRADE_FINISHED success Trade_Success",
		"failure class other_means":          "CLOSED CANCELLED CANCELED TRADE_CLOSED FAIL FAILED closed",
		"in_process class ask_again confirm": "WAIT_BUYER_PAY INIT PAYING PROCESSING paying",
		"in_process class ask_again":         "MERCHANT_ACCEPT PENDING UNHEARD_OF",
	} {
		for _, word := range strings.Fields(words) {
			for _, field := range []string{"acquirementStatus", "payStatus", "paymentStatus", "transStatus", "tradeStatus"} {
				rows = append(rows, struct{ name, body, want string }{
					field + " " + word, result("S", "SUCCESS", sameTrade, sameAmount, fmt.Sprintf("%q:%q", field, word)), want})
			}
		}
	}
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			if got := outline(judge(t, c, request(t, offline.OpQuery), tc.body)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAnswersToCancelAndRefund(t *testing.T) {
	c := newClient(t, nil)
	for _, tc := range []struct {
		name string
		op   offline.Op
		body string
		want string
	}{
		{"S", offline.OpCancel, result("S", "SUCCESS"), "success"},
		{"S closed", offline.OpCancel, result("S", "SUCCESS", `"action":"CLOSE"`), "success undo closed"},
		{"S returned", offline.OpCancel, result("S", "SUCCESS", `"action":"refund"`), "success undo returned"},
		{"S with an unknown action", offline.OpCancel, result("S", "SUCCESS", `"action":"SHRUG"`), "success"},
		{"S for another trade", offline.OpCancel, result("S", "SUCCESS", `"merchantTransId":"x"`), "no_answer"},
		{"S of another amount is done and raised", offline.OpCancel, result("S", "SUCCESS", otherAmount), "success anomaly other_amount"},
		{"U", offline.OpCancel, result("U", "UNKNOWN_EXCEPTION"), "in_process class ask_again"},
		{"U in process asks nobody to confirm", offline.OpCancel, result("U", "PAYMENT_IN_PROCESS"), "in_process class ask_again"},
		{"F", offline.OpCancel, result("F", "ORDER_STATUS_INVALID"), "failure class supervisor"},
		{"F of no trade", offline.OpCancel, result("F", "ORDER_NOT_EXIST"), "failure class supervisor"},
		{"F unlisted", offline.OpCancel, result("F", "MOON_IN_THE_WRONG_HOUSE"), "failure class supervisor"},
		{"F too late", offline.OpCancel, result("F", "CANCEL_WINDOW_EXCEED"), "too_late class supervisor"},
		{"F set-up", offline.OpCancel, result("F", "PARAM_ILLEGAL"), "refused class setup"},
		{"F system error", offline.OpCancel, result("F", "SYSTEM_ERROR"), "in_process class ask_again"},

		{"S", offline.OpRefund, result("S", "SUCCESS", `"merchantRefundId":"R-1001-1","refundAmount":{"currency":"HKD","value":"2000"}`, sameAmount), "success"},
		{"S alone", offline.OpRefund, result("S", "SUCCESS"), "success"},
		{"S of another refund", offline.OpRefund, result("S", "SUCCESS", `"merchantRefundId":"R-1001-2"`), "no_answer"},
		{"S for another trade", offline.OpRefund, result("S", "SUCCESS", `"acquirementId":"1"`), "no_answer"},
		{"S of another amount", offline.OpRefund, result("S", "SUCCESS", `"refundAmount":{"currency":"HKD","value":"2001"}`), "no_answer anomaly other_amount"},
		{"S with an amount that cannot be read", offline.OpRefund, result("S", "SUCCESS", `"refundAmount":{"currency":"HKD","value":"2e3"}`), "no_answer"},
		{"S of an order of another amount", offline.OpRefund, result("S", "SUCCESS", otherAmount), "no_answer anomaly other_amount"},
		{"U", offline.OpRefund, result("U", "UNKNOWN_EXCEPTION"), "in_process class ask_again"},
		{"F", offline.OpRefund, result("F", "REFUND_AMOUNT_EXCEED"), "failure class supervisor"},
		{"F too late", offline.OpRefund, result("F", "REFUND_WINDOW_EXCEED"), "too_late class supervisor"},
		{"F set-up", offline.OpRefund, result("F", "ACCESS_DENIED"), "refused class setup"},
		{"F system error", offline.OpRefund, result("F", "SYSTEM_ERROR"), "in_process class ask_again"},
	} {
		t.Run(string(tc.op)+"/"+tc.name, func(t *testing.T) {
			if got := outline(judge(t, c, request(t, tc.op), tc.body)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAnswerAboutAnotherTradeLeavesNothingBehind(t *testing.T) {
	c := newClient(t, nil)
	got := judge(t, c, request(t, offline.OpPay), result("S", "SUCCESS",
		`"merchantTransId":"other","acquirementId":"`+testAcqID+`"`, sameAmount, paymentTime))
	detail := got.Detail
	got.Detail = ""
	if got != (offline.Outcome{Kind: offline.NoAnswer}) || !strings.Contains(detail, "other") {
		t.Errorf("%+v, %q", got, detail)
	}
}

func TestQueryKnowsTheTradeByItsAcquirementID(t *testing.T) {
	c := newClient(t, nil)
	req := request(t, offline.OpQuery)
	req.AcquirementID = testAcqID
	body := func(id string) string {
		return result("S", "SUCCESS", `"acquirementId":"`+id+`","acquirementStatus":"SUCCESS"`)
	}
	if got := judge(t, c, req, body(testAcqID)); got.Kind != offline.Success {
		t.Errorf("the same: %s", outline(got))
	}
	if got := judge(t, c, req, body("2026112112007101547201355679")); got.Kind != offline.NoAnswer {
		t.Errorf("another: %s", outline(got))
	}
}

func TestOutcomeCarriesWhatTheAnswerSays(t *testing.T) {
	c := newClient(t, nil)
	got := judge(t, c, request(t, offline.OpQuery), result("s", "SUCCESS", sameTrade, sameAmount, paymentTime,
		`"payAmount":{"currency":"CNY","value":"11791"}`, `"acquirementStatus":"trade_success"`))
	if got.ResultStatus != "S" || got.ResultCode != "SUCCESS" || got.ResultMsg != "text" ||
		got.AcquirementID != testAcqID || got.TradeStatus != "TRADE_SUCCESS" ||
		got.PayAmount == nil || *got.PayAmount != (offline.Money{Currency: "CNY", Value: 11791}) ||
		got.PaymentTime != "2026-11-21T09:30:01+08:00" {
		t.Errorf("%+v", got)
	}
	anomaly := judge(t, c, request(t, offline.OpPay), result("S", "SUCCESS", sameTrade, otherAmount))
	if anomaly.AcquirementID != testAcqID || !strings.Contains(anomaly.Detail, "12851") || !anomaly.Verified() {
		t.Errorf("%+v", anomaly)
	}
}

func TestLongAndForeignTextsAreCutAndCleaned(t *testing.T) {
	c := newClient(t, nil)
	long := strings.Repeat("余额不足 ", 300)
	for _, tc := range []struct{ name, msg, want string }{
		{"long", long, ""},
		{"control characters", "no\tmoney\r\n\x1b[31mtoday\u202e", "no money   [31mtoday"},
		{"the payment code", "code " + testCode + " is used", "code 28••••••••••••1234 is used"},
		{"another payment code", "2912345678901234567", "29•••••••••••••4567"},
		{"a gateway's id", testAcqID, testAcqID},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"resultInfo":{"resultStatus":"F","resultCode":%s,"resultMsg":%s}}`, quoteJSON(tc.msg), quoteJSON(tc.msg))
			got := judge(t, c, request(t, offline.OpPay), body)
			if len(got.ResultMsg) > 256 || len(got.ResultCode) > 64 || strings.Contains(fmt.Sprint(got), testCode) {
				t.Errorf("%d and %d bytes: %v", len(got.ResultMsg), len(got.ResultCode), got)
			}
			if tc.want != "" && got.ResultMsg != tc.want {
				t.Errorf("got %q, want %q", got.ResultMsg, tc.want)
			}
		})
	}
}

func TestBrokenCharactersInAnAnswerAreDropped(t *testing.T) {
	c := newClient(t, nil)
	for _, msg := range []string{`"\ud83d no"`, "\"\xff no\""} {
		got := judge(t, c, request(t, offline.OpPay), `{"resultInfo":{"resultStatus":"F","resultCode":"X","resultMsg":`+msg+`}}`)
		if got.ResultMsg != "no" {
			t.Errorf("%s: %q", msg, got.ResultMsg)
		}
	}
}

func TestUnusableAcquirementIDIsLeftOutAndSaid(t *testing.T) {
	c := newClient(t, nil)
	for _, id := range []string{strings.Repeat("1", 65), "a b", "a\\u0000", "é", testCode} {
		got := judge(t, c, request(t, offline.OpPay), result("S", "SUCCESS", `"acquirementId":"`+id+`"`))
		if got.Kind != offline.Success || got.AcquirementID != "" || got.Detail == "" {
			t.Errorf("%q: %+v", id, got)
		}
	}
}
