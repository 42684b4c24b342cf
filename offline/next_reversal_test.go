package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
)

// unclear is a payment that was sent and never answered.
func (s *story) unclear() *story {
	s.t.Helper()
	return s.exchange(offline.OpPay, noAnswer)
}

// known is a payment whose trade the gateway has named, unpaid.
func (s *story) known() *story {
	s.t.Helper()
	return s.exchange(offline.OpPay, confirm).exchange(offline.OpQuery, waiting)
}

func (s *story) cancels(n int, o offline.Outcome) *story {
	s.t.Helper()
	for range n {
		s.exchange(offline.OpCancel, o)
	}
	return s
}

func TestNextOfAReversal(t *testing.T) {
	runRows(t, []stepRow{
		{"is to cancel", func(s *story) *story { return s.unclear().reverse() }, sends(offline.OpCancel)},
		{"gives a pay that just left the time of answer_wait", func(s *story) *story {
			return s.begin(offline.OpPay).after(time.Second).ask().reverse()
		}, waits(noon.Add(5 * time.Second))},
		{"goes on without its answer after that", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse().after(5 * time.Second)
		}, sends(offline.OpCancel)},
		{"goes on without its answer when the clock was set back", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse().after(-time.Hour)
		}, sends(offline.OpCancel)},
		{"goes on without the answer to a pay of another run", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse().restart()
		}, sends(offline.OpCancel)},
		{"waits for the query under way", func(s *story) *story {
			return s.unclear().begin(offline.OpQuery).ask().reverse()
		}, answer},
		{"waits for the cancel under way", func(s *story) *story { return s.unclear().reverse().begin(offline.OpCancel) }, answer},
		{"is over when pay turns out never to have left", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse().answer(offline.OpPay, notSent)
		}, ending(offline.ResultCancelled, offline.HowUnsent)},
		{"is over when pay turns out to be refused", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse().answer(offline.OpPay, refused)
		}, ending(offline.ResultCancelled, offline.HowClosed)},
		{"waits for the answer to pay before it ends", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, waiting).reverse().cancels(1, cancelled)
		}, answer},
		{"waits for the answer to pay before it ends, also when a query found it closed", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, closed).reverse()
		}, answer},
		{"ends without the answer to a pay of another run", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, waiting).reverse().cancels(1, cancelled).restart()
		}, ending(offline.ResultCancelled, offline.HowEither)},
		{"cancels again when the answer to pay that it waited for is a success", func(s *story) *story {
			return s.begin(offline.OpPay).exchange(offline.OpQuery, waiting).reverse().cancels(1, cancelled).answer(offline.OpPay, success)
		}, sends(offline.OpCancel)},
		{"is not undone by a late success", func(s *story) *story {
			return s.begin(offline.OpPay).ask().reverse().answer(offline.OpPay, success)
		}, sends(offline.OpCancel)},

		{"tries again 2 s after an unclear cancel", func(s *story) *story { return s.unclear().reverse().cancels(1, unknown) }, waits(noon.Add(2 * time.Second))},
		{"tries again after those 2 s", func(s *story) *story {
			return s.unclear().reverse().cancels(1, unknown).after(2 * time.Second)
		}, sends(offline.OpCancel)},
		{"doubles the pause", func(s *story) *story { return s.unclear().reverse().cancels(2, noAnswer) }, waits(noon.Add(4 * time.Second))},
		{"doubles the pause to 32 s before the last try", func(s *story) *story { return s.unclear().reverse().cancels(5, noAnswer) }, waits(noon.Add(32 * time.Second))},
		{"calls a person after the last try", func(s *story) *story { return s.unclear().reverse().cancels(6, unknown) }, parking(offline.ReasonCancelUnconfirmed)},
		{"tries again at once when the clock was set back", func(s *story) *story {
			return s.unclear().reverse().cancels(1, unknown).after(-time.Hour)
		}, sends(offline.OpCancel)},
		{"tries again no sooner when a cancel was lost with its run", func(s *story) *story {
			return s.unclear().reverse().begin(offline.OpCancel).restart()
		}, waits(noon.Add(2 * time.Second))},
		{"tries again when a cancel that was lost is 2 s old", func(s *story) *story {
			return s.unclear().reverse().begin(offline.OpCancel).restart().after(2 * time.Second)
		}, sends(offline.OpCancel)},
		{"counts a lost cancel as a try", func(s *story) *story {
			s.unclear().reverse()
			for range 6 {
				s.begin(offline.OpCancel).restart()
			}
			return s
		}, parking(offline.ReasonCancelUnconfirmed)},
		{"does not count a cancel that never left", func(s *story) *story { return s.unclear().reverse().cancels(50, notSent) }, waits(noon.Add(5 * time.Minute))},
		{"pauses by the count of cancels that never left in a row", func(s *story) *story {
			return s.unclear().reverse().cancels(2, notSent).cancels(1, unknown).cancels(3, notSent)
		}, waits(noon.Add(8 * time.Second))},
		{"calls a person although some cancels never left", func(s *story) *story {
			return s.unclear().reverse().cancels(3, unknown).cancels(9, notSent).cancels(3, unknown)
		}, parking(offline.ReasonCancelUnconfirmed)},
		{"calls a person when the cancel is refused", func(s *story) *story { return s.unclear().reverse().cancels(1, refused) }, parking(offline.ReasonCancelRefused)},
		{"calls a person when the gateway says that it is too late", func(s *story) *story { return s.unclear().reverse().cancels(1, tooLate) }, parking(offline.ReasonCancelTooLate)},
		{"calls a person when the gateway rejects the message", func(s *story) *story { return s.unclear().reverse().cancels(1, misfit) }, parking(offline.ReasonSetup)},
		{"tries again when the cancel does not find the trade", func(s *story) *story { return s.unclear().reverse().cancels(1, notFound) }, waits(noon.Add(2 * time.Second))},
	})
}

