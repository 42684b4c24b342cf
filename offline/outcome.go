package offline

import "time"

// Op is one of the four calls of the gateway. The words are durable.
type Op string

// The operations, with the function of the wire that each stands for.
const (
	OpPay    Op = "pay"    // alipay.intl.acquiring.offline.pay
	OpQuery  Op = "query"  // alipay.intl.acquiring.offline.payQuery
	OpCancel Op = "cancel" // alipay.intl.acquiring.common.payCancel
	OpRefund Op = "refund" // alipay.intl.acquiring.common.refund
)

// OutcomeKind is what one message achieved, as far as it is proven. The words
// are durable; retired ones stay listed. Only Success and Failure can end a
// payment.
type OutcomeKind string

// The kinds. What each one proves depends on the operation.
const (
	// Success: pay and query: the money was taken. cancel: nothing is owed
	// any more. refund: the money goes back.
	Success OutcomeKind = "success"
	// Failure: a definitive no. pay: refused, nothing taken. query: the
	// trade is closed or failed, nothing is held. cancel and refund: refused.
	Failure OutcomeKind = "failure"
	// InProcess: the gateway knows no result yet, or cannot say (U).
	InProcess OutcomeKind = "in_process"
	// NotFound: the gateway knows no such trade (yet): the question may have
	// overtaken the payment.
	NotFound OutcomeKind = "not_found"
	// NoAnswer: something left this machine and nothing believable came back:
	// time-out, broken answer, HTTP error, bad signature, foreign answer.
	NoAnswer OutcomeKind = "no_answer"
	// NotSent: not one byte left; the gateway cannot have seen it.
	NotSent OutcomeKind = "not_sent"
	// TooLate: the gateway says that the time for this cancel or refund is over.
	TooLate OutcomeKind = "too_late"
	// Refused: the gateway rejected the message itself (signature, client,
	// parameters), so it says nothing about the trade. The terminal is
	// wrongly set up.
	Refused OutcomeKind = "refused"
)

func (k OutcomeKind) known() bool {
	switch k {
	case Success, Failure, InProcess, NotFound, NoAnswer, NotSent, TooLate, Refused:
		return true
	}
	return false
}

// ReasonClass sorts result codes by what a person can do about them. The words
// are durable and part of the local API.
type ReasonClass string

// The classes.
const (
	ClassRescan     ReasonClass = "rescan"      // a fresh code and one more scan
	ClassOtherMeans ReasonClass = "other_means" // pay in another way
	ClassTopUp      ReasonClass = "top_up"      // not enough money or over a limit
	ClassWallet     ReasonClass = "wallet"      // the customer settles it in the wallet
	ClassSetup      ReasonClass = "setup"       // this terminal or merchant is wrongly set up
	ClassAskAgain   ReasonClass = "ask_again"   // the gateway does not know; we ask again
	ClassSupervisor ReasonClass = "supervisor"  // a person must look
)

// Undo is what a successful cancel did, where the gateway says so.
type Undo string

// The ways to undo.
const (
	UndoClosed   Undo = "closed"   // nothing had been taken
	UndoReturned Undo = "returned" // the money goes back to the customer
)

// Anomaly marks a verified answer that contradicts the payment.
type Anomaly string

// OtherAmount: the gateway holds this trade with another amount or currency.
// It is never paid: it is raised and reversed.
const OtherAmount Anomaly = "other_amount"

// Outcome is one message's result. Everything but Kind, Class and Detail stands
// in it only if it came in a verified answer.
type Outcome struct {
	Kind          OutcomeKind   `json:"kind"`
	ResultStatus  string        `json:"status,omitempty"` // S, F or U
	ResultCode    string        `json:"code,omitempty"`   // at most 64 characters
	ResultMsg     string        `json:"msg,omitempty"`    // the gateway's own text, at most 256
	Class         ReasonClass   `json:"class,omitempty"`
	Confirm       bool          `json:"confirm,omitempty"` // InProcess because the customer must act on the phone
	AcquirementID AcquirementID `json:"acq,omitempty"`
	TradeStatus   string        `json:"trade,omitempty"` // the status word of a query
	Undo          Undo          `json:"undo,omitempty"`  // cancel only
	PayAmount     *Money        `json:"payAmount,omitempty"`
	PaymentTime   string        `json:"paymentTime,omitempty"` // as the gateway wrote it
	Anomaly       Anomaly       `json:"anomaly,omitempty"`
	Detail        string        `json:"detail,omitempty"` // for the operator; holds no code and no key
}

// Verified tells whether a signed answer about this very trade came back.
func (o Outcome) Verified() bool {
	switch o.Kind {
	case Success, Failure, InProcess, NotFound, TooLate:
		return true
	case NoAnswer, NotSent, Refused:
		return o.Anomaly != ""
	}
	return false
}

// Attempt is one message: the intent that was committed before it left and, once
// there, the outcome. Seq fields count the payment's facts and so tell what was
// committed before what.
type Attempt struct {
	N           int // from 1, over all operations
	Op          Op
	ReqMsgID    ReqMsgID
	Boot        BootID // the run of the process that began it
	BegunAt     time.Time
	BegunSeq    int
	FinishedAt  time.Time
	FinishedSeq int // 0 while there is no outcome
	Outcome     Outcome
}

// Finished tells whether the outcome was committed.
func (a Attempt) Finished() bool { return a.FinishedSeq > 0 }

// seen tells whether the attempt's answer proves that the trade exists, or
// existed, at the gateway.
func (a Attempt) seen() bool {
	o := a.Outcome
	if !a.Finished() {
		return false
	}
	if o.Anomaly == OtherAmount {
		return true
	}
	switch a.Op {
	case OpPay:
		return o.Kind == Success || o.Verified() && o.Kind != Failure && o.AcquirementID != ""
	case OpQuery:
		return o.Kind == Success || o.Kind == Failure || o.Kind == InProcess && o.TradeStatus != ""
	case OpCancel:
		// "Closed" is no proof: a gateway may say so of a trade that never came.
		return o.Undo == UndoReturned
	case OpRefund:
		return o.Kind == Success
	}
	return false
}

// alive tells whether the answer shows money taken or a trade that may still
// take it.
func (a Attempt) alive() bool {
	return a.seen() && (a.Op == OpPay || a.Op == OpQuery) && a.Outcome.Kind != Failure
}

// paid tells whether the answer shows that money was taken.
func (a Attempt) paid() bool {
	if !a.Finished() {
		return false
	}
	switch a.Op {
	case OpPay, OpQuery:
		return a.Outcome.Kind == Success
	case OpCancel:
		return a.Outcome.Undo == UndoReturned
	case OpRefund:
		return a.Outcome.Kind == Success
	}
	return false
}
