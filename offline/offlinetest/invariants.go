package offlinetest

import (
	"errors"
	"fmt"

	"posagent/offline"
)

// CheckInvariants judges one committed change of a sale against the invariants
// of package offline, I2 to I5 and I8 and I9 (I1, I6 and I7 are about messages,
// screens and goroutines: their tests watch those). It is written from the
// invariants' words and shares nothing with Sale.Apply but the types. Before is
// the zero Sale where the sale was opened. It returns every breach, joined.
func CheckInvariants(before, after offline.Sale) error {
	var c check
	c.sale(before, after)
	for i := range after.Payments {
		p := &after.Payments[i]
		old := before.Payment(p.ID)
		c.what = fmt.Sprintf("sale %s, payment %s", after.ID, p.ID)
		c.payment(p, &after, i == len(after.Payments)-1)
		if old != nil {
			c.appended(old, p)
		}
	}
	for i := range after.Refunds {
		r := &after.Refunds[i]
		c.what = fmt.Sprintf("sale %s, refund %s", after.ID, r.ID)
		c.refund(r, &after)
		if old := before.Refund(r.ID); old != nil {
			c.refundAppended(old, r)
		}
	}
	c.what = "sale " + string(after.ID)
	c.states(before, after)
	return errors.Join(c.faults...)
}

// check collects breaches.
type check struct {
	what   string
	faults []error
}

func (c *check) hold(ok bool, rule, format string, args ...any) {
	if !ok {
		c.faults = append(c.faults, fmt.Errorf("%s: %s: %s", c.what, rule, fmt.Sprintf(format, args...)))
	}
}

func (c *check) sale(before, after offline.Sale) {
	c.what = "sale " + string(after.ID)
	if before.ID != "" {
		c.hold(sameSaleHead(before.SaleHead, after.SaleHead), "I2", "its head changed")
	}
	c.hold(after.Version >= before.Version, "I8", "version fell from %d to %d", before.Version, after.Version)
	c.hold(before.End == nil || after.End != nil && sameSaleEnd(*before.End, *after.End), "I8", "its close was rewritten")
	c.hold(len(after.Payments) >= len(before.Payments) && len(after.Refunds) >= len(before.Refunds), "I8",
		"payments or refunds are gone")
	for i := range min(len(before.Payments), len(after.Payments)) {
		c.hold(before.Payments[i].ID == after.Payments[i].ID, "I8", "payment %d is another one", i)
	}
	facts := 1
	if after.End != nil {
		facts++
	}
	for i := range after.Payments {
		facts += 1 + after.Payments[i].Facts
	}
	for i := range after.Refunds {
		facts += 1 + after.Refunds[i].Facts
	}
	c.hold(after.Version == facts, "I8", "version %d for %d facts", after.Version, facts)
	c.money(after)
}

// money: the sum of a payment's refunds never exceeds what was paid.
func (c *check) money(s offline.Sale) {
	reserved, refunded := map[offline.MerchantTransID]int64{}, map[offline.MerchantTransID]int64{}
	for i := range s.Refunds {
		r := &s.Refunds[i]
		if r.End == nil || r.End.Result == offline.ResultRefunded {
			reserved[r.Payment] += r.Amount.Value
		}
		if r.End != nil && r.End.Result == offline.ResultRefunded {
			refunded[r.Payment] += r.Amount.Value
		}
		c.hold(r.Amount.Value > 0 && r.Amount.Currency == s.Amount.Currency, "refunds", "%s of a sale of %s", r.Amount, s.Amount)
	}
	for i := range s.Payments {
		id := s.Payments[i].ID
		may, has := s.ReservedOf(id).Value, s.RefundedOf(id).Value
		c.hold(reserved[id] <= s.Amount.Value, "refunds", "%d of %d may go back of %s", reserved[id], s.Amount.Value, id)
		c.hold(may == reserved[id], "refunds", "ReservedOf says %d of %s, the facts %d", may, id, reserved[id])
		c.hold(has == refunded[id], "refunds", "RefundedOf says %d of %s, the facts %d", has, id, refunded[id])
	}
}

// payment judges what must hold for a payment at any time.
func (c *check) payment(p *offline.Payment, s *offline.Sale, newest bool) {
	c.hold(p.Amount == s.Amount, "I2", "amount %s, the sale's is %s", p.Amount, s.Amount)
	// A declined one whose end was put in doubt later has another end since.
	c.hold(newest || p.End != nil && (p.End.Result == offline.ResultDeclined || p.Parked != nil), "I2",
		"another code was taken although it was not declined")
	c.attempts(p.Attempts, p.Facts)
	c.pays(p)
	for _, a := range p.Attempts {
		switch a.Op {
		case offline.OpCancel:
			c.hold(p.Reversal != nil && p.Reversal.Seq < a.BegunSeq, "I5", "attempt %d cancels without a decided reversal", a.N)
		case offline.OpRefund:
			c.hold(false, "I2", "attempt %d is a refund within a payment", a.N)
		case offline.OpPay, offline.OpQuery:
		}
		doubted := p.End != nil && p.Parked != nil && p.Parked.Seq > p.End.Seq
		c.hold(p.End == nil || a.BegunSeq < p.End.Seq || doubted && a.Op == offline.OpQuery && a.BegunSeq > p.Parked.Seq, "I4",
			"attempt %d begun after the end", a.N)
	}
	if p.End != nil {
		c.end(p, s)
	}
	c.noCode("mask of the code", p.Code.Masked)
}

