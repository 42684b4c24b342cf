package offline

import "time"

// plan collects what one turn commits: facts that follow from each other, up to
// and including the next intent.
type plan struct {
	driver *driver
	sale   Sale
	now    time.Time
	facts  []Fact
	took   time.Duration  // of the message whose outcome is in it
	also   []PaymentWrite // the end of a payment that a refund settles
}

// add puts a fact behind the others, on a copy of the sale; the journal judges
// the whole again inside its transaction.
func (p *plan) add(f Fact) error {
	p.facts = append(p.facts, f)
	s, err := p.sale.Apply(p.wrap(f))
	if err != nil {
		return err
	}
	p.sale = s
	return nil
}

func (p *plan) wrap(facts ...Fact) Write {
	w := Write{SaleID: p.driver.job.sale}
	if j := p.driver.job; j.refund != "" {
		w.Refunds = []RefundWrite{{ID: j.refund, Facts: facts}}
	} else {
		w.Payments = []PaymentWrite{{ID: j.payment, Facts: facts}}
	}
	return w
}

// next is the policy's word on the job as it stands in the plan.
func (p *plan) next() Step {
	j, pol := p.driver.job, p.driver.e.Policy()
	payment := p.sale.Payment(j.payment)
	if j.refund != "" {
		return NextRefund(*p.sale.Refund(j.refund), *payment, p.now, pol)
	}
	return Next(*payment, p.now, pol)
}

// decide follows the policy until it says wait, send or idle. Once the engine
// stops, facts are still recorded, but nothing new is sent.
func (p *plan) decide() (Step, error) {
	step := p.next()
	for step.Kind == StepRecord {
		if err := p.add(step.Fact); err != nil {
			return Step{}, err
		}
		step = p.next()
	}
	p.settleByRefund()
	if op, ok := p.wanted(step); ok {
		step = send(op)
	}
	if step.Kind != StepSend {
		return step, nil
	}
	if p.driver.e.ctx.Err() != nil {
		return Step{Kind: StepIdle}, nil
	}
	id, err := p.driver.e.cfg.Minter.ReqMsgID()
	if err != nil {
		return Step{}, err
	}
	return step, p.add(Fact{
		Kind: FactBegun, At: time.Now(), Attempt: p.attempts() + 1,
		Op: step.Op, ReqMsgID: id, Boot: p.driver.e.cfg.Boot,
	})
}

// wanted tells whether a person's re-check is to be answered now by a message
// that the policy would not send yet. While an answer is under way it waits.
func (p *plan) wanted(step Step) (Op, bool) {
	d := p.driver
	d.e.mu.Lock()
	defer d.e.mu.Unlock()
	if !d.asked || step.Kind == StepWait && step.Until.IsZero() || step.Kind == StepIdle && d.open > 0 {
		return "", false
	}
	d.asked = false
	if step.Kind == StepSend {
		return "", false
	}
	if d.job.refund != "" {
		r := p.sale.Refund(d.job.refund)
		if p.sale.Payment(d.job.payment).AcquirementID() == "" && r.acquirementID() == "" {
			return OpQuery, r.End == nil // a refund cannot be sent without the id
		}
		return OpRefund, r.End == nil
	}
	payment := p.sale.Payment(d.job.payment)
	switch DeriveState(*payment) {
	case StateUnconfirmed, StateWatching, StateAttention:
		return OpQuery, true
	case StateReversing: // the cancel is the question: its answer overrules every other
		s := Next(*payment, p.now, d.e.Policy().Hurried())
		return s.Op, s.Kind == StepSend
	case StateCreated, StatePaying, StatePaid, StateDeclined, StateCancelled:
	}
	return "", false
}

// settleByRefund ends a payment that waits for a person, once refunds have
// returned all of it.
func (p *plan) settleByRefund() {
	if p.driver.job.refund != "" {
		p.also = settledByRefund(&p.sale, p.driver.job.payment, p.now)
	}
}

func settledByRefund(s *Sale, id MerchantTransID, now time.Time) []PaymentWrite {
	p := s.Payment(id)
	if DeriveState(*p) != StateAttention || s.RefundedOf(id) != p.Amount {
		return nil
	}
	return []PaymentWrite{{ID: id, Facts: []Fact{
		{Kind: FactEnded, At: now, Result: ResultCancelled, How: HowRefunded},
	}}}
}

func (p *plan) attempts() int {
	if j := p.driver.job; j.refund != "" {
		return len(p.sale.Refund(j.refund).Attempts)
	}
	return len(p.sale.Payment(p.driver.job.payment).Attempts)
}

// write is the one atomic write of the turn.
func (p *plan) write(step Step) Write {
	w := p.wrap(p.facts...)
	w.Payments = append(w.Payments, p.also...)
	w.Due, w.Took = dueOf(step, p.now), p.took
	return w
}

// dueOf is when a start that finds the sale would look at it: it orders the
// work and decides nothing.
func dueOf(step Step, now time.Time) time.Time {
	switch {
	case step.Kind == StepIdle:
		return NeverDue
	case step.Kind == StepWait && !step.Until.IsZero():
		return step.Until
	}
	return now
}

// message is the one that the step sends, or nil.
func (p *plan) message(step Step) *message {
	if step.Kind != StepSend {
		return nil
	}
	begun := p.facts[len(p.facts)-1]
	payment := p.sale.Payment(p.driver.job.payment)
	req := Request{
		Op: step.Op, ReqMsgID: begun.ReqMsgID, MerchantTransID: payment.ID, Amount: payment.Amount,
		AcquirementID: payment.AcquirementID(),
	}
	m := &message{attempt: begun.Attempt}
	switch step.Op {
	case OpPay:
		req.Code, req.OrderTitle, req.First = p.driver.code, p.driver.title, true
	case OpQuery:
		m.timeout = p.driver.e.Policy().QueryTimeout
	case OpRefund:
		r := p.sale.Refund(p.driver.job.refund)
		if req.AcquirementID == "" {
			req.AcquirementID = r.acquirementID()
		}
		req.RefundID, req.RefundAmount, req.RefundReason = r.ID, r.Amount, r.Reason
	case OpCancel:
	}
	m.req = req
	return m
}
