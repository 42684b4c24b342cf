package salelog

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"time"

	"posagent/internal/logx"
	"posagent/offline"
)

// none is the state of what was not there before.
const none = "none"

// transitions writes a line for each payment and refund that a change moved, or for the sale where it was moved alone.
func (t *Teller) transitions(c offline.Change, before, after standing) {
	e := offline.Describe(c.Sale, c.Write)
	common := []slog.Attr{
		slog.Uint64("event", c.Event), slog.String("sale", string(c.Sale.ID)),
		slog.String("state", string(after.sale)), slog.String("reason", strings.Join(e.What, "; ")),
	}
	if e.By != "" {
		common = append(common, slog.String("by", e.By))
	}
	if before.sale == "" {
		t.saleLine(c, "", after.sale, common)
	}
	moved := false
	for _, pw := range c.Write.Payments {
		from, was := before.payments[pw.ID]
		to := after.payments[pw.ID]
		if was && from == to {
			continue
		}
		moved = true
		t.paymentLine(c, pw, from, to, common)
	}
	for _, rw := range c.Write.Refunds {
		from, was := before.refunds[rw.ID]
		to := after.refunds[rw.ID]
		if was && from == to {
			continue
		}
		moved = true
		t.refundLine(c, rw, from, to, common)
	}
	if !moved && before.sale != "" && before.sale != after.sale {
		t.saleLine(c, before.sale, after.sale, common)
	}
}

func (t *Teller) paymentLine(c offline.Change, pw offline.PaymentWrite, from, to payment, common []slog.Attr) {
	p := c.Sale.Payment(pw.ID)
	action, level := logx.ActionPayment, slog.LevelInfo
	switch {
	case to.late && !from.late:
		action, level = logx.ActionLateSuccess, slog.LevelWarn
	case to.state == offline.StateAttention && from.state != to.state:
		action, level = logx.ActionAttention, slog.LevelWarn
	}
	attrs := moved(action, string(from.state), string(to.state), paymentResult(to.state))
	attrs = append(attrs, common...)
	attrs = append(attrs, slog.String("payment", string(p.ID)))
	attrs = append(attrs, money(p.Amount)...)
	if id := p.AcquirementID(); id != "" {
		attrs = append(attrs, slog.String("trade", string(id)))
	}
	attrs = append(attrs, message(pw.Facts, p.Attempts, c.Write.Took)...)
	t.line(level, "payment: "+arrow(string(from.state), string(to.state)), attrs)
}

func (t *Teller) refundLine(c offline.Change, rw offline.RefundWrite, from, to offline.RefundState, common []slog.Attr) {
	r := c.Sale.Refund(rw.ID)
	action, level := logx.ActionRefund, slog.LevelInfo
	if to == offline.RefundAttention {
		action, level = logx.ActionAttention, slog.LevelWarn
	}
	attrs := moved(action, string(from), string(to), refundResult(to))
	attrs = append(attrs, common...)
	attrs = append(attrs, slog.String("payment", string(r.Payment)), slog.String("refund", string(r.ID)))
	attrs = append(attrs, money(r.Amount)...)
	attrs = append(attrs, message(rw.Facts, r.Attempts, c.Write.Took)...)
	t.line(level, "refund: "+arrow(string(from), string(to)), attrs)
}

func (t *Teller) saleLine(c offline.Change, from, to offline.SaleState, common []slog.Attr) {
	attrs := moved(logx.ActionSale, string(from), string(to), saleResult(to))
	attrs = append(attrs, common...)
	attrs = append(attrs, money(c.Sale.Amount)...)
	t.line(slog.LevelInfo, "sale: "+arrow(string(from), string(to)), attrs)
}

// summary sums a sale up at its end, or when it becomes a person's.
func (t *Teller) summary(c offline.Change, after standing) {
	s := &c.Sale
	attrs := []slog.Attr{
		slog.String("action", string(logx.ActionSummary)), slog.String("result", saleResult(after.sale)),
		slog.Uint64("event", c.Event), slog.String("sale", string(s.ID)), slog.String("state", string(after.sale)), slog.String("end", endOf(s)),
	}
	attrs = append(attrs, money(s.Amount)...)
	messages := 0
	for i := range s.Payments {
		messages += len(s.Payments[i].Attempts)
	}
	attrs = append(attrs, slog.Int("payments", len(s.Payments)), slog.Int("attempts", messages))
	if p := s.Deciding(); p != nil {
		attrs = append(attrs, slog.String("payment", string(p.ID)))
		if id := p.AcquirementID(); id != "" {
			attrs = append(attrs, slog.String("trade", string(id)))
		}
		if a := lastAnswer(p.Attempts); a != nil {
			attrs = append(attrs, slog.String("outcome", string(a.Outcome.Kind)), slog.String("result_code", a.Outcome.ResultCode))
		}
	}
	attrs = append(attrs, t.steps[s.ID].attrs(c.At)...)
	t.line(slog.LevelInfo, "sale ended: "+string(after.sale), attrs)
}

