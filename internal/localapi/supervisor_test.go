package localapi_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/internal/supervisor"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

const (
	goodPIN  = "314159"
	wrongPIN = "271828"
)

// supervised serves on with Ann as supervisor, or with nobody, and what needs one.
func (b *bench) supervised(needs localapi.Needs, nobody ...string) {
	b.t.Helper()
	book := supervisor.Book{Path: filepath.Join(b.t.TempDir(), "supervisors.json")}
	if len(nobody) == 0 {
		if err := book.Set("Ann", supervisor.NewPIN(goodPIN), time.Now()); err != nil {
			b.t.Fatal(err)
		}
	}
	b.judge, b.needs = supervisor.NewGuard(book, slog.New(slog.NewTextHandler(&b.log, nil))), needs
	b.serve(b.till)
	synctest.Wait()
}

// allowed puts a supervisor into a body.
func allowed(body, name, pin string) string {
	comma := ","
	if body == "{}" {
		comma = ""
	}
	return strings.TrimSuffix(body, "}") + comma + `"supervisor":{"name":"` + name + `","pin":"` + pin + `"}}`
}

func TestARefundThatNeedsASupervisorIsDoneWithOneAndTheTrailSaysWho(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.supervised(localapi.Needs{Refund: true})
		b.gateway.Always(offline.OpRefund, success())
		body := `{"refundId":"F-1","amount":{"currency":"HKD","value":"850"},"by":"till 3"}`
		path := "/v1/sales/A/refunds"
		b.wantProblem(b.call("POST", path, body), 403, wire.CodeSupervisorRequired)
		p := b.wantProblem(b.call("POST", path, allowed(body, "Ann", wrongPIN)), 403, wire.CodeSupervisorRefused)
		if p.TriesLeft == nil || *p.TriesLeft != 4 || p.WaitUntil != nil {
			b.t.Errorf("%+v", p)
		}
		b.wantProblem(b.call("POST", path, allowed(body, "Bea", goodPIN)), 403, wire.CodeSupervisorRefused)
		b.wantProblem(b.call("GET", path+"/F-1", ""), 404, wire.CodeRefundNotFound)

		a := b.call("POST", path, allowed(body, "ann", goodPIN))
		var refund wire.Refund
		a.decode(b.t, &refund)
		if a.status != 201 || refund.By != "till 3, allowed by Ann" {
			b.t.Errorf("HTTP %d: %s", a.status, a.body)
		}
		events, err := b.journal.Events(0, 100)
		if err != nil || events[len(events)-1].SaleID != "A" {
			b.t.Fatal(events, err)
		}
		said := false
		for _, e := range events {
			said = said || e.Refund == "F-1" && e.By == "till 3, allowed by Ann"
		}
		if !said {
			b.t.Errorf("the audit trail does not say who: %+v", events)
		}
		// Its answer was lost: the same again needs nobody, and nothing begins.
		if again := b.call("POST", path, body); again.status != 200 {
			b.t.Errorf("again: HTTP %d: %s", again.status, again.body)
		}
	})
}

func TestTooManyWrongPINsCostAWait(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.supervised(localapi.Needs{Refund: true})
		b.gateway.Always(offline.OpRefund, success())
		body := `{"refundId":"F-1","amount":{"currency":"HKD","value":"850"}}`
		for range 4 {
			b.call("POST", "/v1/sales/A/refunds", allowed(body, "Ann", wrongPIN))
		}
		p := b.wantProblem(b.call("POST", "/v1/sales/A/refunds", allowed(body, "Ann", wrongPIN)), 403, wire.CodeSupervisorRefused)
		if p.WaitUntil == nil || *p.TriesLeft != 0 || !strings.Contains(p.Detail, "30s") {
			b.t.Errorf("%+v", p)
		}
		b.wantProblem(b.call("POST", "/v1/sales/A/refunds", allowed(body, "Ann", goodPIN)), 403, wire.CodeSupervisorRefused)
		pass(31 * time.Second)
		if a := b.call("POST", "/v1/sales/A/refunds", allowed(body, "Ann", goodPIN)); a.status != 201 {
			b.t.Errorf("after the wait: HTTP %d: %s", a.status, a.body)
		}
	})
}

func TestAVoidIsARefundOfAWholeSaleOnItsDay(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.supervised(localapi.Needs{Void: true})
		b.gateway.Always(offline.OpRefund, success())
		part, whole := `{"refundId":"F-1","amount":{"currency":"HKD","value":"850"}}`, `{"refundId":"F-2","amount":{"currency":"HKD","value":"12850"}}`
		b.wantProblem(b.call("POST", "/v1/sales/A/refunds", whole), 403, wire.CodeSupervisorRequired)
		if a := b.call("POST", "/v1/sales/A/refunds", part); a.status != 201 {
			b.t.Errorf("a part: HTTP %d: %s", a.status, a.body)
		}
		b.paid("B", otherCode)
		pass(24 * time.Hour)
		if a := b.call("POST", "/v1/sales/B/refunds", whole); a.status != 201 {
			b.t.Errorf("the next day: HTTP %d: %s", a.status, a.body)
		}
	})
}

