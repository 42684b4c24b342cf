package localapi

import (
	"strings"

	"posagent/offline"
)

// ReasonClass names in one word why a sale ended as it did: of a refusal the
// class of the gateway's code, of everything else what stands behind the dot in
// the key of the cashier's words ("asked" of "cancelled.asked"), or "". It makes
// no words, as it is called inside a payment.
func ReasonClass(s *offline.Sale) string {
	p := s.Deciding()
	if p != nil && s.State() == offline.SaleStateDeclined {
		if a := refusal(p); a != nil {
			return string(a.Outcome.Class)
		}
		return ""
	}
	_, class, _ := strings.Cut(saleKey(s, p), ".")
	return class
}
