package sandbox

import "testing"

func TestOrdinaryPayments(t *testing.T) {
	t.Run("a payment is charged once and told with all that the terminal checks", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		a := w.pay("T1", testCode, 12850)
		wantResult(t, a, "S SUCCESS")
		b := a.Body
		if b.MerchantTransID != "T1" || b.AcquirementID == "" || b.OrderAmount.Value != 12850 || b.PayAmount.Value != 12850 || b.PaymentTime == "" ||
			b.MerchantID != testMerchant || b.ResultInfo.ResultCodeID != "00000000" {
			t.Errorf("body: %+v", b)
		}
		wantBalance(t, g, "T1", 12850)
	})
	t.Run("the same pay again is told the same and charges nothing", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		first := w.pay("T1", testCode, 100)
		again := w.pay("T1", testCode, 100)
		wantResult(t, again, "S SUCCESS")
		if first.Body.AcquirementID != again.Body.AcquirementID {
			t.Errorf("acquirementId %s, then %s", first.Body.AcquirementID, again.Body.AcquirementID)
		}
		wantBalance(t, g, "T1", 100)
	})
	t.Run("the same id with another amount or code is refused", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		w.pay("T1", testCode, 100)
		wantResult(t, w.pay("T1", testCode, 101), "F REPEAT_REQ_INCONSISTENT")
		wantResult(t, w.pay("T1", codeFor(7), 100), "F REPEAT_REQ_INCONSISTENT")
		wantBalance(t, g, "T1", 100)
	})
	t.Run("a code works once", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		w.pay("T1", testCode, 100)
		wantResult(t, w.pay("T2", testCode, 100), "F INVALID_PAYMENT_CODE")
		wantResult(t, w.pay("T2", testCode, 100), "F INVALID_PAYMENT_CODE")
		wantBalance(t, g, "T2", 0)
	})
	t.Run("a declined payment stays declined and uses its code up", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script("T1", Scenario{Name: "declined", Pay: []Step{{Effect: EffectDecline, Code: "RISK_REJECT"}}})
		wantResult(t, w.pay("T1", testCode, 100), "F RISK_REJECT")
		wantResult(t, w.pay("T1", testCode, 100), "F RISK_REJECT")
		wantResult(t, w.pay("T2", testCode, 100), "F INVALID_PAYMENT_CODE")
		if q := w.query("T1"); q.Body.AcquirementStatus != "CLOSED" {
			t.Errorf("query says %s", q.Body.AcquirementStatus)
		}
		wantBalance(t, g, "T1", 0)
	})
	t.Run("a cancelled payment does not come back by paying again", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		w.pay("T1", testCode, 100)
		w.cancel("T1")
		wantResult(t, w.pay("T1", testCode, 100), "F ORDER_IS_CLOSED")
		wantBalance(t, g, "T1", 0)
	})
}
