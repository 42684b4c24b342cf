package offline_test

import (
	"encoding/json"

	"posagent/offline"
)

// saleCopy is a sale with nothing shared and nothing hidden, for comparing and
// for storing.
type saleCopy struct {
	Head     offline.SaleHead
	End      *offline.SaleEnd
	Version  int
	Payments []paymentCopy
	Refunds  []refundCopy
}

type paymentCopy struct {
	Head      offline.PaymentHead
	Trail     trailCopy
	CancelAsk *offline.Mark
	Reversal  *offline.Mark
}

type refundCopy struct {
	Head  offline.RefundHead
	Trail trailCopy
}

type trailCopy struct {
	Facts    int
	Attempts []offline.Attempt
	Parked   *offline.Mark
	Resolved *offline.Mark
	End      *offline.End
}

// deepCopy shares no memory with the sale: whatever changes the sale later does
// not change the copy.
func deepCopy(s offline.Sale) saleCopy {
	out := saleCopy{Head: s.SaleHead, End: cloned(s.End), Version: s.Version}
	for _, p := range s.Payments {
		out.Payments = append(out.Payments, paymentCopy{
			Head: p.PaymentHead, CancelAsk: cloned(p.CancelAsk), Reversal: cloned(p.Reversal),
			Trail: trailCopy{p.Facts, attemptsCopy(p.Attempts), cloned(p.Parked), cloned(p.Resolved), cloned(p.End)},
		})
	}
	for _, r := range s.Refunds {
		out.Refunds = append(out.Refunds, refundCopy{
			Head:  r.RefundHead,
			Trail: trailCopy{r.Facts, attemptsCopy(r.Attempts), cloned(r.Parked), cloned(r.Resolved), cloned(r.End)},
		})
	}
	return out
}

func cloned[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func attemptsCopy(list []offline.Attempt) []offline.Attempt {
	var out []offline.Attempt
	for _, a := range list {
		a.Outcome.PayAmount = cloned(a.Outcome.PayAmount)
		out = append(out, a)
	}
	return out
}

// stored writes facts as a journal does and reads them back: wall clock only,
// no shared memory.
func stored[T any](v T) (T, error) {
	var out T
	data, err := json.Marshal(v)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(data, &out)
}
