// Package cashier is the one catalogue of what the cashier is told: for each
// state of a sale and for each result code of the gateway, what happened to the
// money, what to do, and what to say to the customer. No text for the cashier
// stands anywhere else, so that a translation has one place to start from.
//
// A text never says more than is proven. Only the key "paid" and what begins
// with it say that money was taken; only ends say that none was. Nobody is
// blamed, and a refusal for risk is not explained.
package cashier

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"posagent/offline"
)

// Support is the address that the gateway's best practice names for payments
// that a person must look at.
const Support = "overseas_support@service.alibaba.com"

// Text is what the cashier is told, each part at most 160 characters, to be read
// at arm's length.
type Text struct {
	Title  string // what happened, in a few words
	Money  string // what happened to the money
	Action string // what to do now, with the goods and next
	Say    string // what to say to the customer
	Detail string // the gateway's own text, where a code has no words of its own; may be empty
}

// maxDetail bounds the gateway's own text, in characters.
const maxDetail = 160

// Words returns the text of a key. A key that is not in the catalogue gets the
// words of the nearest one above it ("reversing" for "reversing.new_reason"),
// and one that has none the words for calling the supervisor: a new state must
// not leave the cashier without an answer.
func Words(key string) Text {
	for k := key; k != ""; k = parent(k) {
		if t, ok := find(k); ok {
			return t
		}
	}
	t, _ := find("attention")
	return t
}

func parent(key string) string {
	return key[:max(0, strings.LastIndexByte(key, '.'))]
}

// CodeKey returns the key of the words for a refused payment: the code's own, or
// those of its class. An unknown code without a class is a plain refusal.
func CodeKey(class offline.ReasonClass, resultCode string) string {
	name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(resultCode)), "ACQ.")
	if key, ok := codeKey(name); ok {
		return key
	}
	switch class {
	case offline.ClassAskAgain:
		return "checking"
	case offline.ClassRescan, offline.ClassOtherMeans, offline.ClassTopUp, offline.ClassWallet,
		offline.ClassSetup, offline.ClassSupervisor:
		return "declined." + string(class)
	}
	return "declined"
}

// ForCode returns the words for a payment that the gateway refused with this
// code. gatewayMsg is shown as Detail where the code has no words of its own.
func ForCode(class offline.ReasonClass, resultCode string, gatewayMsg string) Text {
	key := CodeKey(class, resultCode)
	t := Words(key)
	if !strings.HasPrefix(key, "code.") {
		t.Detail = clean(gatewayMsg)
	}
	return t
}

// RefundCodeKey is CodeKey for a refund that the gateway refused.
func RefundCodeKey(resultCode string) string {
	switch strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(resultCode)), "ACQ.") {
	case "REFUND_WINDOW_EXCEED":
		return "refund.declined.too_late"
	case "REFUND_AMOUNT_EXCEED":
		return "refund.declined.amount"
	case "ORDER_NOT_EXIST", "TRADE_NOT_EXIST":
		return "refund.declined.not_found"
	case "REPEAT_REQ_INCONSISTENT":
		return "refund.declined.repeated"
	}
	return "refund.declined"
}

// ForRefundCode is ForCode for a refund that the gateway refused.
func ForRefundCode(resultCode string, gatewayMsg string) Text {
	key := RefundCodeKey(resultCode)
	t := Words(key)
	if key == "refund.declined" {
		t.Detail = clean(gatewayMsg)
	}
	return t
}

// Keys lists all keys, sorted.
func Keys() []string {
	list := make([]string, 0, 128)
	for _, e := range catalogue() {
		list = append(list, e.key)
	}
	slices.Sort(list)
	return list
}

// entry is one row of the catalogue.
type entry struct {
	key string
	Text
}

func catalogue() []entry {
	var all []entry
	for _, list := range lists() {
		all = append(all, list()...)
	}
	return all
}

// lists has the words of a usual sale first: find makes no further list once it
// has the key, as these words are part of every event that a client waits for.
func lists() [6]func() []entry {
	return [...]func() []entry{saleWords, cancelledWords, declinedWords, attentionWords, refundWords, codeWords}
}

func find(key string) (Text, bool) {
	for _, list := range lists() {
		for _, e := range list() {
			if e.key == key {
				return e.Text, true
			}
		}
	}
	return Text{}, false
}

// clean makes the gateway's text fit for the screen: one line without control
// characters, cut.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxDetail {
		s = strings.TrimSpace(string(runes[:maxDetail-1])) + "…"
	}
	return s
}
