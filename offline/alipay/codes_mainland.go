package alipay

import (
	"slices"

	"posagent/offline"
)

// mainlandCodes are the sub-codes of alipay.trade.pay, which the wire spells
// with the prefix "ACQ.", and the gateway's own numbers (opendocs.alipay.com).
func mainlandCodes() []Code {
	return slices.Concat(
		contradiction("10000"),
		unsure("10003", "20000", "SYSTEM_ERROR", "WAIT_BUYER_PAY"),
		refusal(offline.ClassOtherMeans, "40004", "BUYER_BANKCARD_BALANCE_NOT_ENOUGH", "BUYER_SELLER_EQUAL",
			"BEYOND_PAY_RESTRICTION", "BEYOND_PER_RECEIPT_RESTRICTION", "PAYMENT_REQUEST_HAS_RISK",
			"NO_PAYMENT_INSTRUMENTS_AVAILABLE"),
		refusal(offline.ClassRescan, "PAYMENT_AUTH_CODE_INVALID", "PULL_MOBILE_CASHIER_FAIL", "PAYMENT_FAIL"),
		refusal(offline.ClassTopUp, "TOTAL_FEE_EXCEED", "BUYER_BALANCE_NOT_ENOUGH",
			"BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"),
		refusal(offline.ClassWallet, "ERROR_BALANCE_PAYMENT_DISABLE", "MOBILE_PAYMENT_SWITCH_OFF",
			"USER_FACE_PAYMENT_SWITCH_OFF", "BUYER_ENABLE_STATUS_FORBID", "ERROR_BUYER_CERTIFY_LEVEL_LIMIT"),
		// The text of one order: other sales go on, so it is no set-up fault.
		refusal(offline.ClassSupervisor, "EXIST_FORBIDDEN_WORD"),
		used("CONTEXT_INCONSISTENT", "TRADE_HAS_CLOSE", "TRADE_BUYER_NOT_MATCH", "TRADE_HAS_SUCCESS"),
		missing("TRADE_NOT_EXIST"),
		setup("INVALID_PARAMETER", "ACCESS_FORBIDDEN", "PARTNER_ERROR", "SELLER_BEEN_BLOCKED"),
	)
}
