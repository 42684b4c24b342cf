package model

import (
	"errors"
	"slices"
	"time"

	"posagent/internal/localapi/wire"
)

// calls are the requests that are under way, or that wait to be sent again.
type calls struct {
	seq  uint64
	open []*pending
}

// pending is one intention until it is answered for good.
type pending struct {
	seq   uint64
	key   string // no second one with the same key
	req   Request
	first time.Time
	tries int
	again time.Time // when it is sent again; zero while it is under way
	done  func(Reply)
}

// patience is how long an intention is repeated before the cashier is told that
// nobody answers.
const patience = 15 * time.Second

// call sends a request, unless one with the same key is under way: a second press
// before the answer is no second intention. done hears the end, a definite answer
// or that there was none; it may be nil.
func (m *Model) call(req Request, key string, done func(Reply)) bool {
	if m.calls.busy(key) {
		return false
	}
	p := &pending{key: key, req: req, first: m.now, done: done}
	m.calls.open = append(m.calls.open, p)
	m.send(p)
	return true
}

func (m *Model) send(p *pending) {
	m.calls.seq++
	p.seq, p.again = m.calls.seq, time.Time{}
	p.tries++
	m.do(Call{Seq: p.seq, Request: p.req})
}

func (c *calls) busy(key string) bool {
	return slices.ContainsFunc(c.open, func(p *pending) bool { return p.key == key })
}

// request is what is under way with a key; nil if nothing is.
func (c *calls) request(key string) Request {
	for _, p := range c.open {
		if p.key == key {
			return p.req
		}
	}
	return nil
}

// drop forgets an intention; its answer will be ignored.
func (c *calls) drop(key string) {
	c.open = slices.DeleteFunc(c.open, func(p *pending) bool { return p.key == key })
}

// due is when the next repetition is.
func (c *calls) due() time.Time {
	var next time.Time
	for _, p := range c.open {
		if !p.again.IsZero() && (next.IsZero() || p.again.Before(next)) {
			next = p.again
		}
	}
	return next
}

// hurry repeats at once what waits: the daemon is back.
func (c *calls) hurry(now time.Time) {
	for _, p := range c.open {
		if !p.again.IsZero() {
			p.again = now
		}
	}
}

func (c *calls) pass(m *Model) {
	for _, p := range c.open {
		if !p.again.IsZero() && !m.now.Before(p.again) {
			m.send(p)
		}
	}
}

// reply takes in an answer. Replies that nobody waits for any more still tell of
// sales.
func (m *Model) reply(r Reply) {
	i := slices.IndexFunc(m.calls.open, func(p *pending) bool { return p.seq == r.Seq && p.again.IsZero() })
	if r.Sale != nil {
		m.saleChanged(*r.Sale)
	}
	if i < 0 {
		return
	}
	p := m.calls.open[i]
	if transient(r.Err) && repeatable(p.req) && m.now.Sub(p.first) < patience {
		p.again = m.now.Add(min(time.Duration(p.tries)*500*time.Millisecond, 2*time.Second))
		return
	}
	m.calls.open = slices.Delete(m.calls.open, i, i+1)
	if m.supervised(p, r.Err) {
		return
	}
	if p.done != nil {
		p.done(r)
		return
	}
	m.complain(r.Err)
}

// transient tells whether the same request may succeed a moment later: nothing was
// answered, or not by the part that decides.
func transient(err error) bool {
	var p *wire.Problem
	switch {
	case err == nil:
		return false
	case !errors.As(err, &p):
		return !errors.Is(err, ErrUnsupported)
	}
	switch p.Code {
	case wire.CodeStopping, wire.CodeInternal, wire.CodeTooManyClients:
		return true
	}
	return false
}

// repeatable tells whether a request is sent again by itself. What only looks is
// not: the cashier can look again.
func repeatable(req Request) bool {
	switch req.(type) {
	case OpenSale, SendCode, Cancel, Resolve, GiveBack, CloseShift, LoadSale:
		return true
	}
	return false
}

// ErrUnsupported is the Reply's error where the daemon does not know a request.
var ErrUnsupported = errors.New("the daemon does not offer this")

func problemCode(err error) wire.Code {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// problemSale is the other sale that a refusal names.
func problemSale(err error) string {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p.SaleID
	}
	return ""
}

// complain shows why a press came to nothing.
func (m *Model) complain(err error) {
	if err == nil {
		return
	}
	m.notice.say(m.now, Notice{Role: RoleWarning, Icon: IconWarning, Title: m.w.T("problem.title"), Text: m.problem(err)})
}

// problem is a refusal in the cashier's words. A code without words of its own is
// told as the API tells it.
func (m *Model) problem(err error) string {
	var p *wire.Problem
	switch {
	case errors.Is(err, ErrUnsupported):
		return m.w.T("problem.unsupported")
	case !errors.As(err, &p):
		return m.w.T("problem.no_answer")
	}
	switch p.Code {
	case wire.CodeTillBusy:
		return m.w.T("problem.till_busy", p.SaleID)
	case wire.CodeSaleNotFound:
		return m.w.T("problem.sale_not_found")
	case wire.CodeRefundConflict, wire.CodeSaleConflict:
		return m.w.T("problem.conflict")
	case wire.CodeSaleFinal:
		return m.w.T("problem.sale_final")
	case wire.CodeCodeNotExpected:
		return m.w.T("problem.code_not_expected")
	case wire.CodeNotInAttention:
		return m.w.T("problem.not_in_attention")
	case wire.CodeNotPaid:
		return m.w.T("problem.not_paid")
	case wire.CodeRefundTooMuch:
		return m.w.T("problem.refund_too_much")
	case wire.CodeRefundStands:
		return m.w.T("problem.refund_stands")
	case wire.CodeNotReady:
		return m.w.T("problem.not_ready")
	case wire.CodeJournalFailed:
		return m.w.T("problem.journal_failed")
	case wire.CodeStopping:
		return m.w.T("problem.stopping")
	case wire.CodeSupervisorUnavailable:
		return m.w.T("problem.pins")
	}
	return m.w.T("problem.other", p.Error())
}
