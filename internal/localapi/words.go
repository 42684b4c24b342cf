package localapi

import (
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/cashier"
)

// words is the one place that decides which of the cashier's words a sale gets,
// from its state, the reason of it and the gateway's result code.
func words(s *offline.Sale) wire.Message {
	p := s.Deciding()
	if p != nil && s.State() == offline.SaleStateDeclined {
		return declinedMessage(s, p)
	}
	key := saleKey(s, p)
	m := message(key, cashier.Words(key))
	if a := success(p); a != nil && s.State() == offline.SaleStatePaid && p.Resolved == nil && a.Outcome.ResultCode != "" {
		m.Code = a.Outcome.ResultCode
	}
	return m
}

func message(key string, t cashier.Text) wire.Message {
	m := wire.Message{Code: key, Key: key, Title: t.Title, Money: t.Money, Detail: t.Money, Action: t.Action, Say: t.Say}
	if t.Detail != "" {
		m.Detail = t.Money + " Alipay says: " + t.Detail
	}
	return m
}

// saleKey names the words of every state but declined.
func saleKey(s *offline.Sale, p *offline.Payment) string {
	switch s.State() {
	case offline.SaleStateWaiting:
		return "waiting"
	case offline.SaleStateProcessing:
		if unsentSoFar(p) {
			return "processing.no_connection"
		}
		return "processing"
	case offline.SaleStateConfirming:
		return "confirming"
	case offline.SaleStateChecking:
		return checkingKey(p)
	case offline.SaleStateReversing:
		if p.LateSuccess() {
			return "reversing.late"
		}
		return "reversing." + string(p.Reversal.Reason)
	case offline.SaleStatePaid:
		if p.Resolved != nil {
			return "paid.person"
		}
		return "paid"
	case offline.SaleStateCancelled:
		return cancelledKey(s, p)
	case offline.SaleStateExpired:
		return "expired"
	case offline.SaleStateAttention:
		return attentionKey(p)
	case offline.SaleStateDeclined:
	}
	return "attention" // a state without words must not leave the cashier without an answer
}

func checkingKey(p *offline.Payment) string {
	if last := finished(p.Attempts); last != nil && last.Outcome.Kind == offline.NotSent {
		return "checking.no_connection"
	}
	if p.Boot != p.Viewer && finishedBy(p, p.Viewer) == nil {
		return "checking.restarted"
	}
	return "checking"
}

func cancelledKey(s *offline.Sale, p *offline.Payment) string {
	switch {
	case p == nil && s.End != nil && s.End.Reason == offline.SaleRestarted:
		return "cancelled.restarted"
	case p == nil:
		return "cancelled.asked"
	case p.End == nil: // the cancel is confirmed; whether the trade ever came is still watched
		return "cancelled"
	case p.End.Result == offline.ResultDeclined:
		return "cancelled.after_decline"
	case p.End.How != offline.HowUnsent:
		return "cancelled." + string(p.End.How)
	case p.CancelAsk != nil:
		return "cancelled.asked"
	}
	last := p.Last()
	switch {
	case last == nil:
		return "cancelled.unsent"
	case last.Outcome.Class == offline.ClassSetup:
		return "cancelled.setup"
	}
	return "cancelled.no_connection"
}

func attentionKey(p *offline.Payment) string {
	switch {
	case p == nil || p.Parked == nil:
		return "attention"
	case p.Parked.Reason != offline.ReasonCancelTooLate && otherAmount(p.Attempts):
		return "attention.other_amount"
	}
	return "attention." + string(p.Parked.Reason)
}

// declinedMessage has the words of the gateway's code. While a fresh code may be
// tried they end with scanning it; when that time is over, they must not.
func declinedMessage(s *offline.Sale, p *offline.Payment) wire.Message {
	a := refusal(p)
	if a == nil {
		return message("declined", cashier.Words("declined"))
	}
	o := a.Outcome
	if o.ResultStatus == "S" { // of a query that worked: code and text are about the query
		o.ResultCode, o.ResultMsg = "", ""
	}
	key := cashier.CodeKey(o.Class, o.ResultCode)
	t := cashier.ForCode(o.Class, o.ResultCode, o.ResultMsg)
	switch {
	case s.CanRescan() && key == "declined."+string(offline.ClassRescan):
		key, t = "waiting.rescan", cashier.Words("waiting.rescan")
	case !s.CanRescan() && o.Class == offline.ClassRescan && !s.CodeGiven:
		key, t = "declined", cashier.Words("declined")
	}
	m := message(key, t)
	if o.ResultCode != "" {
		m.Code = o.ResultCode
	}
	return m
}

// refundWords decides which words a refund gets.
func refundWords(f *offline.Refund) wire.Message {
	last := finished(f.Attempts)
	key := "refund." + string(f.State())
	if f.End != nil && f.End.How == offline.HowPerson {
		key += ".person"
		return message(key, cashier.Words(key))
	}
	switch f.State() {
	case offline.RefundProcessing:
		if last != nil && last.Outcome.Kind == offline.NotSent {
			key = "refund.no_connection"
		}
	case offline.RefundDeclined:
		if last == nil || last.Outcome.ResultCode == "" {
			break
		}
		m := message(cashier.RefundCodeKey(last.Outcome.ResultCode), cashier.ForRefundCode(last.Outcome.ResultCode, last.Outcome.ResultMsg))
		m.Code = last.Outcome.ResultCode
		return m
	case offline.RefundAttention:
		switch {
		case otherAmount(f.Attempts):
			key = "refund.attention.other_amount"
		case f.Parked != nil && f.Parked.Reason == offline.ReasonSetup:
			key = "refund.attention.setup"
		}
	case offline.RefundRefunded:
	}
	return message(key, cashier.Words(key))
}

// newest returns the newest attempt of a kind, or nil.
func newest(list []offline.Attempt, is func(*offline.Attempt) bool) *offline.Attempt {
	for i := len(list) - 1; i >= 0; i-- {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

func finished(list []offline.Attempt) *offline.Attempt {
	return newest(list, func(a *offline.Attempt) bool { return a.Finished() })
}

func finishedBy(p *offline.Payment, boot offline.BootID) *offline.Attempt {
	return newest(p.Attempts, func(a *offline.Attempt) bool { return a.Finished() && a.Boot == boot })
}

// asked tells whether the attempt is one whose answer tells of the payment itself.
func asked(a *offline.Attempt) bool {
	return a.Finished() && (a.Op == offline.OpPay || a.Op == offline.OpQuery)
}

// refusal is the refusal that says why: pay's own where there is one.
func refusal(p *offline.Payment) *offline.Attempt {
	if a := newest(p.Attempts, func(a *offline.Attempt) bool { return a.Op == offline.OpPay && a.Outcome.Kind == offline.Failure }); a != nil {
		return a
	}
	return newest(p.Attempts, func(a *offline.Attempt) bool { return asked(a) && a.Outcome.Kind == offline.Failure })
}

func success(p *offline.Payment) *offline.Attempt {
	if p == nil {
		return nil
	}
	return newest(p.Attempts, func(a *offline.Attempt) bool { return asked(a) && a.Outcome.Kind == offline.Success })
}

func otherAmount(list []offline.Attempt) bool {
	return newest(list, func(a *offline.Attempt) bool { return a.Outcome.Anomaly == offline.OtherAmount }) != nil
}

// unsentSoFar tells whether every message of the payment failed to leave. One that
// is under way may have left already.
func unsentSoFar(p *offline.Payment) bool {
	last := newest(p.Attempts, func(*offline.Attempt) bool { return true })
	return last != nil && last.Finished() && last.Outcome.Kind == offline.NotSent
}
