package sandbox

import (
	"slices"
	"strings"
	"time"
)

// What a terminal can end with.
const (
	endPaid      = "paid"
	endDeclined  = "declined"
	endCancelled = "cancelled"
	endAttention = "attention"
)

// Catalogue is every scenario, by amount. All amounts stand between 10101 and
// 10899 and none ends in 0, 5 or 9, so that prices stay what they are.
func Catalogue() []Scenario {
	return slices.Concat(
		[]Scenario{{Name: "paid", What: "paid at once", Ends: endPaid}},
		timings(), brokenAnswers(), unclearResults(), queryTroubles(), refusals(), cancelTroubles(), refundTroubles(),
	)
}

// Shorthands for the tables.
func unknown() Result { return Result{Status: "U", Code: codeUnknown} }

func notExist() Step { return Step{Say: Result{Status: "F", Code: codeNotExist}} }

func silent() Step { return Step{Fault: FaultSilent} }

// always makes a step repeat for ever.
func always(s Step) []Step {
	s.Repeat = true
	return []Step{s}
}

func timings() []Scenario {
	return []Scenario{
		{Name: "slow_3s", Amount: 10101, Ends: endPaid, What: "charged at once, the answer takes 3 s",
			Pay: []Step{{Delay: 3 * time.Second}}},
		{Name: "slow_7s", Amount: 10102, Ends: endPaid, What: "charged at once, the answer takes 7 s; queries before it find it paid",
			Pay: []Step{{Delay: 7 * time.Second}}},
		{Name: "late_answer", Amount: 10103, Ends: endPaid, What: "charged at once, the answer takes 20 s: nobody waits for it any more",
			Pay: []Step{{Delay: 20 * time.Second}}},
		{Name: "arrives_late", Amount: 10104, Ends: endPaid, What: "the pay is under way for 7 s: queries overtake it and find nothing; then it is charged and answered",
			Pay: []Step{{Effect: EffectHold, After: 7 * time.Second, Delay: 7 * time.Second}}},
		{Name: "confirm", Amount: 10106, Ends: endPaid, What: "the customer confirms on the phone, seen by the second query",
			Pay: []Step{{Effect: EffectConfirm}}},
		{Name: "confirm_late", Amount: 10107, Ends: endPaid, What: "the customer confirms, seen by the eighth query",
			Pay: []Step{{Effect: EffectConfirm, Query: 8}}},
		{Name: "confirm_last", Amount: 10108, Ends: endPaid, What: "the customer confirms, seen by the twentieth query",
			Pay: []Step{{Effect: EffectConfirm, Query: 20}}},
		{Name: "confirm_never", Amount: 10111, Ends: endCancelled, What: "the customer never confirms; the cancel closes the trade",
			Pay: []Step{{Effect: EffectPending}}},
		{Name: "confirm_refused", Amount: 10112, Ends: endCancelled, What: "the customer refuses on the phone: the second query finds the trade closed",
			Pay: []Step{{Effect: EffectDeclineLater, Query: 2, Code: "USER_PAYMENT_VERIFICATION_FAILED"}}},
		{Name: "lower_case", Amount: 10113, Ends: endPaid, What: "paid, and resultStatus is a small s",
			Pay: []Step{{Say: Result{Status: "s", Code: codeSuccess}}}},
		{Name: "long_text", Amount: 10114, Ends: endDeclined, What: "F RISK_REJECT with a text of 4,000 bytes, line breaks and other scripts",
			Pay: []Step{{Effect: EffectDecline, Code: "RISK_REJECT", Say: Result{
				Status: "F", Code: "RISK_REJECT", Msg: strings.Repeat("拒绝\n\t<b>refused</b> \u202e", 133)}}}},
	}
}

