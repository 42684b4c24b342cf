package alipay

import (
	"slices"

	"posagent/offline"
)

// Function is a name in head.function, as the gateway spells it.
type Function string

// The functions (global.alipay.com/docs/ac/publicapi: pay, payquery, paycancel,
// refund).
const (
	FunctionPay    Function = "alipay.intl.acquiring.offline.pay"
	FunctionQuery  Function = "alipay.intl.acquiring.offline.payQuery"
	FunctionCancel Function = "alipay.intl.acquiring.common.payCancel"
	FunctionRefund Function = "alipay.intl.acquiring.common.refund"
)

// Endpoint says which function an operation is on the wire and where it is
// posted to.
type Endpoint struct {
	Op       offline.Op
	Function Function
	Path     string // below the base URL, without a leading slash
}

// Functions returns the table of the four operations. The paths stand in a
// table because they cannot be derived: they are lower case where the names
// are not, and refund is posted to "grefund".
func Functions() []Endpoint {
	return []Endpoint{
		{offline.OpPay, FunctionPay, "offline/pay.htm"},
		{offline.OpQuery, FunctionQuery, "offline/payquery.htm"},
		{offline.OpCancel, FunctionCancel, "common/paycancel.htm"},
		{offline.OpRefund, FunctionRefund, "common/grefund.htm"},
	}
}

// EndpointOf returns the row of an operation.
func EndpointOf(op offline.Op) (Endpoint, bool) {
	table := Functions()
	i := slices.IndexFunc(table, func(e Endpoint) bool { return e.Op == op })
	if i < 0 {
		return Endpoint{}, false
	}
	return table[i], true
}
