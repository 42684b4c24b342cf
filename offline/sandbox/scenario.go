package sandbox

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"posagent/offline"
)

// Scenario is what happens to one payment. It belongs to a merchantTransId from
// the first message about it on. The n-th message of an operation gets that
// operation's n-th step; past the last step everything is ordinary, unless the
// last step repeats.
type Scenario struct {
	Name   string // lower case with underscores
	Amount int64  // minor units of any currency that select it; 0: only by name
	What   string // what happens, for people
	Ends   string // what the terminal should end with: paid, declined, cancelled, attention

	Pay, Query, Cancel, Refund []Step
}

// Step is what happens to one message. The zero Step is the ordinary course:
// the books change as documented and the answer tells the truth.
type Step struct {
	Effect Effect        // what happens in the books
	Code   string        // EffectDecline, EffectDeclineLater: the result code
	Query  int           // EffectConfirm, EffectDeclineLater, EffectHold: right before the n-th query of this trade
	After  time.Duration // EffectHold: this long after the message arrived
	// OnCancel makes EffectHold count from the first cancel: After, or Query
	// queries, later.
	OnCancel bool

	Say    Result        // overrides what the answer tells; zero: the truth
	Status string        // query: overrides acquirementStatus
	Delay  time.Duration // the answer leaves this long after the books changed
	Fault  Fault         // how the answer is broken
	Repeat bool          // last step only: for every further message too
}

// Result is the part of resultInfo that decides. Msg is made up where empty.
type Result struct {
	Status string `json:"resultStatus"` // S, F, U
	Code   string `json:"resultCode"`
	Msg    string `json:"resultMsg,omitempty"`
}

// IsZero tells whether nothing is set.
func (r Result) IsZero() bool { return r == Result{} }

// Effect is what a message does to the books.
type Effect string

// The effects. All but EffectOrdinary and EffectNone are for pay.
const (
	EffectOrdinary     Effect = ""              // pay charges; the others do what they say
	EffectNone         Effect = "none"          // nothing: as if the message had never arrived
	EffectConfirm      Effect = "confirm"       // pending until the customer confirms: Step.Query, or Options.ConfirmAfter
	EffectPending      Effect = "pending"       // pending until a cancel closes it
	EffectDecline      Effect = "decline"       // closed at once with Step.Code
	EffectDeclineLater Effect = "decline_later" // pending until Step.Query, then closed
	EffectHold         Effect = "hold"          // on its way: processed later, and unknown until then
)

// Fault is how an answer is broken on its way.
type Fault string

// The faults.
const (
	FaultNone          Fault = ""
	FaultSilent        Fault = "silent"          // connection stays open, not one byte comes
	FaultDrop          Fault = "drop"            // connection closed without an answer
	FaultReset         Fault = "reset"           // connection reset after the request was read
	FaultResetEarly    Fault = "reset_early"     // connection reset while the request is being sent
	FaultCut           Fault = "cut"             // half of the answer, then the connection closes
	FaultDrip          Fault = "drip"            // one byte each 200 ms
	FaultHTTP500       Fault = "http_500"        // HTTP 500
	FaultBadGateway    Fault = "bad_gateway"     // HTTP 502 with a proxy's page
	FaultProxyPage     Fault = "proxy_page"      // HTTP 200 with a log-in page
	FaultRedirect      Fault = "redirect"        // HTTP 307 to another host
	FaultEmpty         Fault = "empty"           // HTTP 200 without a body
	FaultBadSignature  Fault = "bad_signature"   // the signature of other bytes
	FaultNoSignature   Fault = "no_signature"    // no signature at all
	FaultForeignKey    Fault = "foreign_key"     // signed with a key that is not Alipay's
	FaultReformatted   Fault = "reformatted"     // white space changed after signing
	FaultForeignMsgID  Fault = "foreign_msg_id"  // answers somebody else's reqMsgId
	FaultForeignTrans  Fault = "foreign_trans"   // another merchantTransId
	FaultOtherFunction Fault = "other_function"  // another head.function
	FaultOtherAmount   Fault = "other_amount"    // another amount
	FaultOtherCurrency Fault = "other_currency"  // the same digits in another currency
	FaultDuplicateKeys Fault = "duplicate_keys"  // a second, forged "response"
	FaultCaseKeys      Fault = "case_keys"       // a forged "Response" beside "response"
	FaultInnerKeys     Fault = "inner_keys"      // signed, but resultStatus stands in it twice
	FaultOversized     Fault = "oversized"       // signed, but 2 MiB long
	FaultTrailing      Fault = "trailing_answer" // a second answer after the first
)

const dripInterval = 200 * time.Millisecond

// Next, as the id given to Script, means the next payment that arrives under an
// id that was not seen before.
const Next offline.MerchantTransID = "next"

// steps returns the list of one operation.
func (s Scenario) steps(op offline.Op) []Step {
	switch op {
	case offline.OpPay:
		return s.Pay
	case offline.OpQuery:
		return s.Query
	case offline.OpCancel:
		return s.Cancel
	case offline.OpRefund:
		return s.Refund
	}
	return nil
}

// step returns the step of the n-th message, from 1.
func (s Scenario) step(op offline.Op, n int) Step {
	list := s.steps(op)
	if n <= len(list) {
		return list[n-1]
	}
	if len(list) > 0 && list[len(list)-1].Repeat {
		return list[len(list)-1]
	}
	return Step{}
}

// byName finds a scenario.
func byName(list []Scenario, name string) (Scenario, bool) {
	i := slices.IndexFunc(list, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return list[i], true
}

// byAmount finds the scenario that an amount selects; without one the payment
// is simply paid.
func byAmount(list []Scenario, value int64) Scenario {
	i := slices.IndexFunc(list, func(s Scenario) bool { return s.Amount != 0 && s.Amount == value })
	if i < 0 {
		return Scenario{Name: "paid", Ends: endPaid}
	}
	return list[i]
}

// Lookup finds a scenario of the Catalogue by its name.
func Lookup(name string) (Scenario, bool) { return byName(Catalogue(), name) }

// ScenarioHelp prints the table of the catalogue: amount, name, what the
// terminal should end with, and what happens.
func ScenarioHelp(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "AMOUNT\tIN HKD\tSCENARIO\tENDS\tWHAT HAPPENS")
	for _, s := range Catalogue() {
		amount, major := "any other", ""
		if s.Amount != 0 {
			m := offline.Money{Currency: "HKD", Value: s.Amount}
			amount, major = fmt.Sprint(s.Amount), m.Major()
		}
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", amount, major, s.Name, s.Ends, s.What)
	}
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("printing the scenarios: %w", err)
	}
	return nil
}