// brokenAnswers has every fault of the answer to pay twice: 102xx with the
// charge made, 103xx with the pay never processed although the broken answer
// says that it was.
func brokenAnswers() []Scenario {
	rows := []struct {
		last  int64
		fault Fault
		what  string
	}{
		{1, FaultSilent, "no answer comes, the connection stays open"},
		{2, FaultDrop, "the connection closes without an answer"},
		{3, FaultReset, "the connection is reset after the request was read"},
		{4, FaultResetEarly, "the connection is reset while the request is being sent"},
		{6, FaultCut, "half of the answer comes"},
		{7, FaultDrip, "the answer comes at one byte each 200 ms"},
		{8, FaultHTTP500, "HTTP 500"},
		{11, FaultBadGateway, "HTTP 502 with a proxy's page"},
		{12, FaultProxyPage, "HTTP 200 with a log-in page"},
		{13, FaultRedirect, "HTTP 307 to another host"},
		{14, FaultEmpty, "HTTP 200 without a body"},
		{16, FaultBadSignature, "the signature is wrong"},
		{17, FaultNoSignature, "there is no signature"},
		{18, FaultForeignKey, "the signature is by another key than Alipay's"},
		{21, FaultReformatted, "white space was changed after signing"},
		{22, FaultForeignMsgID, "signed, for somebody else's reqMsgId"},
		{23, FaultForeignTrans, "signed, for another merchantTransId"},
		{24, FaultOtherFunction, "signed, for another function"},
		{26, FaultOtherAmount, "signed, with another amount"},
		{27, FaultOtherCurrency, "signed, with another currency"},
		{28, FaultDuplicateKeys, "a forged second \"response\""},
		{31, FaultCaseKeys, "a forged \"Response\" beside the signed \"response\""},
		{32, FaultInnerKeys, "signed, with two different resultStatus"},
		{33, FaultOversized, "signed, 2 MiB long"},
		{34, FaultTrailing, "a second, forged answer behind the first"},
	}
	var out []Scenario
	for _, r := range rows {
		paid, unpaid := endPaid, endCancelled
		if r.fault == FaultOtherAmount || r.fault == FaultOtherCurrency {
			paid = endCancelled + " or " + endAttention
			unpaid = paid
		}
		out = append(out,
			Scenario{Name: string(r.fault), Amount: 10200 + r.last, Ends: paid, What: "charged; " + r.what,
				Pay: []Step{{Fault: r.fault}}},
			Scenario{Name: string(r.fault) + "_unpaid", Amount: 10300 + r.last, Ends: unpaid, What: "never processed; " + r.what,
				Pay: []Step{{Effect: EffectNone, Say: Result{Status: "S", Code: codeSuccess}, Fault: r.fault}}})
	}
	return out
}

func unclearResults() []Scenario {
	return []Scenario{
		{Name: "unknown_paid", Amount: 10401, Ends: endPaid, What: "U UNKNOWN_EXCEPTION, and it was charged",
			Pay: []Step{{Say: unknown()}}},
		{Name: "unknown_closed", Amount: 10402, Ends: endCancelled, What: "U UNKNOWN_EXCEPTION, then the first query finds the trade closed",
			Pay: []Step{{Effect: EffectDeclineLater, Query: 1, Code: "PROCESS_FAIL", Say: unknown()}}},
		{Name: "unknown_lost", Amount: 10403, Ends: endCancelled, What: "U UNKNOWN_EXCEPTION, and no trade ever exists",
			Pay: []Step{{Effect: EffectNone, Say: unknown()}}},
		{Name: "unknown_busy", Amount: 10404, Ends: endPaid, What: "U REQUEST_TRAFFIC_EXCEED_LIMIT, charged by the second query",
			Pay: []Step{{Effect: EffectConfirm, Query: 2, Say: Result{Status: "U", Code: "REQUEST_TRAFFIC_EXCEED_LIMIT"}}}},
		{Name: "unknown_lower_case", Amount: 10406, Ends: endPaid, What: "a small u as resultStatus, and it was charged",
			Pay: []Step{{Say: Result{Status: "u", Code: codeUnknown}}}},
		{Name: "unknown_letter", Amount: 10407, Ends: endPaid, What: "resultStatus X, which nobody knows, and it was charged",
			Pay: []Step{{Say: Result{Status: "X", Code: "SOMETHING_ELSE"}}}},
		{Name: "not_exist_once", Amount: 10408, Ends: endPaid, What: "charged, no answer; the first query says ORDER_NOT_EXIST",
			Pay: []Step{silent()}, Query: []Step{notExist()}},
		{Name: "not_exist_twice", Amount: 10411, Ends: endPaid, What: "charged, no answer; two queries say ORDER_NOT_EXIST",
			Pay: []Step{silent()}, Query: []Step{notExist(), notExist()}},
		{Name: "not_exist_then_charged", Amount: 10412, Ends: endPaid, What: "no answer; the pay is under way until right before the third query",
			Pay: []Step{{Effect: EffectHold, Query: 3, Fault: FaultSilent}}},
		{Name: "not_exist_though_charged", Amount: 10413, Ends: endCancelled, What: "charged, no answer; every query says ORDER_NOT_EXIST; the cancel gives the money back",
			Pay: []Step{silent()}, Query: always(notExist())},
		{Name: "pay_after_cancel", Amount: 10414, Ends: endCancelled, What: "no answer, nothing exists, the cancel succeeds; 8 s later the pay arrives and is charged; another cancel gives the money back",
			Pay: []Step{{Effect: EffectHold, OnCancel: true, After: 8 * time.Second, Fault: FaultSilent}}},
		{Name: "pay_after_cancel_query", Amount: 10416, Ends: endCancelled, What: "as pay_after_cancel, charged right before the third query after the cancel",
			Pay: []Step{{Effect: EffectHold, OnCancel: true, Query: 3, Fault: FaultSilent}}},
	}
}
