package e2e

import (
	"fmt"
	"slices"
	"strings"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

// judge compares what the till shows with what the customers have lost.
type judge struct {
	accounts map[offline.MerchantTransID]sandbox.Account
	refunded map[offline.AcquirementID]map[offline.RefundID]int64
	pays     map[offline.MerchantTransID][]sandbox.Call
	owner    map[offline.MerchantTransID]*rung
	faults   []string
	states   sum
}

func newJudge(g *sandbox.Gateway) *judge {
	j := &judge{
		accounts: map[offline.MerchantTransID]sandbox.Account{},
		refunded: map[offline.AcquirementID]map[offline.RefundID]int64{},
		pays:     map[offline.MerchantTransID][]sandbox.Call{},
		owner:    map[offline.MerchantTransID]*rung{}, states: sum{},
	}
	books := g.Ledger()
	j.faults = append(j.faults, books.Audit()...)
	for _, a := range books.Trades() {
		j.accounts[a.MerchantTransID] = a
	}
	for _, e := range books.Entries() {
		if e.Kind == sandbox.Refund {
			if j.refunded[e.AcquirementID] == nil {
				j.refunded[e.AcquirementID] = map[offline.RefundID]int64{}
			}
			j.refunded[e.AcquirementID][e.RefundID] += e.Amount.Value
		}
	}
	for _, c := range g.Calls() {
		if c.Op == offline.OpPay {
			j.pays[c.MerchantTransID] = append(j.pays[c.MerchantTransID], c)
		}
		if c.Refused {
			j.fault("the gateway refused message %d (%s %s) as malformed: %s %s", c.N, c.Op, c.MerchantTransID, c.Answer.Code, c.Answer.Msg)
		}
	}
	return j
}

func (j *judge) fault(format string, args ...any) {
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

// sale judges one sale that has come to rest.
func (j *judge) sale(r *rung, s wire.Sale) {
	j.states[string(s.State)]++
	var held, charges int64
	for _, p := range s.Payments {
		id := offline.MerchantTransID(p.MerchantTransID)
		if other := j.owner[id]; other != nil {
			j.fault("%s stands under %s and %s", id, other.id, r.id)
		}
		j.owner[id] = r
		a := j.accounts[id]
		held += a.Balance().Value
		charges += int64(a.Charges)
		if p.State == "paid" && (a.Charges != 1 || a.Returned != 0) {
			j.fault("%s: payment %s is shown as paid; charged %d times, %d returned", r.id, id, a.Charges, a.Returned)
		}
	}
	back := j.refunds(r, s)
	switch s.State {
	case wire.Paid:
		if want := r.amount - back; held != want || charges != 1 {
			j.fault("%s (%s) is shown as paid; the gateway charged %d times and holds %d, want %d", r.id, r.scenario.Name, charges, held, want)
		}
	case wire.Declined, wire.Cancelled, wire.Expired:
		if held != 0 {
			j.fault("%s (%s) is shown as %s (%s); the gateway holds %d", r.id, r.scenario.Name, s.State, s.Message.Key, held)
		}
	case wire.Attention:
		switch {
		case mayNeedPerson(r.scenario):
		case lost(offline.OpCancel, s.Payments[len(s.Payments)-1].Attempts):
			j.states["attention because a kill cost a try"]++
		default:
			j.fault("%s (%s) needs a person (%s), and its scenario does not force that", r.id, r.scenario.Name, s.Message.Key)
		}
	case wire.Waiting, wire.Processing, wire.Confirming, wire.Checking, wire.Reversing:
		j.fault("%s (%s) is still %s", r.id, r.scenario.Name, s.State)
	default:
		j.fault("%s is shown as %q, which nobody knows", r.id, s.State)
	}
}

// lost tells whether a kill took the answer to a cancel or refund with it: such a
// message counts as a try, so that a person may be called one try earlier than
// the scenario alone would have it.
func lost(op offline.Op, attempts []wire.Attempt) bool {
	return slices.ContainsFunc(attempts, func(a wire.Attempt) bool { return a.Op == string(op) && a.FinishedAt == nil })
}

// refunds judges the refunds of a sale and returns what they gave back.
func (j *judge) refunds(r *rung, s wire.Sale) (back int64) {
	for _, f := range s.Refunds {
		j.states["refund "+string(f.State)]++
		made := j.refunded[offline.AcquirementID(s.AcquirementID)][offline.RefundID(f.RefundID)]
		back += made
		switch {
		case f.State == wire.RefundRefunded && made != f.Amount.Value:
			j.fault("%s (%s): refund %s is shown as refunded; the gateway gave back %d of %d", r.id, r.scenario.Name, f.RefundID, made, f.Amount.Value)
		case f.State == wire.RefundDeclined && made != 0:
			j.fault("%s (%s): refund %s is shown as declined; the gateway gave back %d", r.id, r.scenario.Name, f.RefundID, made)
		case f.State == wire.RefundAttention && !mayNeedPerson(r.scenario) && !lost(offline.OpRefund, f.Attempts):
			j.fault("%s (%s): refund %s needs a person, and its scenario does not force that", r.id, r.scenario.Name, f.RefundID)
		}
	}
	if back != s.Refunded.Value && !mayNeedPerson(r.scenario) {
		j.fault("%s (%s): %d refunded are shown, the gateway gave back %d", r.id, r.scenario.Name, s.Refunded.Value, back)
	}
	return back
}

// messages judges what reached the gateway: each payment is sent once, for the
// sale of the customer whose code it carries.
func (j *judge) messages(sold []*rung) {
	codes := map[string]int{}
	for id, calls := range j.pays {
		if len(calls) > 1 {
			j.fault("%s was sent to pay %d times", id, len(calls))
		}
		r := j.owner[id]
		if r == nil {
			j.fault("%s was paid for and stands under no sale", id)
			continue
		}
		codes[r.code]++
		if want := mask(r.code); calls[0].Code != want {
			j.fault("%s of %s was charged to code %s; its customer held up %s", id, r.id, calls[0].Code, want)
		}
	}
	for _, r := range sold {
		if codes[r.code] > 1 {
			j.fault("the code of %s was sent to pay %d times", r.id, codes[r.code])
		}
	}
	for id := range j.accounts {
		if j.owner[id] == nil {
			j.fault("%s was charged and stands under no sale", id)
		}
	}
}

func mask(code string) string {
	return code[:2] + strings.Repeat("•", len(code)-6) + code[len(code)-4:]
}
