package queuetest

import (
	"fmt"
	"time"

	"posagent/offline"
)

// Script makes writes as the engine would, with a clock of its own that moves
// one second with each write.
type Script struct {
	Now  time.Time
	Boot offline.BootID
	// Digest makes the digests of codes: the journal's own.
	Digest func(offline.IdentityCode) offline.CodeDigest
	n      int
}

// NewScript starts at 2026-11-21 09:30 in Beijing, in the run "boot-1".
func NewScript(j offline.Journal) *Script {
	return &Script{
		Now:    time.Date(2026, 11, 21, 9, 30, 0, 123456789, offline.Beijing),
		Boot:   "boot-1",
		Digest: j.Digest,
	}
}

// Amount is the amount of every sale: 128.50 HKD.
func Amount() offline.Money { return offline.Money{Currency: "HKD", Value: 12850} }

// Code makes the n-th payment code.
func Code(n int) offline.IdentityCode {
	c, err := offline.ParseIdentityCode(fmt.Sprintf("28%016d", n))
	if err != nil {
		panic(err)
	}
	return c
}

func (s *Script) tick() time.Time {
	s.Now = s.Now.Add(time.Second)
	return s.Now
}

func (s *Script) msg() offline.ReqMsgID {
	s.n++
	return offline.ReqMsgID(fmt.Sprintf("msg-%s-%d", s.Boot, s.n))
}

// Open opens a sale that waits for a code.
func (s *Script) Open(id offline.SaleID) offline.Write {
	now := s.tick()
	return offline.Write{SaleID: id, Due: now.Add(2 * time.Minute), NewSale: &offline.SaleHead{
		ID: id, Amount: Amount(), Title: "Sunrise Mart", CreatedAt: now, ExpiresAt: now.Add(2 * time.Minute), Boot: s.Boot,
	}}
}

// Pay adds a payment with a code to an open sale and begins its pay.
func (s *Script) Pay(id offline.SaleID, payment offline.MerchantTransID, code offline.IdentityCode) offline.Write {
	now := s.tick()
	return offline.Write{SaleID: id, Due: now.Add(5 * time.Second), Payments: []offline.PaymentWrite{{
		ID: payment,
		New: &offline.PaymentHead{
			ID: payment, Amount: Amount(), Code: s.Digest(code), CreatedAt: now, Boot: s.Boot,
		},
		Facts: []offline.Fact{s.Begun(1, offline.OpPay)},
	}}}
}

// Start opens a sale with a code and begins its pay, in one write.
func (s *Script) Start(id offline.SaleID, payment offline.MerchantTransID, code offline.IdentityCode) offline.Write {
	w := s.Open(id)
	p := s.Pay(id, payment, code)
	w.Payments, w.Due = p.Payments, p.Due
	return w
}

// Begun is the intent of a message.
func (s *Script) Begun(attempt int, op offline.Op) offline.Fact {
	return offline.Fact{Kind: offline.FactBegun, At: s.Now, Attempt: attempt, Op: op, ReqMsgID: s.msg(), Boot: s.Boot}
}

// Finished is a message's outcome.
func (s *Script) Finished(attempt int, o offline.Outcome) offline.Fact {
	return offline.Fact{Kind: offline.FactFinished, At: s.Now, Attempt: attempt, Outcome: &o}
}

// Ended is a result.
func (s *Script) Ended(r offline.Result, how offline.How) offline.Fact {
	return offline.Fact{Kind: offline.FactEnded, At: s.Now, Result: r, How: how}
}

// Success is the outcome of a pay that took the money.
func Success() offline.Outcome {
	amount := Amount()
	return offline.Outcome{
		Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS", ResultMsg: "success.",
		AcquirementID: "2026112119400100001234567", PayAmount: &amount, PaymentTime: "2026-11-21T09:30:02+08:00",
	}
}

