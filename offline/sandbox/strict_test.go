package sandbox

import (
	"bytes"
	"crypto"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// posting is one HTTP request that a test may spoil before it is sent.
type posting struct {
	method, path, contentType string
	head, body                object
	seal                      func(raw string) string // the envelope around the marshalled request
}

func (w *wallet) send(p posting) told {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), p.method, w.base+p.path, strings.NewReader(p.seal(jsonText(object{"head": p.head, "body": p.body}))))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", p.contentType)
	resp, text, err := w.do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%v, %v", resp, err)
	}
	kind := crypto.SHA256
	a, err := believe(text, kind)
	if err != nil {
		w.t.Fatalf("%v: %s", err, text)
	}
	return a
}

func envelope(raw, signature string) string {
	return `{"request":` + raw + `,"signature":"` + signature + `"}`
}

func (w *wallet) goodPay() posting {
	return posting{
		method: http.MethodPost, path: paths["offline.pay"], contentType: "application/json; charset=UTF-8",
		head: w.head("offline.pay"), body: payBody("T1", testCode, 239),
		seal: func(raw string) string { return envelope(raw, signed(raw)) },
	}
}

func order(p posting) object  { return p.body["order"].(object) }
func amount(p posting) object { return order(p)["orderAmount"].(object) }

func TestEveryPublishedRuleOfAPayIsChecked(t *testing.T) {
	long := strings.Repeat("x", 2049)
	tests := []struct {
		name  string
		spoil func(p *posting)
		want  string // the result code; "" for a success
	}{
		{"a faultless pay is taken", func(*posting) {}, ""},
		{"white space in the request is signed as sent", func(p *posting) {
			p.seal = func(raw string) string { raw = "{ \n" + raw[1:]; return envelope(raw, signed(raw)) }
		}, ""},
		{"signature may come first", func(p *posting) {
			p.seal = func(raw string) string { return ` { "signature" : "` + signed(raw) + `" , "request" : ` + raw + ` } ` }
		}, ""},
		{"signType may be left out", func(p *posting) { delete(p.head, "signType") }, ""},
		{"signType SHA256 is taken", func(p *posting) { p.head["signType"] = "SHA256" }, ""},
		{"riskInfo may hold anything", func(p *posting) { p.body["riskInfo"] = object{"deviceInfo": object{"x": 1}} }, ""},
		{"reserve may be an empty object", func(p *posting) { p.head["reserve"] = "{}" }, ""},
		{"extendInfo may be an object in a string", func(p *posting) { p.body["extendInfo"] = `{"a":"b"}` }, ""},

		{"GET is refused", func(p *posting) { p.method = http.MethodGet }, "METHOD_NOT_SUPPORTED"},
		{"a form is refused", func(p *posting) { p.contentType = "application/x-www-form-urlencoded" }, "MEDIA_TYPE_NOT_ACCEPTABLE"},
		{"another charset is refused", func(p *posting) { p.contentType = "application/json; charset=GBK" }, "MEDIA_TYPE_NOT_ACCEPTABLE"},
		{"no content type is refused", func(p *posting) { p.contentType = "" }, "MEDIA_TYPE_NOT_ACCEPTABLE"},

		{"bytes changed after signing are refused", func(p *posting) {
			p.seal = func(raw string) string { return envelope(strings.Replace(raw, "239", "238", 1), signed(raw)) }
		}, "INVALID_SIGNATURE"},
		{"compacted bytes are refused", func(p *posting) {
			p.seal = func(raw string) string { return envelope(raw, signed(raw+" ")) }
		}, "INVALID_SIGNATURE"},
		{"another key is refused", func(p *posting) {
			p.seal = func(raw string) string { return envelope(raw, signedWith(alipayKey(), crypto.SHA256, raw)) }
		}, "INVALID_SIGNATURE"},
		{"SHA-1 is refused in 2.0.4", func(p *posting) {
			p.seal = func(raw string) string { return envelope(raw, signedWith(terminalKey(), crypto.SHA1, raw)) }
		}, "INVALID_SIGNATURE"},
		{"an empty signature is refused", func(p *posting) {
			p.seal = func(raw string) string { return envelope(raw, "") }
		}, "INVALID_SIGNATURE"},
		{"a missing signature is refused", func(p *posting) {
			p.seal = func(raw string) string { return `{"request":` + raw + `}` }
		}, "INVALID_SIGNATURE"},
		{"base64 for URLs is refused", func(p *posting) {
			p.seal = func(raw string) string { return envelope(raw, strings.TrimRight(signed(raw), "=")) }
		}, "INVALID_SIGNATURE"},

		{"no JSON is refused", func(p *posting) { p.seal = func(string) string { return "request=1" } }, "PARAM_ILLEGAL"},
		{"an empty body is refused", func(p *posting) { p.seal = func(string) string { return "" } }, "PARAM_ILLEGAL"},
		{"an array is refused", func(p *posting) { p.seal = func(raw string) string { return "[" + raw + "]" } }, "PARAM_ILLEGAL"},
		{"text behind the envelope is refused", func(p *posting) {
			p.seal = func(raw string) string { return envelope(raw, signed(raw)) + "{}" }
		}, "PARAM_ILLEGAL"},
		{"a second request is refused", func(p *posting) {
			p.seal = func(raw string) string { return `{"request":` + raw + "," + envelope(raw, signed(raw))[1:] }
		}, "PARAM_ILLEGAL"},
		{"a request in other case beside it is refused", func(p *posting) {
			p.seal = func(raw string) string { return `{"Request":` + raw + "," + envelope(raw, signed(raw))[1:] }
		}, "PARAM_ILLEGAL"},
		{"a second signature is refused", func(p *posting) {
			p.seal = func(raw string) string { return `{"signature":"x",` + envelope(raw, signed(raw))[1:] }
		}, "PARAM_ILLEGAL"},
		{"an unknown top-level key is refused", func(p *posting) {
			p.seal = func(raw string) string { return `{"sign":"x",` + envelope(raw, signed(raw))[1:] }
		}, "PARAM_ILLEGAL"},
		{"a key twice inside is refused", func(p *posting) {
			p.seal = func(raw string) string {
				raw = strings.Replace(raw, `"currency":"HKD"`, `"currency":"HKD","value":"1"`, 1)
				return envelope(raw, signed(raw))
			}
		}, "PARAM_ILLEGAL"},
		{"text that is not UTF-8 is refused", func(p *posting) {
			p.seal = func(raw string) string {
				raw = strings.Replace(raw, "Shop 01", "Shop \xff", 1)
				return envelope(raw, signed(raw))
			}
		}, "PARAM_ILLEGAL"},
		{"a request over 64 KiB is refused", func(p *posting) {
			p.seal = func(raw string) string { raw += strings.Repeat(" ", 64<<10); return envelope(raw, signed(raw)) }
		}, "PARAM_ILLEGAL"},

		{"an unknown version is refused", func(p *posting) { p.head["version"] = "2.0.1" }, "PARAM_ILLEGAL"},
		{"a missing version is refused", func(p *posting) { delete(p.head, "version") }, "PARAM_ILLEGAL"},
		{"another client is refused", func(p *posting) { p.head["clientId"] = "211020000000000000045" }, "CLIENT_INVALID"},
		{"an unknown function is refused", func(p *posting) { p.head["function"] = "alipay.intl.acquiring.offline.Pay" }, "NO_INTERFACE_DEF"},
		{"a function at another's path is refused", func(p *posting) { p.path = paths["offline.payQuery"] }, "INVALID_API"},
		{"an unknown signType is refused", func(p *posting) { p.head["signType"] = "RSA" }, "PARAM_ILLEGAL"},
		{"reqTime without a zone is refused", func(p *posting) { p.head["reqTime"] = "2026-11-21T10:00:00" }, "PARAM_ILLEGAL"},
		{"reqTime 16 minutes behind is refused", func(p *posting) {
			p.head["reqTime"] = time.Now().Add(-16 * time.Minute).Format(time.RFC3339)
		}, "PARAM_ILLEGAL"},
		{"reqTime 16 minutes ahead is refused", func(p *posting) {
			p.head["reqTime"] = time.Now().Add(16 * time.Minute).Format(time.RFC3339)
		}, "PARAM_ILLEGAL"},
		{"reqTime 14 minutes behind is taken", func(p *posting) {
			p.head["reqTime"] = time.Now().Add(-14 * time.Minute).Format(time.RFC3339)
		}, ""},
		{"reqMsgId of 65 is refused", func(p *posting) { p.head["reqMsgId"] = long[:65] }, "PARAM_ILLEGAL"},
		{"an empty reqMsgId is refused", func(p *posting) { p.head["reqMsgId"] = "" }, "PARAM_ILLEGAL"},
		{"clientId of 33 is refused", func(p *posting) { p.head["clientId"] = long[:33] }, "PARAM_ILLEGAL"},
		{"reserve that is no object is refused", func(p *posting) { p.head["reserve"] = "isv" }, "PARAM_ILLEGAL"},
		{"reserve as a bare object is refused", func(p *posting) { p.head["reserve"] = object{} }, "PARAM_ILLEGAL"},
		{"an unknown field in head is refused", func(p *posting) { p.head["clientID"] = testClient; delete(p.head, "clientId") }, "PARAM_ILLEGAL"},

		{"another merchant is refused", func(p *posting) { p.body["merchantId"] = "1" }, "MERCHANT_NOT_REGISTERED"},
		{"partnerId is refused in 2.0.4", func(p *posting) { p.body["partnerId"] = testMerchant; delete(p.body, "merchantId") }, "PARAM_ILLEGAL"},
		{"another productCode is refused", func(p *posting) { p.body["productCode"] = "AUTO_DEBIT" }, "PARAM_ILLEGAL"},
		{"another codeType is refused", func(p *posting) { p.body["codeType"] = "QRCODE" }, "PARAM_ILLEGAL"},
		{"a missing merchantTransId is refused", func(p *posting) { delete(p.body, "merchantTransId") }, "PARAM_ILLEGAL"},
		{"merchantTransId of 65 is refused", func(p *posting) { p.body["merchantTransId"] = long[:65] }, "PARAM_ILLEGAL"},
		{"merchantTransId with a space is refused", func(p *posting) { p.body["merchantTransId"] = "T 1" }, "PARAM_ILLEGAL"},
		{"merchantTransId as a number is refused", func(p *posting) { p.body["merchantTransId"] = 1 }, "PARAM_ILLEGAL"},
		{"a code of 15 digits is refused", func(p *posting) { p.body["identityCode"] = "280012345678901" }, "INVALID_PAYMENT_CODE"},
		{"a code of 25 digits is refused", func(p *posting) { p.body["identityCode"] = "2800123456789012345678901" }, "INVALID_PAYMENT_CODE"},
		{"a code with 24 in front is refused", func(p *posting) { p.body["identityCode"] = "240012345678901234" }, "INVALID_PAYMENT_CODE"},
		{"a code with 31 in front is refused", func(p *posting) { p.body["identityCode"] = "310012345678901234" }, "INVALID_PAYMENT_CODE"},
		{"a code with 30 in front is taken", func(p *posting) { p.body["identityCode"] = "300012345678901234" }, ""},
		{"a code with a letter is refused", func(p *posting) { p.body["identityCode"] = "28001234567890123A" }, "INVALID_PAYMENT_CODE"},
		{"a missing code is refused", func(p *posting) { delete(p.body, "identityCode") }, "PARAM_ILLEGAL"},
		{"a missing order is refused", func(p *posting) { delete(p.body, "order") }, "PARAM_ILLEGAL"},
		{"a missing amount is refused", func(p *posting) { delete(order(*p), "orderAmount") }, "PARAM_ILLEGAL"},
		{"a currency outside the table is refused", func(p *posting) { amount(*p)["currency"] = "KWD" }, "CURRENCY_NOT_SUPPORT"},
		{"a currency in small letters is refused", func(p *posting) { amount(*p)["currency"] = "hkd" }, "CURRENCY_NOT_SUPPORT"},
		{"an amount of nothing is refused", func(p *posting) { amount(*p)["value"] = "0" }, "PARAM_ILLEGAL"},
		{"a negative amount is refused", func(p *posting) { amount(*p)["value"] = "-1" }, "PARAM_ILLEGAL"},
		{"an amount with a point is refused", func(p *posting) { amount(*p)["value"] = "2.39" }, "PARAM_ILLEGAL"},
		{"an amount with a leading zero is refused", func(p *posting) { amount(*p)["value"] = "0239" }, "PARAM_ILLEGAL"},
		{"an amount as a number is refused", func(p *posting) { amount(*p)["value"] = 239 }, "PARAM_ILLEGAL"},
		{"an amount of 17 digits is refused", func(p *posting) { amount(*p)["value"] = "12345678901234567" }, "PARAM_ILLEGAL"},
		{"an amount of 16 digits is taken", func(p *posting) { amount(*p)["value"] = "1234567890123456" }, ""},
		{"a title of 257 is refused", func(p *posting) { order(*p)["orderTitle"] = long[:257] }, "PARAM_ILLEGAL"},
		{"a title of 256 is taken", func(p *posting) { order(*p)["orderTitle"] = long[:256] }, ""},
		{"a storeId of 65 is refused", func(p *posting) { order(*p)["seller"].(object)["storeId"] = long[:65] }, "PARAM_ILLEGAL"},
		{"an MCC of three digits is refused", func(p *posting) { order(*p)["seller"].(object)["sellerMCC"] = "541" }, "PARAM_ILLEGAL"},
		{"extendInfo of 2049 is refused", func(p *posting) { p.body["extendInfo"] = `{"a":"` + long[:2041] + `"}` }, "PARAM_ILLEGAL"},
		{"extendInfo that is no object is refused", func(p *posting) { p.body["extendInfo"] = "[]" }, "PARAM_ILLEGAL"},
		{"envInfo is refused in 2.0.4", func(p *posting) { p.body["envInfo"] = object{} }, "PARAM_ILLEGAL"},
		{"an unknown field in body is refused", func(p *posting) { p.body["riskinfo"] = object{} }, "PARAM_ILLEGAL"},
		{"an unknown field in order is refused", func(p *posting) { order(*p)["title"] = "x" }, "PARAM_ILLEGAL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGateway(t)
			w := newWallet(t, g)
			p := w.goodPay()
			tt.spoil(&p)
			a := w.send(p)
			if tt.want == "" {
				wantResult(t, a, "S SUCCESS")
				return
			}
			wantResult(t, a, "F "+tt.want)
			if n := len(g.Ledger().Entries()); n != 0 {
				t.Errorf("a refused message moved money: %d entries", n)
			}
			if c := g.Calls(); len(c) != 1 || !c[0].Refused {
				t.Errorf("calls: %+v", c)
			}
		})
	}
}

