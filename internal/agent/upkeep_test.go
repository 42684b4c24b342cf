package agent

import (
	"testing"
	"time"

	"posagent/offline"
)

// The log has one line for each sale: later changes of the sale, such as a
// refund, show its end again.
func TestASaleIsToldToHaveEndedInThatChangeAlone(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	paid := func(facts int) offline.Payment {
		p := offline.Payment{}
		p.Facts, p.End = facts, &offline.End{At: now, Seq: 3, Result: offline.ResultPaid}
		return p
	}
	for _, row := range []struct {
		name string
		sale offline.Sale
		want bool
	}{
		{"the end is the newest fact", offline.Sale{Payments: []offline.Payment{paid(3)}}, true},
		{"an answer came after the end", offline.Sale{Payments: []offline.Payment{paid(4)}}, false},
		{"a refund followed", offline.Sale{Payments: []offline.Payment{paid(3)}, Refunds: []offline.Refund{{}}}, false},
		{"nobody paid", offline.Sale{End: &offline.SaleEnd{At: now, Reason: offline.SaleExpired}}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := endedJustNow(row.sale); got != row.want {
				t.Errorf("ended just now: %t, want %t", got, row.want)
			}
		})
	}
}