// Facts adds facts to a payment. A settled sale needs no Due.
func (s *Script) Facts(id offline.SaleID, payment offline.MerchantTransID, facts ...offline.Fact) offline.Write {
	now := s.tick()
	for i := range facts {
		facts[i].At = now
	}
	w := offline.Write{SaleID: id, Payments: []offline.PaymentWrite{{ID: payment, Facts: facts}}}
	if facts[len(facts)-1].Kind != offline.FactEnded {
		w.Due = now.Add(3 * time.Second)
	}
	return w
}

// Paid finishes the first attempt with success and ends the payment as paid.
func (s *Script) Paid(id offline.SaleID, payment offline.MerchantTransID) offline.Write {
	return s.Facts(id, payment, s.Finished(1, Success()), s.Ended(offline.ResultPaid, ""))
}

// Declined finishes the first attempt with a refusal that a fresh code cures.
func (s *Script) Declined(id offline.SaleID, payment offline.MerchantTransID) offline.Write {
	w := s.Facts(id, payment,
		s.Finished(1, offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "PAYMENT_CODE_EXPIRED", Class: offline.ClassRescan}),
		s.Ended(offline.ResultDeclined, ""))
	w.Due = s.Now.Add(time.Minute)
	return w
}

// Unsent finishes the first attempt as never sent and ends the payment so.
func (s *Script) Unsent(id offline.SaleID, payment offline.MerchantTransID) offline.Write {
	return s.Facts(id, payment,
		s.Finished(1, offline.Outcome{Kind: offline.NotSent, Detail: "connection refused"}),
		s.Ended(offline.ResultCancelled, offline.HowUnsent))
}

// Close closes a sale that has no payment in doubt.
func (s *Script) Close(id offline.SaleID, why offline.SaleReason) offline.Write {
	return offline.Write{SaleID: id, EndSale: &offline.SaleEnd{At: s.tick(), Reason: why, By: "cashier"}}
}

// Refund begins a refund of a paid sale.
func (s *Script) Refund(id offline.SaleID, payment offline.MerchantTransID, refund offline.RefundID, value int64) offline.Write {
	now := s.tick()
	return offline.Write{SaleID: id, Due: now.Add(5 * time.Second), Refunds: []offline.RefundWrite{{
		ID: refund,
		New: &offline.RefundHead{
			ID: refund, Payment: payment, Amount: offline.Money{Currency: "HKD", Value: value}, Reason: "returned goods", CreatedAt: now,
		},
		Facts: []offline.Fact{s.Begun(1, offline.OpRefund)},
	}}}
}

// Refunded ends a refund with success.
func (s *Script) Refunded(id offline.SaleID, refund offline.RefundID) offline.Write {
	now := s.tick()
	return offline.Write{SaleID: id, Refunds: []offline.RefundWrite{{ID: refund, Facts: []offline.Fact{
		{Kind: offline.FactFinished, At: now, Attempt: 1, Outcome: &offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS"}},
		{Kind: offline.FactEnded, At: now, Result: offline.ResultRefunded},
	}}}}
}

// Parked calls a person to a payment whose reversal was decided.
func (s *Script) Parked(id offline.SaleID, payment offline.MerchantTransID) offline.Write {
	w := s.Facts(id, payment,
		offline.Fact{Kind: offline.FactReversal, Reason: offline.ReasonQueryLimit},
		offline.Fact{Kind: offline.FactParked, Reason: offline.ReasonCancelUnconfirmed})
	w.Due = time.Time{}
	return w
}

// Commit writes all, and stops the test at the first refusal.
func Commit(t TB, j offline.Journal, writes ...offline.Write) offline.Committed {
	t.Helper()
	var c offline.Committed
	for i, w := range writes {
		var err error
		if c, err = j.Commit(w); err != nil {
			t.Fatalf("write %d of %d, sale %s: %v", i+1, len(writes), w.SaleID, err)
		}
	}
	return c
}

// TB is what the helpers need of testing.TB.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}
