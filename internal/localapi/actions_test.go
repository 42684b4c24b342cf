package localapi_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/health"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

func TestACancelBeforeAnythingWasSentEndsTheSaleAtOnce(t *testing.T) {
	run(t, func(b *bench) {
		b.call("POST", "/v1/sales", openA)
		sale := b.wantSale(b.call("POST", "/v1/sales/A/cancel", `{"by":"cashier 7"}`), 200, wire.Cancelled)
		if !sale.Final || sale.Message.Key != "cancelled.asked" {
			t.Errorf("%+v", sale)
		}
		again := b.wantSale(b.call("POST", "/v1/sales/A/cancel", ""), 200, wire.Cancelled)
		if again.Version != sale.Version {
			t.Error("the second cancel changed the sale")
		}
		b.wantSale(b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"B"`, 1)), 201, wire.Waiting)
	})
}

func TestACancelAfterPayWasSentDecidesAReversal(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.InProcess, "UNKNOWN_EXCEPTION", ""))
		b.gateway.Always(offline.OpQuery, reply(offline.InProcess, "", ""))
		b.gateway.Expect(offline.OpCancel, offlinetest.Reply{After: time.Second, Outcome: offline.Outcome{Kind: offline.Success, Undo: offline.UndoReturned}})
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A",`, `"A","code":"`+goodCode+`",`, 1))
		synctest.Wait()
		sale := b.wantSale(b.call("POST", "/v1/sales/A/cancel", `{}`), 200, wire.Reversing)
		if sale.Reason != "asked" || sale.Payments[0].Reversal == nil {
			t.Errorf("%+v", sale)
		}
		pass(10 * time.Second)
		sale = b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Cancelled)
		if sale.Message.Key != "cancelled.returned" || !sale.Settled {
			t.Errorf("%+v", sale)
		}
	})
}

func TestWhatIsOverIsNotCancelled(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.wantProblem(b.call("POST", "/v1/sales/A/cancel", ""), 409, wire.CodeSaleFinal)
		b.wantProblem(b.call("POST", "/v1/sales/A/recheck", ""), 409, wire.CodeSaleFinal)
		b.wantProblem(b.call("POST", "/v1/sales/none/cancel", ""), 404, wire.CodeSaleNotFound)
		b.wantProblem(b.call("POST", "/v1/sales/none/recheck", ""), 404, wire.CodeSaleNotFound)
		b.wantProblem(b.call("POST", "/v1/sales/A/cancel", `{"by":7}`), 400, wire.CodeInvalidRequest)
		b.wantProblem(b.call("POST", "/v1/sales/A/recheck", `{"by":"x"}`), 400, wire.CodeInvalidRequest)
		b.wantProblem(b.call("POST", "/v1/sales/A/cancel?force=1", ""), 400, wire.CodeInvalidRequest)
	})
}

func TestARecheckAsksTheGatewayNow(t *testing.T) {
	run(t, func(b *bench) {
		b.attention("A", goodCode)
		b.gateway.Expect(offline.OpQuery, offlinetest.Reply{Outcome: offline.Outcome{Kind: offline.Failure, TradeStatus: "CLOSED"}})
		b.wantSale(b.call("POST", "/v1/sales/A/recheck", ""), 200, wire.Attention)
		synctest.Wait()
		sale := b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Cancelled)
		if !sale.Final || sale.Message.Key != "cancelled.either" {
			t.Errorf("%+v", sale.Message)
		}
	})
}

