package sandbox

import (
	"fmt"

	"posagent/offline"
)

// auditor checks the entries one after the other.
type auditor struct {
	accounts map[offline.MerchantTransID]*Account
	acquired map[offline.AcquirementID]offline.MerchantTransID
	codes    map[string]offline.MerchantTransID
	refunds  map[[2]string]bool
	faults   []string
}

// Audit lists every violation of what must hold whatever the terminals do, one
// sentence each; empty for sound books: one charge at most under one
// merchantTransId and with one code, nothing given back that was not taken, no
// refund twice, no mixed currencies.
func (l *Ledger) Audit() []string {
	a := &auditor{
		accounts: map[offline.MerchantTransID]*Account{},
		acquired: map[offline.AcquirementID]offline.MerchantTransID{},
		codes:    map[string]offline.MerchantTransID{},
		refunds:  map[[2]string]bool{},
	}
	for i, e := range l.Entries() {
		a.entry(i+1, e)
	}
	return a.faults
}

func (a *auditor) fault(n int, format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf("entry %d: ", n)+fmt.Sprintf(format, args...))
}

func (a *auditor) entry(n int, e Entry) {
	if e.Amount.Value <= 0 {
		a.fault(n, "%s of %s under %s", e.Kind, e.Amount, e.MerchantTransID)
	}
	if other, known := a.acquired[e.AcquirementID]; known && other != e.MerchantTransID {
		a.fault(n, "acquirementId %s stands under %s and %s", e.AcquirementID, other, e.MerchantTransID)
	}
	a.acquired[e.AcquirementID] = e.MerchantTransID

	acc := a.accounts[e.MerchantTransID]
	if acc == nil {
		acc = &Account{Currency: e.Amount.Currency}
		a.accounts[e.MerchantTransID] = acc
	}
	if acc.Currency != e.Amount.Currency {
		a.fault(n, "%s in %s under %s, which was charged in %s", e.Kind, e.Amount.Currency, e.MerchantTransID, acc.Currency)
	}
	switch e.Kind {
	case Charge:
		a.charge(n, e, acc)
	case Return, Refund:
		a.giveBack(n, e, acc)
	default:
		a.fault(n, "unknown kind %q", e.Kind)
	}
}

func (a *auditor) charge(n int, e Entry, acc *Account) {
	acc.Charges++
	acc.Charged += e.Amount.Value
	if acc.Charges > 1 {
		a.fault(n, "%s was charged %d times", e.MerchantTransID, acc.Charges)
	}
	if e.Code.Hash == "" {
		return
	}
	if other, used := a.codes[e.Code.Hash]; used && other != e.MerchantTransID {
		a.fault(n, "one code (%s) was charged under %s and %s", e.Code.Masked, other, e.MerchantTransID)
	}
	a.codes[e.Code.Hash] = e.MerchantTransID
}

func (a *auditor) giveBack(n int, e Entry, acc *Account) {
	if acc.Charges == 0 {
		a.fault(n, "%s under %s, which was never charged", e.Kind, e.MerchantTransID)
	}
	if e.Kind == Return {
		acc.Returned += e.Amount.Value
	} else {
		acc.Refunded += e.Amount.Value
		key := [2]string{string(e.AcquirementID), string(e.RefundID)}
		if a.refunds[key] {
			a.fault(n, "refund %s of %s was made twice", e.RefundID, e.MerchantTransID)
		}
		a.refunds[key] = true
	}
	if left := acc.Balance().Value; acc.Charges > 0 && left < 0 {
		a.fault(n, "%s got back %d more than was charged", e.MerchantTransID, -left)
	}
}