// attrs are the steps in milliseconds since the opening; what this run has not seen is left out.
func (s *steps) attrs(end time.Time) (out []slog.Attr) {
	if s == nil {
		return nil
	}
	add := func(key string, at time.Time) {
		if !at.IsZero() {
			out = append(out, slog.Float64(key, milliseconds(at.Sub(s.opened))))
		}
	}
	add("code_ms", s.code)
	add("intent_ms", s.intent)
	add("sent_ms", s.sent)
	add("answered_ms", s.answered)
	add("committed_ms", end)
	add("total_ms", end)
	if !s.code.IsZero() {
		out = append(out, slog.Float64("wait_ms", milliseconds(end.Sub(s.code))))
	}
	return out
}

// milliseconds has three digits behind the point: a JSON number that is read easily.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

// endOf names how a sale ended, in the journal's words.
func endOf(s *offline.Sale) string {
	p := s.Deciding()
	switch {
	case s.State() == offline.SaleStateAttention && p != nil && p.Parked != nil:
		return "needs a person: " + string(p.Parked.Reason)
	case s.End != nil:
		return string(s.End.Reason)
	case p != nil && p.End != nil && p.End.How != "":
		return string(p.End.Result) + ", " + string(p.End.How)
	case p != nil && p.End != nil:
		return string(p.End.Result)
	case p != nil:
		return string(offline.DeriveState(*p))
	}
	return string(s.State())
}

// event tells of a change that was not heard, from what the journal says of it.
func (t *Teller) event(e *offline.Event) {
	action, level, name := logx.ActionSale, slog.LevelInfo, "sale"
	switch {
	case e.Refund != "":
		action, name = logx.ActionRefund, "refund"
	case e.Payment != "":
		action, name = logx.ActionPayment, "payment"
	}
	for _, word := range e.What {
		if strings.HasPrefix(word, "needs a person") {
			action, level = logx.ActionAttention, slog.LevelWarn
		}
	}
	attrs := []slog.Attr{
		slog.String("action", string(action)), slog.Uint64("event", e.Seq), slog.String("sale", string(e.SaleID)),
		slog.String("state", string(e.State)), slog.String("reason", strings.Join(e.What, "; ")),
	}
	for _, a := range []slog.Attr{slog.String("payment", string(e.Payment)), slog.String("refund", string(e.Refund)), slog.String("by", e.By)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	t.line(level, name+": read from the journal, as there was too much at once", attrs)
}

func (t *Teller) line(level slog.Level, text string, attrs []slog.Attr) {
	t.log.LogAttrs(context.Background(), level, text, attrs...) //nolint:sloglint // the states stand in the text, for people
}

func moved(action logx.Action, from, to, result string) []slog.Attr {
	if from == "" {
		from = none
	}
	return []slog.Attr{
		slog.String("action", string(action)), slog.String("result", result), slog.String("from", from), slog.String("to", to),
	}
}

func arrow(from, to string) string {
	if from == "" {
		from = none
	}
	return from + " -> " + to
}

func money(m offline.Money) []slog.Attr {
	return []slog.Attr{slog.Int64("amount", m.Value), slog.String("currency", m.Currency)}
}

// message is what the newest answer among the facts said.
func message(facts []offline.Fact, attempts []offline.Attempt, took time.Duration) []slog.Attr {
	for i := len(facts) - 1; i >= 0; i-- {
		f := facts[i]
		if f.Kind != offline.FactFinished || f.Attempt < 1 || f.Attempt > len(attempts) {
			continue
		}
		out := []slog.Attr{
			slog.String("op", string(attempts[f.Attempt-1].Op)), slog.Int("attempt", f.Attempt), slog.String("outcome", string(f.Outcome.Kind)),
		}
		for _, a := range []slog.Attr{
			slog.String("result_code", f.Outcome.ResultCode), slog.String("class", string(f.Outcome.Class)), slog.String("detail", f.Outcome.Detail),
		} {
			if a.Value.String() != "" {
				out = append(out, a)
			}
		}
		if took > 0 {
			out = append(out, slog.Duration("took", took))
		}
		return out
	}
	return nil
}

func lastAnswer(attempts []offline.Attempt) (last *offline.Attempt) {
	for i := range attempts {
		if a := &attempts[i]; a.Finished() && (last == nil || a.FinishedSeq > last.FinishedSeq) {
			last = a
		}
	}
	return last
}

// The three words of the Elastic Common Schema for what came of it.
const (
	success = "success"
	failure = "failure"
	unknown = "unknown"
)

func paymentResult(s offline.State) string {
	switch s {
	case offline.StatePaid:
		return success
	case offline.StateDeclined, offline.StateCancelled:
		return failure
	case offline.StateCreated, offline.StatePaying, offline.StateUnconfirmed, offline.StateReversing, offline.StateWatching, offline.StateAttention:
	}
	return unknown
}

func refundResult(s offline.RefundState) string {
	switch s {
	case offline.RefundRefunded:
		return success
	case offline.RefundDeclined:
		return failure
	case offline.RefundProcessing, offline.RefundAttention:
	}
	return unknown
}

func saleResult(s offline.SaleState) string {
	switch s {
	case offline.SaleStatePaid:
		return success
	case offline.SaleStateDeclined, offline.SaleStateCancelled, offline.SaleStateExpired:
		return failure
	case offline.SaleStateWaiting, offline.SaleStateProcessing, offline.SaleStateConfirming, offline.SaleStateChecking,
		offline.SaleStateReversing, offline.SaleStateAttention:
	}
	return unknown
}
