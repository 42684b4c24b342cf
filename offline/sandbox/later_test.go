package sandbox

import (
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"posagent/offline"
)

func newTextLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestQueries(t *testing.T) {
	t.Run("what never came is not known", func(t *testing.T) {
		wantResult(t, newWallet(t, newGateway(t)).query("T1"), "F ORDER_NOT_EXIST")
	})
	t.Run("a paid trade shows its amount and time", func(t *testing.T) {
		w := newWallet(t, newGateway(t))
		paid := w.pay("T1", testCode, 100)
		q := w.query("T1")
		wantResult(t, q, "S SUCCESS")
		b := q.Body
		if b.AcquirementStatus != "SUCCESS" || b.OrderAmount.Value != 100 || b.PayAmount.Value != 100 || b.PaymentTime != paid.Body.PaymentTime ||
			b.AcquirementID != paid.Body.AcquirementID {
			t.Errorf("body %+v", b)
		}
	})
	t.Run("acquirementId wins over merchantTransId", func(t *testing.T) {
		w := newWallet(t, newGateway(t))
		one := w.pay("T1", codeFor(1), 100)
		w.pay("T2", codeFor(2), 200)
		body := byID("T2")
		body["acquirementId"] = one.Body.AcquirementID
		if q := w.ask("offline.payQuery", body); q.Body.MerchantTransID != "T1" {
			t.Errorf("it shows %s", q.Body.MerchantTransID)
		}
		body["acquirementId"] = "unknown"
		wantResult(t, w.ask("offline.payQuery", body), "F ORDER_NOT_EXIST")
	})
	t.Run("a trade that waits for the customer is PAYING, then SUCCESS", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		wantResult(t, w.pay("T1", testCode, 10106), "U PAYMENT_IN_PROCESS")
		wantBalance(t, g, "T1", 0)
		for i, want := range []string{"PAYING", "SUCCESS", "SUCCESS"} {
			q := w.query("T1")
			if q.Body.AcquirementStatus != want {
				t.Errorf("query %d says %s, want %s", i+1, q.Body.AcquirementStatus, want)
			}
			if paid := q.Body.PaymentTime != ""; paid != (want == "SUCCESS") {
				t.Errorf("query %d has paymentTime %q", i+1, q.Body.PaymentTime)
			}
		}
		wantBalance(t, g, "T1", 10106)
	})
	t.Run("ConfirmAfter moves the customer's confirmation", func(t *testing.T) {
		w := newWallet(t, newGateway(t, func(o *Options) { o.ConfirmAfter = 1 }))
		w.pay("T1", testCode, 10106)
		if q := w.query("T1"); q.Body.AcquirementStatus != "SUCCESS" {
			t.Errorf("the first query says %s", q.Body.AcquirementStatus)
		}
	})
}

func TestCancels(t *testing.T) {
	t.Run("what never came is cancelled without a trace, and a later pay goes through", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		c := w.cancel("T1")
		wantResult(t, c, "S SUCCESS")
		if c.Body.Action != "" {
			t.Errorf("action %s", c.Body.Action)
		}
		wantResult(t, w.query("T1"), "F ORDER_NOT_EXIST")
		wantResult(t, w.pay("T1", testCode, 100), "S SUCCESS")
		wantBalance(t, g, "T1", 100)
	})
	t.Run("an unpaid trade is closed", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script("T1", Scenario{Pay: []Step{{Effect: EffectConfirm, Query: 1}}})
		w.pay("T1", testCode, 100)
		for range 2 {
			c := w.cancel("T1")
			wantResult(t, c, "S SUCCESS")
			if c.Body.Action != "CLOSE" {
				t.Errorf("action %s", c.Body.Action)
			}
		}
		if q := w.query("T1"); q.Body.AcquirementStatus != "CLOSED" {
			t.Errorf("status %s", q.Body.AcquirementStatus)
		}
		wantBalance(t, g, "T1", 0)
	})
	t.Run("a paid trade gives its money back, once", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		w.pay("T1", testCode, 100)
		for range 2 {
			c := w.cancel("T1")
			wantResult(t, c, "S SUCCESS")
			if c.Body.Action != "REFUND" {
				t.Errorf("action %s", c.Body.Action)
			}
		}
		if n := len(g.Ledger().Entries()); n != 2 {
			t.Errorf("%d entries", n)
		}
		wantBalance(t, g, "T1", 0)
	})
	t.Run("a refunded trade is not cancelled", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		a := w.pay("T1", testCode, 100)
		w.refund(a.Body.AcquirementID, "R1", 30)
		wantResult(t, w.cancel("T1"), "F ORDER_STATUS_INVALID")
		wantBalance(t, g, "T1", 70)
	})
}

