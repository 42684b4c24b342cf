package offlinetest

import (
	"time"

	"posagent/offline"
)

// query tells what the gateway sees of a trade. A new trade may be invisible for
// a while: the question overtakes the payment.
func (w *world) query(t *trade) offline.Outcome {
	if w.doubtful() {
		return answerU("SYSTEM_ERROR")
	}
	none := answerF(offline.NotFound, "ORDER_NOT_EXIST", offline.ClassAskAgain)
	if t == nil || w.now-t.born < w.mood.blindness && w.stormy() {
		return none
	}
	o := offline.Outcome{ResultStatus: "S", ResultCode: "SUCCESS", TradeStatus: string(t.state), AcquirementID: t.id}
	switch t.state {
	case tradePaid:
		o.Kind = offline.Success
		return w.sum(t, o)
	case tradeWaiting:
		o.Kind, o.Confirm = offline.InProcess, true
		return w.sum(t, o)
	case tradeClosed:
		o.Kind, o.Class = offline.Failure, offline.ClassOtherMeans
		return o
	case tradeFailed:
		o.Kind, o.Class = offline.Failure, offline.ClassOtherMeans
		if w.mood.failKept {
			return o
		}
	case tradeTombstone:
	}
	return none
}

// cancel undoes a trade: paid money goes back, an open trade is closed, and one
// that never came is "cancelled" too. It works until 15 minutes after the
// Beijing day of the trade; a gateway that lets it work longer only helps.
func (w *world) cancel(q request, t *trade) offline.Outcome {
	unknown := w.mood.stubborn || w.doubtful()
	if unknown && w.r.IntN(2) == 0 {
		return answerU("SYSTEM_ERROR") // and nothing was done
	}
	if w.stormy() && w.chance(w.mood.refusal) {
		return answerF(offline.Failure, "REFUSED", offline.ClassSupervisor)
	}
	if t != nil && t.state == tradePaid && !w.cancellable(t) {
		return answerF(offline.TooLate, "CANCEL_WINDOW_EXCEED", offline.ClassSupervisor)
	}
	undo := w.undo(q, t)
	if unknown {
		return answerU("SYSTEM_ERROR") // although it was done
	}
	o := offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS"}
	if w.mood.actions {
		o.Undo = undo
	}
	return o
}

func (w *world) cancellable(t *trade) bool {
	return w.start.Add(w.now).Before(offline.CancelDeadline(w.start.Add(t.born)))
}

// undo does the cancel and says what it did; repeated, it says the same.
func (w *world) undo(q request, t *trade) offline.Undo {
	switch {
	case t == nil && w.mood.tombstones:
		t = w.open(q)
		t.state = tradeTombstone
		fallthrough
	case t == nil || t.state == tradeTombstone:
		if w.mood.loose {
			return offline.UndoClosed
		}
		return ""
	case t.state == tradePaid:
		t.returned = t.charged - t.refunded
		t.state = tradeClosed
	case t.state == tradeWaiting:
		t.state = tradeClosed
	}
	if t.returned > 0 {
		return offline.UndoReturned
	}
	return offline.UndoClosed
}

// refund returns part of a paid trade, once for each merchantRefundId.
func (w *world) refund(q request, t *trade) offline.Outcome {
	unknown := w.doubtful()
	if unknown && w.r.IntN(2) == 0 {
		return answerU("SYSTEM_ERROR")
	}
	if t == nil {
		return answerF(offline.Failure, "ORDER_NOT_EXIST", offline.ClassSupervisor)
	}
	if _, done := t.refunds[q.refund]; !done {
		switch {
		case t.returned > 0 || t.charged == 0:
			return answerF(offline.Failure, "TRADE_STATUS_ERROR", offline.ClassSupervisor)
		case !w.mood.generous && q.value > t.net():
			return answerF(offline.Failure, "REFUND_AMOUNT_EXCEED", offline.ClassSupervisor)
		}
		t.refunds[q.refund] = q.value
		t.refunded += q.value
		if t.net() <= 0 {
			t.state = tradeClosed
		}
	}
	if unknown {
		return answerU("SYSTEM_ERROR")
	}
	return offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS"}
}

