package sandbox

import (
	"encoding/json"
	"fmt"
	"time"

	"posagent/offline"
)

// The words of acquirementStatus.
const (
	statusInit    = "INIT"
	statusPaying  = "PAYING"
	statusSuccess = "SUCCESS"
	statusClosed  = "CLOSED"
)

// The words of a cancel's action.
const (
	actionClose  = "CLOSE"
	actionRefund = "REFUND"
)

// answer is what one message gets told, before it is laid out and signed.
type answer struct {
	Result
	trade        *tradeView
	status       string // query: acquirementStatus
	action       string // cancel
	refundID     offline.RefundID
	gatewayRef   string // refundId
	refundAmount offline.Money
	refundTime   time.Time
}

// tradeView is the part of a trade that answers show; a copy, since the trade
// goes on changing.
type tradeView struct {
	id          offline.MerchantTransID
	acquirement offline.AcquirementID
	amount      offline.Money
	paidAt      time.Time
}

type headJSON struct {
	Version  string           `json:"version"`
	Function string           `json:"function"`
	ClientID string           `json:"clientId"`
	RespTime string           `json:"respTime"`
	ReqMsgID offline.ReqMsgID `json:"reqMsgId"`
	Reserve  string           `json:"reserve"`
}

type resultJSON struct {
	Status string `json:"resultStatus"`
	CodeID string `json:"resultCodeId"`
	Code   string `json:"resultCode"`
	Msg    string `json:"resultMsg"`
}

type bodyJSON struct {
	Result        resultJSON              `json:"resultInfo"`
	MerchantID    string                  `json:"merchantId,omitempty"`
	PartnerID     string                  `json:"partnerId,omitempty"`
	ID            offline.MerchantTransID `json:"merchantTransId,omitempty"`
	AcquirementID offline.AcquirementID   `json:"acquirementId,omitempty"`
	Status        string                  `json:"acquirementStatus,omitempty"`
	OrderAmount   *offline.Money          `json:"orderAmount,omitempty"`
	PayAmount     *offline.Money          `json:"payAmount,omitempty"`
	PaymentTime   string                  `json:"paymentTime,omitempty"`
	Action        string                  `json:"action,omitempty"`
	RefundID      offline.RefundID        `json:"merchantRefundId,omitempty"`
	GatewayRef    string                  `json:"refundId,omitempty"`
	RefundAmount  *offline.Money          `json:"refundAmount,omitempty"`
	RefundTime    string                  `json:"refundTime,omitempty"`
	ExtendInfo    string                  `json:"extendInfo,omitempty"`
}

// stamp writes a time as the gateway does, in Beijing time.
func stamp(t time.Time) string {
	return t.In(offline.Beijing).Format("2006-01-02T15:04:05-07:00")
}

// codeID is the numeric id beside a code. Only the one of success is published.
func codeID(r Result) string {
	switch r.Status {
	case "S", "s":
		return "00000000"
	case "U", "u":
		return "00000900"
	}
	return "00000100"
}

func (a answer) json(op offline.Op, partner bool, merchant string) bodyJSON {
	msg := a.Msg
	if msg == "" {
		msg = "sandbox: " + a.Code
	}
	out := bodyJSON{Result: resultJSON{a.Status, codeID(a.Result), a.Code, msg}, Status: a.status, Action: a.action}
	if partner {
		out.PartnerID = merchant
	} else {
		out.MerchantID = merchant
	}
	if t := a.trade; t != nil {
		out.ID, out.AcquirementID = t.id, t.acquirement
		if op == offline.OpPay || op == offline.OpQuery {
			amount := t.amount
			out.OrderAmount = &amount
			if !t.paidAt.IsZero() {
				paid := t.amount
				out.PayAmount, out.PaymentTime = &paid, stamp(t.paidAt)
			}
		}
	}
	if a.refundID != "" {
		amount := a.refundAmount
		out.RefundID, out.GatewayRef, out.RefundAmount, out.RefundTime = a.refundID, a.gatewayRef, &amount, stamp(a.refundTime)
	}
	return out
}

// response lays the answer out and signs it: the whole HTTP body. Faults of
// content are put in before signing, faults of the envelope after it.
func (g *Gateway) response(rep reply) ([]byte, error) {
	version := rep.head.version
	if version == "" {
		version = version204
	}
	h := headJSON{version, rep.fn.name, g.opt.ClientID, stamp(g.opt.Clock()), rep.head.msgID, "{}"}
	b := rep.body.json(rep.fn.op, version == version202, g.opt.MerchantID)
	spoilContent(rep.fault, &h, &b)
	raw, err := json.Marshal(map[string]any{"head": h, "body": b})
	if err != nil {
		return nil, fmt.Errorf("laying out an answer: %w", err)
	}
	style := newStyle(string(rep.head.msgID))
	raw = style.layout(raw)
	if rep.fault == FaultInnerKeys {
		raw = repeatStatus(raw)
	}
	key := g.opt.AlipayPrivateKey
	if rep.fault == FaultForeignKey {
		foreign, err := g.foreign()
		if err != nil {
			return nil, fmt.Errorf("making a foreign key: %w", err)
		}
		key = foreign
	}
	signature, err := sign(key, rep.head.sha1, raw)
	if err != nil {
		return nil, err
	}
	return spoilEnvelope(rep.fault, style, raw, signature), nil
}
