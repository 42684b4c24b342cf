package localapi_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/decode"
	"posagent/internal/health"
	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// Every code that the API promises can happen, with its status.
func TestEveryProblemCodeIsProduced(t *testing.T) {
	var seen []wire.Code
	note := func(b *bench) { seen = append(seen, b.seen...) }
	refund := `{"refundId":"F","amount":{"currency":"HKD","value":"12850"}}`
	runWith(t, localapi.Limits{Streams: 1}, func(b *bench) {
		tcp := b.clientOf(b.tcp)
		defer tcp.CloseIdleConnections()
		for range 11 {
			b.sendBy(tcp, b.request("GET", "/v1/status", ""))
		}
		host := b.request("GET", "/v1/status", "")
		host.Host = "attacker.example"
		b.send(host)
		origin := b.request("GET", "/v1/status", "")
		origin.Header.Set("Origin", "https://attacker.example")
		b.send(origin)
		b.call("GET", "/nothing", "")
		b.call("PUT", "/v1/sales", "")
		plain := b.request("POST", "/v1/sales", openA)
		plain.Header.Set("Content-Type", "text/plain")
		b.send(plain)
		b.call("POST", "/v1/sales", strings.Repeat(" ", 65<<10))
		b.call("POST", "/v1/sales", `{}`)
		b.call("POST", "/v1/sales", strings.Replace(openA, "HKD", "JPY", 1))
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A",`, `"A","code":"4006381333931",`, 1))

		b.gateway.Always(offline.OpRefund, reply(offline.InProcess, "", ""))
		b.paid("P", goodCode)
		b.gateway.Always(offline.OpPay, success())
		b.call("POST", "/v1/sales/P/refunds", refund)
		b.call("POST", "/v1/sales/P/refunds", strings.Replace(refund, "12850", "1", 1))
		b.call("POST", "/v1/sales/P/refunds", strings.Replace(refund, `"F"`, `"G"`, 1))
		b.call("GET", "/v1/sales/P/refunds/none", "")
		b.call("POST", "/v1/sales/P/cancel", "")
		b.call("POST", "/v1/sales/P/code", `{"code":"`+otherCode+`"}`)
		b.call("POST", "/v1/sales/P/resolve", `{"result":"paid","by":"x","note":"y"}`)
		b.call("GET", "/v1/sales/none", "")
		b.call("POST", "/v1/sales", openA)
		b.call("POST", "/v1/sales", strings.Replace(openA, "12850", "1", 1))
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"B"`, 1))
		b.call("POST", "/v1/sales/A/refunds", refund)
		b.call("POST", "/v1/sales/A/code", `{"code":"`+goodCode+`"}`)
		b.call("POST", "/v1/sales/A/cancel", "")
		b.health.Set(health.Warning{Code: "x", Severity: health.BlocksSelling})
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"B"`, 1))

		first := b.listen("")
		b.call("GET", "/v1/events", "")
		first.leave()
		note(b)
	})
	run(t, func(b *bench) { // a refund of a sale whose cancel was refused
		late := success()
		late.After = 4 * time.Second
		b.gateway.Expect(offline.OpPay, late)
		b.gateway.Always(offline.OpCancel, reply(offline.Failure, "TRADE_STATUS_ERROR", offline.ClassSupervisor))
		b.gateway.Always(offline.OpRefund, reply(offline.InProcess, "", ""))
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A",`, `"A","code":"`+goodCode+`",`, 1))
		b.call("POST", "/v1/sales/A/cancel", "")
		pass(time.Minute)
		b.call("POST", "/v1/sales/A/refunds", refund)
		b.wantProblem(b.call("POST", "/v1/sales/A/resolve", `{"result":"not_paid","by":"x","note":"y"}`), 409, wire.CodeRefundStands)
		note(b)
	})
	run(t, func(b *bench) { // a supervisor is needed
		b.paid("A", goodCode)
		b.supervised(localapi.Needs{Refund: true})
		b.call("POST", "/v1/sales/A/refunds", refund)
		b.call("POST", "/v1/sales/A/refunds", allowed(refund, "Ann", wrongPIN))
		b.supervised(localapi.Needs{Refund: true}, "nobody")
		b.call("POST", "/v1/sales/A/refunds", allowed(refund, "Ann", goodPIN))
		note(b)
	})
	run(t, func(b *bench) { // receipts
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A",`, `"A","orderTitle":"茶",`, 1))
		b.call("GET", "/v1/sales/A/receipt", "")
		b.gateway.Expect(offline.OpPay, success())
		b.call("POST", "/v1/sales/A/code", `{"code":"`+goodCode+`"}`)
		synctest.Wait()
		b.call("GET", "/v1/sales/A/receipt?format=pdf", "")
		note(b)
	})
	run(t, func(b *bench) { // no ledger of shifts
		b.call("GET", "/v1/shift", "")
		note(b)
	})
	run(t, func(b *bench) { // a failed journal
		b.failure = offline.ErrJournal
		b.call("POST", "/v1/sales", openA)
		b.journal.SetFaults(offlinetest.FailBefore(b.journal.Commits()+1, errors.New("disk full")))
		b.wantProblem(b.call("POST", "/v1/sales/A/cancel", ""), 503, wire.CodeJournalFailed)
		synctest.Wait()
		p := b.wantProblem(b.call("POST", "/v1/sales/A/cancel", ""), 503, wire.CodeJournalFailed)
		if len(p.Reasons) != 1 || p.Reasons[0].Code != "journal_failed" || p.Reasons[0].Remedy == "" {
			t.Errorf("reasons %+v", p.Reasons)
		}
		note(b)
	})
	for err, want := range map[error]wire.Code{
		offline.ErrStopped:      wire.CodeStopping,
		errors.New("unforseen"): wire.CodeInternal,
	} {
		run(t, func(b *bench) {
			b.replaceTill(failing{Till: b.till, err: err})
			p := b.wantProblem(b.call("POST", "/v1/sales", openA), wire.NewProblem(want, "", "").Status, want)
			if strings.Contains(p.Detail, "unforseen") {
				t.Errorf("the inside shows outside: %q", p.Detail)
			}
			note(b)
		})
	}
	for _, code := range wire.Codes() {
		if !slices.Contains(seen, code) {
			t.Errorf("%s is promised and never happens", code)
		}
	}
}

