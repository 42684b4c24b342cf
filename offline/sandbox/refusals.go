package sandbox

import "strings"

// refusalKind is what the books hold after an F on pay.
type refusalKind string

const (
	refusedByWallet refusalKind = "wallet"  // the trade is closed, nothing was taken
	refusedAsSetup  refusalKind = "setup"   // the message was not taken: no trade
	foundClosed     refusalKind = "closed"  // the code speaks of an earlier trade, and that one is closed
	foundNothing    refusalKind = "nothing" // the code speaks of an earlier trade that a query does not find
	foundPaid       refusalKind = "paid"    // the code speaks of an earlier trade, and that one is paid
)

type refusalRow struct {
	amount int64
	code   string
	kind   refusalKind
}

// refusalRows gives every published refusal an amount. Amounts stay: people
// write them on training cards.
func refusalRows() []refusalRow {
	return []refusalRow{
		// Codes of pay and inquiry (docs.antom.com, AMS).
		{10501, "EXPIRED_CODE", refusedByWallet},
		{10502, "INVALID_PAYMENT_CODE", refusedByWallet},
		{10503, "USER_BALANCE_NOT_ENOUGH", refusedByWallet},
		{10504, "USER_AMOUNT_EXCEED_LIMIT", refusedByWallet},
		{10506, "PAYMENT_AMOUNT_EXCEED_LIMIT", refusedByWallet},
		{10507, "PAYMENT_COUNT_EXCEED_LIMIT", refusedByWallet},
		{10508, "USER_NOT_EXIST", refusedByWallet},
		{10511, "USER_STATUS_ABNORMAL", refusedByWallet},
		{10512, "USER_KYC_NOT_QUALIFIED", refusedByWallet},
		{10513, "USER_PAYMENT_VERIFICATION_FAILED", refusedByWallet},
		{10514, "VERIFY_TIMES_EXCEED_LIMIT", refusedByWallet},
		{10516, "VERIFY_UNMATCHED", refusedByWallet},
		{10517, "NO_PAY_OPTIONS", refusedByWallet},
		{10518, "PAYMENT_NOT_QUALIFIED", refusedByWallet},
		{10521, "RISK_REJECT", refusedByWallet},
		{10522, "FRAUD_REJECT", refusedByWallet},
		{10523, "ORDER_IS_CANCELED", foundClosed},
		{10524, "ORDER_IS_CLOSED", foundClosed},
		{10526, "ORDER_NOT_EXIST", foundNothing},
		{10527, "ORDER_STATUS_INVALID", foundClosed},
		{10528, "REPEAT_REQ_INCONSISTENT", foundNothing},
		{10531, "PROCESS_FAIL", foundClosed},
		{10532, "SYSTEM_ERROR", foundClosed},
		{10533, "CURRENCY_NOT_SUPPORT", refusedAsSetup},
		{10534, "SETTLE_CONTRACT_NOT_MATCH", refusedAsSetup},
		{10536, "INVALID_CONTRACT", refusedAsSetup},
		{10537, "INVALID_MERCHANT_STATUS", refusedAsSetup},
		{10538, "MERCHANT_NOT_REGISTERED", refusedAsSetup},
		{10541, "MERCHANT_KYB_NOT_QUALIFIED", refusedAsSetup},
		{10542, "ACCESS_DENIED", refusedAsSetup},
		{10543, "PARAM_ILLEGAL", refusedAsSetup},
		{10544, "INVALID_SIGNATURE", refusedAsSetup},
		{10546, "CLIENT_INVALID", refusedAsSetup},
		{10547, "KEY_NOT_FOUND", refusedAsSetup},
		{10548, "INVALID_API", refusedAsSetup},
		{10551, "NO_INTERFACE_DEF", refusedAsSetup},
		{10552, "METHOD_NOT_SUPPORTED", refusedAsSetup},
		{10553, "MEDIA_TYPE_NOT_ACCEPTABLE", refusedAsSetup},
		{10554, "INVALID_PAYMENT_METHOD_META_DATA", refusedAsSetup},
		{10556, "INVALID_ACCESS_TOKEN", refusedAsSetup},
		// More names of the Alipay+ acquirer interface (docs.alipayplus.com).
		{10557, "BUSINESS_NOT_SUPPORT", refusedAsSetup},
		{10558, "INVALID_CLIENT", refusedAsSetup},
		{10561, "INVALID_CODE", refusedByWallet},
		{10562, "INVALID_TOKEN", refusedAsSetup},
		{10563, "REGULATION_RESTRICTION", refusedByWallet},
		{10564, "UNAVAILABLE_PAYMENT_METHOD", refusedByWallet},
		// Sub-codes of alipay.trade.pay (Alipay's open platform).
		{10566, "ACQ.SYSTEM_ERROR", foundClosed},
		{10567, "ACQ.INVALID_PARAMETER", refusedAsSetup},
		{10568, "ACQ.ACCESS_FORBIDDEN", refusedAsSetup},
		{10571, "ACQ.EXIST_FORBIDDEN_WORD", refusedAsSetup},
		{10572, "ACQ.PARTNER_ERROR", refusedAsSetup},
		{10573, "ACQ.TOTAL_FEE_EXCEED", refusedByWallet},
		{10574, "ACQ.PAYMENT_AUTH_CODE_INVALID", refusedByWallet},
		{10576, "ACQ.CONTEXT_INCONSISTENT", foundClosed},
		{10577, "ACQ.TRADE_HAS_CLOSE", foundClosed},
		{10578, "ACQ.TRADE_BUYER_NOT_MATCH", foundClosed},
		{10581, "ACQ.TRADE_HAS_SUCCESS", foundPaid},
		{10582, "ACQ.BUYER_BALANCE_NOT_ENOUGH", refusedByWallet},
		{10583, "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", refusedByWallet},
		{10584, "ACQ.ERROR_BALANCE_PAYMENT_DISABLE", refusedByWallet},
		{10586, "ACQ.MOBILE_PAYMENT_SWITCH_OFF", refusedByWallet},
		{10587, "ACQ.USER_FACE_PAYMENT_SWITCH_OFF", refusedByWallet},
		{10588, "ACQ.BUYER_SELLER_EQUAL", refusedByWallet},
		{10591, "ACQ.BUYER_ENABLE_STATUS_FORBID", refusedByWallet},
		{10592, "ACQ.PULL_MOBILE_CASHIER_FAIL", refusedByWallet},
		{10593, "ACQ.PAYMENT_FAIL", refusedByWallet},
		{10594, "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", refusedByWallet},
		{10596, "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", refusedByWallet},
		{10597, "ACQ.BEYOND_PAY_RESTRICTION", refusedByWallet},
		{10598, "ACQ.BEYOND_PER_RECEIPT_RESTRICTION", refusedByWallet},
		{10601, "ACQ.SELLER_BEEN_BLOCKED", refusedByWallet},
		{10602, "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT", refusedByWallet},
		{10603, "ACQ.PAYMENT_REQUEST_HAS_RISK", refusedByWallet},
		{10604, "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", refusedByWallet},
		// Codes of the older interfaces (docs.antom.com/ac/gr/error_code).
		{10606, "ILLEGAL_SIGN", refusedAsSetup},
		{10607, "INVALID_PARAMETER", refusedAsSetup},
		{10608, "ILLEGAL_ARGUMENT", refusedAsSetup},
		{10611, "ILLEGAL_PARTNER", refusedAsSetup},
		{10612, "ILLEGAL_EXTERFACE", refusedAsSetup},
		{10613, "ILLEGAL_PARTNER_EXTERFACE", refusedAsSetup},
		{10614, "ILLEGAL_SIGN_TYPE", refusedAsSetup},
		{10616, "HAS_NO_PRIVILEGE", refusedAsSetup},
		{10617, "ACCESS_FORBIDDEN", refusedAsSetup},
		{10618, "AGREEMENT_NOT_EXIST", refusedAsSetup},
		{10621, "BEYOND_PAY_RESTRICTION", refusedByWallet},
		{10622, "BUYER_BALANCE_NOT_ENOUGH", refusedByWallet},
		{10623, "BUYER_BANKCARD_BALANCE_NOT_ENOUGH", refusedByWallet},
		{10624, "BUYER_ENABLE_STATUS_FORBID", refusedByWallet},
		{10626, "BUYER_NOT_EXIST", refusedByWallet},
		{10627, "BUYER_NOT_MAINLAND_CERT", refusedByWallet},
		{10628, "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", refusedByWallet},
		{10631, "TRADE_BUYER_NOT_MATCH", foundClosed},
		{10632, "TRADE_HAS_CLOSE", foundClosed},
		{10633, "TRADE_HAS_SUCCESS", foundPaid},
		// A code that no list has.
		{10634, "CODE_OF_TOMORROW", refusedByWallet},
	}
}

