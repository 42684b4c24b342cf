package alipay

import (
	"slices"

	"posagent/offline"
)

// amsCodes are the codes of AMS pay and inquiry (docs.antom.com, AMS).
func amsCodes() []Code {
	return slices.Concat(
		contradiction("SUCCESS"),
		unsure("PAYMENT_IN_PROCESS", "UNKNOWN_EXCEPTION", "REQUEST_TRAFFIC_EXCEED_LIMIT", "SYSTEM_ERROR"),
		refusal(offline.ClassRescan, "EXPIRED_CODE", "INVALID_PAYMENT_CODE", "USER_PAYMENT_VERIFICATION_FAILED"),
		refusal(offline.ClassTopUp, "USER_BALANCE_NOT_ENOUGH", "USER_AMOUNT_EXCEED_LIMIT", "PAYMENT_AMOUNT_EXCEED_LIMIT"),
		refusal(offline.ClassWallet, "USER_STATUS_ABNORMAL", "USER_KYC_NOT_QUALIFIED"),
		refusal(offline.ClassOtherMeans, "PAYMENT_COUNT_EXCEED_LIMIT", "USER_NOT_EXIST",
			"VERIFY_TIMES_EXCEED_LIMIT", "VERIFY_UNMATCHED", "NO_PAY_OPTIONS", "PAYMENT_NOT_QUALIFIED",
			"RISK_REJECT", "FRAUD_REJECT", "PROCESS_FAIL"),
		used("ORDER_IS_CANCELED", "ORDER_IS_CLOSED", "ORDER_STATUS_INVALID", "REPEAT_REQ_INCONSISTENT"),
		missing("ORDER_NOT_EXIST"),
		setup("CURRENCY_NOT_SUPPORT", "SETTLE_CONTRACT_NOT_MATCH", "INVALID_CONTRACT", "INVALID_MERCHANT_STATUS",
			"MERCHANT_NOT_REGISTERED", "MERCHANT_KYB_NOT_QUALIFIED", "ACCESS_DENIED", "PARAM_ILLEGAL",
			"INVALID_SIGNATURE", "CLIENT_INVALID", "KEY_NOT_FOUND", "INVALID_API", "NO_INTERFACE_DEF",
			"METHOD_NOT_SUPPORTED", "MEDIA_TYPE_NOT_ACCEPTABLE", "INVALID_PAYMENT_METHOD_META_DATA",
			"INVALID_ACCESS_TOKEN"),
	)
}

// plusCodes are the names that Alipay+ adds (docs.alipayplus.com, ACQP pay,
// cancel and refund).
func plusCodes() []Code {
	return slices.Concat(
		setup("BUSINESS_NOT_SUPPORT", "INVALID_CLIENT", "INVALID_TOKEN"),
		refusal(offline.ClassRescan, "INVALID_CODE"),
		refusal(offline.ClassOtherMeans, "REGULATION_RESTRICTION", "UNAVAILABLE_PAYMENT_METHOD"),
		cancelTooLate("CANCEL_WINDOW_EXCEED"),
		refundTooLate("REFUND_WINDOW_EXCEED"),
		contradiction("REFUND_AMOUNT_EXCEED"),
	)
}
