package offlinetest

import (
	"time"

	"posagent/offline"
)

// turn is one turn of a driver, as the engine takes it: an answer, if there is
// one, with everything that follows from it and the next intent in one write;
// then the message leaves.
func (t *till) turn(j *job, d *done) {
	t.rep.Turns++
	j.waits = false
	p := &turnPlan{till: t, job: j, sale: t.sale.SeenBy(t.boot)}
	if d != nil {
		delete(j.open, d.attempt)
		t.note("%s%s: attempt %d is %s", j.payment, j.refund, d.attempt, d.outcome.Kind)
		p.add(offline.Fact{Kind: offline.FactFinished, At: t.clock(), Attempt: d.attempt, Outcome: &d.outcome})
	}
	step := p.decide()
	if j.failed {
		return
	}
	if len(p.facts) > 0 {
		t.commit(p.write(), p.message(step))
		if j.refund != "" {
			defer t.release(j.payment)
		}
	}
	if step.Kind == offline.StepWait && !step.Until.IsZero() {
		j.waits, j.wake = true, t.w.now+max(step.Until.Sub(t.clock()), 0)
	}
}

// release goes on with a payment that waited for a person beside a refund.
func (t *till) release(id offline.MerchantTransID) {
	p := t.seen().Payment(id)
	if !t.dead && p.End == nil && offline.DeriveState(*p) != offline.StateAttention {
		t.turn(t.drive(id, "", 0), nil)
	}
}

// turnPlan collects what one turn commits.
type turnPlan struct {
	*till
	job   *job
	sale  offline.Sale
	facts []offline.Fact
	also  []offline.PaymentWrite
}

func (p *turnPlan) add(f offline.Fact) {
	p.facts = append(p.facts, f)
	after, err := p.rules.Apply(p.sale, p.wrap(f))
	if err != nil {
		p.violate(PromiseGuard, "%s%s: %s: %v", p.job.payment, p.job.refund, f.Kind, err)
		p.job.failed = true
		return
	}
	p.sale = after.SeenBy(p.boot)
}

func (p *turnPlan) wrap(facts ...offline.Fact) offline.Write {
	w := offline.Write{SaleID: p.sale.ID}
	if p.job.refund != "" {
		w.Refunds = []offline.RefundWrite{{ID: p.job.refund, Facts: facts}}
	} else {
		w.Payments = []offline.PaymentWrite{{ID: p.job.payment, Facts: facts}}
	}
	return w
}

func (p *turnPlan) write() offline.Write {
	w := p.wrap(p.facts...)
	w.Payments = append(w.Payments, p.also...)
	return w
}

func (p *turnPlan) next() offline.Step {
	payment := p.sale.Payment(p.job.payment)
	if p.job.refund != "" {
		return p.rules.NextRefund(*p.sale.Refund(p.job.refund), *payment, p.clock(), p.Policy)
	}
	return p.rules.Next(*payment, p.clock(), p.Policy)
}

// decide follows the rules until they say wait, send or idle.
func (p *turnPlan) decide() offline.Step {
	step := p.next()
	for n := 0; step.Kind == offline.StepRecord && !p.job.failed; n++ {
		if n == 4 {
			p.violate(PromiseRest, "%s: more than four facts follow each other", p.job.payment)
			p.job.failed = true
			break
		}
		p.note("%s%s: %s %s%s %s", p.job.payment, p.job.refund, step.Fact.Kind, step.Fact.Reason, step.Fact.Result, step.Fact.How)
		p.add(step.Fact)
		step = p.next()
	}
	if p.job.failed {
		return offline.Step{Kind: offline.StepIdle}
	}
	p.settleByRefund()
	if op, ok := p.wanted(step); ok {
		step = offline.Step{Kind: offline.StepSend, Op: op}
	}
	if step.Kind != offline.StepSend {
		return step
	}
	p.ids++
	p.note("%s%s: sends %s", p.job.payment, p.job.refund, step.Op)
	p.add(offline.Fact{
		Kind: offline.FactBegun, At: p.clock(), Attempt: len(p.attempts()) + 1, Op: step.Op, Boot: p.boot,
		ReqMsgID: offline.ReqMsgID("msg-" + itoa(p.ids)),
	})
	return step
}

