package offline_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"posagent/offline"
)

// wants compares a step by what matters in it.
func (s *story) wants(want offline.Step) {
	s.t.Helper()
	got := s.next()
	if diff := stepDiff(got, want); diff != "" {
		s.t.Errorf("%s: Next %s", offline.DeriveState(s.payment()), diff)
	}
}

func stepDiff(got, want offline.Step) string {
	same := got.Kind == want.Kind && got.Op == want.Op && got.Until.Equal(want.Until) &&
		got.Fact.Kind == want.Fact.Kind && got.Fact.Reason == want.Fact.Reason &&
		got.Fact.Result == want.Fact.Result && got.Fact.How == want.Fact.How
	if same {
		return ""
	}
	return fmt.Sprintf("= %s, want %s", stepString(got), stepString(want))
}

func stepString(s offline.Step) string {
	switch s.Kind {
	case offline.StepWait:
		return "wait until " + s.Until.Format("02 15:04:05.000")
	case offline.StepSend:
		return "send " + string(s.Op)
	case offline.StepRecord:
		return fmt.Sprintf("record %s %s%s %s", s.Fact.Kind, s.Fact.Reason, s.Fact.Result, s.Fact.How)
	case offline.StepIdle:
	}
	return string(s.Kind)
}

func sends(op offline.Op) offline.Step { return offline.Step{Kind: offline.StepSend, Op: op} }

func waits(until time.Time) offline.Step {
	return offline.Step{Kind: offline.StepWait, Until: until}
}

func records(f offline.Fact) offline.Step { return offline.Step{Kind: offline.StepRecord, Fact: f} }

func reversal(why offline.Reason) offline.Step {
	return records(offline.Fact{Kind: offline.FactReversal, Reason: why})
}

func parking(why offline.Reason) offline.Step {
	return records(offline.Fact{Kind: offline.FactParked, Reason: why})
}

func ending(r offline.Result, how offline.How) offline.Step { return records(ended(r, how)) }

var (
	idle   = offline.Step{Kind: offline.StepIdle}
	answer = offline.Step{Kind: offline.StepWait} // for an answer under way
)

// stepRow is one rule of Next: what happened, and what comes next.
type stepRow struct {
	name string
	tell func(*story) *story
	want offline.Step
}

func runRows(t *testing.T, rows []stepRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := created(t)
			if row.tell != nil {
				row.tell(s)
			}
			s.wants(row.want)
		})
	}
}

func TestNextOfACreatedPayment(t *testing.T) {
	setUp := notSent
	setUp.Class = offline.ClassSetup
	unsent := ending(offline.ResultCancelled, offline.HowUnsent)
	runRows(t, []stepRow{
		{"is to pay", nil, sends(offline.OpPay)},
		{"is to pay while the code lives", func(s *story) *story { return s.after(59999 * time.Millisecond) }, sends(offline.OpPay)},
		{"is to end it when the code is dead", func(s *story) *story { return s.after(time.Minute) }, unsent},
		{"is to end it when nobody knows the code's age", func(s *story) *story { return s.after(-time.Minute) }, unsent},
		{"is to pay when the clock was set back a little", func(s *story) *story { return s.after(-time.Second) }, sends(offline.OpPay)},
		{"is to end it in another run", (*story).restart, unsent},
		{"is to end it when a cancel was asked", (*story).ask, unsent},
		{"is to end it when its reversal was decided", (*story).reverse, unsent},
		{"is to wait a second after a pay that never left", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent)
		}, waits(noon.Add(time.Second))},
		{"is to pay again after that second", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).after(time.Second)
		}, sends(offline.OpPay)},
		{"is to pay again at once when the clock was set back", func(s *story) *story {
			return s.after(10*time.Second).exchange(offline.OpPay, notSent).after(-10 * time.Second)
		}, sends(offline.OpPay)},
		{"is to wait twice as long after the second one", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).exchange(offline.OpPay, notSent)
		}, waits(noon.Add(2 * time.Second))},
		{"is to wait eight seconds at most", func(s *story) *story {
			for range 9 {
				s.exchange(offline.OpPay, notSent)
			}
			return s
		}, waits(noon.Add(8 * time.Second))},
		{"is to wait no longer than the code lives", func(s *story) *story {
			return s.after(59500*time.Millisecond).exchange(offline.OpPay, notSent)
		}, waits(noon.Add(time.Minute))},
		{"is to end it after one that never left when the code is dead", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).after(time.Minute)
		}, unsent},
		{"is to end it after one that never left in another run", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).restart()
		}, unsent},
		{"is to end it when no message can be made", func(s *story) *story { return s.exchange(offline.OpPay, setUp) }, unsent},
	})
}