// What the cashier is told about the money at the end of a reversal.
func TestHowAReversalEnds(t *testing.T) {
	end := func(how offline.How) offline.Step { return ending(offline.ResultCancelled, how) }
	runRows(t, []stepRow{
		{"returned: the cancel says so", func(s *story) *story { return s.unclear().reverse().cancels(1, undoPaid) }, end(offline.HowReturned)},
		{"returned: it was paid, and the cancel says nothing", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).cancels(1, cancelled)
		}, end(offline.HowReturned)},
		{"closed: seen unpaid, and the cancel says closed", func(s *story) *story {
			return s.known().reverse().cancels(1, undoClosed)
		}, end(offline.HowClosed)},
		{"either: seen unpaid, and the cancel says nothing", func(s *story) *story { return s.known().reverse().cancels(1, cancelled) }, end(offline.HowEither)},
		{"either: it was paid, and the cancel says closed", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).cancels(1, undoClosed)
		}, end(offline.HowEither)},
		{"either: seen unpaid, the cancel says closed, but one before it may have returned money", func(s *story) *story {
			return s.known().reverse().cancels(1, noAnswer).cancels(1, undoClosed)
		}, end(offline.HowEither)},
		{"closed: seen unpaid, the cancel says closed, and one before it never left", func(s *story) *story {
			return s.known().reverse().cancels(1, notSent).cancels(1, undoClosed)
		}, end(offline.HowClosed)},
		{"closed: a query found it closed before any cancel left", func(s *story) *story {
			return s.unclear().begin(offline.OpQuery).reverse().answer(offline.OpQuery, closed)
		}, end(offline.HowClosed)},
		{"closed: a query found it closed and the cancel never left", func(s *story) *story {
			return s.unclear().begin(offline.OpQuery).reverse().cancels(1, notSent).answer(offline.OpQuery, closed)
		}, end(offline.HowClosed)},
		{"either: a query found it closed after a cancel without an answer", func(s *story) *story {
			return s.unclear().reverse().cancels(1, noAnswer).exchange(offline.OpQuery, closed)
		}, end(offline.HowEither)},
		{"either: a query found it closed after a cancel that was lost", func(s *story) *story {
			return s.unclear().reverse().begin(offline.OpCancel).restart().exchange(offline.OpQuery, closed)
		}, end(offline.HowEither)},
		{"returned: it was paid, then a query found it closed", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).cancels(1, noAnswer).exchange(offline.OpQuery, closed)
		}, end(offline.HowReturned)},
		{"returned: the second cancel returned what arrived after the first", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().cancels(1, undoClosed).answer(offline.OpPay, success).cancels(1, undoPaid)
		}, end(offline.HowReturned)},
		{"another amount is undone like any other", func(s *story) *story {
			return s.exchange(offline.OpPay, otherSum).reverse().cancels(1, cancelled)
		}, end(offline.HowEither)},
	})
}