// wanted answers a person's re-check where the rules would not ask yet.
func (p *turnPlan) wanted(step offline.Step) (offline.Op, bool) {
	if !p.job.asked || step.Kind == offline.StepWait && step.Until.IsZero() {
		return "", false
	}
	p.job.asked = false
	if step.Kind == offline.StepSend {
		return "", false
	}
	payment := p.sale.Payment(p.job.payment)
	if p.job.refund != "" {
		return offline.OpRefund, p.sale.Refund(p.job.refund).End == nil && p.acquirementID() != ""
	}
	switch offline.DeriveState(*payment) {
	case offline.StateUnconfirmed, offline.StateWatching, offline.StateAttention:
		return offline.OpQuery, true
	case offline.StateReversing:
		s := p.rules.Next(*payment, p.clock(), p.Policy.Hurried())
		return s.Op, s.Kind == offline.StepSend
	case offline.StateCreated, offline.StatePaying, offline.StatePaid, offline.StateDeclined, offline.StateCancelled:
	}
	return "", false
}

func (p *turnPlan) acquirementID() offline.AcquirementID {
	if id := p.sale.Payment(p.job.payment).AcquirementID(); id != "" {
		return id
	}
	for _, a := range p.attempts() {
		if a.Outcome.AcquirementID != "" {
			return a.Outcome.AcquirementID
		}
	}
	return ""
}

// settleByRefund ends a payment that waits for a person, once refunds have
// returned all of it.
func (p *turnPlan) settleByRefund() {
	if p.job.refund == "" || p.sale.RefundedOf(p.job.payment) != p.sale.Amount {
		return
	}
	payment := p.sale.Payment(p.job.payment)
	if offline.DeriveState(*payment) != offline.StateAttention {
		return
	}
	p.also = []offline.PaymentWrite{{ID: payment.ID, Facts: []offline.Fact{
		{Kind: offline.FactEnded, At: p.clock(), Result: offline.ResultCancelled, How: offline.HowRefunded},
	}}}
}

func (p *turnPlan) attempts() []offline.Attempt {
	if p.job.refund != "" {
		return p.sale.Refund(p.job.refund).Attempts
	}
	return p.sale.Payment(p.job.payment).Attempts
}

// outgoing is a message whose intent is in the write beside it.
type outgoing struct {
	request request
	job     *job
	attempt int
	id      offline.ReqMsgID
	timeout time.Duration
}

// gatewayTimeout is how long the client waits for one answer.
const gatewayTimeout = 10 * time.Second

func (p *turnPlan) message(step offline.Step) *outgoing {
	if step.Kind != offline.StepSend {
		return nil
	}
	list := p.attempts()
	a := list[len(list)-1]
	out := &outgoing{job: p.job, attempt: a.N, id: a.ReqMsgID, timeout: gatewayTimeout, request: request{
		op: step.Op, trans: p.job.payment, amount: p.sale.Amount.Value, code: p.job.code, scanned: p.job.scanned,
	}}
	switch step.Op {
	case offline.OpQuery:
		out.timeout = p.Policy.QueryTimeout
	case offline.OpRefund:
		r := p.sale.Refund(p.job.refund)
		out.request.refund, out.request.value = p.rules.RefundID(r.ID, a.N), r.Amount.Value
	case offline.OpPay, offline.OpCancel:
	}
	return out
}

// commit makes a write durable and lets its message leave. The process may die
// before the write is durable, after it, and after the message has left.
func (t *till) commit(w offline.Write, m *outgoing) {
	if t.rules.SendFirst && m != nil {
		t.leave(m)
		m = nil
	}
	if t.point("before a write is durable") {
		return
	}
	after, err := t.rules.Apply(t.sale, w)
	if err != nil {
		t.violate(PromiseGuard, "commit: %v", err)
		return
	}
	before := t.sale
	t.sale = after
	t.rep.Commits++
	t.observe(before, after)
	if t.point("after a write is durable") || m == nil {
		return
	}
	t.leave(m)
	t.point("after " + string(m.request.op) + " has left")
}

func (t *till) leave(m *outgoing) {
	t.rep.Messages++
	m.job.open[m.attempt] = true
	t.watchMessage(m)
	t.flights = append(t.flights, t.w.send(m.request, m.job, m.attempt, m.timeout)...)
}
