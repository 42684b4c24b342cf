package offline_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"posagent/offline"
)

func TestSaleGuards(t *testing.T) {
	head := func(change func(*offline.SaleHead)) *offline.SaleHead {
		h := &offline.SaleHead{ID: "R-1", Amount: hkd100, CreatedAt: noon, Boot: firstRun}
		if change != nil {
			change(h)
		}
		return h
	}
	rows := []struct {
		name string
		tell func(*testing.T) *story
		w    func(*story) offline.Write
		want error
	}{
		{"a sale is opened once", func(t *testing.T) *story { return opened(t) },
			func(*story) offline.Write { return offline.Write{SaleID: "R-1", NewSale: head(nil)} }, offline.ErrIllegal},
		{"a sale is opened first", func(t *testing.T) *story { return &story{t: t} },
			func(*story) offline.Write {
				return offline.Write{SaleID: "R-1", EndSale: &offline.SaleEnd{Reason: offline.SaleExpired}}
			}, offline.ErrIllegal},
		{"a sale is opened under its own id", func(t *testing.T) *story { return &story{t: t} },
			func(*story) offline.Write { return offline.Write{SaleID: "R-2", NewSale: head(nil)} }, offline.ErrIllegal},
		{"a write names the sale that it changes", func(t *testing.T) *story { return opened(t) },
			func(*story) offline.Write {
				return offline.Write{SaleID: "R-2", EndSale: &offline.SaleEnd{Reason: offline.SaleExpired}}
			}, offline.ErrIllegal},
		{"an amount is positive", func(t *testing.T) *story { return &story{t: t} },
			func(*story) offline.Write {
				return offline.Write{SaleID: "R-1", NewSale: head(func(h *offline.SaleHead) { h.Amount.Value = 0 })}
			}, offline.ErrAmount},
		{"a currency is in the gateway's table", func(t *testing.T) *story { return &story{t: t} },
			func(*story) offline.Write {
				return offline.Write{SaleID: "R-1", NewSale: head(func(h *offline.SaleHead) { h.Amount.Currency = "KWD" })}
			}, offline.ErrCurrency},

		{"a sale without a code is closed", func(t *testing.T) *story { return opened(t) }, closing, nil},
		{"a sale is closed once", func(t *testing.T) *story { return opened(t).close(offline.SaleExpired) }, closing, offline.ErrFinal},
		{"a refused sale that waits for another code is closed", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "")
		}, closing, nil},
		{"a sale with a payment in doubt is not closed", func(t *testing.T) *story { return sent(t) }, closing, offline.ErrIllegal},
		{"a sale with a payment that has not left is not closed", func(t *testing.T) *story { return created(t) }, closing, offline.ErrIllegal},
		{"a paid sale is not closed", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, success).end(offline.ResultPaid, "")
		}, closing, offline.ErrIllegal},

		{"a code for a sale that waits for one", func(t *testing.T) *story { return opened(t) }, scanning(nil), nil},
		{"a second code after a refusal that it cures", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode).end(offline.ResultDeclined, "")
		}, scanning(nil), nil},
		{"no second code while the first is in doubt", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer)
		}, scanning(nil), offline.ErrFinal},
		{"no second code while the first one's refusal is not followed up", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, staleCode)
		}, scanning(nil), offline.ErrFinal},
		{"no second code after a refusal that it does not cure", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, refused).end(offline.ResultDeclined, "")
		}, scanning(nil), offline.ErrFinal},
		{"no second code for a paid sale", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, success).end(offline.ResultPaid, "")
		}, scanning(nil), offline.ErrFinal},
		{"no second code for a watched sale", func(t *testing.T) *story {
			return created(t).exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, cancelled)
		}, scanning(nil), offline.ErrFinal},
		{"no code for a closed sale", func(t *testing.T) *story { return opened(t).close(offline.SaleExpired) }, scanning(nil), offline.ErrFinal},
		{"I2: no other amount", func(t *testing.T) *story { return opened(t) },
			scanning(func(h *offline.PaymentHead) { h.Amount.Value++ }), offline.ErrIllegal},
		{"I2: no other currency", func(t *testing.T) *story { return opened(t) },
			scanning(func(h *offline.PaymentHead) { h.Amount.Currency = "USD" }), offline.ErrIllegal},
		{"an id of 64 characters", func(t *testing.T) *story { return opened(t) },
			scanning(func(h *offline.PaymentHead) { h.ID = offline.MerchantTransID(strings.Repeat("a", 64)) }), nil},
		{"no id of 65 characters", func(t *testing.T) *story { return opened(t) },
			scanning(func(h *offline.PaymentHead) { h.ID = offline.MerchantTransID(strings.Repeat("a", 65)) }), offline.ErrIllegal},
		{"no payment without an id", func(t *testing.T) *story { return opened(t) },
			scanning(func(h *offline.PaymentHead) { h.ID = "" }), offline.ErrIllegal},
		{"no payment twice", func(t *testing.T) *story { return created(t) },
			scanning(func(h *offline.PaymentHead) { h.ID = "P-1" }), offline.ErrIllegal},
		{"no payment whose head has another id", func(t *testing.T) *story { return opened(t) },
			func(s *story) offline.Write {
				return offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: "P-8", New: s.head("P-9")}}}
			}, offline.ErrIllegal},
		{"no fact about a payment that was never created", func(t *testing.T) *story { return opened(t) },
			func(*story) offline.Write {
				return offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: "P-9", Facts: []offline.Fact{fact(offline.FactParked)}}}}
			}, offline.ErrIllegal},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(t)
			s.t = t
			if row.want == nil {
				s.commit(row.w(s))
				return
			}
			s.refuses(row.w(s), row.want)
		})
	}
}