func TestAPersonResolvesWhatNeedsOneAndItIsKept(t *testing.T) {
	run(t, func(b *bench) {
		b.attention("A", goodCode)
		path := "/v1/sales/A/resolve"
		for _, body := range []string{
			`{}`, `{"result":"paid","by":"","note":"x"}`, `{"result":"paid","by":"x"}`, `{"result":"maybe","by":"x","note":"y"}`,
			`{"result":"refunded","by":"x","note":"y"}`, `{"result":true,"by":"x","note":"y"}`, `{"result":"paid","by":"x","note":"y","extra":1}`,
			`{"result":"paid","by":"` + strings.Repeat("x", 65) + `","note":"y"}`, `{"result":"paid","by":"x","note":"` + strings.Repeat("y", 1001) + `"}`,
		} {
			b.wantProblem(b.call("POST", path, body), 400, wire.CodeInvalidRequest)
		}
		resolve := `{"result":"not_paid","by":"supervisor","note":"not in the portal"}`
		sale := b.wantSale(b.call("POST", path, resolve), 200, wire.Cancelled)
		r := sale.Payments[0].Resolved
		if !sale.Final || sale.Message.Key != "cancelled.person" || r == nil || r.By != "supervisor" || r.Note != "not in the portal" {
			t.Errorf("%+v resolved %+v", sale.Message, r)
		}
		b.wantSale(b.call("POST", path, resolve), 200, wire.Cancelled) // its answer was lost
		b.wantProblem(b.call("POST", path, strings.Replace(resolve, "not_paid", "paid", 1)), 409, wire.CodeNotInAttention)
		b.wantProblem(b.call("POST", "/v1/sales/none/resolve", resolve), 404, wire.CodeSaleNotFound)
	})
}

func TestAResolvedPaidSaleSaysThatAPersonFoundIt(t *testing.T) {
	run(t, func(b *bench) {
		b.attention("A", goodCode)
		sale := b.wantSale(b.call("POST", "/v1/sales/A/resolve", `{"result":"paid","by":"x","note":"in the portal"}`), 200, wire.Paid)
		if sale.Message.Key != "paid.person" || sale.Message.Code != "paid.person" {
			t.Errorf("%+v", sale.Message)
		}
	})
}

func TestAPersonResolvesARefundThatNeedsOneAndItIsKept(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.gateway.Always(offline.OpRefund, reply(offline.InProcess, "", ""))
		open := func(id string) string {
			b.call("POST", "/v1/sales/A/refunds", `{"refundId":"`+id+`","amount":{"currency":"HKD","value":"12850"}}`)
			return "/v1/sales/A/refunds/" + id + "/resolve"
		}
		path := open("F-1")
		resolve := `{"result":"not_refunded","by":"supervisor","note":"not in the portal"}`
		b.wantProblem(b.call("POST", path, resolve), 409, wire.CodeNotInAttention) // the till is at it
		pass(5 * time.Minute)
		for _, body := range []string{
			`{}`, `{"result":"refunded","by":"","note":"x"}`, `{"result":"refunded","by":"x"}`, `{"result":"paid","by":"x","note":"y"}`,
		} {
			b.wantProblem(b.call("POST", path, body), 400, wire.CodeInvalidRequest)
		}
		b.wantProblem(b.call("POST", "/v1/sales/A/refunds/none/resolve", resolve), 404, wire.CodeRefundNotFound)
		b.wantProblem(b.call("POST", "/v1/sales/none/refunds/F-1/resolve", resolve), 404, wire.CodeSaleNotFound)
		want := func(a answer, state wire.RefundState, key string) {
			t.Helper()
			var refund wire.Refund
			a.decode(t, &refund)
			r := refund.Resolved
			if a.status != 200 || refund.State != state || !refund.Final || refund.Message.Key != key || r == nil || r.By != "supervisor" || r.Note == "" {
				t.Errorf("HTTP %d %s", a.status, a.body)
			}
			if refund.Attention == nil || refund.Attention.Reason != "refund_unconfirmed" {
				t.Errorf("attention %+v", refund.Attention)
			}
		}
		want(b.call("POST", path, resolve), wire.RefundDeclined, "refund.declined.person")
		want(b.call("POST", path, resolve), wire.RefundDeclined, "refund.declined.person") // its answer was lost
		b.wantProblem(b.call("POST", path, strings.Replace(resolve, "not_refunded", "refunded", 1)), 409, wire.CodeNotInAttention)

		path = open("F-2") // the whole amount is free again
		pass(5 * time.Minute)
		want(b.call("POST", path, strings.Replace(resolve, "not_refunded", "refunded", 1)), wire.RefundRefunded, "refund.refunded.person")
		if sale := b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Paid); sale.Refunded.Value != 12850 || !sale.Settled {
			t.Errorf("refunded %s, settled %t", sale.Refunded, sale.Settled)
		}
	})
}