func TestNextWhilePayIsUnderWay(t *testing.T) {
	runRows(t, []stepRow{
		{"is to wait for the answer", func(s *story) *story { return s.begin(offline.OpPay) }, waits(noon.Add(5 * time.Second))},
		{"is to wait up to answer_wait", func(s *story) *story {
			return s.begin(offline.OpPay).after(4999 * time.Millisecond)
		}, waits(noon.Add(5 * time.Second))},
		{"is to ask beside it at answer_wait", func(s *story) *story { return s.begin(offline.OpPay).after(5 * time.Second) }, sends(offline.OpQuery)},
		{"is to ask when the clock was set back", func(s *story) *story { return s.begin(offline.OpPay).after(-time.Hour) }, sends(offline.OpQuery)},
		{"is to ask at once in another run", func(s *story) *story { return s.begin(offline.OpPay).restart() }, sends(offline.OpQuery)},
		{"is to ask at once in another run whose clock is behind", func(s *story) *story {
			return s.begin(offline.OpPay).restart().after(-24 * time.Hour)
		}, sends(offline.OpQuery)},
		{"is to decide the reversal when a cancel was asked", func(s *story) *story { return s.begin(offline.OpPay).ask() }, reversal(offline.ReasonAsked)},
		{"counts from the pay that left, not from one before", func(s *story) *story {
			return s.exchange(offline.OpPay, notSent).after(10 * time.Second).begin(offline.OpPay)
		}, waits(noon.Add(15 * time.Second))},
	})
}

func TestNextOfAnUnconfirmedPayment(t *testing.T) {
	queried := func(n int, o offline.Outcome) func(*story) *story {
		return func(s *story) *story {
			s.exchange(offline.OpPay, noAnswer)
			for range n {
				s.exchange(offline.OpQuery, o).after(10 * time.Second)
			}
			return s.after(-10 * time.Second)
		}
	}
	runRows(t, []stepRow{
		{"is paid by a success of pay", func(s *story) *story { return s.exchange(offline.OpPay, success) }, ending(offline.ResultPaid, "")},
		{"is paid by a success of a query", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).exchange(offline.OpQuery, asked)
		}, ending(offline.ResultPaid, "")},
		{"is paid by a success although a cancel was asked before it", func(s *story) *story {
			return s.begin(offline.OpPay).ask().answer(offline.OpPay, success)
		}, ending(offline.ResultPaid, "")},
		{"awaits the answer to pay where a query found it closed", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed)
		}, answer},
		{"awaits it also where a cancel is asked", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).ask()
		}, answer},
		{"is closed once pay got no answer either", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).answer(offline.OpPay, noAnswer)
		}, ending(offline.ResultCancelled, offline.HowClosed)},
		{"is closed where the answer to pay died with its run", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).restart()
		}, ending(offline.ResultCancelled, offline.HowClosed)},
		{"is declined by pay itself after a query found it failed", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, failed).answer(offline.OpPay, refused)
		}, ending(offline.ResultDeclined, "")},
		{"calls a person where a query found it closed and pay says paid", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).answer(offline.OpPay, success)
		}, parking(offline.ReasonLateSuccess)},
		{"is paid where a re-check of the contradiction says paid", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).answer(offline.OpPay, success).park().exchange(offline.OpQuery, asked)
		}, ending(offline.ResultPaid, "")},
		{"is cancelled where a re-check of the contradiction finds it closed", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).answer(offline.OpPay, success).park().exchange(offline.OpQuery, failed)
		}, ending(offline.ResultCancelled, offline.HowEither)},
		{"is declined by a refusal of pay", func(s *story) *story { return s.exchange(offline.OpPay, refused) }, ending(offline.ResultDeclined, "")},
		{"is declined by a query that found it failed", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).exchange(offline.OpQuery, failed)
		}, ending(offline.ResultDeclined, "")},
		{"is cancelled by a query that found it closed", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).exchange(offline.OpQuery, closed)
		}, ending(offline.ResultCancelled, offline.HowClosed)},
		{"is reversed when the gateway holds another amount", func(s *story) *story { return s.exchange(offline.OpPay, otherSum) }, reversal(offline.ReasonOtherAmount)},
		{"is reversed when a cancel was asked", func(s *story) *story { return s.exchange(offline.OpPay, noAnswer).ask() }, reversal(offline.ReasonAsked)},

		{"is asked about at once after silence", func(s *story) *story { return s.exchange(offline.OpPay, noAnswer) }, sends(offline.OpQuery)},
		{"is asked about at once after an unknown result", func(s *story) *story { return s.exchange(offline.OpPay, unknown) }, sends(offline.OpQuery)},
		{"is asked about in 3 s where the customer must confirm", func(s *story) *story {
			return s.exchange(offline.OpPay, confirm)
		}, waits(noon.Add(3 * time.Second))},
		{"is asked about after those 3 s", func(s *story) *story {
			return s.exchange(offline.OpPay, confirm).after(3 * time.Second)
		}, sends(offline.OpQuery)},
		{"is asked about in 3 s where the gateway wants us to slow down", func(s *story) *story {
			o := unknown
			o.Class = offline.ClassAskAgain
			return s.exchange(offline.OpPay, o)
		}, waits(noon.Add(3 * time.Second))},
		{"waits for the query under way", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).begin(offline.OpQuery).after(time.Hour)
		}, answer},
		{"is asked about again 3 s after the last question began", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).begin(offline.OpQuery).after(time.Second).answer(offline.OpQuery, unknown)
		}, waits(noon.Add(3 * time.Second))},
		{"is asked about again at once when the answer took longer", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).begin(offline.OpQuery).after(3*time.Second).answer(offline.OpQuery, noAnswer)
		}, sends(offline.OpQuery)},
		{"is asked about no sooner when a query was lost with its run", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).begin(offline.OpQuery).after(time.Second).restart()
		}, waits(noon.Add(3 * time.Second))},
		{"is asked about again when a query that was lost is 3 s old", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).begin(offline.OpQuery).restart().after(3 * time.Second)
		}, sends(offline.OpQuery)},
		{"is asked about at once when the clock was set back", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).exchange(offline.OpQuery, unknown).after(-time.Hour)
		}, sends(offline.OpQuery)},

		{"is asked about a 19th time", queried(18, waiting), waits(noon.Add(173 * time.Second))},
		{"is asked about up to the limit", func(s *story) *story { return queried(19, waiting)(s).after(3 * time.Second) }, sends(offline.OpQuery)},
		{"is reversed at the limit, with no gap", queried(20, waiting), reversal(offline.ReasonQueryLimit)},
		{"is reversed at the limit of unanswered questions", queried(20, noAnswer), reversal(offline.ReasonQueryLimit)},
		{"is reversed at the limit of questions that never left", queried(20, notSent), reversal(offline.ReasonQueryLimit)},
		{"is paid by the answer to the last question", func(s *story) *story {
			return queried(19, waiting)(s).exchange(offline.OpQuery, asked)
		}, ending(offline.ResultPaid, "")},
		{"is reversed at the third time that it is not found, with no gap", queried(3, notFound), reversal(offline.ReasonNotFound)},
		{"is not reversed where it was found in between", func(s *story) *story {
			return queried(2, notFound)(s).exchange(offline.OpQuery, waiting).exchange(offline.OpQuery, notFound).after(7 * time.Second)
		}, sends(offline.OpQuery)},
		{"is reversed at the third time although one question was not answered", func(s *story) *story {
			return queried(2, notFound)(s).exchange(offline.OpQuery, noAnswer).exchange(offline.OpQuery, notFound)
		}, reversal(offline.ReasonNotFound)},
	})
}