// failing is a till that fails, or panics where it has no error.
type failing struct {
	localapi.Till
	err error
}

func (f failing) Open(context.Context, offline.NewSale) (offline.Sale, bool, error) {
	if f.err == nil {
		panic("a fault inside")
	}
	return offline.Sale{}, false, f.err
}

func (f failing) ParseCode(decode.Text) (offline.IdentityCode, error) {
	return offline.IdentityCode{}, f.err
}

// replaceTill serves another till in the bench's place.
func (b *bench) replaceTill(t localapi.Till) {
	b.t.Helper()
	b.serve(t)
	synctest.Wait()
}

func TestAFaultInsideIsAProblemAndTheNextRequestIsServed(t *testing.T) {
	run(t, func(b *bench) {
		b.replaceTill(failing{Till: b.till})
		p := b.wantProblem(b.call("POST", "/v1/sales", openA), 500, wire.CodeInternal)
		if strings.Contains(p.Detail+p.Hint, "fault inside") || !strings.Contains(b.log.String(), "a fault inside") {
			t.Errorf("detail %q, log %s", p.Detail, b.log.String())
		}
		if a := b.call("GET", "/v1/status", ""); a.status != 200 {
			t.Errorf("HTTP %d", a.status)
		}
	})
}

func TestAServerNeedsItsParts(t *testing.T) {
	if _, err := localapi.New(localapi.Options{}); err == nil {
		t.Error("a server of nothing was made")
	}
	if _, err := localapi.New(localapi.Options{Till: &till.Till{}, Engine: &offline.Engine{}, Journal: offlinetest.NewJournal()}); err == nil {
		t.Error("a server without the terminal's currency was made")
	}
}