func refusals() []Scenario {
	var out []Scenario
	for _, r := range refusalRows() {
		s := Scenario{
			Name:   "f_" + strings.ToLower(strings.ReplaceAll(r.code, ".", "_")),
			Amount: r.amount, Ends: endDeclined,
		}
		answers := "pay answers F " + r.code
		switch r.kind {
		case refusedByWallet:
			s.What = answers + "; nothing is taken"
			s.Pay = []Step{{Effect: EffectDecline, Code: r.code}}
		case foundClosed:
			s.What = answers + "; a query finds the trade closed"
			s.Ends = endDeclined + " or " + endCancelled
			s.Pay = []Step{{Effect: EffectDecline, Code: r.code}}
		case refusedAsSetup:
			s.What = answers + ": the terminal or the merchant is wrongly set up; no trade exists"
			s.Pay = []Step{{Effect: EffectNone, Say: Result{Status: "F", Code: r.code}}}
		case foundNothing:
			s.What = answers + "; a query does not find the trade"
			s.Pay = []Step{{Effect: EffectNone, Say: Result{Status: "F", Code: r.code}}}
			s.Ends = endDeclined + " or " + endCancelled
		case foundPaid:
			s.What = answers + " and the money was taken; a query finds the trade paid"
			s.Pay = []Step{{Say: Result{Status: "F", Code: r.code}}}
			s.Ends = endPaid
		}
		out = append(out, s)
	}
	return out
}
