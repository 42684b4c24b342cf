package sandbox

import (
	"time"

	"posagent/offline"
)

// query tells the truth about a trade. S means that the question was answered;
// whether the trade is paid stands in acquirementStatus.
func (g *Gateway) query(req request, n int, now time.Time) (answer, error) {
	id := req.id
	if t := g.find(req); t != nil {
		id = t.id
	}
	if err := g.queryArrives(id, n, now); err != nil {
		return answer{}, err
	}
	t := g.find(req)
	if t == nil {
		return failed(codeNotExist), nil
	}
	a := done(t)
	a.status = t.status
	return a, nil
}

// cancel succeeds for what never existed, closes what is unpaid, and gives back
// what is paid (docs.antom.com/ac/hk_auto_debit/paycancel). Cancelling what
// never existed leaves no trace: a payment that arrives later still goes
// through, as it can with the real gateway.
func (g *Gateway) cancel(req request, step Step, id offline.MerchantTransID, now time.Time) (answer, error) {
	g.cancelArrives(id, now)
	if step.Effect == EffectNone {
		return unclear(codeUnknown), nil
	}
	t := g.find(req)
	if t == nil {
		return answer{Result: Result{Status: "S", Code: codeSuccess}}, nil
	}
	switch {
	case t.refunded > 0:
		return failed(codeStatusInvalid), nil
	case t.status == statusSuccess:
		if !now.Before(t.cancelDeadline()) {
			return failed(codeCancelWindow), nil
		}
		err := g.ledger.Append(Entry{
			At: now, Kind: Return, MerchantTransID: t.id, AcquirementID: t.acquirement, Amount: t.amount, Code: t.code,
		})
		if err != nil {
			return answer{}, err
		}
		t.status, t.action = statusClosed, actionRefund
	case t.action == "":
		t.status, t.action = statusClosed, actionClose
	}
	a := done(t)
	a.action = t.action
	return a, nil
}

// refund is idempotent by acquirementId and merchantRefundId.
func (g *Gateway) refund(req request, step Step, now time.Time) (answer, error) {
	if step.Effect == EffectNone {
		return unclear(codeUnknown), nil
	}
	t := g.acquired[req.acquirement]
	if t == nil {
		return failed(codeNotExist), nil
	}
	if r, again := t.refunds[req.refundID]; again {
		if r.amount != req.refundAmount {
			return failed(codeInconsistent), nil
		}
		return refundDone(t, req.refundID, r), nil
	}
	switch {
	case t.refunded > 0 && t.refunded == t.amount.Value:
		return failed(codeRefundExceed), nil
	case t.status != statusSuccess:
		return failed(codeStatusInvalid), nil
	case req.refundAmount.Currency != t.amount.Currency:
		return failed(codeParam), nil
	case now.Sub(t.paidAt) > g.opt.RefundWindow:
		return failed(codeRefundWindow), nil
	case req.refundAmount.Value > t.amount.Value-t.refunded:
		return failed(codeRefundExceed), nil
	}
	no, err := g.serial(now)
	if err != nil {
		return answer{}, err
	}
	r := refunded{amount: req.refundAmount, ref: no, at: now}
	err = g.ledger.Append(Entry{
		At: now, Kind: Refund, MerchantTransID: t.id, AcquirementID: t.acquirement, Amount: r.amount, Code: t.code, RefundID: req.refundID,
	})
	if err != nil {
		return answer{}, err
	}
	t.addRefund(req.refundID, r)
	return refundDone(t, req.refundID, r), nil
}

func refundDone(t *trade, id offline.RefundID, r refunded) answer {
	a := done(t)
	a.refundID, a.gatewayRef, a.refundAmount, a.refundTime = id, r.ref, r.amount, r.at
	return a
}
