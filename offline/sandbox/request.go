package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"posagent/offline"
)

// The result codes that the gateway itself can come to. Names as in the sibling
// products (docs.antom.com, pay and inquiry result codes).
const (
	codeSuccess             = "SUCCESS"
	codeInProcess           = "PAYMENT_IN_PROCESS"
	codeUnknown             = "UNKNOWN_EXCEPTION"
	codeNotExist            = "ORDER_NOT_EXIST"
	codeClosed              = "ORDER_IS_CLOSED"
	codeStatusInvalid       = "ORDER_STATUS_INVALID"
	codeInconsistent        = "REPEAT_REQ_INCONSISTENT"
	codeInvalidCode         = "INVALID_PAYMENT_CODE"
	codeRefundExceed        = "REFUND_AMOUNT_EXCEED"
	codeRefundWindow        = "REFUND_WINDOW_EXCEED"
	codeCancelWindow        = "CANCEL_WINDOW_EXCEED"
	codeParam               = "PARAM_ILLEGAL"
	codeSignature           = "INVALID_SIGNATURE"
	codeClient              = "CLIENT_INVALID"
	codeAPI                 = "INVALID_API"
	codeNoInterface         = "NO_INTERFACE_DEF"
	codeMethod              = "METHOD_NOT_SUPPORTED"
	codeMediaType           = "MEDIA_TYPE_NOT_ACCEPTABLE"
	codeMerchant            = "MERCHANT_NOT_REGISTERED"
	codeCurrency            = "CURRENCY_NOT_SUPPORT"
	version200              = "2.0.0"
	version202              = "2.0.2"
	version204              = "2.0.4"
	maxRequest        int64 = 64 << 10
)

// refusal is an F about the message itself: it says nothing about a trade.
type refusal struct{ code, msg string }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// head is the request's head as far as it could be read; a refusal echoes it.
type head struct {
	version, function, clientID string
	reqTime                     time.Time
	msgID                       offline.ReqMsgID
	signType                    string
	sha1                        bool // how the request turned out to be signed
}

// request is one message that passed every check.
type request struct {
	head
	op           offline.Op
	id           offline.MerchantTransID
	acquirement  offline.AcquirementID
	amount       offline.Money // pay
	code         offline.IdentityCode
	refundID     offline.RefundID
	refundAmount offline.Money
}

// readHead reads request.head and returns the raw body beside it.
func readHead(raw []byte) (head, json.RawMessage, *refusal) {
	var faults []string
	top := newFields("request", raw, &faults)
	h := top.object("head", true)
	top.object("body", true)
	top.done()
	if h == nil {
		return head{}, nil, refuse(codeParam, "%s", strings.Join(faults, "; "))
	}
	var out head
	out.version = h.text("version", true, 8)
	out.function = h.text("function", true, 128)
	out.clientID = h.text("clientId", true, 32)
	out.msgID = offline.ReqMsgID(h.text("reqMsgId", true, 64))
	at := h.text("reqTime", true, 64)
	h.embedded("reserve", 256)
	out.signType = h.text("signType", false, 64)
	h.done()
	switch out.version {
	case version200, version202, version204, "":
	default:
		h.fault("version %q is not one of 2.0.0, 2.0.2, 2.0.4", out.version)
	}
	if at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			h.fault("reqTime %q is not RFC 3339 with a zone", at)
		}
		out.reqTime = t
	}
	switch {
	case out.signType == "":
	case out.version == version200:
		h.fault("signType does not exist in version 2.0.0")
	case out.signType != "RSA2" && out.signType != "SHA256":
		h.fault("signType is %q, allowed: RSA2, SHA256", out.signType)
	}
	if len(faults) > 0 {
		return out, nil, refuse(codeParam, "%s", strings.Join(faults, "; "))
	}
	return out, top.raw["body"], nil
}

