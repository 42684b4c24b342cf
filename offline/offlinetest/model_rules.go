package offlinetest

import (
	"time"

	"posagent/offline"
)

// Rules are what a model's till goes by. RealRules are those of the product;
// mutants change one of them.
type Rules struct {
	Next       func(offline.Payment, time.Time, offline.Policy) offline.Step
	NextRefund func(offline.Refund, offline.Payment, time.Time, offline.Policy) offline.Step
	Apply      func(offline.Sale, offline.Write) (offline.Sale, error)
	// Believe makes an outcome of an answer, knowing whether its signature holds.
	Believe func(op offline.Op, claim offline.Outcome, forged bool) offline.Outcome
	// RefundID is the merchantRefundId of the n-th message of a refund.
	RefundID func(id offline.RefundID, n int) offline.RefundID
	// SendFirst lets a message leave before its intent is durable.
	SendFirst bool
}

// RealRules are the product's.
func RealRules() Rules {
	return Rules{
		Next:       offline.Next,
		NextRefund: offline.NextRefund,
		Apply:      offline.Sale.Apply,
		Believe: func(_ offline.Op, claim offline.Outcome, forged bool) offline.Outcome {
			if forged {
				return offline.Outcome{Kind: offline.NoAnswer, Detail: "the signature does not hold"}
			}
			return claim
		},
		RefundID: func(id offline.RefundID, _ int) offline.RefundID { return id },
	}
}