func TestARefusalNamesEveryFaultAtOnce(t *testing.T) {
	w := newWallet(t, newGateway(t))
	p := w.goodPay()
	p.body["productCode"], p.body["codeType"] = "X", "Y"
	msg := w.send(p).Body.ResultInfo.ResultMsg
	if !strings.Contains(msg, "productCode") || !strings.Contains(msg, "codeType") {
		t.Errorf("resultMsg is %q", msg)
	}
}

func TestARefusalNeverRepeatsThePaymentCode(t *testing.T) {
	var log bytes.Buffer
	g := newGateway(t, func(o *Options) { o.Log = newTextLog(&log) })
	w := newWallet(t, g)
	code := "28001234567890123A"
	p := w.goodPay()
	p.body["identityCode"] = code
	a := w.send(p)
	w.pay("T2", testCode, 100)
	whole := jsonText(a) + jsonText(g.Calls()) + jsonText(g.Ledger().Entries()) + log.String()
	for _, secret := range []string{code, testCode} {
		if strings.Contains(whole, secret) {
			t.Errorf("the payment code %s stands in %s", secret, whole)
		}
	}
}

func TestAReqMsgIDIsTakenOnce(t *testing.T) {
	g := newGateway(t)
	w := newWallet(t, g)
	p := w.goodPay()
	wantResult(t, w.send(p), "S SUCCESS")
	wantResult(t, w.send(p), "F PARAM_ILLEGAL")
	wantBalance(t, g, "T1", 239)
}

