package offlinetest

import (
	"time"

	"posagent/offline"
)

// The comparisons of CheckInvariants: moments are equal if they are the same
// moment, whichever zone or clock reading they came with, as a store keeps
// neither. They are written out because a model compares millions of times.

func sameMoment(a, b *time.Time) bool {
	same := a.Equal(*b)
	*a, *b = time.Time{}, time.Time{}
	return same
}

func sameSaleHead(a, b offline.SaleHead) bool {
	created, expires := sameMoment(&a.CreatedAt, &b.CreatedAt), sameMoment(&a.ExpiresAt, &b.ExpiresAt)
	return created && expires && a == b
}

func sameSaleEnd(a, b offline.SaleEnd) bool { return sameMoment(&a.At, &b.At) && a == b }

func samePaymentHead(a, b offline.PaymentHead) bool {
	return sameMoment(&a.CreatedAt, &b.CreatedAt) && a == b
}

func sameRefundHead(a, b offline.RefundHead) bool {
	return sameMoment(&a.CreatedAt, &b.CreatedAt) && a == b
}

func sameMark(a, b offline.Mark) bool { return sameMoment(&a.At, &b.At) && a == b }

func sameEnd(a, b offline.End) bool { return sameMoment(&a.At, &b.At) && a == b }

func sameAttempt(a, b offline.Attempt) bool {
	begun, finished := sameMoment(&a.BegunAt, &b.BegunAt), sameMoment(&a.FinishedAt, &b.FinishedAt)
	x, y := a.Outcome.PayAmount, b.Outcome.PayAmount
	amount := (x == nil) == (y == nil) && (x == nil || *x == *y)
	a.Outcome.PayAmount, b.Outcome.PayAmount = nil, nil
	return begun && finished && amount && a == b
}