// attempts: numbered, one id each, begun before finished, no number used twice.
func (c *check) attempts(list []offline.Attempt, facts int) {
	ids, seqs := map[offline.ReqMsgID]bool{}, map[int]bool{}
	once := func(seq int) {
		c.hold(seq >= 1 && seq <= facts && !seqs[seq], "I8", "fact number %d is used twice or is out of range 1 to %d", seq, facts)
		seqs[seq] = true
	}
	for i, a := range list {
		c.hold(a.N == i+1, "I8", "attempt %d stands at place %d", a.N, i+1)
		c.hold(a.ReqMsgID != "" && !ids[a.ReqMsgID], "I1", "attempt %d has no reqMsgId of its own", a.N)
		c.hold(a.Boot != "", "I3", "attempt %d does not name its run", a.N)
		ids[a.ReqMsgID] = true
		once(a.BegunSeq)
		if a.Finished() {
			once(a.FinishedSeq)
			c.hold(a.FinishedSeq > a.BegunSeq, "I1", "attempt %d finished before it began", a.N)
			c.hold(a.Outcome.Kind != "", "I8", "attempt %d has an outcome without a kind", a.N)
		}
		c.noCode(fmt.Sprintf("outcome of attempt %d", a.N), a.Outcome.Detail, a.Outcome.ResultMsg, a.Outcome.ResultCode)
	}
}

// pays: only the run that read the code pays, and only while nothing has left.
func (c *check) pays(p *offline.Payment) {
	for i, a := range p.Attempts {
		if a.Op != offline.OpPay {
			continue
		}
		c.hold(a.Boot == p.Boot, "I3", "attempt %d pays in run %s, the code was read by %s", a.N, a.Boot, p.Boot)
		c.hold(p.Reversal == nil || a.BegunSeq < p.Reversal.Seq, "I5", "attempt %d pays after the reversal was decided", a.N)
		for _, b := range p.Attempts[:i] {
			unsent := b.Finished() && b.FinishedSeq < a.BegunSeq && b.Outcome.Kind == offline.NotSent
			c.hold(b.Op != offline.OpPay || unsent, "I2", "attempt %d pays although attempt %d may have left", a.N, b.N)
		}
	}
}

// appended: what stood there before stands there still.
func (c *check) appended(old, p *offline.Payment) {
	c.hold(samePaymentHead(old.PaymentHead, p.PaymentHead), "I2", "its head changed")
	c.hold(p.Facts >= old.Facts, "I8", "facts fell from %d to %d", old.Facts, p.Facts)
	c.trail(old.Attempts, p.Attempts)
	c.hold(old.Reversal == nil || p.Reversal != nil && sameMark(*old.Reversal, *p.Reversal), "I5", "the decided reversal was changed")
	c.hold(old.End == nil || p.End != nil && (sameEnd(*old.End, *p.End) || c.doubted(old, p)), "I8", "the end was rewritten")
	c.hold(old.CancelAsk == nil || p.CancelAsk != nil, "I8", "the wish to cancel is gone")
	c.hold(old.Parked == nil || p.Parked != nil && p.Parked.Seq >= old.Parked.Seq, "I8", "the parking is gone")
	c.hold(old.Resolved == nil || p.Resolved != nil, "I8", "a person's word is gone")
}

// doubted: an end is followed by another one only where an answer after it named
// money as taken, and a person was called for it. One that names money never is.
func (*check) doubted(old, p *offline.Payment) bool {
	if old.End.Result == offline.ResultPaid || old.End.How == offline.HowRefunded ||
		p.Parked == nil || p.Parked.Seq < old.End.Seq || p.End.Seq < p.Parked.Seq {
		return false
	}
	for _, a := range p.Attempts {
		if a.FinishedSeq > old.End.Seq && a.FinishedSeq < p.Parked.Seq && (showsPaid(a) || a.Outcome.Anomaly == offline.OtherAmount) {
			return true
		}
	}
	return false
}

func (c *check) trail(old, now []offline.Attempt) {
	c.hold(len(now) >= len(old), "I8", "attempts are gone")
	for i := range min(len(old), len(now)) {
		a, b := old[i], now[i]
		if a.Finished() {
			c.hold(sameAttempt(a, b), "I8", "attempt %d was rewritten", a.N)
			continue
		}
		b.FinishedAt, b.FinishedSeq, b.Outcome = a.FinishedAt, a.FinishedSeq, a.Outcome
		c.hold(sameAttempt(a, b), "I8", "the intent of attempt %d was rewritten", a.N)
	}
}

func (c *check) noCode(where string, texts ...string) {
	for _, text := range texts {
		c.hold(!holdsCode(text), "I9", "%s holds a whole payment code", where)
	}
}

// holdsCode tells whether a run of digits in the text could be charged.
func holdsCode(text string) bool {
	for start := 0; start < len(text); start++ {
		end := start
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if _, err := offline.ParseIdentityCode(text[start:end]); err == nil {
			return true
		}
		start = end
	}
	return false
}