func TestAReqMsgIDOfABadlySignedMessageIsNotUsedUp(t *testing.T) {
	w := newWallet(t, newGateway(t))
	p := w.goodPay()
	good := p.seal
	p.seal = func(raw string) string { return envelope(raw, signed(raw+"x")) }
	wantResult(t, w.send(p), "F INVALID_SIGNATURE")
	p.seal = good
	wantResult(t, w.send(p), "S SUCCESS")
}

func TestReqTimeIsNotCheckedWithANegativeSkew(t *testing.T) {
	w := newWallet(t, newGateway(t, func(o *Options) { o.ReqTimeSkew = -1 }))
	p := w.goodPay()
	p.head["reqTime"] = "2001-07-04T12:08:56+05:30"
	wantResult(t, w.send(p), "S SUCCESS")
}

func TestVersionsNameTheMerchantAndTheSignatureDifferently(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(p *posting)
		kind  crypto.Hash
		want  string
	}{
		{"2.0.2 has partnerId", func(p *posting) {
			p.head["version"] = "2.0.2"
			p.body["partnerId"] = testMerchant
			delete(p.body, "merchantId")
		}, crypto.SHA256, "S SUCCESS"},
		{"2.0.2 refuses merchantId", func(p *posting) { p.head["version"] = "2.0.2" }, crypto.SHA256, "F PARAM_ILLEGAL"},
		{"2.0.0 has no signType", func(p *posting) { p.head["version"] = "2.0.0" }, crypto.SHA256, "F PARAM_ILLEGAL"},
		{"2.0.0 takes SHA-256", func(p *posting) {
			p.head["version"] = "2.0.0"
			delete(p.head, "signType")
		}, crypto.SHA256, "S SUCCESS"},
		{"2.0.0 takes SHA-1 and answers with it", func(p *posting) {
			p.head["version"] = "2.0.0"
			delete(p.head, "signType")
			p.seal = func(raw string) string { return envelope(raw, signedWith(terminalKey(), crypto.SHA1, raw)) }
		}, crypto.SHA1, "S SUCCESS"},
		{"2.0.0 has envInfo", func(p *posting) {
			p.head["version"] = "2.0.0"
			delete(p.head, "signType")
			p.body["envInfo"] = object{}
		}, crypto.SHA256, "S SUCCESS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWallet(t, newGateway(t))
			p := w.goodPay()
			tt.spoil(&p)
			_, text, err := w.post(t.Context(), p.path, p.seal(jsonText(object{"head": p.head, "body": p.body})))
			if err != nil {
				t.Fatal(err)
			}
			a, err := believe(text, tt.kind)
			if err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, tt.want)
			if v := p.head["version"]; a.Head.Version != v {
				t.Errorf("answered in version %s", a.Head.Version)
			}
			if strings.HasPrefix(tt.want, "S") && p.body["partnerId"] != nil && a.Body.PartnerID != testMerchant {
				t.Errorf("no partnerId: %+v", a.Body)
			}
		})
	}
}

