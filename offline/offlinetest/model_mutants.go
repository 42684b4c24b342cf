package offlinetest

import (
	"errors"
	"time"

	"posagent/offline"
)

// Mutant is one rule broken on purpose: a model that cannot tell it from the
// real rules proves nothing. Those that decide against the guards come with a
// store that has none, so that the harm shows in the customer's money and not
// only in a refused write.
type Mutant struct {
	Name   string
	Change func(*Rules)
}

// Rules are the product's rules with this one broken.
func (m Mutant) Rules() Rules {
	r := RealRules()
	m.Change(&r)
	return r
}

// Mutants lists them.
func Mutants() []Mutant {
	return []Mutant{
		{"a message is sent before its intent is journalled", func(r *Rules) { r.SendFirst = true }},
		{"an open intent at boot counts as unsent", deciding(openIntentIsUnsent)},
		{"a time-out counts as declined", deciding(timeoutIsDeclined)},
		{"not found counts as declined", deciding(notFoundIsDeclined)},
		{"the query limit counts as declined, with no cancel", deciding(limitIsDeclined)},
		{"a late success overrides a reversal", deciding(lateSuccessIsPaid)},
		{"a cancel is good although the trade may be younger", deciding(anyGoodCancelUndoes)},
		{"a trade that nobody saw is not watched after its cancel", deciding(noWatching)},
		{"a cancelled trade is watched for less time than a code lives", watchesBriefly},
		{"pay is sent again on resume", deciding(resumePays)},
		{"a refused cancel counts as done", deciding(refusedCancelIsDone)},
		{"a cancel answered U counts as done", believing(unknownCancelIsDone)},
		{"an answer is believed without its signature", believing(anybodyIsBelieved)},
		{"another amount is taken as paid", believing(anyAmountIsPaid)},
		{"a refund answered U counts as declined", believing(unknownRefundIsDeclined)},
		{"the sum of refunds is not checked", refundsUnchecked},
		{"a refund gets a new id with each message", func(r *Rules) {
			r.RefundID = func(id offline.RefundID, n int) offline.RefundID { return id + offline.RefundID("-"+itoa(n)) }
		}},
	}
}

// verdict is a broken rule's word on a payment, where it has one.
type verdict func(p *offline.Payment) (offline.Step, bool)

func deciding(v verdict) func(*Rules) {
	return func(r *Rules) {
		real := r.Next
		r.Next = func(p offline.Payment, now time.Time, pol offline.Policy) offline.Step {
			if step, ok := v(&p); ok && p.End == nil {
				step.Fact.At = now
				return step
			}
			return real(p, now, pol)
		}
		r.Apply = unguarded(offline.ErrIllegal, offline.ErrFinal)
	}
}

func believing(b func(offline.Op, offline.Outcome) (offline.Outcome, bool)) func(*Rules) {
	return func(r *Rules) {
		real := r.Believe
		r.Believe = func(op offline.Op, claim offline.Outcome, forged bool) offline.Outcome {
			if o, ok := b(op, claim); ok {
				return o
			}
			return real(op, claim, forged)
		}
		r.Apply = unguarded(offline.ErrIllegal, offline.ErrFinal)
	}
}

func end(r offline.Result, how offline.How) (offline.Step, bool) {
	return offline.Step{Kind: offline.StepRecord, Fact: offline.Fact{Kind: offline.FactEnded, Result: r, How: how}}, true
}

func anyAttempt(p *offline.Payment, is func(offline.Attempt) bool) bool {
	for _, a := range p.Attempts {
		if is(a) {
			return true
		}
	}
	return false
}

func openIntentIsUnsent(p *offline.Payment) (offline.Step, bool) {
	if anyAttempt(p, func(a offline.Attempt) bool { return a.Op == offline.OpPay && !a.Finished() && a.Boot != p.Viewer }) {
		return end(offline.ResultCancelled, offline.HowUnsent)
	}
	return offline.Step{}, false
}

func timeoutIsDeclined(p *offline.Payment) (offline.Step, bool) {
	if anyAttempt(p, func(a offline.Attempt) bool {
		return a.Op == offline.OpPay && a.Finished() && a.Outcome.Kind == offline.NoAnswer && a.Outcome.Anomaly == ""
	}) {
		return end(offline.ResultDeclined, "")
	}
	return offline.Step{}, false
}

func notFoundIsDeclined(p *offline.Payment) (offline.Step, bool) {
	if p.Reversal == nil && anyAttempt(p, func(a offline.Attempt) bool {
		return a.Op == offline.OpQuery && a.Outcome.Kind == offline.NotFound
	}) {
		return end(offline.ResultDeclined, "")
	}
	return offline.Step{}, false
}

func limitIsDeclined(p *offline.Payment) (offline.Step, bool) {
	asked := 0
	for _, a := range p.Attempts {
		if a.Op == offline.OpQuery && a.Finished() {
			asked++
		}
	}
	if p.Reversal == nil && asked >= offline.DefaultPolicy().QueryLimit {
		return end(offline.ResultDeclined, "")
	}
	return offline.Step{}, false
}

func lateSuccessIsPaid(p *offline.Payment) (offline.Step, bool) {
	if p.Reversal != nil && anyAttempt(p, showsPaid) {
		return end(offline.ResultPaid, "")
	}
	return offline.Step{}, false
}