func closing(s *story) offline.Write {
	return offline.Write{SaleID: "R-1", EndSale: &offline.SaleEnd{At: s.now, Reason: offline.SaleCancelled}}
}

func scanning(change func(*offline.PaymentHead)) func(*story) offline.Write {
	return func(s *story) offline.Write {
		h := s.head("P-9")
		if change != nil {
			change(h)
		}
		return offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: h.ID, New: h}}}
	}
}

func TestRefundGuards(t *testing.T) {
	paid := func(s *story) *story { return s.exchange(offline.OpPay, success).end(offline.ResultPaid, "") }
	one := func(s *story) *story { return paid(s).openRefund("F-1", 4000) }
	opening := func(value int64, change func(*offline.RefundHead)) func(*story) offline.Write {
		return func(s *story) offline.Write {
			h := s.refundHead("F-9", value)
			if change != nil {
				change(h)
			}
			return offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: h.ID, New: h}}}
		}
	}
	about := func(facts ...offline.Fact) func(*story) offline.Write {
		return func(s *story) offline.Write { return s.refundWrite("F-1", facts...) }
	}
	sending := func(op offline.Op) func(*story) offline.Write {
		return func(s *story) offline.Write { return s.refundWrite("F-1", s.refundIntent("F-1", op)) }
	}
	rows := []struct {
		name string
		tell func(*story) *story
		w    func(*story) offline.Write
		want error
	}{
		{"all of it", paid, opening(10000, nil), nil},
		{"not a cent more", paid, opening(10001, nil), offline.ErrRefundTooMuch},
		{"not more than there is at all", paid, opening(math.MaxInt64, nil), offline.ErrRefundTooMuch},
		{"the rest beside one under way", one, opening(6000, nil), nil},
		{"more than the rest beside one under way", one, opening(6001, nil), offline.ErrRefundTooMuch},
		{"more than the rest beside one in attention", func(s *story) *story {
			return one(s).commit(s.refundWrite("F-1", fact(offline.FactParked)))
		}, opening(6001, nil), offline.ErrRefundTooMuch},
		{"all of it after one was refused", func(s *story) *story {
			return one(s).exchangeRefund("F-1", offline.OpRefund, refused).endRefund("F-1", offline.ResultDeclined)
		}, opening(10000, nil), nil},
		{"not nothing", paid, opening(0, nil), offline.ErrAmount},
		{"not less than nothing", paid, opening(-1, nil), offline.ErrAmount},
		{"not in another currency", paid, opening(100, func(h *offline.RefundHead) { h.Amount.Currency = "USD" }), offline.ErrCurrency},
		{"not of another payment", paid, opening(100, func(h *offline.RefundHead) { h.Payment = "P-2" }), offline.ErrNotPaid},
		{"not of a payment in doubt", func(s *story) *story { return s.exchange(offline.OpPay, noAnswer) }, opening(100, nil), offline.ErrNotPaid},
		{"not of a payment that was refused", func(s *story) *story {
			return s.exchange(offline.OpPay, refused).end(offline.ResultDeclined, "")
		}, opening(100, nil), offline.ErrNotPaid},
		{"not of a payment that is being reversed", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success)
		}, opening(100, nil), offline.ErrNotPaid},
		{"of a payment that is known as paid and whose cancel came too late", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).exchange(offline.OpCancel, tooLate).park()
		}, opening(10000, nil), nil},
		{"not of a payment in attention that nobody has seen paid", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().exchange(offline.OpCancel, tooLate).park()
		}, opening(10000, nil), offline.ErrNotPaid},
		{"not without an id", paid, opening(100, func(h *offline.RefundHead) { h.ID = "" }), offline.ErrIllegal},
		{"not with an id of 65 characters", paid, opening(100, func(h *offline.RefundHead) {
			h.ID = offline.RefundID(strings.Repeat("a", 65))
		}), offline.ErrIllegal},
		{"not twice under one id", one, opening(100, func(h *offline.RefundHead) { h.ID = "F-1" }), offline.ErrIllegal},
		{"not whose head has another id", paid, func(s *story) offline.Write {
			return offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: "F-8", New: s.refundHead("F-9", 100)}}}
		}, offline.ErrIllegal},
		{"no fact about one that was never created", paid, about(fact(offline.FactParked)), offline.ErrIllegal},

		{"a message", one, sending(offline.OpRefund), nil},
		{"a question for the trade's id", one, sending(offline.OpQuery), nil},
		{"no cancel", one, sending(offline.OpCancel), offline.ErrIllegal},
		{"no pay", one, sending(offline.OpPay), offline.ErrIllegal},
		{"the message again after a parking", func(s *story) *story {
			return one(s).commit(s.refundWrite("F-1", fact(offline.FactParked)))
		}, sending(offline.OpRefund), nil},
		{"no answer to what was never sent", one,
			about(offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &success}), offline.ErrIllegal},
		{"no wish to cancel it", one, about(fact(offline.FactCancelAsked)), offline.ErrIllegal},
		{"no reversal of it", one, about(fact(offline.FactReversal)), offline.ErrIllegal},
		{"no resolving of what is not in attention", one, about(fact(offline.FactResolved)), offline.ErrIllegal},
		{"a person's word", func(s *story) *story {
			return one(s).commit(s.refundWrite("F-1", fact(offline.FactParked)))
		}, about(fact(offline.FactResolved), ended(offline.ResultRefunded, "")), nil},
		{"no unknown fact", one, about(fact("forgotten")), offline.ErrIllegal},

		{"refunded by an answer", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpRefund, success) },
			about(ended(offline.ResultRefunded, "")), nil},
		{"not refunded by silence", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpRefund, noAnswer) },
			about(ended(offline.ResultRefunded, "")), offline.ErrIllegal},
		{"not refunded by a query", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpQuery, asked) },
			about(ended(offline.ResultRefunded, "")), offline.ErrIllegal},
		{"declined by an answer", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpRefund, refused) },
			about(ended(offline.ResultDeclined, "")), nil},
		{"declined because it is too late", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpRefund, tooLate) },
			about(ended(offline.ResultDeclined, "")), nil},
		{"not declined by silence", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpRefund, noAnswer) },
			about(ended(offline.ResultDeclined, "")), offline.ErrIllegal},
		{"not declined by a query that found nothing", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpQuery, notFound) },
			about(ended(offline.ResultDeclined, "")), offline.ErrIllegal},
		{"a refund never ends as paid", func(s *story) *story { return one(s).exchangeRefund("F-1", offline.OpRefund, success) },
			about(ended(offline.ResultPaid, "")), offline.ErrIllegal},
		{"nothing is sent after its end", func(s *story) *story {
			return one(s).exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
		}, sending(offline.OpRefund), offline.ErrFinal},
		{"a late answer after its end is kept", func(s *story) *story {
			return one(s).beginRefund("F-1", offline.OpRefund).exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
		}, about(offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &success}), nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(created(t))
			if row.want == nil {
				s.commit(row.w(s))
				return
			}
			s.refuses(row.w(s), row.want)
		})
	}
}

