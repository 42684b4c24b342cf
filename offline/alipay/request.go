package alipay

import (
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"posagent/offline"
)

// timeFormat is RFC 3339 with a numeric zone; the samples of the API never
// show "Z".
const timeFormat = "2006-01-02T15:04:05-07:00"

// The constants of an in-store payment (global.alipay.com/docs/ac/publicapi/pay).
const (
	productCode = "OFFLINE_PAY"
	codeType    = "BARCODE"
)

type requestJSON struct {
	Head headJSON `json:"head"`
	Body bodyJSON `json:"body"`
}

type headJSON struct {
	Version  Version  `json:"version"`
	Function Function `json:"function"`
	ClientID string   `json:"clientId"`
	ReqTime  string   `json:"reqTime"`
	ReqMsgID string   `json:"reqMsgId"`
	Reserve  string   `json:"reserve"`
	SignType SignType `json:"signType,omitempty"`
}

// bodyJSON is the union of the four bodies. riskInfo is left out: it is
// optional, and a till knows nothing of what it asks for.
type bodyJSON struct {
	MerchantID       string      `json:"merchantId,omitempty"`
	PartnerID        string      `json:"partnerId,omitempty"`
	ProductCode      string      `json:"productCode,omitempty"`
	MerchantTransID  string      `json:"merchantTransId,omitempty"`
	AcquirementID    string      `json:"acquirementId,omitempty"`
	CodeType         string      `json:"codeType,omitempty"`
	IdentityCode     string      `json:"identityCode,omitempty"`
	Order            *orderJSON  `json:"order,omitempty"`
	SettleContractID string      `json:"settleContractId,omitempty"`
	MerchantRefundID string      `json:"merchantRefundId,omitempty"`
	RefundAmount     *amountJSON `json:"refundAmount,omitempty"`
	RefundReason     string      `json:"refundReason,omitempty"`
}

type orderJSON struct {
	OrderAmount amountJSON `json:"orderAmount"`
	OrderTitle  string     `json:"orderTitle"`
	Seller      sellerJSON `json:"seller"`
}

type sellerJSON struct {
	SellerID  string `json:"sellerId,omitempty"`
	StoreID   string `json:"storeId"`
	StoreName string `json:"storeName"`
	SellerMCC string `json:"sellerMCC,omitempty"`
}

type amountJSON struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

func amountOf(m offline.Money) amountJSON {
	return amountJSON{m.Currency, strconv.FormatInt(m.Value, 10)}
}

// buildRequest returns the bytes of the value of "request": what is signed and
// what is sent. It holds the payment code.
func (c *Client) buildRequest(ep Endpoint, req offline.Request, now time.Time) ([]byte, error) {
	if err := checkRequest(req); err != nil {
		return nil, err
	}
	msg := requestJSON{
		Head: headJSON{
			Version:  c.cfg.Version,
			Function: ep.Function,
			ClientID: c.cfg.ClientID,
			ReqTime:  now.Format(timeFormat),
			ReqMsgID: string(req.ReqMsgID),
			Reserve:  c.cfg.Reserve,
		},
		Body: bodyJSON{AcquirementID: string(req.AcquirementID)},
	}
	if c.profile.signType {
		msg.Head.SignType = c.cfg.SignType
	}
	if c.profile.partnerID {
		msg.Body.PartnerID = c.cfg.MerchantID
	} else {
		msg.Body.MerchantID = c.cfg.MerchantID
	}
	switch req.Op {
	case offline.OpPay:
		c.payBody(&msg.Body, req)
	case offline.OpQuery, offline.OpCancel:
		msg.Body.MerchantTransID = string(req.MerchantTransID)
	case offline.OpRefund:
		amount := amountOf(req.RefundAmount)
		msg.Body.MerchantRefundID = string(req.RefundID)
		msg.Body.RefundAmount = &amount
		msg.Body.RefundReason = req.RefundReason
	}
	return msg.text()
}

func (c *Client) payBody(body *bodyJSON, req offline.Request) {
	title := req.OrderTitle
	if title == "" {
		title = c.cfg.Store.StoreName
	}
	body.ProductCode = productCode
	body.MerchantTransID = string(req.MerchantTransID)
	body.CodeType = codeType
	body.IdentityCode = req.Code.Reveal()
	body.SettleContractID = c.cfg.SettleContractID
	body.AcquirementID = ""
	body.Order = &orderJSON{
		OrderAmount: amountOf(req.Amount),
		OrderTitle:  title,
		Seller: sellerJSON{
			SellerID:  c.cfg.Store.SellerID,
			StoreID:   c.cfg.Store.StoreID,
			StoreName: c.cfg.Store.StoreName,
			SellerMCC: c.cfg.Store.MCC,
		},
	}
}

// checkRequest enforces the lengths of the API's field tables. Nothing is cut
// to fit: a shortened id would name another payment.
func checkRequest(req offline.Request) error {
	list := []error{
		fit("reqMsgId", string(req.ReqMsgID), 1, 64),
		fit("merchantTransId", string(req.MerchantTransID), 1, 64),
		fit("acquirementId", string(req.AcquirementID), 0, 64),
	}
	switch req.Op {
	case offline.OpPay:
		list = append(list, checkMoney("orderAmount", req.Amount), fit("orderTitle", req.OrderTitle, 0, 256))
		if req.Code.IsZero() {
			list = append(list, errors.New("identityCode is missing: the code lives in memory only and cannot be sent again"))
		}
	case offline.OpRefund:
		list = append(list,
			fit("acquirementId", string(req.AcquirementID), 1, 64),
			fit("merchantRefundId", string(req.RefundID), 1, 64),
			checkMoney("refundAmount", req.RefundAmount),
			fit("refundReason", req.RefundReason, 0, 256))
	case offline.OpQuery, offline.OpCancel:
	}
	return errors.Join(list...)
}

func checkMoney(field string, m offline.Money) error {
	if _, err := offline.NewMoney(m.Currency, m.Value); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

// fit checks a text's length in bytes, which is at most what the tables allow
// in characters.
func fit(field, s string, low, high int) error {
	switch {
	case len(s) < low:
		return fmt.Errorf("%s is missing", field)
	case len(s) > high:
		return fmt.Errorf("%s has %d bytes, at most %d are allowed", field, len(s), high)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s is not UTF-8", field)
	}
	return nil
}
