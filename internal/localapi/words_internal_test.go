package localapi

import (
	"strings"
	"testing"
	"time"

	"posagent/offline"
)

// A query that found the trade failed worked itself: its code and its text are
// those of a success and say nothing about the payment.
func TestAPaymentThatAQueryFoundFailedIsNotCalledASuccess(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 30, 0, 0, offline.Beijing)
	amount := offline.Money{Currency: "HKD", Value: 12850}
	fact := func(f offline.Fact) offline.Fact { f.At = now; return f }
	var sale offline.Sale
	sale, err := sale.Apply(offline.Write{
		SaleID:  "R-1",
		NewSale: &offline.SaleHead{ID: "R-1", Amount: amount, CreatedAt: now, ExpiresAt: now.Add(time.Minute), Boot: "boot-1"},
		Payments: []offline.PaymentWrite{{
			ID: "M-1", New: &offline.PaymentHead{ID: "M-1", Amount: amount, CreatedAt: now, Boot: "boot-1"},
			Facts: []offline.Fact{
				fact(offline.Fact{Kind: offline.FactBegun, Attempt: 1, Op: offline.OpPay, ReqMsgID: "m-1", Boot: "boot-1"}),
				fact(offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &offline.Outcome{Kind: offline.NoAnswer}}),
				fact(offline.Fact{Kind: offline.FactBegun, Attempt: 2, Op: offline.OpQuery, ReqMsgID: "m-2", Boot: "boot-1"}),
				fact(offline.Fact{Kind: offline.FactFinished, Attempt: 2, Outcome: &offline.Outcome{
					Kind: offline.Failure, ResultStatus: "S", ResultCode: "SUCCESS", ResultMsg: "success.", TradeStatus: "FAILED", Class: offline.ClassOtherMeans,
				}}),
				fact(offline.Fact{Kind: offline.FactEnded, Result: offline.ResultDeclined}),
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := words(&sale)
	if m.Key != "declined.other_means" || m.Code != m.Key || strings.Contains(strings.ToLower(m.Detail), "success") {
		t.Errorf("a declined sale is shown as code %q, %q", m.Code, m.Detail)
	}
}

// Money that the gateway names as taken after the end was announced as "nothing
// was taken" needs a person, whatever the sale's state says.
func TestASuccessAfterTheEndTakesBackThatNothingWasTaken(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 30, 0, 0, offline.Beijing)
	amount := offline.Money{Currency: "HKD", Value: 12850}
	facts := []offline.Fact{
		{Kind: offline.FactBegun, Attempt: 1, Op: offline.OpPay, ReqMsgID: "m-1", Boot: "boot-1"},
		{Kind: offline.FactBegun, Attempt: 2, Op: offline.OpQuery, ReqMsgID: "m-2", Boot: "boot-1"},
		{Kind: offline.FactFinished, Attempt: 2, Outcome: &offline.Outcome{Kind: offline.Failure, ResultStatus: "S", TradeStatus: "FAILED", Class: offline.ClassOtherMeans}},
		{Kind: offline.FactEnded, Result: offline.ResultDeclined},
		{Kind: offline.FactFinished, Attempt: 1, Outcome: &offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS"}},
		{Kind: offline.FactParked, Reason: offline.ReasonLateSuccess},
	}
	var sale offline.Sale
	sale, err := sale.Apply(offline.Write{
		SaleID:   "R-1",
		NewSale:  &offline.SaleHead{ID: "R-1", Amount: amount, CreatedAt: now, ExpiresAt: now.Add(time.Minute), Boot: "boot-1"},
		Payments: []offline.PaymentWrite{{ID: "M-1", New: &offline.PaymentHead{ID: "M-1", Amount: amount, CreatedAt: now, Boot: "boot-1"}, Facts: facts}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := words(&sale); m.Key != "attention.late_success" || strings.Contains(m.Money, "Nothing was taken") {
		t.Errorf("the cashier reads %q: %q", m.Key, m.Money)
	}
}
