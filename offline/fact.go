package offline

import "time"

// FactKind names what was committed. The words are durable.
type FactKind string

// The kinds of facts about a payment or a refund.
const (
	FactBegun       FactKind = "begun"        // the intent to send one message
	FactFinished    FactKind = "finished"     // what became of it
	FactCancelAsked FactKind = "cancel_asked" // a person wants the payment undone
	FactReversal    FactKind = "reversal"     // it will be undone; one-way
	FactParked      FactKind = "parked"       // the agent cannot know: a person must look; after the end: the end is in doubt
	FactResolved    FactKind = "resolved"     // a person has looked
	FactEnded       FactKind = "ended"        // the result; another one follows only where a parking put it in doubt
)

// Fact is one thing that happened, as it is stored: facts are appended, never
// rewritten. Which fields are set depends on Kind.
type Fact struct {
	Kind FactKind  `json:"k"`
	At   time.Time `json:"t"`

	Attempt  int      `json:"n,omitempty"`    // begun, finished: number of the attempt, from 1
	Op       Op       `json:"op,omitempty"`   // begun
	ReqMsgID ReqMsgID `json:"msg,omitempty"`  // begun
	Boot     BootID   `json:"boot,omitempty"` // begun
	Outcome  *Outcome `json:"o,omitempty"`    // finished

	Reason Reason `json:"why,omitempty"`    // reversal, parked
	By     string `json:"by,omitempty"`     // cancel_asked, resolved: who
	Note   string `json:"note,omitempty"`   // resolved: what was found
	Result Result `json:"result,omitempty"` // ended
	How    How    `json:"how,omitempty"`    // ended
}

// Reason says why a reversal was decided or a payment parked. The words are
// durable.
type Reason string

// Reasons for a reversal.
const (
	ReasonAsked       Reason = "asked"        // the cashier or the register cancelled
	ReasonQueryLimit  Reason = "query_limit"  // asked often enough, still no result
	ReasonNotFound    Reason = "not_found"    // the gateway does not know the payment
	ReasonOtherAmount Reason = "other_amount" // the gateway holds another amount
)

// Reasons for calling a person.
const (
	ReasonCancelUnconfirmed Reason = "cancel_unconfirmed" // no cancel was confirmed in all tries
	ReasonCancelRefused     Reason = "cancel_refused"     // the gateway refused the cancel
	ReasonCancelTooLate     Reason = "cancel_too_late"    // past the cancel deadline: only a refund helps
	ReasonRefundUnconfirmed Reason = "refund_unconfirmed" // no refund was confirmed in all tries
	ReasonSetup             Reason = "setup"              // the gateway rejects this terminal's messages
	ReasonRepaired          Reason = "repaired"           // facts were lost with a damaged journal
	ReasonLateSuccess       Reason = "late_success"       // named as taken after it was proven, or decided by a person, that nothing is held
)

// Result is how a payment or refund ended. The words are durable.
type Result string

// The results of payments, and of refunds.
const (
	ResultPaid      Result = "paid"
	ResultDeclined  Result = "declined"
	ResultCancelled Result = "cancelled"
	ResultRefunded  Result = "refunded" // refunds only
)

// How says what a cancelled payment means for the money. The words are durable.
type How string

// The ways to end without money taken.
const (
	HowUnsent   How = "unsent"   // nothing was ever sent
	HowClosed   How = "closed"   // the trade was closed, nothing was taken
	HowReturned How = "returned" // money was taken and goes back
	HowEither   How = "either"   // undone; the gateway did not say whether money had been taken
	HowRefunded How = "refunded" // returned in full by refunds
	HowPerson   How = "person"   // a person found that nothing is owed
)

// End is the result of a payment or refund: the newest, where a late success put
// an earlier one in doubt.
type End struct {
	At     time.Time
	Seq    int
	Result Result
	How    How
}

// Mark is a reason with the moment of its commit.
type Mark struct {
	At     time.Time
	Seq    int
	Reason Reason
	By     string
	Note   string
}

// trail is what payments and refunds share: attempts and marks, folded from
// facts in the order of their commit.
type trail struct {
	Facts    int // how many facts were committed
	Attempts []Attempt
	Parked   *Mark // the newest
	Resolved *Mark
	End      *End
}

// Attempt returns the attempt of that number, counted from 1.
func (t *trail) attempt(n int) *Attempt {
	if n < 1 || n > len(t.Attempts) {
		return nil
	}
	return &t.Attempts[n-1]
}

// fold adds what both kinds share. It reports whether the fact was of such a kind.
func (t *trail) fold(f Fact) bool {
	seq := t.Facts + 1
	switch f.Kind {
	case FactBegun:
		t.Attempts = append(t.Attempts[:len(t.Attempts):len(t.Attempts)], Attempt{
			N: f.Attempt, Op: f.Op, ReqMsgID: f.ReqMsgID, Boot: f.Boot, BegunAt: f.At, BegunSeq: seq,
		})
	case FactFinished:
		// Copied, as an earlier value of the same payment may share the slice.
		t.Attempts = append([]Attempt(nil), t.Attempts...)
		a := t.attempt(f.Attempt)
		a.FinishedAt, a.FinishedSeq, a.Outcome = f.At, seq, *f.Outcome
	case FactParked:
		t.Parked = &Mark{At: f.At, Seq: seq, Reason: f.Reason}
	case FactResolved:
		t.Resolved = &Mark{At: f.At, Seq: seq, By: f.By, Note: f.Note}
	case FactEnded:
		t.End = &End{At: f.At, Seq: seq, Result: f.Result, How: f.How}
	case FactCancelAsked, FactReversal:
		return false
	default:
		return false
	}
	t.Facts = seq
	return true
}

// last returns the newest attempt of an operation that was begun after fact
// number since, or nil.
func (t *trail) last(op Op, since int) *Attempt {
	for i := len(t.Attempts) - 1; i >= 0; i-- {
		if a := &t.Attempts[i]; a.Op == op && a.BegunSeq > since {
			return a
		}
	}
	return nil
}

// any tells whether some attempt fulfils the condition.
func (t *trail) any(is func(Attempt) bool) bool {
	for _, a := range t.Attempts {
		if is(a) {
			return true
		}
	}
	return false
}

// acquirementID is the newest id of the trade that any answer named.
func (t *trail) acquirementID() AcquirementID {
	for i := len(t.Attempts) - 1; i >= 0; i-- {
		if id := t.Attempts[i].Outcome.AcquirementID; id != "" {
			return id
		}
	}
	return ""
}
