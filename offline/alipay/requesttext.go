package alipay

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// text is the request as encoding/json writes it, without HTML escaping: "&" in
// a shop's name would be sent as \u0026, the same text but harder to read in the
// gateway's tools. It is written by hand because the customer waits for it: the
// first use of encoding/json after a pause takes longer than all else that is
// done beside the signature. A test compares the two.
func (r *requestJSON) text() ([]byte, error) {
	w := textWriter{b: make([]byte, 0, 1024)}
	w.object("", func() {
		w.object("head", func() { r.Head.write(&w) })
		w.object("body", func() { r.Body.write(&w) })
	})
	if w.err != nil {
		return nil, fmt.Errorf("encoding the request: %w", w.err)
	}
	return w.b, nil
}

func (h *headJSON) write(w *textWriter) {
	w.always("version", string(h.Version))
	w.always("function", string(h.Function))
	w.always("clientId", h.ClientID)
	w.always("reqTime", h.ReqTime)
	w.always("reqMsgId", h.ReqMsgID)
	w.always("reserve", h.Reserve)
	w.field("signType", string(h.SignType))
}

func (b *bodyJSON) write(w *textWriter) {
	w.field("merchantId", b.MerchantID)
	w.field("partnerId", b.PartnerID)
	w.field("productCode", b.ProductCode)
	w.field("merchantTransId", b.MerchantTransID)
	w.field("acquirementId", b.AcquirementID)
	w.field("codeType", b.CodeType)
	w.field("identityCode", b.IdentityCode)
	if b.Order != nil {
		w.object("order", func() { b.Order.write(w) })
	}
	w.field("settleContractId", b.SettleContractID)
	w.field("merchantRefundId", b.MerchantRefundID)
	if b.RefundAmount != nil {
		w.object("refundAmount", func() { b.RefundAmount.write(w) })
	}
	w.field("refundReason", b.RefundReason)
}

func (o *orderJSON) write(w *textWriter) {
	w.object("orderAmount", func() { o.OrderAmount.write(w) })
	w.always("orderTitle", o.OrderTitle)
	w.object("seller", func() {
		w.field("sellerId", o.Seller.SellerID)
		w.always("storeId", o.Seller.StoreID)
		w.always("storeName", o.Seller.StoreName)
		w.field("sellerMCC", o.Seller.SellerMCC)
	})
}

func (a *amountJSON) write(w *textWriter) {
	w.always("currency", a.Currency)
	w.always("value", a.Value)
}

// textWriter writes objects of texts. The first error stays.
type textWriter struct {
	b   []byte
	err error
}

func (w *textWriter) key(name string) {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' {
		w.b = append(w.b, ',')
	}
	if name != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, name...)
		w.b = append(w.b, '"', ':')
	}
}

func (w *textWriter) object(name string, members func()) {
	w.key(name)
	w.b = append(w.b, '{')
	members()
	w.b = append(w.b, '}')
}

// field leaves an empty text out.
func (w *textWriter) field(name, value string) {
	if value != "" {
		w.always(name, value)
	}
}

func (w *textWriter) always(name, value string) {
	w.key(name)
	if plain(value) {
		w.b = append(w.b, '"')
		w.b = append(w.b, value...)
		w.b = append(w.b, '"')
		return
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil && w.err == nil {
		w.err = err
	}
	w.b = append(w.b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// plain tells whether JSON writes a text as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