func TestLaterMessagesAreCheckedToo(t *testing.T) {
	tests := []struct {
		name, function string
		body           object
		want           string
	}{
		{"a query without any id", "offline.payQuery", object{"merchantId": testMerchant}, "F PARAM_ILLEGAL"},
		{"a cancel without any id", "common.payCancel", object{"merchantId": testMerchant}, "F PARAM_ILLEGAL"},
		{"a refund by merchantTransId", "common.refund", object{"merchantId": testMerchant, "merchantTransId": "T1", "merchantRefundId": "R1",
			"refundAmount": object{"currency": "HKD", "value": "1"}}, "F PARAM_ILLEGAL"},
		{"a refund without its id", "common.refund", object{"merchantId": testMerchant, "acquirementId": "1",
			"refundAmount": object{"currency": "HKD", "value": "1"}}, "F PARAM_ILLEGAL"},
		{"a refund without an amount", "common.refund", object{"merchantId": testMerchant, "acquirementId": "1", "merchantRefundId": "R1"}, "F PARAM_ILLEGAL"},
		{"a refund with a long reason", "common.refund", object{"merchantId": testMerchant, "acquirementId": "1", "merchantRefundId": "R1",
			"refundAmount": object{"currency": "HKD", "value": "1"}, "refundReason": strings.Repeat("x", 257)}, "F PARAM_ILLEGAL"},
		{"a query with the fields of a pay", "offline.payQuery", payBody("T1", testCode, 1), "F PARAM_ILLEGAL"},
		{"a query of another merchant", "offline.payQuery", object{"merchantId": "1", "merchantTransId": "T1"}, "F MERCHANT_NOT_REGISTERED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantResult(t, newWallet(t, newGateway(t)).ask(tt.function, tt.body), tt.want)
		})
	}
}

