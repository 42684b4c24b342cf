package offlinetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"posagent/offline"
)

// Reply is what the scripted gateway does with one message.
type Reply struct {
	After   time.Duration // before it answers; the end of the call's context makes it NoAnswer
	Outcome offline.Outcome
	Sign    error // Prepare fails with it
}

// Gateway is an offline.Gateway that follows a script and enforces the contract
// of its caller: every message has a new reqMsgId, its intent is in the journal
// before Send, and no code but the first is ever paid under one merchantTransId.
// A message that the script does not expect is a violation.
type Gateway struct {
	mu         sync.Mutex
	journal    offline.Journal
	script     map[offline.Op][]Reply
	rest       map[offline.Op]*Reply
	sent       []offline.Request
	times      []time.Time
	violations []string
	messages   map[offline.ReqMsgID]bool
	bound      map[offline.MerchantTransID]offline.Request
}

// NewGateway makes a gateway that checks intents against the journal.
func NewGateway(journal offline.Journal) *Gateway {
	return &Gateway{
		journal: journal, script: map[offline.Op][]Reply{}, rest: map[offline.Op]*Reply{},
		messages: map[offline.ReqMsgID]bool{}, bound: map[offline.MerchantTransID]offline.Request{},
	}
}

// Expect adds replies to the next messages of an operation, in order.
func (g *Gateway) Expect(op offline.Op, replies ...Reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.script[op] = append(g.script[op], replies...)
}

// Always sets the reply to all messages of an operation beyond the script.
func (g *Gateway) Always(op offline.Op, r Reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rest[op] = &r
}

// Sent lists the messages that left, in order.
func (g *Gateway) Sent() []offline.Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.sent)
}

// Ops lists the operations of the messages that left, in order, and when.
func (g *Gateway) Ops() ([]offline.Op, []time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	ops := make([]offline.Op, len(g.sent))
	for i, r := range g.sent {
		ops[i] = r.Op
	}
	return ops, slices.Clone(g.times)
}

// Violations lists what callers did against the contract, and scripted replies
// that were never asked for.
func (g *Gateway) Violations() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := slices.Clone(g.violations)
	for op, left := range g.script {
		if len(left) > 0 {
			out = append(out, fmt.Sprintf("%d scripted replies to %s were never asked for", len(left), op))
		}
	}
	return out
}

func (g *Gateway) violate(format string, args ...any) {
	g.violations = append(g.violations, fmt.Sprintf(format, args...))
}

// Prepare takes the next reply of the script.
func (g *Gateway) Prepare(req offline.Request) (offline.Call, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.messages[req.ReqMsgID] {
		g.violate("reqMsgId %s used twice", req.ReqMsgID)
	}
	g.messages[req.ReqMsgID] = true
	reply := g.take(req)
	if reply.Sign != nil {
		return nil, reply.Sign
	}
	return &call{g: g, req: req, reply: reply}, nil
}

func (g *Gateway) take(req offline.Request) Reply {
	if list := g.script[req.Op]; len(list) > 0 {
		g.script[req.Op] = list[1:]
		return list[0]
	}
	if r := g.rest[req.Op]; r != nil {
		return *r
	}
	g.violate("unexpected %s of %s", req.Op, req.MerchantTransID)
	return Reply{Outcome: offline.Outcome{Kind: offline.NoAnswer, Detail: "not in the script"}}
}

type call struct {
	g     *Gateway
	req   offline.Request
	reply Reply
}

// Send checks the intent, waits and answers.
func (c *call) Send(ctx context.Context) offline.Outcome {
	c.g.arrive(c.req, c.reply.Outcome.Kind != offline.NotSent)
	if c.reply.After > 0 {
		t := time.NewTimer(c.reply.After)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return offline.Outcome{Kind: offline.NoAnswer, Detail: "no answer in time"}
		}
	}
	return c.reply.Outcome
}

func (g *Gateway) arrive(req offline.Request, left bool) {
	intended := g.intended(req)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !intended {
		g.violate("%s %s left before its intent was committed (I1)", req.Op, req.ReqMsgID)
	}
	if !left {
		return
	}
	g.sent = append(g.sent, req)
	g.times = append(g.times, time.Now())
	if req.Op != offline.OpPay {
		return
	}
	if _, paid := g.bound[req.MerchantTransID]; paid {
		g.violate("%s was paid twice (I2, I3)", req.MerchantTransID)
	}
	g.bound[req.MerchantTransID] = req
}

// intended tells whether the journal holds the begun fact of the message.
func (g *Gateway) intended(req offline.Request) bool {
	id, err := g.journal.SaleOf(req.MerchantTransID)
	if err != nil {
		return false
	}
	sale, err := g.journal.Sale(id)
	if err != nil {
		return false
	}
	has := func(list []offline.Attempt) bool {
		return slices.ContainsFunc(list, func(a offline.Attempt) bool { return a.ReqMsgID == req.ReqMsgID })
	}
	for i := range sale.Payments {
		if has(sale.Payments[i].Attempts) {
			return true
		}
	}
	for i := range sale.Refunds {
		if has(sale.Refunds[i].Attempts) {
			return true
		}
	}
	return false
}