func anyGoodCancelUndoes(p *offline.Payment) (offline.Step, bool) {
	for _, c := range p.Attempts {
		if c.Op != offline.OpCancel || c.Outcome.Kind != offline.Success {
			continue
		}
		known := anyAttempt(p, func(a offline.Attempt) bool { return showsPaid(a) && a.FinishedSeq < c.FinishedSeq })
		later := anyAttempt(p, func(a offline.Attempt) bool { return showsPaid(a) && a.FinishedSeq > c.FinishedSeq })
		if known && !later {
			return end(offline.ResultCancelled, offline.HowReturned)
		}
	}
	return offline.Step{}, false
}

func noWatching(p *offline.Payment) (offline.Step, bool) {
	if offline.DeriveState(*p) == offline.StateWatching {
		return end(offline.ResultCancelled, offline.HowEither)
	}
	return offline.Step{}, false
}

func watchesBriefly(r *Rules) {
	real := r.Next
	r.Next = func(p offline.Payment, now time.Time, pol offline.Policy) offline.Step {
		pol.WatchQueries, pol.WatchInterval = 2, time.Second
		return real(p, now, pol)
	}
}

func resumePays(p *offline.Payment) (offline.Step, bool) {
	paid := anyAttempt(p, func(a offline.Attempt) bool { return a.Op == offline.OpPay && a.Boot == p.Viewer })
	if p.Boot != p.Viewer && !paid && offline.DeriveState(*p) == offline.StateUnconfirmed {
		return offline.Step{Kind: offline.StepSend, Op: offline.OpPay}, true
	}
	return offline.Step{}, false
}

func refusedCancelIsDone(p *offline.Payment) (offline.Step, bool) {
	if anyAttempt(p, func(a offline.Attempt) bool {
		return a.Op == offline.OpCancel && (a.Outcome.Kind == offline.Failure || a.Outcome.Kind == offline.TooLate)
	}) {
		return end(offline.ResultCancelled, offline.HowEither)
	}
	return offline.Step{}, false
}

func unknownCancelIsDone(op offline.Op, o offline.Outcome) (offline.Outcome, bool) {
	if op == offline.OpCancel && o.Kind == offline.InProcess {
		return offline.Outcome{Kind: offline.Success, ResultStatus: "U"}, true
	}
	return o, false
}

func anybodyIsBelieved(_ offline.Op, o offline.Outcome) (offline.Outcome, bool) { return o, true }

func anyAmountIsPaid(op offline.Op, o offline.Outcome) (offline.Outcome, bool) {
	if (op == offline.OpPay || op == offline.OpQuery) && o.Anomaly == offline.OtherAmount && o.ResultStatus == "S" {
		o.Kind, o.Anomaly = offline.Success, ""
		return o, true
	}
	return o, false
}

func unknownRefundIsDeclined(op offline.Op, o offline.Outcome) (offline.Outcome, bool) {
	if op == offline.OpRefund && (o.Kind == offline.InProcess || o.Kind == offline.NoAnswer) {
		return answerF(offline.Failure, "", offline.ClassSupervisor), true
	}
	return o, false
}

func refundsUnchecked(r *Rules) {
	r.Apply = unguarded(offline.ErrRefundTooMuch)
}

// unguarded makes a store without the guards that refuse by the given errors: it
// folds such a write all the same. It follows one sale: a write to an earlier
// version forgets what came after it, as a crash does.
func unguarded(guards ...error) func(offline.Sale, offline.Write) (offline.Sale, error) {
	type entry struct {
		version int // of the sale that the write was applied to
		write   offline.Write
	}
	var log []entry
	return func(s offline.Sale, w offline.Write) (offline.Sale, error) {
		for len(log) > 0 && log[len(log)-1].version >= s.Version {
			log = log[:len(log)-1]
		}
		out, err := s.Apply(w)
		refused := false
		for _, guard := range guards {
			refused = refused || errors.Is(err, guard)
		}
		if err != nil && !refused {
			return out, err
		}
		log = append(log, entry{s.Version, w})
		if err == nil {
			return out, nil
		}
		var st offline.StoredSale
		for _, e := range log {
			store(&st, e.write)
		}
		return offline.Restore(st)
	}
}

func store(st *offline.StoredSale, w offline.Write) {
	if w.NewSale != nil {
		st.Head = *w.NewSale
	}
	if w.EndSale != nil {
		st.End = w.EndSale
	}
	for _, pw := range w.Payments {
		if pw.New != nil {
			st.Payments = append(st.Payments, offline.StoredPayment{Head: *pw.New})
		}
		for i := range st.Payments {
			if p := &st.Payments[i]; p.Head.ID == pw.ID {
				p.Facts = append(p.Facts, pw.Facts...)
			}
		}
	}
	for _, rw := range w.Refunds {
		if rw.New != nil {
			st.Refunds = append(st.Refunds, offline.StoredRefund{Head: *rw.New})
		}
		for i := range st.Refunds {
			if r := &st.Refunds[i]; r.Head.ID == rw.ID {
				r.Facts = append(r.Facts, rw.Facts...)
			}
		}
	}
}