func TestACancelWorksUntilAQuarterPastTheBeijingMidnight(t *testing.T) {
	tests := []struct {
		name       string
		paid, undo string
		want       string
	}{
		{"the same minute", "2026-11-21T23:59:00+08:00", "2026-11-21T23:59:10+08:00", "S SUCCESS"},
		{"14:59 after midnight", "2026-11-21T00:00:00+08:00", "2026-11-22T00:14:59+08:00", "S SUCCESS"},
		{"15:00 after midnight", "2026-11-21T23:59:59+08:00", "2026-11-22T00:15:00+08:00", "F CANCEL_WINDOW_EXCEED"},
		{"a payment of 00:05 belongs to its own day", "2026-11-22T00:05:00+08:00", "2026-11-22T20:00:00+08:00", "S SUCCESS"},
		{"midnight elsewhere does not count", "2026-11-21T22:30:00Z", "2026-11-22T10:00:00Z", "S SUCCESS"},
		{"the day is Beijing's, not the shop's", "2026-11-21T15:00:00Z", "2026-11-21T16:15:00Z", "F CANCEL_WINDOW_EXCEED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := at(t, tt.paid)
			g := newGateway(t, func(o *Options) { o.Clock = func() time.Time { return now } })
			w := newWallet(t, g)
			w.now = func() time.Time { return now }
			w.pay("T1", testCode, 100)
			deadline := offline.CancelDeadline(now)
			now = at(t, tt.undo)
			wantResult(t, w.cancel("T1"), tt.want)
			if inTime := now.Before(deadline); inTime != (tt.want == "S SUCCESS") {
				t.Errorf("the terminal's own rule says in time: %t", inTime)
			}
		})
	}
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefunds(t *testing.T) {
	setUp := func(t *testing.T) (*Gateway, *wallet, string) {
		g := newGateway(t)
		w := newWallet(t, g)
		return g, w, w.pay("T1", testCode, 100).Body.AcquirementID
	}
	t.Run("parts may be refunded until nothing is left", func(t *testing.T) {
		g, w, acq := setUp(t)
		first := w.refund(acq, "R1", 30)
		wantResult(t, first, "S SUCCESS")
		if b := first.Body; b.MerchantRefundID != "R1" || b.RefundID == "" || b.RefundAmount.Value != 30 || b.RefundTime == "" {
			t.Errorf("body %+v", b)
		}
		wantResult(t, w.refund(acq, "R2", 71), "F REFUND_AMOUNT_EXCEED")
		wantResult(t, w.refund(acq, "R3", 70), "S SUCCESS")
		wantResult(t, w.refund(acq, "R4", 1), "F REFUND_AMOUNT_EXCEED")
		wantBalance(t, g, "T1", 0)
		if q := w.query("T1"); q.Body.AcquirementStatus != "CLOSED" {
			t.Errorf("fully refunded, status %s", q.Body.AcquirementStatus)
		}
	})
	t.Run("the same refund again is told the same and moves nothing", func(t *testing.T) {
		g, w, acq := setUp(t)
		first := w.refund(acq, "R1", 100)
		again := w.refund(acq, "R1", 100)
		wantResult(t, again, "S SUCCESS")
		if first.Body.RefundID != again.Body.RefundID || first.Body.RefundTime != again.Body.RefundTime {
			t.Errorf("%+v, then %+v", first.Body, again.Body)
		}
		wantBalance(t, g, "T1", 0)
	})
	t.Run("the same refund id with another amount is refused", func(t *testing.T) {
		g, w, acq := setUp(t)
		w.refund(acq, "R1", 30)
		wantResult(t, w.refund(acq, "R1", 31), "F REPEAT_REQ_INCONSISTENT")
		wantBalance(t, g, "T1", 70)
	})
	t.Run("another currency, an unknown trade and a cancelled trade are refused", func(t *testing.T) {
		g, w, acq := setUp(t)
		other := refundBody(acq, "R1", 30)
		other["refundAmount"] = object{"currency": "CNY", "value": "30"}
		wantResult(t, w.ask("common.refund", other), "F PARAM_ILLEGAL")
		wantResult(t, w.refund("nothing", "R1", 30), "F ORDER_NOT_EXIST")
		w.cancel("T1")
		wantResult(t, w.refund(acq, "R1", 30), "F ORDER_STATUS_INVALID")
		wantBalance(t, g, "T1", 0)
	})
	t.Run("an unpaid trade is not refunded", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script("T1", Scenario{Pay: []Step{{Effect: EffectPending}}})
		acq := w.pay("T1", testCode, 100).Body.AcquirementID
		wantResult(t, w.refund(acq, "R1", 30), "F ORDER_STATUS_INVALID")
	})
	t.Run("after the window nothing is refunded", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := newGateway(t)
			w := newWallet(t, g)
			acq := w.pay("T1", testCode, 100).Body.AcquirementID
			time.Sleep(90 * 24 * time.Hour)
			wantResult(t, w.refund(acq, "R1", 1), "S SUCCESS")
			time.Sleep(time.Second)
			wantResult(t, w.refund(acq, "R2", 1), "F REFUND_WINDOW_EXCEED")
		})
	})
}