func TestACancelNeedsASupervisorOnceSomethingWasSent(t *testing.T) {
	run(t, func(b *bench) {
		b.supervised(localapi.Needs{Cancel: true})
		b.call("POST", "/v1/sales", openA)
		b.wantSale(b.call("POST", "/v1/sales/A/cancel", `{}`), 200, wire.Cancelled) // nothing was
		b.gateway.Always(offline.OpPay, reply(offline.InProcess, "", ""))
		b.gateway.Always(offline.OpQuery, reply(offline.InProcess, "", ""))
		b.gateway.Expect(offline.OpCancel, offlinetest.Reply{After: 2 * time.Second, Outcome: offline.Outcome{Kind: offline.Success, Undo: offline.UndoReturned}})
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A",`, `"B","code":"`+goodCode+`",`, 1))
		synctest.Wait()
		b.wantProblem(b.call("POST", "/v1/sales/B/cancel", `{}`), 403, wire.CodeSupervisorRequired)
		sale := b.wantSale(b.call("POST", "/v1/sales/B/cancel", allowed(`{}`, "Ann", goodPIN)), 200, wire.Reversing)
		if sale.Payments[0].Reversal == nil {
			b.t.Errorf("%+v", sale.Payments[0])
		}
		b.wantSale(b.call("POST", "/v1/sales/B/cancel", `{}`), 200, wire.Reversing) // decided already
		pass(time.Minute)
	})
}

func TestAResolutionThatNeedsASupervisorNamesBoth(t *testing.T) {
	run(t, func(b *bench) {
		b.attention("A", goodCode)
		b.supervised(localapi.Needs{Resolve: true})
		path, body := "/v1/sales/A/resolve", `{"result":"not_paid","by":"till 3","note":"not in the portal"}`
		b.wantProblem(b.call("POST", path, body), 403, wire.CodeSupervisorRequired)
		b.wantProblem(b.call("POST", path, allowed(body, "Ann", wrongPIN)), 403, wire.CodeSupervisorRefused)
		b.wantSale(b.call("GET", "/v1/sales/A", ""), 200, wire.Attention)
		sale := b.wantSale(b.call("POST", path, allowed(body, "ann", goodPIN)), 200, wire.Cancelled)
		if by := sale.Payments[0].Resolved.By; by != "till 3, allowed by Ann" {
			b.t.Errorf("by %q", by)
		}
		b.wantSale(b.call("POST", path, allowed(body, "ann", goodPIN)), 200, wire.Cancelled) // its answer was lost
		b.wantProblem(b.call("POST", path, body), 409, wire.CodeNotInAttention)
	})
}

func TestARefundsResolutionNeedsASupervisorToo(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.supervised(localapi.Needs{Resolve: true})
		b.gateway.Always(offline.OpRefund, reply(offline.InProcess, "", ""))
		b.call("POST", "/v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"850"}}`)
		path, body := "/v1/sales/A/refunds/F/resolve", `{"result":"not_refunded","by":"Ann","note":"x"}`
		b.wantProblem(b.call("POST", path, allowed(body, "Ann", goodPIN)), 409, wire.CodeNotInAttention)
		pass(5 * time.Minute)
		b.wantProblem(b.call("POST", path, body), 403, wire.CodeSupervisorRequired)
		a := b.call("POST", path, allowed(body, "Ann", goodPIN))
		var refund wire.Refund
		a.decode(b.t, &refund)
		if a.status != 200 || refund.Resolved == nil || refund.Resolved.By != "Ann" {
			b.t.Errorf("HTTP %d: %s", a.status, a.body)
		}
	})
}

func TestASupervisorWhoIsNamedIsJudgedAlsoWhereNobodyIsNeeded(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		body := `{"refundId":"F-1","amount":{"currency":"HKD","value":"850"}}`
		b.wantProblem(b.call("POST", "/v1/sales/A/refunds", allowed(body, "Ann", goodPIN)), 503, wire.CodeSupervisorUnavailable)
		b.supervised(localapi.Needs{})
		b.wantProblem(b.call("POST", "/v1/sales/A/refunds", allowed(body, "Ann", wrongPIN)), 403, wire.CodeSupervisorRefused)
		for field, supervisor := range map[string]string{
			"supervisor":      `"Ann"`,
			"supervisor.name": `{"pin":"314159"}`,
			"supervisor.pin":  `{"name":"Ann"}`,
			"supervisor.PIN":  `{"name":"Ann","PIN":"314159"}`,
		} {
			p := b.wantProblem(b.call("POST", "/v1/sales/A/refunds", strings.TrimSuffix(body, "}")+`,"supervisor":`+supervisor+"}"), 400, wire.CodeInvalidRequest)
			if p.Field != field {
				b.t.Errorf("field %q, want %q", p.Field, field)
			}
		}
	})
}

func TestTheClientSendsThePINAndShowsItNowhere(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		b.supervised(localapi.Needs{Refund: true, Resolve: true, Cancel: true})
		b.gateway.Always(offline.OpRefund, success())
		c, err := client.New(client.Options{Socket: "memory", Dial: b.socket.dial})
		if err != nil {
			b.t.Fatal(err)
		}
		defer c.Close()
		who := &wire.Supervisor{Name: "Ann", PIN: wire.NewPIN(goodPIN)}
		money := wire.Money{Currency: "HKD", Value: 850}
		if _, _, err := c.Refund(b.t.Context(), "A", wire.NewRefund{RefundID: "F", Amount: money, Supervisor: who}); err != nil {
			b.t.Errorf("refund: %v", err)
		}
		b.attention("B", otherCode)
		if _, err := c.Resolve(b.t.Context(), "B", wire.Resolution{Result: wire.ResolvedPaid, By: "x", Note: "y", Supervisor: who}); err != nil {
			b.t.Errorf("resolve: %v", err)
		}
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"C"`, 1))
		if _, err := c.CancelAs(b.t.Context(), "C", wire.ByBody{By: "x", Supervisor: who}); err != nil {
			b.t.Errorf("cancel: %v", err)
		}
	})
}
