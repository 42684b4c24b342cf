package localapi_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline"
)

func TestAPaidSaleAndAConfirmedRefundHaveReceipts(t *testing.T) {
	run(t, func(b *bench) {
		b.call("POST", "/v1/sales", openA)
		b.wantProblem(b.call("GET", "/v1/sales/A/receipt", ""), 409, wire.CodeNoReceipt)
		b.gateway.Expect(offline.OpPay, success())
		b.call("POST", "/v1/sales/A/code", `{"code":"`+goodCode+`"}`)
		synctest.Wait()
		a := b.call("GET", "/v1/sales/A/receipt?width=32", "")
		text := string(a.body)
		if a.status != 200 || !strings.Contains(text, "HKD 128.50") || strings.Contains(text, "COPY") {
			b.t.Errorf("HTTP %d: %s", a.status, text)
		}
		if a := b.call("GET", "/v1/sales/A/receipt?copy=true", ""); !strings.Contains(string(a.body), "*** COPY ***") {
			b.t.Errorf("a copy: %s", a.body)
		}
		if a := b.call("GET", "/v1/sales/A/receipt?format=pdf", ""); a.status != 200 || !bytes.HasPrefix(a.body, []byte("%PDF-")) {
			b.t.Errorf("PDF: HTTP %d: %.40q", a.status, a.body)
		}
		if a := b.call("HEAD", "/v1/sales/A/receipt?format=pdf", ""); a.status != 200 || len(a.body) > 0 {
			b.t.Errorf("HEAD: HTTP %d", a.status)
		}

		b.gateway.Expect(offline.OpRefund, success())
		b.call("POST", "/v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"850"}}`)
		synctest.Wait()
		c, err := client.New(client.Options{Socket: "memory", Dial: b.socket.dial})
		if err != nil {
			b.t.Fatal(err)
		}
		defer c.Close()
		got, err := c.Receipt(b.t.Context(), client.ReceiptOf{SaleID: "A", RefundID: "F", Width: 48})
		if err != nil || !strings.Contains(string(got), "REFUND RECEIPT") || !strings.Contains(string(got), "HKD 8.50") {
			b.t.Errorf("%v: %s", err, got)
		}
		got, err = c.Receipt(b.t.Context(), client.ReceiptOf{SaleID: "A", PDF: true, Copy: true})
		if err != nil || !bytes.HasPrefix(got, []byte("%PDF-")) {
			b.t.Errorf("%v: %.40q", err, got)
		}
		if _, err := c.Receipt(b.t.Context(), client.ReceiptOf{SaleID: "A", RefundID: "G"}); client.Code(err) != wire.CodeRefundNotFound {
			b.t.Errorf("an unknown refund: %v", err)
		}
		pass(11 * time.Minute)
		if a := b.call("GET", "/v1/sales/A/receipt?copy=false", ""); !strings.Contains(string(a.body), "*** COPY ***") {
			b.t.Errorf("later: %s", a.body)
		}
		b.wantProblem(b.call("GET", "/v1/sales/none/receipt", ""), 404, wire.CodeSaleNotFound)
		for query, field := range map[string]string{
			"format=html": "format", "format=": "format", "width=23": "width", "width=x": "width", "width=81": "width",
			"copy=1": "copy", "refund=": "refund", "refund=a%2Fb": "refund", "lang=en": "lang",
		} {
			if p := b.wantProblem(b.call("GET", "/v1/sales/A/receipt?"+query, ""), 400, wire.CodeInvalidRequest); p.Field != field {
				b.t.Errorf("%s: field %q", query, p.Field)
			}
		}
	})
}