// readBody reads the body of one function by the tables of the 2.0.4 pages,
// with the merchant's id named as the version names it.
func readBody(h head, op offline.Op, raw []byte) (request, string, *refusal) {
	var faults []string
	req := request{head: h, op: op}
	b := newFields("body", raw, &faults)
	merchant := ""
	if h.version == version202 {
		merchant = b.text("partnerId", true, 32)
	} else {
		merchant = b.text("merchantId", true, 64)
	}
	switch op {
	case offline.OpPay:
		readPay(&req, b)
	case offline.OpQuery, offline.OpCancel:
		req.id = readTransID(b, false)
		req.acquirement = offline.AcquirementID(b.text("acquirementId", false, 64))
		if req.id == "" && req.acquirement == "" {
			b.fault("one of acquirementId and merchantTransId is needed")
		}
	case offline.OpRefund:
		req.acquirement = offline.AcquirementID(b.text("acquirementId", true, 64))
		req.refundID = offline.RefundID(b.text("merchantRefundId", true, 64))
		if m := b.object("refundAmount", true); m != nil {
			req.refundAmount = readMoney(m)
		}
		b.text("refundReason", false, 256)
		b.embedded("extendInfo", 2048)
	}
	b.done()
	if len(faults) > 0 {
		return req, merchant, refuse(faultCode(faults), "%s", strings.Join(faults, "; "))
	}
	return req, merchant, nil
}

// faultCode tells a code that is no payment code (the customer's matter) and a
// foreign currency (the contract's) from a badly made message.
func faultCode(faults []string) string {
	if len(faults) == 1 {
		switch {
		case strings.HasPrefix(faults[0], "body: identityCode: "):
			return codeInvalidCode
		case strings.Contains(faults[0], "Amount: currency: "):
			return codeCurrency
		}
	}
	return codeParam
}

func readPay(req *request, b *fields) {
	req.id = readTransID(b, true)
	b.constant("productCode", true, "OFFLINE_PAY")
	b.constant("codeType", true, "BARCODE")
	if code := b.text("identityCode", true, 64); code != "" {
		if !paymentCode(code) {
			b.fault("identityCode: not 16 to 24 digits starting 25 to 30")
		} else if c, err := offline.ParseIdentityCode(code); err == nil {
			req.code = c
		} else {
			b.fault("identityCode: %v", err)
		}
	}
	b.text("settleContractId", false, 64)
	if req.version == version200 {
		b.open("envInfo")
	} else {
		b.open("riskInfo")
	}
	b.embedded("extendInfo", 2048)
	o := b.object("order", true)
	if o == nil {
		return
	}
	if m := o.object("orderAmount", true); m != nil {
		req.amount = readMoney(m)
	}
	o.text("orderTitle", false, 256)
	o.text("orderDetail", false, 2048)
	if s := o.object("seller", false); s != nil {
		s.text("sellerId", false, 64)
		s.text("sellerName", false, 256)
		s.text("storeId", false, 64)
		s.text("storeName", false, 256)
		if mcc := s.text("sellerMCC", false, 4); mcc != "" && (len(mcc) != 4 || !digits(mcc)) {
			s.fault("sellerMCC is not four digits (ISO 18245)")
		}
		s.done()
	}
	o.done()
}

func readTransID(b *fields, required bool) offline.MerchantTransID {
	s := b.text("merchantTransId", required, 64)
	for _, r := range s {
		if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", r) {
			b.fault("merchantTransId has a character outside A-Z a-z 0-9 _ -")
			break
		}
	}
	return offline.MerchantTransID(s)
}

// readMoney reads an Amount object: a listed currency and a positive integer in
// minor units as a string of at most 16 digits (docs.antom.com/ac/ref/cc).
func readMoney(m *fields) offline.Money {
	currency := m.text("currency", true, 3)
	value := m.text("value", true, 16)
	m.done()
	if currency == "" || value == "" {
		return offline.Money{}
	}
	if _, err := offline.CurrencyExponent(currency); err != nil {
		m.fault("currency: %v", err)
		return offline.Money{}
	}
	amount, err := offline.ParseMoney(currency, value)
	if err != nil {
		m.fault("value: %v", err)
	}
	return amount
}

// paymentCode is the published range of codes that a customer shows: 16 to 24
// digits, 25 to 30 in front.
func paymentCode(s string) bool {
	return len(s) >= 16 && len(s) <= 24 && digits(s) && (s[0] == '2' && s[1] >= '5' || s[:2] == "30")
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
