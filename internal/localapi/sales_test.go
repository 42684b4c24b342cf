package localapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

func TestASaleIsOpenedAndShownAsTheContractSays(t *testing.T) {
	run(t, func(b *bench) {
		a := b.call("POST", "/v1/sales", `{"saleId":"R-1001","amount":{"currency":"HKD","value":"12850"},"orderTitle":"Tea","timeout":"90s"}`)
		sale := b.wantSale(a, 201, wire.Waiting)
		if a.header.Get("Location") != "/v1/sales/R-1001" {
			t.Errorf("Location %q", a.header.Get("Location"))
		}
		if sale.Final || sale.Amount.Value != 12850 || sale.Refunded.Value != 0 || sale.OrderTitle != "Tea" || sale.Message.Key != "waiting" {
			t.Errorf("%+v", sale)
		}
		if got := sale.ExpiresAt.Sub(sale.CreatedAt); got != 90*time.Second {
			t.Errorf("it waits %s for a scan, want 90 s", got)
		}
		for _, part := range []string{`"amount":{"currency":"HKD","value":"12850"}`, `"refunded":{"currency":"HKD","value":"0"}`, `"payments":[]`, `"refunds":[]`, `"canRescan":false`} {
			if !strings.Contains(string(a.body), part) {
				t.Errorf("the answer has no %s: %s", part, a.body)
			}
		}
	})
}

func TestAPaidSaleShowsItsProof(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		sale := b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Paid)
		if !sale.Final || !sale.Settled || sale.Code != "28••••••••••••3456" || sale.AcquirementID != "2026112100000001" ||
			sale.Message.Code != "SUCCESS" || sale.Message.Title != "Paid" || sale.Message.Action == "" || len(sale.Payments) != 1 {
			t.Errorf("%+v", sale)
		}
		at := sale.Payments[0].Attempts
		if len(at) != 1 || at[0].Op != "pay" || at[0].Outcome != "success" || at[0].ResultCode != "SUCCESS" || at[0].FinishedAt == nil {
			t.Errorf("attempts %+v", at)
		}
		if sale.MerchantTransID == "" || sale.MerchantTransID != sale.Payments[0].MerchantTransID {
			t.Errorf("merchantTransId %q", sale.MerchantTransID)
		}
	})
}

