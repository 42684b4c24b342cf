package offline

// State is a payment's state, derived from its facts. The words appear in the
// documentation and the local API.
type State string

// The states. docs/states.md has a row for each: which facts make it so, what
// happens next, what a start of the process does with it, what the cashier sees.
const (
	StateCreated     State = "created"     // nothing has left this machine
	StatePaying      State = "paying"      // pay was begun by this run, no outcome yet
	StateUnconfirmed State = "unconfirmed" // sent or maybe sent, no result
	StateReversing   State = "reversing"   // a reversal is decided, not yet confirmed
	StateWatching    State = "watching"    // cancelled, but the trade was never seen to exist
	StateAttention   State = "attention"   // a person must look
	StatePaid        State = "paid"
	StateDeclined    State = "declined"
	StateCancelled   State = "cancelled"
)

// DeriveState tells the state from the facts. The first row that fits counts:
//
//	ended  parked  reversal  good cancel  alive after it  seen  pay sent  pay open | state
//	  1    after it   -           -             -           -       -        -     | attention
//	  1      -        -           -             -           -       -        -     | the end's own
//	  0      1        -           -             -           -       -        -     | attention
//	  0      0        1           1             0           0       -        -     | watching
//	  0      0        1        any other row                                       | reversing
//	  0      0        0           -             -           -       0        -     | created
//	  0      0        0           -             -           -       1        1     | paying
//	  0      0        0           -             -           -       1        0     | unconfirmed
//
// "Parked" is the newest parking unless a re-check has brought a verified
// answer since (see unparked). "Pay open" means that this run still awaits the
// answer to its first pay and knows nothing from queries.
func DeriveState(p Payment) State {
	switch {
	case p.Reopened():
		return StateAttention
	case p.End != nil:
		return endState(p.End.Result)
	case p.Parked != nil && !p.unparked():
		return StateAttention
	case p.Reversal != nil && p.watched():
		return StateWatching
	case p.Reversal != nil:
		return StateReversing
	case p.unsent():
		return StateCreated
	case p.payOpen():
		return StatePaying
	}
	return StateUnconfirmed
}

func endState(r Result) State {
	switch r {
	case ResultPaid:
		return StatePaid
	case ResultDeclined:
		return StateDeclined
	case ResultCancelled, ResultRefunded:
		return StateCancelled
	}
	return StateAttention
}

// unparked tells whether a verified answer came after the parking. Before a
// reversal only a definitive one moves the payment; once a reversal is decided
// any verified answer is reason enough to try the cancel once more. Not so beside
// a refund: a person has decided what goes back, and a cancel would take the rest
// as well. Only that nothing is held any more counts then.
func (p *Payment) unparked() bool {
	if p.refunding {
		return p.answerAfter(p.Parked.Seq, Failure) != nil
	}
	if p.Reversal == nil {
		return p.answerAfter(p.Parked.Seq, Success, Failure) != nil
	}
	return p.answerAfter(p.Parked.Seq, Success, Failure, InProcess, NotFound) != nil ||
		p.any(func(a Attempt) bool { return a.FinishedSeq > p.Parked.Seq && a.Outcome.Anomaly != "" }) ||
		p.any(func(a Attempt) bool {
			return a.FinishedSeq > p.Parked.Seq && a.Op == OpCancel && a.Outcome.Kind == Success
		})
}

// watched tells whether a cancel was confirmed for a trade that nobody has seen
// to exist: the pay request may still arrive and charge the customer.
func (p *Payment) watched() bool {
	return p.goodCancel() != nil && !p.seen()
}

// undone tells whether a cancel was confirmed for a trade known to exist, and
// nothing since the cancel was begun showed it alive: the case closes. An answer
// that came while the cancel was under way may be about a trade that reached the
// gateway after it, whichever of the two answers was committed first; the
// cancel is repeated then.
func (p *Payment) undone() bool {
	c := p.goodCancel()
	if c == nil || !p.seen() {
		return false
	}
	return !p.any(func(a Attempt) bool { return a.alive() && a.FinishedSeq > c.BegunSeq })
}

// payOpen tells whether the answer to pay is still awaited by this run and no
// query was begun beside it.
func (p *Payment) payOpen() bool {
	return p.any(func(a Attempt) bool { return a.Op == OpPay && p.open(a) }) && p.last(OpQuery, 0) == nil
}
