package admin

import (
	"slices"
	"strings"

	"posagent/device/decode"
	"posagent/offline"
	"posagent/offline/cashier"
)

// other is the label's value for what is in none of the closed sets: a word that
// the program does not know must not make a new series.
const other = "other"

// closed is a set of a label's values.
type closed []string

// of returns the word if it is in the set, else other.
func (c closed) of(word string) string {
	if slices.Contains(c, word) {
		return word
	}
	return other
}

func words[T ~string](list ...T) closed {
	out := make(closed, 0, len(list))
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// endings are the results of sales with the classes of reason of each. They are
// those of the cashier's words, so that counter and screen say the same.
func endings() map[offline.SaleState]closed {
	e := map[offline.SaleState]closed{
		offline.SaleStatePaid:    {"gateway", "person"},
		offline.SaleStateExpired: {"no_code"},
	}
	for _, result := range []offline.SaleState{offline.SaleStateDeclined, offline.SaleStateCancelled} {
		for _, key := range cashier.Keys() {
			if class, of := strings.CutPrefix(key, string(result)+"."); of {
				e[result] = append(e[result], class)
			}
		}
		e[result] = append(e[result], other)
	}
	return e
}

func ops() closed { return words(offline.OpPay, offline.OpQuery, offline.OpCancel, offline.OpRefund) }

func outcomes() closed {
	return words(offline.Success, offline.Failure, offline.InProcess, offline.NotFound,
		offline.NoAnswer, offline.NotSent, offline.TooLate, offline.Refused)
}

// answers are what a customer at the till can be told after a scan.
func answers() closed {
	return words(offline.StatePaid, offline.StateDeclined, offline.StateCancelled, offline.StateReversing, offline.StateAttention)
}

func reversalReasons() closed {
	return words(offline.ReasonAsked, offline.ReasonQueryLimit, offline.ReasonNotFound, offline.ReasonOtherAmount)
}

func attentionReasons() closed {
	return words(offline.ReasonCancelUnconfirmed, offline.ReasonCancelRefused, offline.ReasonCancelTooLate,
		offline.ReasonRefundUnconfirmed, offline.ReasonSetup, offline.ReasonRepaired, offline.ReasonLateSuccess, offline.ReasonOtherAmount)
}

// refusedKinds are the kinds of label, and bytes that made none.
func refusedKinds() closed { return append(words(decode.Kinds()...), "framing") }

// openStates are the states that a sale with something left to do can be in: a
// cancelled one whose payment is watched, and a paid one with a refund under way.
func openStates() closed {
	return words(slices.DeleteFunc(offline.SaleStates(), func(s offline.SaleState) bool { return s == offline.SaleStateExpired })...)
}