// After ORDER_NOT_EXIST the next question comes 5 to 7 s later, drawn uniformly
// over the payments, so that tills that lost the network together do not ask
// together.
func TestThePauseAfterNotFoundIsDrawnUniformly(t *testing.T) {
	const ids, buckets = 1000, 20
	for round := 1; round <= 2; round++ {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			count := make([]int, buckets)
			for i := range ids {
				s := opened(t).scan(offline.MerchantTransID(fmt.Sprintf("S01-T03-20261120T120000-%04d", i)))
				s.exchange(offline.OpPay, noAnswer)
				for range round {
					s.exchange(offline.OpQuery, notFound)
				}
				pause := s.next().Until.Sub(s.now)
				if pause < 5*time.Second || pause > 7*time.Second {
					t.Fatalf("payment %s: pause %s, want 5 to 7 s", s.id, pause)
				}
				if again := s.next().Until.Sub(s.now); again != pause {
					t.Fatalf("payment %s: pause %s, then %s", s.id, pause, again)
				}
				count[min(int((pause-5*time.Second)*buckets/(2*time.Second)), buckets-1)]++
			}
			// Chi-squared with 19 degrees of freedom: 43.8 is exceeded once in a thousand
			// fair draws; the ids are fixed, so the verdict is too.
			chi := 0.0
			for _, n := range count {
				d := float64(n) - float64(ids)/buckets
				chi += d * d / (float64(ids) / buckets)
			}
			if chi > 43.8 || math.IsNaN(chi) {
				t.Errorf("chi-squared = %.1f over %v", chi, count)
			}
		})
	}
}

func TestNextIsIdleOnceItIsOver(t *testing.T) {
	runRows(t, []stepRow{
		{"paid", func(s *story) *story { return s.exchange(offline.OpPay, success).end(offline.ResultPaid, "") }, idle},
		{"declined", func(s *story) *story { return s.exchange(offline.OpPay, refused).end(offline.ResultDeclined, "") }, idle},
		{"cancelled", func(s *story) *story { return s.end(offline.ResultCancelled, offline.HowUnsent) }, idle},
		{"declined, and the next run looks", func(s *story) *story {
			return s.exchange(offline.OpPay, refused).end(offline.ResultDeclined, "").restart()
		}, idle},
		{"attention", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().park().after(48 * time.Hour).restart()
		}, idle},
	})
}
