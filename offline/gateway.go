package offline

import "context"

// Gateway is the acquirer, as the engine needs it. Prepare does the work that
// needs no network (building and signing the message), so that it can run while
// the intent is being committed; the Call that it returns does the rest.
//
// Both must be safe for concurrent use. Prepare fails only where no message can
// be made (a key that does not sign, a field that does not fit); nothing was
// sent then.
type Gateway interface {
	Prepare(req Request) (Call, error)
}

// Call is one prepared message.
type Call interface {
	// Send sends the message once and waits for the answer or the end of ctx.
	// It never retries and it never fails: whatever happens is an Outcome.
	Send(ctx context.Context) Outcome
}

// Request is one message to the gateway. Which fields are needed depends on Op.
type Request struct {
	Op              Op
	ReqMsgID        ReqMsgID        // new for every message
	MerchantTransID MerchantTransID // all operations
	Amount          Money           // the payment's amount; checked against every answer
	AcquirementID   AcquirementID   // refund: required; query and cancel: where known
	Code            IdentityCode    // pay
	OrderTitle      string          // pay; at most 256 bytes
	First           bool            // pay: nothing was sent under this id before, so an unlisted F is a plain refusal
	RefundID        RefundID        // refund: merchantRefundId
	RefundAmount    Money           // refund
	RefundReason    string          // refund; at most 256 bytes
}