func TestASaleIsNotResolvedAsNotPaidBesideARefund(t *testing.T) {
	run(t, func(b *bench) {
		late := success()
		late.After = 4 * time.Second
		b.gateway.Expect(offline.OpPay, late)
		b.gateway.Always(offline.OpCancel, reply(offline.Failure, "TRADE_STATUS_ERROR", offline.ClassSupervisor))
		b.call("POST", "/v1/sales", `{"saleId":"A","amount":{"currency":"HKD","value":"12850"},"code":"`+goodCode+`"}`)
		b.call("POST", "/v1/sales/A/cancel", "")
		pass(time.Minute)
		b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Attention)
		slow := success()
		slow.After = 2 * time.Second
		b.gateway.Expect(offline.OpRefund, slow)
		b.call("POST", "/v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"850"}}`)
		notPaid := `{"result":"not_paid","by":"x","note":"y"}`
		b.wantProblem(b.call("POST", "/v1/sales/A/resolve", notPaid), 409, wire.CodeRefundStands) // under way
		pass(5 * time.Second)
		b.wantProblem(b.call("POST", "/v1/sales/A/resolve", notPaid), 409, wire.CodeRefundStands) // done
		sale := b.wantSale(b.call("POST", "/v1/sales/A/resolve", strings.Replace(notPaid, "not_paid", "paid", 1)), 200, wire.Paid)
		if sale.Refunded.Value != 850 {
			t.Errorf("refunded %s", sale.Refunded)
		}
	})
}

func TestRefundsAreIdempotentAndNeverExceedWhatWasPaid(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		slow := success()
		slow.After = 2 * time.Second
		b.gateway.Expect(offline.OpRefund, slow)
		post := func(body string) answer { return b.call("POST", "/v1/sales/A/refunds", body) }
		first := `{"refundId":"F-1","amount":{"currency":"HKD","value":"10000"},"reason":"returned"}`
		a := post(first)
		var refund wire.Refund
		a.decode(t, &refund)
		if a.status != 201 || refund.State != wire.RefundProcessing || refund.Final || refund.Message.Key != "refund.processing" {
			t.Errorf("HTTP %d %+v", a.status, refund)
		}
		if a.header.Get("Location") != "/v1/sales/A/refunds/F-1" {
			t.Errorf("Location %q", a.header.Get("Location"))
		}
		if again := post(first); again.status != 200 {
			t.Errorf("again: HTTP %d: %s", again.status, again.body)
		}
		b.wantProblem(post(strings.Replace(first, "10000", "10001", 1)), 409, wire.CodeRefundConflict)
		b.wantProblem(post(`{"refundId":"F-2","amount":{"currency":"HKD","value":"2851"}}`), 409, wire.CodeRefundTooMuch)
		for body, field := range map[string]string{
			`{"amount":{"currency":"HKD","value":"1"}}`:                  "refundId",
			`{"refundId":"a/b","amount":{"currency":"HKD","value":"1"}}`: "refundId",
			`{"refundId":"F-3"}`: "amount",
			`{"refundId":"F-3","amount":{"currency":"HKD","value":1}}`:                                               "amount.value",
			`{"refundId":"F-3","amount":{"currency":"HKD","value":"0"}}`:                                             "amount.value",
			`{"refundId":"F-3","amount":{"currency":"HKD","value":"1"},"reason":"` + strings.Repeat("x", 257) + `"}`: "reason",
		} {
			if p := b.wantProblem(post(body), 400, wire.CodeInvalidRequest); p.Field != field {
				t.Errorf("field %q, want %q", p.Field, field)
			}
		}
		b.wantProblem(b.call("POST", "/v1/sales/none/refunds", first), 404, wire.CodeSaleNotFound)

		done := b.call("GET", "/v1/sales/A/refunds/F-1?wait=30s", "")
		done.decode(t, &refund)
		if refund.State != wire.RefundRefunded || !refund.Final || refund.Message.Key != "refund.refunded" || len(refund.Attempts) != 1 {
			t.Errorf("%+v", refund)
		}
		sale := b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Paid)
		if sale.Refunded.Value != 10000 || len(sale.Refunds) != 1 {
			t.Errorf("refunded %+v, %d refunds", sale.Refunded, len(sale.Refunds))
		}
		b.wantProblem(b.call("GET", "/v1/sales/A/refunds/F-9", ""), 404, wire.CodeRefundNotFound)
		b.wantProblem(b.call("GET", "/v1/sales/none/refunds/F-1", ""), 404, wire.CodeSaleNotFound)
		b.wantProblem(b.call("GET", "/v1/sales/A/refunds/F%201", ""), 400, wire.CodeInvalidRequest)
	})
}

