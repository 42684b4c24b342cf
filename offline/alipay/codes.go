package alipay

import (
	"slices"
	"strings"

	"posagent/offline"
)

// Code is what one result code means where resultStatus is F. With S and U the
// code decides nothing but Confirm.
type Code struct {
	Name  string              // without the prefix "ACQ."
	Class offline.ReasonClass // of a pay that the code refuses

	// What an F with this code proves, for each operation.
	Pay    offline.OutcomeKind
	Query  offline.OutcomeKind
	Cancel offline.OutcomeKind
	Refund offline.OutcomeKind
}

// The official result-code tables of this API are not public. The names are
// those of its siblings, which overlap widely; each file of codes names its
// source. A code's row comes from the family that it belongs to.

// refusal: the payment was refused for good and nothing was taken. As an answer
// to a question it proves nothing about the trade.
func refusal(class offline.ReasonClass, names ...string) []Code {
	return rows(Code{Class: class, Pay: offline.Failure, Query: offline.InProcess,
		Cancel: offline.Failure, Refund: offline.Failure}, names)
}

// setup: the message itself was rejected; the terminal or the merchant's
// account is wrongly set up.
func setup(names ...string) []Code {
	return rows(Code{Class: offline.ClassSetup, Pay: offline.Failure, Query: offline.Refused,
		Cancel: offline.Refused, Refund: offline.Refused}, names)
}

// used: a trade of this merchantTransId exists and may hold money, so a query
// decides; "not paid" would be a guess.
func used(names ...string) []Code {
	return rows(Code{Class: offline.ClassAskAgain, Pay: offline.InProcess, Query: offline.InProcess,
		Cancel: offline.Failure, Refund: offline.Failure}, names)
}

// unsure: the gateway failed and does not know itself. Query, cancel and refund
// are sent again (global.alipay.com/docs/ac/globalbarcode/error_handling).
func unsure(names ...string) []Code {
	return rows(Code{Class: offline.ClassAskAgain, Pay: offline.InProcess, Query: offline.InProcess,
		Cancel: offline.InProcess, Refund: offline.InProcess}, names)
}

// missing: no such trade. A query may have overtaken the payment.
func missing(names ...string) []Code {
	return rows(Code{Class: offline.ClassAskAgain, Pay: offline.InProcess, Query: offline.NotFound,
		Cancel: offline.Failure, Refund: offline.Failure}, names)
}

// contradiction: the code speaks of a success or of another operation, so that
// an F with it proves nothing.
func contradiction(names ...string) []Code {
	return rows(Code{Class: offline.ClassSupervisor, Pay: offline.InProcess, Query: offline.InProcess,
		Cancel: offline.Failure, Refund: offline.Failure}, names)
}

func cancelTooLate(names ...string) []Code {
	return rows(Code{Class: offline.ClassSupervisor, Pay: offline.InProcess, Query: offline.InProcess,
		Cancel: offline.TooLate, Refund: offline.Failure}, names)
}

func refundTooLate(names ...string) []Code {
	return rows(Code{Class: offline.ClassSupervisor, Pay: offline.InProcess, Query: offline.InProcess,
		Cancel: offline.Failure, Refund: offline.TooLate}, names)
}

func rows(like Code, names []string) []Code {
	list := make([]Code, len(names))
	for i, name := range names {
		list[i] = like
		list[i].Name = name
	}
	return list
}

// codeTable maps names to rows. It is built for each Client, since a package
// has no state that could change.
type codeTable map[string]Code

func newCodeTable() codeTable {
	table := codeTable{}
	for _, c := range Codes() {
		table[c.Name] = c
	}
	return table
}

// lookup finds a code with or without the mainland prefix, in any case.
func (t codeTable) lookup(code string) (Code, bool) {
	c, ok := t[normalCode(code)]
	return c, ok
}

func normalCode(code string) string {
	return strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(code)), "ACQ.")
}

// Codes returns every listed result code, sorted by name, each once.
func Codes() []Code {
	list := slices.Concat(amsCodes(), plusCodes(), mainlandCodes(), mapiCodes())
	slices.SortFunc(list, func(a, b Code) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(list)
}
