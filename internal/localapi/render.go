package localapi

import (
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// saleOf shows a sale.
func saleOf(s *offline.Sale) wire.Sale {
	out := wire.Sale{
		SaleID: string(s.ID), State: s.State(), Final: s.Final(), Version: s.Version,
		Amount: s.Amount, Refunded: s.Refunded(), OrderTitle: s.Title,
		CanRescan: s.CanRescan(), Settled: s.Settled(), Message: words(s),
		Payments:  make([]wire.Payment, 0, len(s.Payments)),
		Refunds:   make([]wire.Refund, 0, len(s.Refunds)),
		CreatedAt: stamp(s.CreatedAt), ExpiresAt: stamp(s.ExpiresAt),
	}
	updated := s.CreatedAt
	if s.End != nil {
		updated = later(updated, s.End.At)
	}
	for i := range s.Payments {
		p := &s.Payments[i]
		out.Payments = append(out.Payments, paymentOf(p))
		updated = later(updated, p.CreatedAt, lastAttempt(p.Attempts), mark(p.CancelAsk), mark(p.Reversal), mark(p.Parked), mark(p.Resolved), end(p.End))
		out.LateSuccess = out.LateSuccess || p.LateSuccess()
	}
	for i := range s.Refunds {
		f := &s.Refunds[i]
		out.Refunds = append(out.Refunds, refundOf(s, f))
		updated = later(updated, refundUpdated(f))
	}
	out.UpdatedAt = stamp(updated)
	if p := s.Deciding(); p != nil {
		out.MerchantTransID, out.AcquirementID, out.Code = string(p.ID), string(p.AcquirementID()), p.Code.Masked
		out.Reason = reasonOf(s, p)
	}
	return out
}

// reasonOf is the class of a refusal, or why a reversal or a person was needed.
func reasonOf(s *offline.Sale, p *offline.Payment) string {
	switch s.State() {
	case offline.SaleStateDeclined:
		if a := refusal(p); a != nil {
			return string(a.Outcome.Class)
		}
	case offline.SaleStateReversing, offline.SaleStateCancelled:
		if p.Reversal != nil {
			return string(p.Reversal.Reason)
		}
	case offline.SaleStateAttention:
		if p.Parked != nil {
			return string(p.Parked.Reason)
		}
	case offline.SaleStateWaiting, offline.SaleStateProcessing, offline.SaleStateConfirming, offline.SaleStateChecking,
		offline.SaleStatePaid, offline.SaleStateExpired:
	}
	return ""
}

func paymentOf(p *offline.Payment) wire.Payment {
	return wire.Payment{
		MerchantTransID: string(p.ID), AcquirementID: string(p.AcquirementID()),
		State: string(offline.DeriveState(*p)), Code: p.Code.Masked, CreatedAt: stamp(p.CreatedAt),
		Reversal: markOf(p.Reversal), Attention: markOf(p.Parked), Resolved: markOf(p.Resolved),
		Attempts: attemptsOf(p.Attempts),
	}
}

func refundOf(s *offline.Sale, f *offline.Refund) wire.Refund {
	state := f.State()
	return wire.Refund{
		RefundID: string(f.ID), SaleID: string(s.ID), State: state,
		Final:  state == offline.RefundRefunded || state == offline.RefundDeclined,
		Amount: f.Amount, Reason: f.Reason, By: f.By, MerchantTransID: string(f.Payment), Message: refundWords(f),
		Attention: markOf(f.Parked), Resolved: markOf(f.Resolved),
		Attempts: attemptsOf(f.Attempts), CreatedAt: stamp(f.CreatedAt), UpdatedAt: stamp(refundUpdated(f)),
	}
}

func attemptsOf(list []offline.Attempt) []wire.Attempt {
	out := make([]wire.Attempt, len(list))
	for i := range list {
		a := &list[i]
		out[i] = wire.Attempt{
			Op: string(a.Op), ReqMsgID: string(a.ReqMsgID), At: stamp(a.BegunAt), FinishedAt: moment(a.FinishedAt),
			Outcome: string(a.Outcome.Kind), ResultStatus: a.Outcome.ResultStatus, ResultCode: a.Outcome.ResultCode,
			ResultMsg: a.Outcome.ResultMsg, TradeStatus: a.Outcome.TradeStatus, Detail: a.Outcome.Detail,
		}
	}
	return out
}

func markOf(m *offline.Mark) *wire.Mark {
	if m == nil {
		return nil
	}
	return &wire.Mark{At: stamp(m.At), Reason: string(m.Reason), By: m.By, Note: m.Note}
}

// stamp is a time as the API writes it: in UTC, to the millisecond.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// moment is a stamp that may be absent.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = stamp(t)
	return &t
}

func later(times ...time.Time) time.Time {
	var newest time.Time
	for _, t := range times {
		if t.After(newest) {
			newest = t
		}
	}
	return newest
}

func lastAttempt(list []offline.Attempt) time.Time {
	var newest time.Time
	for i := range list {
		newest = later(newest, list[i].BegunAt, list[i].FinishedAt)
	}
	return newest
}

func mark(m *offline.Mark) time.Time {
	if m == nil {
		return time.Time{}
	}
	return m.At
}

func end(e *offline.End) time.Time {
	if e == nil {
		return time.Time{}
	}
	return e.At
}

func refundUpdated(f *offline.Refund) time.Time {
	return later(f.CreatedAt, lastAttempt(f.Attempts), mark(f.Parked), mark(f.Resolved), end(f.End))
}