// watched is a payment whose trade nobody has seen and whose cancel was confirmed.
func (s *story) watched() *story {
	s.t.Helper()
	return s.unclear().reverse().cancels(1, cancelled)
}

func (s *story) clean(n int) *story {
	s.t.Helper()
	for range n {
		s.exchange(offline.OpQuery, notFound)
	}
	return s
}

func TestNextOfAWatchedTrade(t *testing.T) {
	either := ending(offline.ResultCancelled, offline.HowEither)
	runRows(t, []stepRow{
		{"is to ask in 3 s", (*story).watched, waits(noon.Add(3 * time.Second))},
		{"is to ask after those 3 s", func(s *story) *story { return s.watched().after(3 * time.Second) }, sends(offline.OpQuery)},
		{"is to wait for the query under way", func(s *story) *story { return s.watched().begin(offline.OpQuery) }, answer},
		{"is to ask every 30 s", func(s *story) *story { return s.watched().clean(1) }, waits(noon.Add(30 * time.Second))},
		{"is to ask no sooner when a query was lost with its run", func(s *story) *story {
			return s.watched().clean(3).begin(offline.OpQuery).restart()
		}, waits(noon.Add(30 * time.Second))},
		{"is to ask again at once when the clock was set back", func(s *story) *story {
			return s.watched().clean(3).after(-time.Hour)
		}, sends(offline.OpQuery)},
		{"is to go on in another run", func(s *story) *story { return s.watched().clean(19).restart() }, waits(noon.Add(30 * time.Second))},
		{"is not over after 19 clean queries", func(s *story) *story { return s.watched().clean(19).after(30 * time.Second) }, sends(offline.OpQuery)},
		{"is over after 20 clean queries", func(s *story) *story { return s.watched().clean(20) }, either},
		{"is over after 20 clean queries, although the cancel said closed", func(s *story) *story {
			return s.unclear().reverse().cancels(1, undoClosed).clean(20)
		}, either},
		{"does not count queries from before the cancel", func(s *story) *story {
			return s.unclear().clean(2).reverse().cancels(1, cancelled).clean(18).after(30 * time.Second)
		}, sends(offline.OpQuery)},
		{"does not count a query that was begun before the cancel was confirmed", func(s *story) *story {
			return s.unclear().begin(offline.OpQuery).reverse().cancels(1, cancelled).
				answer(offline.OpQuery, notFound).clean(19).after(30 * time.Second)
		}, sends(offline.OpQuery)},
		{"backs off after a query without a clear answer", func(s *story) *story {
			return s.watched().clean(5).exchange(offline.OpQuery, noAnswer)
		}, waits(noon.Add(time.Minute))},
		{"backs off to eight minutes and stays there", func(s *story) *story {
			s.watched()
			for range 12 {
				s.exchange(offline.OpQuery, unknown)
			}
			return s
		}, waits(noon.Add(8 * time.Minute))},
		{"keeps its count over unclear answers", func(s *story) *story {
			return s.watched().clean(10).exchange(offline.OpQuery, noAnswer).clean(10)
		}, either},
		{"is to cancel again when the trade turns up paid", func(s *story) *story {
			return s.watched().clean(3).exchange(offline.OpQuery, asked)
		}, sends(offline.OpCancel)},
		{"is to cancel again when the trade turns up waiting", func(s *story) *story {
			return s.watched().clean(3).exchange(offline.OpQuery, waiting)
		}, sends(offline.OpCancel)},
		{"is over when the trade turns up closed", func(s *story) *story {
			return s.watched().exchange(offline.OpQuery, closed)
		}, either},
		{"is over when pay turns out to be refused", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().cancels(1, cancelled).answer(offline.OpPay, refused)
		}, ending(offline.ResultCancelled, offline.HowClosed)},
		{"is to cancel again when pay turns out to be paid", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().cancels(1, cancelled).answer(offline.OpPay, success)
		}, sends(offline.OpCancel)},
		{"counts afresh when pay arrived after the cancel, with no result", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().cancels(1, cancelled).clean(15).
				answer(offline.OpPay, unknown).exchange(offline.OpQuery, unknown).clean(10).after(30 * time.Second)
		}, sends(offline.OpQuery)},
		{"has its full round of tries for the second cancel", func(s *story) *story {
			return s.unclear().reverse().cancels(5, noAnswer).cancels(1, cancelled).
				exchange(offline.OpQuery, asked).cancels(5, noAnswer).after(32 * time.Second)
		}, sends(offline.OpCancel)},
		{"calls a person when the second round of cancels fails too", func(s *story) *story {
			return s.watched().exchange(offline.OpQuery, asked).cancels(6, noAnswer)
		}, parking(offline.ReasonCancelUnconfirmed)},
		{"is over when the second cancel is confirmed", func(s *story) *story {
			return s.watched().exchange(offline.OpQuery, asked).cancels(1, cancelled)
		}, ending(offline.ResultCancelled, offline.HowReturned)},
	})
}

