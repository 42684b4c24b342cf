package wire

import "time"

// Sale is a sale as the API shows it.
type Sale struct {
	SaleID  string `json:"saleId"`
	State   State  `json:"state"`
	Final   bool   `json:"final"`
	Version int    `json:"version"` // grows with every change of the sale

	Amount   Money `json:"amount"`
	Refunded Money `json:"refunded"` // confirmed by the gateway

	OrderTitle      string `json:"orderTitle,omitempty"`
	MerchantTransID string `json:"merchantTransId,omitempty"` // of the payment that decides the state: the newest, or one whose end is in doubt
	AcquirementID   string `json:"acquirementId,omitempty"`   // the gateway's id of it, once known
	Code            string `json:"code,omitempty"`            // masked

	// CanRescan: refused, but a fresh code may try again until ExpiresAt.
	CanRescan bool `json:"canRescan"`
	// Reason sorts the cause of a state that is not a success: rescan,
	// other_means, top_up, wallet, setup, ask_again, supervisor, or why a
	// reversal was decided or a person is called.
	Reason string `json:"reason,omitempty"`
	// Settled: nothing is left to do in the background either.
	Settled bool `json:"settled"`
	// LateSuccess: the gateway named the money as taken after the reversal was
	// decided, or after an end without money.
	LateSuccess bool `json:"lateSuccess,omitempty"`

	Message  Message   `json:"message"`
	Payments []Payment `json:"payments"`
	Refunds  []Refund  `json:"refunds"`

	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"` // no code is taken from here on
	UpdatedAt time.Time `json:"updatedAt"`
}

// Message is what the cashier is told.
type Message struct {
	// Code is the gateway's result code where one decided the state, otherwise Key.
	Code string `json:"code"`
	// Key names the words; stable, for translation.
	Key    string `json:"key"`
	Title  string `json:"title"`
	Money  string `json:"money"`         // what happened to the money
	Detail string `json:"detail"`        // the same, with the gateway's own text where there is one
	Action string `json:"action"`        // what to do
	Say    string `json:"say,omitempty"` // what to say to the customer
}

// Payment is one merchantTransId.
type Payment struct {
	MerchantTransID string    `json:"merchantTransId"`
	AcquirementID   string    `json:"acquirementId,omitempty"`
	State           string    `json:"state"` // created paying unconfirmed reversing watching attention paid declined cancelled
	Code            string    `json:"code"`  // masked
	CreatedAt       time.Time `json:"createdAt"`
	// Reversal says why the payment is, or was, undone.
	Reversal *Mark `json:"reversal,omitempty"`
	// Attention says why a person is, or was, called.
	Attention *Mark `json:"attention,omitempty"`
	// Resolved says what a person found.
	Resolved *Mark     `json:"resolved,omitempty"`
	Attempts []Attempt `json:"attempts"`
}

// Mark is something that was decided, when, why and by whom.
type Mark struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// Attempt is one message to the gateway.
type Attempt struct {
	Op         string     `json:"op"` // pay query cancel refund
	ReqMsgID   string     `json:"reqMsgId"`
	At         time.Time  `json:"at"`                   // begun
	FinishedAt *time.Time `json:"finishedAt,omitempty"` // absent while there is no outcome
	// Outcome: success failure in_process not_found no_answer not_sent too_late
	// refused; empty while there is none.
	Outcome      string `json:"outcome,omitempty"`
	ResultStatus string `json:"resultStatus,omitempty"`
	ResultCode   string `json:"resultCode,omitempty"`
	ResultMsg    string `json:"resultMsg,omitempty"` // the gateway's own text
	TradeStatus  string `json:"tradeStatus,omitempty"`
	Detail       string `json:"detail,omitempty"` // for store IT
}

// Refund is money going back after the sale.
type Refund struct {
	RefundID        string      `json:"refundId"`
	SaleID          string      `json:"saleId"`
	State           RefundState `json:"state"`
	Final           bool        `json:"final"`
	Amount          Money       `json:"amount"`
	Reason          string      `json:"reason,omitempty"`
	By              string      `json:"by,omitempty"` // who asked for it, and who allowed it
	MerchantTransID string      `json:"merchantTransId"`
	Message         Message     `json:"message"`
	Attention       *Mark       `json:"attention,omitempty"` // why a person is, or was, called
	Resolved        *Mark       `json:"resolved,omitempty"`  // what a person found
	Attempts        []Attempt   `json:"attempts"`
	CreatedAt       time.Time   `json:"createdAt"`
	UpdatedAt       time.Time   `json:"updatedAt"`
}

// SaleList is one page of a listing.
type SaleList struct {
	Sales  []Sale `json:"sales"`
	Cursor string `json:"cursor,omitempty"` // for the next page; absent on the last one
}

// The bodies of the calls. The server reads them field by field; these are for
// clients.
type (
	// NewSale is the body of POST /v1/sales.
	NewSale struct {
		SaleID     string `json:"saleId"`
		Amount     Money  `json:"amount"`
		OrderTitle string `json:"orderTitle,omitempty"`
		Code       string `json:"code,omitempty"`
		Timeout    string `json:"timeout,omitempty"` // such as "90s"
	}
	// CodeBody is the body of POST /v1/sales/{saleId}/code.
	CodeBody struct {
		Code string `json:"code"`
	}
	// ByBody is the optional body of cancel.
	ByBody struct {
		By         string      `json:"by,omitempty"`
		Supervisor *Supervisor `json:"supervisor,omitempty"`
	}
	// Resolution is the body of POST /v1/sales/{saleId}/resolve, and of
	// POST /v1/sales/{saleId}/refunds/{refundId}/resolve.
	Resolution struct {
		Result string `json:"result"` // paid or not_paid; refunded or not_refunded
		By     string `json:"by"`
		Note   string `json:"note"`

		Supervisor *Supervisor `json:"supervisor,omitempty"` // who allows it, where that is needed
	}
	// NewRefund is the body of POST /v1/sales/{saleId}/refunds.
	NewRefund struct {
		RefundID string `json:"refundId"`
		Amount   Money  `json:"amount"`
		Reason   string `json:"reason,omitempty"` // the customer may see it
		By       string `json:"by,omitempty"`     // for the audit trail

		Supervisor *Supervisor `json:"supervisor,omitempty"` // who allows it, where that is needed
	}
)

// The results of a resolution.
const (
	ResolvedPaid        = "paid"
	ResolvedNotPaid     = "not_paid"
	ResolvedRefunded    = "refunded"     // of a refund
	ResolvedNotRefunded = "not_refunded" // of a refund
)
