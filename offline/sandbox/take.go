package sandbox

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"posagent/offline"
)

// Call is one message that arrived.
type Call struct {
	N               int                     `json:"n"` // from 1
	At              time.Time               `json:"at"`
	Op              offline.Op              `json:"op"` // by the path
	ReqMsgID        offline.ReqMsgID        `json:"reqMsgId,omitempty"`
	MerchantTransID offline.MerchantTransID `json:"merchantTransId,omitempty"`
	AcquirementID   offline.AcquirementID   `json:"acquirementId,omitempty"`
	RefundID        offline.RefundID        `json:"merchantRefundId,omitempty"`
	Amount          *offline.Money          `json:"amount,omitempty"` // pay and refund
	Code            string                  `json:"code,omitempty"`   // pay: the mask
	Scenario        string                  `json:"scenario,omitempty"`
	Step            int                     `json:"step,omitempty"`   // which message of this operation, from 1
	Effect          Effect                  `json:"effect,omitempty"` // what the scenario did to the books
	Answer          Result                  `json:"answer"`           // as it left, if it did
	TradeStatus     string                  `json:"acquirementStatus,omitempty"`
	Fault           Fault                   `json:"fault,omitempty"`
	Refused         bool                    `json:"refused,omitempty"` // the message itself was faulty
}

// reply is an answer that was decided on and still has to be delivered.
type reply struct {
	call   Call
	head   head
	fn     function
	body   answer
	delay  time.Duration
	fault  Fault
	afresh func() answer // held payments: the truth after the delay
}

// take checks one message and lets it change the books.
func (g *Gateway) take(r *http.Request, fn function, body []byte) reply {
	now := g.opt.Clock()
	req, ref := g.check(r, fn, body, now)
	rep := reply{fn: fn, head: req.head, call: Call{
		At: now, Op: fn.op, ReqMsgID: req.msgID, MerchantTransID: req.id, AcquirementID: req.acquirement,
		RefundID: req.refundID, Code: req.code.Masked(),
	}}
	switch {
	case !req.amount.IsZero():
		rep.call.Amount = &req.amount
	case !req.refundAmount.IsZero():
		rep.call.Amount = &req.refundAmount
	}

	g.mu.Lock()
	if ref == nil && g.msgIDs[req.msgID] {
		ref = refuse(codeParam, "reqMsgId %s was used before", req.msgID)
	}
	if ref != nil {
		rep.call.Refused = true
		rep.body = answer{Result: Result{"F", ref.code, ref.msg}}
	} else {
		g.msgIDs[req.msgID] = true
		g.perform(req, &rep, now)
	}
	rep.call.Answer, rep.call.TradeStatus, rep.call.Fault = rep.body.Result, rep.body.status, rep.fault
	rep.call.N = len(g.calls) + 1
	g.calls = append(g.calls, rep.call)
	g.mu.Unlock()
	return rep
}

func (g *Gateway) report(c Call) {
	g.opt.Log.Info("message", "op", c.Op, "merchantTransId", c.MerchantTransID, "acquirementId", c.AcquirementID, "code", c.Code,
		"scenario", c.Scenario, "step", c.Step, "effect", c.Effect, "status", c.Answer.Status, "result", c.Answer.Code,
		"msg", c.Answer.Msg, "trade", c.TradeStatus, "fault", c.Fault)
	if g.opt.OnCall != nil {
		g.opt.OnCall(c)
	}
}

// check does everything that needs no books, in the order in which a gateway
// can: transport, envelope, head, signature, then the body.
func (g *Gateway) check(r *http.Request, fn function, body []byte, now time.Time) (request, *refusal) {
	if r.Method != http.MethodPost {
		return request{}, refuse(codeMethod, "method %s, only POST is taken", r.Method)
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return request{}, refuse(codeMediaType, "Content-Type %q, application/json in UTF-8 is expected", r.Header.Get("Content-Type"))
	}
	if int64(len(body)) > maxRequest {
		return request{}, refuse(codeParam, "the request is longer than %d bytes", maxRequest)
	}
	raw, signature, err := splitEnvelope(body)
	if err != nil {
		return request{}, refuse(codeParam, "%v", err)
	}
	h, rawBody, ref := readHead(raw)
	req := request{head: h}
	if ref != nil {
		return req, ref
	}
	if h.clientID != g.opt.ClientID {
		return req, refuse(codeClient, "clientId %q is not known", h.clientID)
	}
	isSHA1, ok := verify(g.opt.MerchantPublicKey, h.version, raw, signature)
	if !ok {
		return req, refuse(codeSignature, "the signature does not belong to the value of \"request\" and this client's key")
	}
	req.sha1 = isSHA1
	if !knownFunction(h.function) {
		return req, refuse(codeNoInterface, "function %q is not known", h.function)
	}
	if h.function != fn.name {
		return req, refuse(codeAPI, "function %q is not served at %s", h.function, r.URL.Path)
	}
	if off := now.Sub(h.reqTime).Abs(); g.opt.ReqTimeSkew > 0 && off > g.opt.ReqTimeSkew {
		return req, refuse(codeParam, "reqTime is %s off", off.Round(time.Second))
	}
	full, merchant, ref := readBody(req.head, fn.op, rawBody)
	if ref == nil && merchant != g.opt.MerchantID {
		ref = refuse(codeMerchant, "merchant %q is not known", merchant)
	}
	return full, ref
}