func TestNextAfterARecheckOutOfAttention(t *testing.T) {
	parked := func(s *story) *story { return s.unclear().reverse().cancels(6, unknown).park() }
	runRows(t, []stepRow{
		{"the gateway is silent: a person still", func(s *story) *story { return parked(s).exchange(offline.OpQuery, noAnswer) }, idle},
		{"the question never left: a person still", func(s *story) *story { return parked(s).exchange(offline.OpQuery, notSent) }, idle},
		{"it is paid: cancel again", func(s *story) *story { return parked(s).exchange(offline.OpQuery, asked) }, sends(offline.OpCancel)},
		{"it waits: cancel again", func(s *story) *story { return parked(s).exchange(offline.OpQuery, waiting) }, sends(offline.OpCancel)},
		{"it is not found: cancel again", func(s *story) *story { return parked(s).exchange(offline.OpQuery, notFound) }, sends(offline.OpCancel)},
		{"another amount: cancel again", func(s *story) *story { return parked(s).exchange(offline.OpQuery, otherSum) }, sends(offline.OpCancel)},
		{"it is closed: over", func(s *story) *story { return parked(s).exchange(offline.OpQuery, closed) }, ending(offline.ResultCancelled, offline.HowEither)},
		{"the second round has all its tries", func(s *story) *story {
			return parked(s).exchange(offline.OpQuery, waiting).cancels(5, unknown).after(32 * time.Second)
		}, sends(offline.OpCancel)},
		{"the second round fails: a person again", func(s *story) *story {
			return parked(s).exchange(offline.OpQuery, waiting).cancels(6, unknown)
		}, parking(offline.ReasonCancelUnconfirmed)},
		{"a late answer of a cancel from before the parking counts", func(s *story) *story {
			return s.known().reverse().begin(offline.OpCancel).park().answer(offline.OpCancel, cancelled)
		}, ending(offline.ResultCancelled, offline.HowEither)},
		{"facts were lost, and it is paid: paid", func(s *story) *story {
			return s.unclear().park().exchange(offline.OpQuery, asked)
		}, ending(offline.ResultPaid, "")},
		{"facts were lost, and it failed: declined", func(s *story) *story {
			return s.unclear().park().exchange(offline.OpQuery, failed)
		}, ending(offline.ResultDeclined, "")},
		{"facts were lost, and it waits: a person still", func(s *story) *story {
			return s.unclear().park().exchange(offline.OpQuery, waiting)
		}, idle},
	})
}