func TestOnlyAPaidSaleIsRefunded(t *testing.T) {
	run(t, func(b *bench) {
		b.call("POST", "/v1/sales", openA)
		b.wantProblem(b.call("POST", "/v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"1"}}`), 409, wire.CodeNotPaid)
	})
}

func TestARefusedRefundHasItsOwnWords(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.gateway.Expect(offline.OpRefund, reply(offline.TooLate, "REFUND_WINDOW_EXCEED", ""))
		b.call("POST", "/v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"1"}}`)
		synctest.Wait()
		var refund wire.Refund
		b.call("GET", "/v1/sales/A/refunds/F", "").decode(t, &refund)
		if refund.State != wire.RefundDeclined || refund.Message.Key != "refund.declined.too_late" || refund.Message.Code != "REFUND_WINDOW_EXCEED" {
			t.Errorf("%+v", refund)
		}
	})
}

func TestATillThatDoesNotSellSaysWhy(t *testing.T) {
	run(t, func(b *bench) {
		b.health.Set(health.Warning{Code: "no_keys", Severity: health.BlocksSelling, Title: "No keys", Text: "The keys are missing.", Remedy: "Call store IT."})
		synctest.Wait()
		p := b.wantProblem(b.call("POST", "/v1/sales", openA), 503, wire.CodeNotReady)
		if len(p.Reasons) != 1 || p.Reasons[0].Code != "no_keys" || p.Reasons[0].Remedy == "" {
			t.Errorf("reasons %+v", p.Reasons)
		}
		var status wire.Status
		b.call("GET", "/v1/status", "").decode(t, &status)
		if status.Till.Ready || len(status.Till.Reasons) != 1 || len(status.Warnings) != 1 {
			t.Errorf("%+v", status.Till)
		}
	})
}

func TestStatusTellsOfTillScannersGatewayJournalAndBacklog(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.attention("B", otherCode)
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"C"`, 1))
		var s wire.Status
		b.call("GET", "/v1/status", "").decode(t, &s)
		if s.Version != "test" || !s.Till.Ready || s.Till.Foreground != "C" || !s.Till.Waiting || s.Till.Deadline == nil || s.Till.Currency != "HKD" {
			t.Errorf("till %+v", s.Till)
		}
		if len(s.Scanners) != 1 || s.Scanners[0].Name != "counter" || s.Scanners[0].State != "ready" {
			t.Errorf("scanners %+v", s.Scanners)
		}
		if s.Gateway.State != "ok" || s.Gateway.LastAnswer == nil {
			t.Errorf("gateway %+v", s.Gateway)
		}
		if !s.Journal.OK || s.Journal.LastEvent == 0 {
			t.Errorf("journal %+v", s.Journal)
		}
		if s.Backlog.Unsettled != 1 || s.Backlog.ByState[wire.Attention] != 1 || s.Backlog.AttentionCount != 1 || s.Backlog.Attention[0] != "B" || s.Backlog.Oldest == nil {
			t.Errorf("backlog %+v", s.Backlog)
		}
		if len(s.Totals) != 1 || s.Totals[0].Paid != 1 || s.Totals[0].PaidSum.Value != 12850 {
			t.Errorf("totals %+v", s.Totals)
		}
		if len(s.Warnings) != 1 || s.Warnings[0].Code != "sales_need_a_person" {
			t.Errorf("warnings %+v", s.Warnings)
		}
		b.wantProblem(b.call("GET", "/v1/status?x=1", ""), 400, wire.CodeInvalidRequest)
	})
}

func TestTheJournalCanBeCopiedWhileTheDaemonRuns(t *testing.T) {
	run(t, func(b *bench) {
		if a := b.call("GET", "/v1/journal", ""); a.status != 200 || string(a.body) != "a copy" {
			t.Errorf("HTTP %d: %s", a.status, a.body)
		}
		if a := b.call("HEAD", "/v1/journal", ""); a.status != 200 {
			t.Errorf("HEAD: HTTP %d", a.status)
		}
		b.wantProblem(b.call("GET", "/v1/journal?x=1", ""), 400, wire.CodeInvalidRequest)
	})
}