func TestUnknownPathsAreNotPartOfTheWire(t *testing.T) {
	w := newWallet(t, newGateway(t))
	resp, _, err := w.post(t.Context(), apiRoot+"offline/Pay.htm", "{}")
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("%v, %v", resp, err)
	}
}

func FuzzRequest(f *testing.F) {
	g := newGateway(f)
	w := newWallet(f, g)
	f.Add([]byte(sealed(w.head("offline.pay"), payBody("T1", testCode, 239))))
	f.Add([]byte(`{"request":{"head":{},"body":{}},"signature":""}`))
	f.Add([]byte(`{"request":[{"a":{"a":1}},{"a":2}],"signature":1}`))
	f.Add([]byte(`{"request":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw, signature, err := splitEnvelope(data)
		if err != nil {
			return
		}
		if !bytes.Contains(data, raw) || !json.Valid(raw) {
			t.Fatalf("%q is not a part of %q", raw, data)
		}
		var top map[string]json.RawMessage
		if err := json.Unmarshal(data, &top); err != nil || !bytes.Equal(top["request"], raw) {
			t.Fatalf("the request is cut out otherwise than encoding/json does: %q, %q", top["request"], raw)
		}
		h, body, ref := readHead(raw)
		if ref != nil {
			return
		}
		verify(&terminalKey().PublicKey, h.version, raw, signature)
		for _, fn := range functions() {
			req, _, ref := readBody(h, fn.op, body)
			if ref == nil && fn.op == "pay" && (req.code.IsZero() || req.amount.Value <= 0 || req.id == "") {
				t.Fatalf("an incomplete pay passed: %s", body)
			}
		}
	})
}
