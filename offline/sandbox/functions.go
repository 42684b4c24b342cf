package sandbox

import "posagent/offline"

// function is one call of the wire. Paths cannot be derived from names: they
// are lower case, and refund's last part is "grefund".
type function struct {
	op   offline.Op
	name string
	path string
}

// functions is the table of the 2.0.4 pages below
// global.alipay.com/docs/ac/publicapi.
func functions() []function {
	return []function{
		{offline.OpPay, "alipay.intl.acquiring.offline.pay", "/api/alipay/intl/acquiring/offline/pay.htm"},
		{offline.OpQuery, "alipay.intl.acquiring.offline.payQuery", "/api/alipay/intl/acquiring/offline/payquery.htm"},
		{offline.OpCancel, "alipay.intl.acquiring.common.payCancel", "/api/alipay/intl/acquiring/common/paycancel.htm"},
		{offline.OpRefund, "alipay.intl.acquiring.common.refund", "/api/alipay/intl/acquiring/common/grefund.htm"},
	}
}

func functionAt(path string) (function, bool) {
	for _, f := range functions() {
		if f.path == path {
			return f, true
		}
	}
	return function{}, false
}

func knownFunction(name string) bool {
	for _, f := range functions() {
		if f.name == name {
			return true
		}
	}
	return false
}