// lie is an answer that the gateway never gave.
func (w *world) lie(q request) offline.Outcome {
	switch w.r.IntN(3) {
	case 0:
		return offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS", AcquirementID: "ACQ-0"}
	case 1:
		return offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: "REFUSED", Class: offline.ClassOtherMeans, TradeStatus: "FAIL"}
	}
	return answerF(offline.NotFound, "ORDER_NOT_EXIST", offline.ClassAskAgain)
}

// flight is something under way: a request to the gateway, or an answer to the till.
type flight struct {
	at      time.Duration
	request *request
	reply   *reply // set: it is the answer
	job     *job
	attempt int
	op      offline.Op
	lost    bool          // the answer to this request gets lost
	back    time.Duration // how long the answer travels
	until   time.Duration // when the till stops listening
}

// delays: most messages take tenths of a second, a few as long as a payment code
// lives and longer.
func (w *world) delay() time.Duration {
	if !w.stormy() {
		return w.between(50*time.Millisecond, 300*time.Millisecond)
	}
	switch n := w.r.IntN(100); {
	case w.mood.sluggish && n < 85:
		return w.between(50*time.Millisecond, 8*time.Second)
	case n < 75:
		return w.between(50*time.Millisecond, 800*time.Millisecond)
	case n < 88:
		return w.between(time.Second, 12*time.Second)
	case n < 97:
		return w.between(10*time.Second, 90*time.Second)
	}
	return w.between(time.Minute, 6*time.Minute)
}

// send puts a message on its way and returns what will come of it: always an end
// of the waiting, and perhaps an answer before it.
func (w *world) send(q request, j *job, attempt int, timeout time.Duration) []flight {
	end := func(after time.Duration, kind offline.OutcomeKind) flight {
		return flight{at: w.now + after, job: j, attempt: attempt, op: q.op, reply: &reply{claim: offline.Outcome{Kind: kind}}}
	}
	over := end(timeout, offline.NoAnswer)
	arrival := flight{
		at: w.now + w.delay(), request: &q, job: j, attempt: attempt, op: q.op, back: w.delay(), until: over.at,
	}
	if !w.stormy() {
		return []flight{over, arrival}
	}
	if w.mood.crossing && w.r.IntN(2) == 0 {
		arrival.at, arrival.back = w.crossed(q.op)
		return []flight{over, arrival}
	}
	switch n := w.r.IntN(100); {
	case n < 5: // no connection
		return []flight{end(w.between(time.Millisecond, 3*time.Second), offline.NotSent)}
	case n < 13: // the request is lost
		return []flight{over}
	case n < 21: // the answer is lost
		arrival.lost = true
	case n < 25: // the connection breaks after the request has left
		over = end(w.between(time.Millisecond, timeout), offline.NoAnswer)
		arrival.until = over.at
	case n < 30: // the request arrives twice
		copied := arrival
		copied.at, copied.lost = w.now+w.delay(), true
		return []flight{over, arrival, copied}
	}
	return []flight{over, arrival}
}

// crossed delays a message so that a cancel overtakes the pay before it.
func (w *world) crossed(op offline.Op) (at, back time.Duration) {
	if op == offline.OpPay {
		return w.now + w.between(5*time.Second, 9*time.Second), w.between(50*time.Millisecond, 500*time.Millisecond)
	}
	return w.now + w.between(50*time.Millisecond, 300*time.Millisecond), w.between(2*time.Second, 9*time.Second)
}

// arrive hands a request to the gateway; the answer comes back if it is not lost
// and somebody still listens.
func (w *world) arrive(f flight) (flight, bool) {
	answer := w.receive(*f.request)
	at := w.now + f.back
	if f.lost || at >= f.until {
		return flight{}, false
	}
	return flight{at: at, job: f.job, attempt: f.attempt, op: f.op, reply: &answer}, true
}
