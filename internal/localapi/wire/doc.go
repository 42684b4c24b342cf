// Package wire is the language of the local API: the JSON that server and client
// exchange, and the stable codes of its problems. Version 1 of it is a promise
// to registers: fields and words may be added, never renamed or dropped.
//
// Money is {"currency","value"} with the value in minor units as a string.
// Times are RFC 3339. Payment codes appear as a mask alone.
package wire

import "posagent/offline"

// The domain's types that go over the wire as they are.
type (
	// Money is an amount in minor units, {"currency":"HKD","value":"12850"}.
	Money = offline.Money
	// State is a sale's state.
	State = offline.SaleState
	// RefundState is a refund's state.
	RefundState = offline.RefundState
)

// The states of a sale.
const (
	Waiting    = offline.SaleStateWaiting
	Processing = offline.SaleStateProcessing
	Confirming = offline.SaleStateConfirming
	Checking   = offline.SaleStateChecking
	Reversing  = offline.SaleStateReversing
	Paid       = offline.SaleStatePaid
	Declined   = offline.SaleStateDeclined
	Cancelled  = offline.SaleStateCancelled
	Expired    = offline.SaleStateExpired
	Attention  = offline.SaleStateAttention
)

// The states of a refund.
const (
	RefundProcessing = offline.RefundProcessing
	RefundRefunded   = offline.RefundRefunded
	RefundDeclined   = offline.RefundDeclined
	RefundAttention  = offline.RefundAttention
)
