package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
)

func TestNextOfARefund(t *testing.T) {
	// paid by an answer that names the trade, and by one that does not
	named := func(s *story) *story {
		return s.exchange(offline.OpPay, success).end(offline.ResultPaid, "").openRefund("F-1", 2500)
	}
	nameless := func(s *story) *story {
		o := success
		o.AcquirementID = ""
		return s.exchange(offline.OpPay, o).end(offline.ResultPaid, "").openRefund("F-1", 2500)
	}
	anonymous := offline.Outcome{Kind: offline.InProcess, ResultStatus: "U"}
	tries := func(s *story, n int, o offline.Outcome) *story {
		for range n {
			s.exchangeRefund("F-1", offline.OpRefund, o)
		}
		return s
	}
	rows := []struct {
		name string
		tell func(*story) *story
		want offline.Step
	}{
		{"is to send it", named, sends(offline.OpRefund)},
		{"is to wait for the answer", func(s *story) *story { return named(s).beginRefund("F-1", offline.OpRefund) }, answer},
		{"is to send it again no sooner when the message was lost with its run", func(s *story) *story {
			return named(s).beginRefund("F-1", offline.OpRefund).restart()
		}, waits(noon.Add(2 * time.Second))},
		{"is to send it again when the message that was lost is 2 s old", func(s *story) *story {
			return named(s).beginRefund("F-1", offline.OpRefund).restart().after(2 * time.Second)
		}, sends(offline.OpRefund)},
		{"is refunded by a success", func(s *story) *story { return tries(named(s), 1, success) }, ending(offline.ResultRefunded, offline.HowRefunded)},
		{"is declined by a refusal", func(s *story) *story { return tries(named(s), 1, refused) }, ending(offline.ResultDeclined, "")},
		{"is declined when it is too late", func(s *story) *story { return tries(named(s), 1, tooLate) }, ending(offline.ResultDeclined, "")},
		{"calls a person when the gateway rejects the message", func(s *story) *story { return tries(named(s), 1, misfit) }, parking(offline.ReasonSetup)},
		{"calls a person when the answer speaks of another amount", func(s *story) *story {
			other := noAnswer
			other.Anomaly = offline.OtherAmount
			return tries(named(s), 1, other)
		}, parking(offline.ReasonOtherAmount)},
		{"is to wait 2 s after an unknown result", func(s *story) *story { return tries(named(s), 1, unknown) }, waits(noon.Add(2 * time.Second))},
		{"is to send it again after those 2 s", func(s *story) *story { return tries(named(s), 1, unknown).after(2 * time.Second) }, sends(offline.OpRefund)},
		{"doubles the pause", func(s *story) *story { return tries(named(s), 3, noAnswer) }, waits(noon.Add(8 * time.Second))},
		{"is tried for the last time", func(s *story) *story { return tries(named(s), 5, noAnswer).after(32 * time.Second) }, sends(offline.OpRefund)},
		{"calls a person after the last try", func(s *story) *story { return tries(named(s), 6, noAnswer) }, parking(offline.ReasonRefundUnconfirmed)},
		{"counts a lost message as a try", func(s *story) *story {
			named(s)
			for range 6 {
				s.beginRefund("F-1", offline.OpRefund).restart()
			}
			return s
		}, parking(offline.ReasonRefundUnconfirmed)},
		{"does not count a message that never left", func(s *story) *story { return tries(named(s), 40, notSent) }, waits(noon.Add(5 * time.Minute))},
		{"is to send it at once when the clock was set back", func(s *story) *story {
			return tries(named(s), 3, noAnswer).after(-time.Hour)
		}, sends(offline.OpRefund)},
		{"is to wait for a person", func(s *story) *story {
			return tries(named(s), 6, noAnswer).commit(s.refundWrite("F-1", fact(offline.FactParked))).after(time.Hour).restart()
		}, idle},
		{"goes on after a person asked again", func(s *story) *story {
			return tries(named(s), 6, noAnswer).commit(s.refundWrite("F-1", fact(offline.FactParked))).
				exchangeRefund("F-1", offline.OpRefund, unknown)
		}, waits(noon.Add(2 * time.Second))},
		{"is over", func(s *story) *story { return tries(named(s), 1, success).endRefund("F-1", offline.ResultRefunded) }, idle},

		{"is to ask for the trade's id first", nameless, sends(offline.OpQuery)},
		{"is to send it once the id is known", func(s *story) *story {
			return nameless(s).exchangeRefund("F-1", offline.OpQuery, asked)
		}, sends(offline.OpRefund)},
		{"is to ask again when the answer does not name it", func(s *story) *story {
			return nameless(s).exchangeRefund("F-1", offline.OpQuery, anonymous)
		}, waits(noon.Add(2 * time.Second))},
		{"is to ask again after those 2 s", func(s *story) *story {
			return nameless(s).exchangeRefund("F-1", offline.OpQuery, anonymous).after(2 * time.Second)
		}, sends(offline.OpQuery)},
		{"calls a person when the id cannot be learnt", func(s *story) *story {
			nameless(s)
			for range 6 {
				s.exchangeRefund("F-1", offline.OpQuery, notFound)
			}
			return s
		}, parking(offline.ReasonRefundUnconfirmed)},
		{"has all its tries after the id was learnt", func(s *story) *story {
			nameless(s)
			s.exchangeRefund("F-1", offline.OpQuery, asked)
			return tries(s, 5, unknown).after(32 * time.Second)
		}, sends(offline.OpRefund)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := row.tell(created(t))
			if diff := stepDiff(s.nextRefund("F-1"), row.want); diff != "" {
				t.Errorf("%s: NextRefund %s", s.sale.Refund("F-1").State(), diff)
			}
		})
	}
}

func TestRefundsAreSummedAsFarAsTheyCount(t *testing.T) {
	s := created(t).exchange(offline.OpPay, success).end(offline.ResultPaid, "")
	check := func(refunded, reserved int64) {
		t.Helper()
		sale := s.seen()
		if sale.Refunded().Value != refunded || sale.ReservedOf("P-1").Value != reserved {
			t.Errorf("refunded %d, reserved %d; want %d and %d", sale.Refunded().Value, sale.ReservedOf("P-1").Value, refunded, reserved)
		}
	}
	check(0, 0)
	s.openRefund("F-1", 4000)
	check(0, 4000)
	s.exchangeRefund("F-1", offline.OpRefund, success).endRefund("F-1", offline.ResultRefunded)
	check(4000, 4000)
	s.openRefund("F-2", 6000)
	check(4000, 10000)
	s.exchangeRefund("F-2", offline.OpRefund, refused).endRefund("F-2", offline.ResultDeclined)
	check(4000, 4000)
	if got := s.seen().State(); got != offline.SaleStatePaid {
		t.Errorf("a sale with refunds is %s, want paid", got)
	}
}