func TestTheSameRequestAgainIsTheSameSale(t *testing.T) {
	run(t, func(b *bench) {
		first := b.wantSale(b.call("POST", "/v1/sales", openA), 201, wire.Waiting)
		again := b.wantSale(b.call("POST", "/v1/sales", openA), 200, wire.Waiting)
		if again.Version != first.Version {
			t.Errorf("version %d, want %d", again.Version, first.Version)
		}
		b.wantProblem(b.call("POST", "/v1/sales", strings.Replace(openA, "12850", "12851", 1)), 409, wire.CodeSaleConflict)
		p := b.wantProblem(b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"B"`, 1)), 409, wire.CodeTillBusy)
		if p.SaleID != "A" {
			t.Errorf("till_busy names %q, want A", p.SaleID)
		}
		b.restart() // also when the answer was lost with the daemon
		pass(time.Second)
		b.wantSale(b.call("POST", "/v1/sales", openA), 200, wire.Cancelled)
	})
}

func TestBadRequestsNameTheField(t *testing.T) {
	const amount = `"amount":{"currency":"HKD","value":"100"}`
	rows := []struct{ name, body, field string }{
		{"empty body", ``, ""},
		{"not JSON", `sale`, ""},
		{"an array", `[]`, ""},
		{"null", `null`, ""},
		{"cut", `{"saleId":"A","amount":{"currency":"HKD"`, ""},
		{"trailing data", `{"saleId":"A",` + amount + `} {}`, ""},
		{"a trailing comma", `{"saleId":"A",` + amount + `,}`, ""},
		{"invalid UTF-8", "{\"saleId\":\"A\",\"orderTitle\":\"\xff\"," + amount + "}", ""},
		{"no saleId", `{` + amount + `}`, "saleId"},
		{"empty saleId", `{"saleId":"",` + amount + `}`, "saleId"},
		{"saleId of 65", `{"saleId":"` + strings.Repeat("a", 65) + `",` + amount + `}`, "saleId"},
		{"saleId with a space", `{"saleId":"a b",` + amount + `}`, "saleId"},
		{"saleId with a slash", `{"saleId":"a/b",` + amount + `}`, "saleId"},
		{"saleId a number", `{"saleId":1,` + amount + `}`, "saleId"},
		{"saleId null", `{"saleId":null,` + amount + `}`, "saleId"},
		{"saleId twice", `{"saleId":"A","saleId":"B",` + amount + `}`, "saleId"},
		{"saleId twice by an escape", `{"saleId":"A","sale\u0049d":"B",` + amount + `}`, "saleId"},
		{"saleID in other letters", `{"saleID":"A",` + amount + `}`, "saleID"},
		{"unknown field", `{"saleId":"A","tip":"5",` + amount + `}`, "tip"},
		{"no amount", `{"saleId":"A"}`, "amount"},
		{"amount a string", `{"saleId":"A","amount":"100"}`, "amount"},
		{"amount a number", `{"saleId":"A","amount":100}`, "amount"},
		{"amount with more", `{"saleId":"A","amount":{"currency":"HKD","value":"1","major":"1.00"}}`, "amount.major"},
		{"value twice", `{"saleId":"A","amount":{"currency":"HKD","value":"1","value":"2"}}`, "amount.value"},
		{"no value", `{"saleId":"A","amount":{"currency":"HKD"}}`, "amount.value"},
		{"value a number", `{"saleId":"A","amount":{"currency":"HKD","value":100}}`, "amount.value"},
		{"value a float", `{"saleId":"A","amount":{"currency":"HKD","value":1.5}}`, "amount.value"},
		{"value with a point", `{"saleId":"A","amount":{"currency":"HKD","value":"1.50"}}`, "amount.value"},
		{"value with an exponent", `{"saleId":"A","amount":{"currency":"HKD","value":"1e3"}}`, "amount.value"},
		{"zero", `{"saleId":"A","amount":{"currency":"HKD","value":"0"}}`, "amount.value"},
		{"negative", `{"saleId":"A","amount":{"currency":"HKD","value":"-5"}}`, "amount.value"},
		{"plus sign", `{"saleId":"A","amount":{"currency":"HKD","value":"+5"}}`, "amount.value"},
		{"leading zero", `{"saleId":"A","amount":{"currency":"HKD","value":"05"}}`, "amount.value"},
		{"17 digits", `{"saleId":"A","amount":{"currency":"HKD","value":"10000000000000000"}}`, "amount.value"},
		{"empty value", `{"saleId":"A","amount":{"currency":"HKD","value":""}}`, "amount.value"},
		{"full-width digits", `{"saleId":"A","amount":{"currency":"HKD","value":"１００"}}`, "amount.value"},
		{"no currency", `{"saleId":"A","amount":{"value":"100"}}`, "amount.currency"},
		{"unknown currency", `{"saleId":"A","amount":{"currency":"KWD","value":"100"}}`, "amount.currency"},
		{"lower case", `{"saleId":"A","amount":{"currency":"hkd","value":"100"}}`, "amount.currency"},
		{"title of 257 bytes", `{"saleId":"A","orderTitle":"` + strings.Repeat("x", 257) + `",` + amount + `}`, "orderTitle"},
		{"title with a line break", `{"saleId":"A","orderTitle":"a\nb",` + amount + `}`, "orderTitle"},
		{"title with half a character", `{"saleId":"A","orderTitle":"\ud800",` + amount + `}`, "orderTitle"},
		{"timeout a number", `{"saleId":"A","timeout":90,` + amount + `}`, "timeout"},
		{"timeout without a unit", `{"saleId":"A","timeout":"90",` + amount + `}`, "timeout"},
		{"timeout of nothing", `{"saleId":"A","timeout":"0s",` + amount + `}`, "timeout"},
		{"timeout of a day", `{"saleId":"A","timeout":"24h",` + amount + `}`, "timeout"},
		{"code a number", `{"saleId":"A","code":1,` + amount + `}`, "code"},
		{"code of 2 KiB", `{"saleId":"A","code":"` + strings.Repeat("2", 2048) + `",` + amount + `}`, "code"},
	}
	run(t, func(b *bench) {
		for _, row := range rows {
			req := b.request("POST", "/v1/sales", row.body)
			req.Header.Set("Content-Type", "application/json")
			p := b.wantProblem(b.send(req), 400, wire.CodeInvalidRequest)
			if p.Field != row.field {
				t.Errorf("%s: field %q, want %q: %s", row.name, p.Field, row.field, p.Detail)
			}
			if p.Detail == "" {
				t.Errorf("%s: no detail", row.name)
			}
		}
		if last, _ := b.journal.LastEvent(); last != 0 {
			t.Errorf("%d commits came of refused requests", last)
		}
	})
}

func TestAPaymentCodeInTheWrongPlaceIsNotRepeated(t *testing.T) {
	run(t, func(b *bench) { // every answer and the log are searched for it
		for _, body := range []string{
			`{"` + goodCode + `":"x"}`,
			`{"saleId":"A","amount":{"` + goodCode + `":"1"}}`,
			`{"saleId":"A","amount":{"currency":"HKD","value":"` + goodCode + `"}}`,
			`{"saleId":"A","timeout":"` + goodCode + `","amount":{"currency":"HKD","value":"1"}}`,
			`{"saleId":"A","code":"` + goodCode + ` ","amount":{"currency":"HKD","value":"1"}}`,
			`{"saleId":"A","code":` + goodCode + `}`,
		} {
			if a := b.call("POST", "/v1/sales", body); a.status < 400 {
				t.Errorf("HTTP %d for %s", a.status, body)
			}
		}
		b.call("GET", "/v1/sales?"+goodCode+"=1", "")
	})
}

func TestAnotherCurrencyThanTheTerminalsIsRefused(t *testing.T) {
	run(t, func(b *bench) {
		p := b.wantProblem(b.call("POST", "/v1/sales", `{"saleId":"A","amount":{"currency":"JPY","value":"100"}}`), 400, wire.CodeCurrencyMismatch)
		if p.Field != "amount.currency" {
			t.Errorf("field %q", p.Field)
		}
		b.paid("B", goodCode)
		b.wantProblem(b.call("POST", "/v1/sales/B/refunds", `{"refundId":"r","amount":{"currency":"JPY","value":"100"}}`), 400, wire.CodeCurrencyMismatch)
	})
}

func TestACodeInTheRequestIsJudgedBeforeASaleIsOpened(t *testing.T) {
	run(t, func(b *bench) {
		open := func(id, code string) answer {
			return b.call("POST", "/v1/sales", fmt.Sprintf(`{"saleId":%q,"amount":{"currency":"HKD","value":"1"},"code":%q}`, id, code))
		}
		for code, class := range map[string]string{
			"4006381333931": "product_ean13", "131234567890123456": "other_wallet_wechat", "2812345": "short", "": "empty",
			goodCode + "\r": "garbage_control", "2812３４567890123456": "non_ascii_digits",
		} {
			p := b.wantProblem(open("A", code), 422, wire.CodeNotAPaymentCode)
			if p.Class != class || p.Hint == "" {
				t.Errorf("%d bytes: class %q, want %q", len(code), p.Class, class)
			}
		}
		b.wantProblem(b.call("GET", "/v1/sales/A", ""), 404, wire.CodeSaleNotFound)
		b.paid("A", goodCode)
		b.gateway.Always(offline.OpPay, success())
		p := b.wantProblem(open("B", goodCode), 409, wire.CodeCodeUsed)
		if p.SaleID != "A" || p.UsedAt == nil {
			t.Errorf("%+v", p)
		}
	})
}

func TestSalesOfNothingButDotsCanBeReached(t *testing.T) {
	run(t, func(b *bench) {
		b.wantSale(b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `".."`, 1)), 201, wire.Waiting)
		req := b.request("GET", "/v1/sales/x", "")
		req.URL = &url.URL{Scheme: "http", Host: "localhost", Path: "/v1/sales/..", RawPath: "/v1/sales/%2E%2E"}
		b.wantSale(b.send(req), 200, wire.Waiting)
		b.wantProblem(b.call("GET", "/v1/sales/a%20b", ""), 400, wire.CodeInvalidRequest)
	})
}

func TestSalesAreListedNewestFirstPageByPage(t *testing.T) {
	run(t, func(b *bench) {
		for i := range 5 {
			b.paid(fmt.Sprintf("R-%d", i), fmt.Sprintf("28%016d", i))
			pass(time.Second)
		}
		b.call("POST", "/v1/sales", openA)
		list := func(query string) wire.SaleList {
			a := b.call("GET", "/v1/sales"+query, "")
			var out wire.SaleList
			a.decode(t, &out)
			if a.status != 200 {
				t.Fatalf("HTTP %d: %s", a.status, a.body)
			}
			return out
		}
		ids := func(l wire.SaleList) string {
			var out []string
			for _, s := range l.Sales {
				out = append(out, s.SaleID)
			}
			return strings.Join(out, " ")
		}
		if got := ids(list("")); got != "A R-4 R-3 R-2 R-1 R-0" {
			t.Errorf("all: %s", got)
		}
		first := list("?state=paid&limit=2")
		second := list("?state=paid&limit=2&cursor=" + url.QueryEscape(first.Cursor))
		third := list("?state=paid&limit=2&cursor=" + url.QueryEscape(second.Cursor))
		if got := ids(first) + "|" + ids(second) + "|" + ids(third) + third.Cursor; got != "R-4 R-3|R-2 R-1|R-0" {
			t.Errorf("pages: %s", got)
		}
		day := string(offline.DayOf(time.Now()))
		if got := len(list("?day=" + day).Sales); got != 6 {
			t.Errorf("%d sales today", got)
		}
		if got := list("?day=2020-01-01"); len(got.Sales) != 0 || got.Sales == nil {
			t.Errorf("an empty day: %+v", got)
		}
		for query, field := range map[string]string{
			"?state=done": "state", "?day=today": "day", "?day=2026-13-01": "day", "?limit=0": "limit", "?limit=501": "limit", "?limit=x": "limit",
			"?cursor=": "cursor", "?cursor=zz": "cursor", "?stat=paid": "stat", "?limit=1&limit=2": "limit", "?state=%zz": "",
		} {
			if p := b.wantProblem(b.call("GET", "/v1/sales"+query, ""), 400, wire.CodeInvalidRequest); p.Field != field {
				t.Errorf("%s: field %q, want %q", query, p.Field, field)
			}
		}
	})
}

func TestARegistersCodeIsPaidAndTheSameCodeAgainIsNoSecondPayment(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		b.call("POST", "/v1/sales", openA)
		code := func(c string) answer { return b.call("POST", "/v1/sales/A/code", `{"code":"`+c+`"}`) }
		b.wantProblem(code("4006381333931"), 422, wire.CodeNotAPaymentCode)
		var status wire.Status
		b.call("GET", "/v1/status", "").decode(t, &status)
		if n := status.Till.Notice; n == nil || n.Code != "product_ean13" || n.SaleID != "A" {
			t.Errorf("notice %+v: the cashier is not told", n)
		}
		if a := code(goodCode); a.status != 200 {
			t.Fatalf("HTTP %d: %s", a.status, a.body)
		}
		synctest.Wait()
		b.wantSale(code(goodCode), 200, wire.Paid)
		b.wantProblem(code(otherCode), 409, wire.CodeCodeNotExpected)
		b.wantProblem(b.call("POST", "/v1/sales/none/code", `{"code":"`+goodCode+`"}`), 404, wire.CodeSaleNotFound)
		for _, body := range []string{`{}`, `{"code":1}`, ``, `{"code":"x","by":"y"}`} {
			req := b.request("POST", "/v1/sales/A/code", body)
			req.Header.Set("Content-Type", "application/json")
			b.wantProblem(b.send(req), 400, wire.CodeInvalidRequest)
		}
		if ops, _ := b.gateway.Ops(); len(ops) != 1 {
			t.Errorf("messages %v, want one pay", ops)
		}
	})
}

func TestADeclineThatAFreshCodeCuresSaysSo(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Failure, "EXPIRED_CODE", offline.ClassRescan), success())
		b.call("POST", "/v1/sales", openA)
		b.call("POST", "/v1/sales/A/code", `{"code":"`+goodCode+`"}`)
		synctest.Wait()
		sale := b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Declined)
		if sale.Final || !sale.CanRescan || sale.Reason != "rescan" || sale.Message.Code != "EXPIRED_CODE" {
			t.Errorf("%+v", sale)
		}
		b.call("POST", "/v1/sales/A/code", `{"code":"`+otherCode+`"}`)
		synctest.Wait()
		if sale := b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Paid); len(sale.Payments) != 2 {
			t.Errorf("%d payments", len(sale.Payments))
		}
	})
}
