package alipay

import (
	"strings"
	"testing"

	"posagent/offline"
)

// The published names, list by list, with what each F means on a first pay. A
// code that is missing here or in the table fails the test.
var published = []struct {
	source string
	rows   string // "kind class: codes"
}{
	{"AMS pay and inquiry", `
		in_process ask_again: PAYMENT_IN_PROCESS UNKNOWN_EXCEPTION REQUEST_TRAFFIC_EXCEED_LIMIT SYSTEM_ERROR
		in_process supervisor: SUCCESS
		in_process ask_again: ORDER_IS_CANCELED ORDER_IS_CLOSED ORDER_STATUS_INVALID REPEAT_REQ_INCONSISTENT ORDER_NOT_EXIST
		failure rescan: EXPIRED_CODE INVALID_PAYMENT_CODE USER_PAYMENT_VERIFICATION_FAILED
		failure top_up: USER_BALANCE_NOT_ENOUGH USER_AMOUNT_EXCEED_LIMIT PAYMENT_AMOUNT_EXCEED_LIMIT
		failure wallet: USER_STATUS_ABNORMAL USER_KYC_NOT_QUALIFIED
		failure other_means: PAYMENT_COUNT_EXCEED_LIMIT USER_NOT_EXIST VERIFY_TIMES_EXCEED_LIMIT VERIFY_UNMATCHED
		failure other_means: NO_PAY_OPTIONS PAYMENT_NOT_QUALIFIED RISK_REJECT FRAUD_REJECT PROCESS_FAIL
		failure setup: CURRENCY_NOT_SUPPORT SETTLE_CONTRACT_NOT_MATCH INVALID_CONTRACT INVALID_MERCHANT_STATUS
		failure setup: MERCHANT_NOT_REGISTERED MERCHANT_KYB_NOT_QUALIFIED ACCESS_DENIED PARAM_ILLEGAL INVALID_SIGNATURE
		failure setup: CLIENT_INVALID KEY_NOT_FOUND INVALID_API NO_INTERFACE_DEF METHOD_NOT_SUPPORTED
		failure setup: MEDIA_TYPE_NOT_ACCEPTABLE INVALID_PAYMENT_METHOD_META_DATA INVALID_ACCESS_TOKEN`},
	{"Alipay+ ACQP", `
		failure setup: BUSINESS_NOT_SUPPORT INVALID_CLIENT INVALID_TOKEN
		failure rescan: INVALID_CODE
		failure other_means: REGULATION_RESTRICTION UNAVAILABLE_PAYMENT_METHOD
		in_process supervisor: CANCEL_WINDOW_EXCEED REFUND_WINDOW_EXCEED REFUND_AMOUNT_EXCEED`},
	{"mainland", `
		in_process supervisor: 10000
		in_process ask_again: 10003 20000 ACQ.SYSTEM_ERROR WAIT_BUYER_PAY
		in_process ask_again: ACQ.CONTEXT_INCONSISTENT ACQ.TRADE_HAS_CLOSE ACQ.TRADE_BUYER_NOT_MATCH ACQ.TRADE_HAS_SUCCESS
		in_process ask_again: ACQ.TRADE_NOT_EXIST
		failure other_means: 40004 ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH ACQ.BUYER_SELLER_EQUAL ACQ.BEYOND_PAY_RESTRICTION
		failure other_means: ACQ.BEYOND_PER_RECEIPT_RESTRICTION ACQ.PAYMENT_REQUEST_HAS_RISK ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE
		failure rescan: ACQ.PAYMENT_AUTH_CODE_INVALID ACQ.PULL_MOBILE_CASHIER_FAIL ACQ.PAYMENT_FAIL
		failure top_up: ACQ.TOTAL_FEE_EXCEED ACQ.BUYER_BALANCE_NOT_ENOUGH
		failure top_up: ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR
		failure wallet: ACQ.ERROR_BALANCE_PAYMENT_DISABLE ACQ.MOBILE_PAYMENT_SWITCH_OFF ACQ.USER_FACE_PAYMENT_SWITCH_OFF
		failure wallet: ACQ.BUYER_ENABLE_STATUS_FORBID ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT
		failure supervisor: ACQ.EXIST_FORBIDDEN_WORD
		failure setup: ACQ.INVALID_PARAMETER ACQ.ACCESS_FORBIDDEN ACQ.PARTNER_ERROR ACQ.SELLER_BEEN_BLOCKED`},
	{"MAPI", `
		in_process ask_again: SYSTEM_ERROR TRADE_BUYER_NOT_MATCH TRADE_HAS_CLOSE
		failure setup: ILLEGAL_SIGN INVALID_PARAMETER ILLEGAL_ARGUMENT ILLEGAL_PARTNER ILLEGAL_EXTERFACE
		failure setup: ILLEGAL_PARTNER_EXTERFACE ILLEGAL_SIGN_TYPE HAS_NO_PRIVILEGE ACCESS_FORBIDDEN
		failure other_means: AGREEMENT_NOT_EXIST BEYOND_PAY_RESTRICTION BUYER_BANKCARD_BALANCE_NOT_ENOUGH
		failure top_up: BUYER_BALANCE_NOT_ENOUGH BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR
		failure wallet: BUYER_ENABLE_STATUS_FORBID BUYER_NOT_MAINLAND_CERT
		failure rescan: BUYER_NOT_EXIST`},
}