// A payment whose cancel came too late ends once refunds have returned all of it,
// in the write that proves it.
func TestRefundsEndAPaymentWhoseCancelCameTooLate(t *testing.T) {
	s := created(t).begin(offline.OpPay).reverse().answer(offline.OpPay, success).exchange(offline.OpCancel, tooLate).park()
	s.openRefund("F-1", 10000).beginRefund("F-1", offline.OpRefund)
	w := s.refundWrite("F-1",
		offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &success},
		ended(offline.ResultRefunded, offline.HowRefunded))
	w.Payments = s.write(ended(offline.ResultCancelled, offline.HowRefunded)).Payments
	if got := s.commit(w).seen().State(); got != offline.SaleStateCancelled {
		t.Errorf("State = %s, want cancelled", got)
	}
	if !s.seen().Settled() {
		t.Error("not settled")
	}
}

func TestAWriteIsAppliedWholeOrNotAtAll(t *testing.T) {
	s := sent(t)
	before := deepCopy(s.sale)
	w := s.write(s.outcome(offline.OpPay, success), ended(offline.ResultDeclined, ""))
	s.refuses(w, offline.ErrIllegal)
	if diff := cmp.Diff(before, deepCopy(s.sale)); diff != "" {
		t.Errorf("the receiver changed (-before +after):\n%s", diff)
	}
	s.commit(s.write(s.outcome(offline.OpPay, success), ended(offline.ResultPaid, "")))
	if diff := cmp.Diff(before, deepCopy(s.sale)); diff == "" {
		t.Error("an accepted write changed nothing")
	}
}
