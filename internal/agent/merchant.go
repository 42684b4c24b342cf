package agent

import (
	"fmt"
	"math"
	"strings"

	"posagent/internal/config"
	"posagent/offline"
)

// merchantKeys say whose books a payment is in. Keys and signatures are not among
// them: whoever has the same merchant sees its payments with any of its keys.
func merchantKeys() []string {
	return []string{"gateway.base_url", "gateway.api_version", "gateway.client_id", "gateway.merchant_id"}
}

// MerchantError refuses another merchant while payments are open under the one
// before. Asked about there, they would be "not found", be cancelled without
// effect, and be shown as cancelled although the customer was charged.
type MerchantError struct {
	Open  int            // sales with a payment or refund that is not settled
	First offline.SaleID // one of them
	Keys  []string       // what changed
}

func (e *MerchantError) Error() string {
	return fmt.Sprintf("%d sales are open under the old merchant, %s among them, and %s changed: the new one does not know them; "+
		"put the old values back, drain the till and let these sales settle, or resolve them, then change the merchant",
		e.Open, e.First, strings.Join(e.Keys, ", "))
}

// checkMerchant returns a *MerchantError where changes name another merchant and
// payments are open.
func checkMerchant(changes config.Changes, journal store) error {
	var keys []string
	for _, k := range merchantKeys() {
		if changes.Touches(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	due, err := journal.Unsettled(offline.NeverDue, math.MaxInt32)
	if err != nil {
		return fmt.Errorf("looking for open payments: %w", err)
	}
	e := &MerchantError{Keys: keys}
	for _, d := range due {
		sale, err := journal.Sale(d.ID)
		if err != nil {
			return fmt.Errorf("looking at sale %s: %w", d.ID, err)
		}
		if sale.Settled() || len(sale.Payments) == 0 { // nothing of it was ever sent
			continue
		}
		if e.Open++; e.First == "" {
			e.First = sale.ID
		}
	}
	if e.Open > 0 {
		return e
	}
	return nil
}