// payCancel works on the same Beijing day and 15 minutes longer.
func TestNextPastTheCancelDeadline(t *testing.T) {
	untilDeadline := 12*time.Hour + 15*time.Minute // from noon
	late := func(s *story) *story { return s.reverse().after(untilDeadline) }
	runRows(t, []stepRow{
		{"just before it: cancel", func(s *story) *story {
			return s.exchange(offline.OpPay, noAnswer).reverse().after(untilDeadline - time.Millisecond)
		}, sends(offline.OpCancel)},
		{"known as paid: a person, who refunds", func(s *story) *story {
			return s.begin(offline.OpPay).reverse().answer(offline.OpPay, success).after(untilDeadline)
		}, parking(offline.ReasonCancelTooLate)},
		{"not known: ask first", func(s *story) *story { return late(s.unclear()) }, sends(offline.OpQuery)},
		{"known to exist, unpaid: ask first", func(s *story) *story { return late(s.known()) }, sends(offline.OpQuery)},
		{"answers from before it do not count", func(s *story) *story {
			return late(s.unclear().exchange(offline.OpQuery, notFound))
		}, sends(offline.OpQuery)},
		{"the question is under way: wait", func(s *story) *story { return late(s.unclear()).begin(offline.OpQuery) }, answer},
		{"paid: a person, who refunds", func(s *story) *story { return late(s.unclear()).exchange(offline.OpQuery, asked) }, parking(offline.ReasonCancelTooLate)},
		{"closed: over", func(s *story) *story { return late(s.unclear()).exchange(offline.OpQuery, closed) }, ending(offline.ResultCancelled, offline.HowClosed)},
		{"not found: the gateway's clock has the last word", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, notFound)
		}, sends(offline.OpCancel)},
		{"waiting: the gateway's clock has the last word", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, waiting)
		}, sends(offline.OpCancel)},
		{"unanswered: ask again in 5 s", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, noAnswer)
		}, waits(noon.Add(untilDeadline + 5*time.Second))},
		{"cancels do not count as questions", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, noAnswer).cancels(2, noAnswer)
		}, waits(noon.Add(untilDeadline + 5*time.Second))},
		{"unanswered: ask again after those 5 s", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, noAnswer).after(5 * time.Second)
		}, sends(offline.OpQuery)},
		{"lost with its run: ask again no sooner", func(s *story) *story {
			return late(s.unclear()).begin(offline.OpQuery).restart()
		}, waits(noon.Add(untilDeadline + 5*time.Second))},
		{"three times unanswered: a person", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, noAnswer).exchange(offline.OpQuery, noAnswer).exchange(offline.OpQuery, noAnswer)
		}, parking(offline.ReasonCancelTooLate)},
		{"cancelled all the same, and the gateway says too late: a person", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, waiting).exchange(offline.OpCancel, tooLate)
		}, parking(offline.ReasonCancelTooLate)},
		{"cancelled all the same, and it worked: over", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, waiting).exchange(offline.OpCancel, undoClosed)
		}, ending(offline.ResultCancelled, offline.HowClosed)},
		{"confirmed before, and seen alive after: a person", func(s *story) *story {
			return s.watched().after(untilDeadline).exchange(offline.OpQuery, asked)
		}, parking(offline.ReasonCancelTooLate)},
		{"a re-check that finds it paid: a person still", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, asked).park().exchange(offline.OpQuery, asked)
		}, parking(offline.ReasonCancelTooLate)},
		{"a re-check that finds it closed: over", func(s *story) *story {
			return late(s.unclear()).exchange(offline.OpQuery, asked).park().exchange(offline.OpQuery, closed)
		}, ending(offline.ResultCancelled, offline.HowReturned)},
	})
}