// eachPublished calls f with every published code, its prefix included.
func eachPublished(t *testing.T, f func(t *testing.T, code string, kind offline.OutcomeKind, class offline.ReasonClass)) {
	t.Helper()
	for _, list := range published {
		for line := range strings.Lines(strings.TrimSpace(list.rows)) {
			head, names, _ := strings.Cut(line, ":")
			want := strings.Fields(head)
			for _, code := range strings.Fields(names) {
				t.Run(list.source+"/"+code, func(t *testing.T) {
					f(t, code, offline.OutcomeKind(want[0]), offline.ReasonClass(want[1]))
				})
			}
		}
	}
}

func TestEveryPublishedCodeHasItsRow(t *testing.T) {
	table := newCodeTable()
	count := map[string]bool{}
	eachPublished(t, func(t *testing.T, code string, kind offline.OutcomeKind, class offline.ReasonClass) {
		row, ok := table.lookup(code)
		if !ok || row.Pay != kind || row.Class != class {
			t.Errorf("row %+v, want pay %s, class %s", row, kind, class)
		}
		count[row.Name] = true
	})
	if len(count) != len(Codes()) {
		t.Errorf("the table has %d codes, %d are published", len(Codes()), len(count))
	}
}

func TestCodesAreListedOnceEach(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if seen[c.Name] {
			t.Errorf("%s has two rows that differ", c.Name)
		}
		seen[c.Name] = true
	}
}

// TestNoCodeLetsAQueryEndAPayment: an F on a query is about the question.
func TestNoCodeLetsAQueryEndAPayment(t *testing.T) {
	for _, c := range Codes() {
		switch c.Query {
		case offline.InProcess, offline.NotFound, offline.Refused:
		default:
			t.Errorf("%s on a query is %s", c.Name, c.Query)
		}
	}
}

func TestLookupKnowsCodesInEverySpelling(t *testing.T) {
	table := newCodeTable()
	for _, s := range []string{"TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_SUCCESS", "acq.trade_has_success", " Trade_Has_Success "} {
		if row, ok := table.lookup(s); !ok || row.Name != "TRADE_HAS_SUCCESS" {
			t.Errorf("%q: %+v, %v", s, row, ok)
		}
	}
	if row, ok := table.lookup("TRADE_HAS"); ok {
		t.Errorf("a part of a name was taken for %s", row.Name)
	}
}
