package offline

import (
	"context"
	"time"
)

// cleanUp takes sales from the agenda one after another: payments that an
// earlier run left behind, trades being watched, refunds waiting for the
// network. Each step steps back for a sale in the foreground.
func (e *Engine) cleanUp(ctx context.Context) {
	for {
		id, err := e.agenda.take(ctx)
		if err != nil {
			return // the engine stops; the next start lists the rest again
		}
		if err := e.yield.step(ctx, func() { e.attend(id) }); err != nil {
			return
		}
	}
}

// attend takes every unsettled part of a sale one step further.
func (e *Engine) attend(id SaleID) {
	sale, err := e.closeForgotten(id)
	if err != nil {
		e.cfg.Log.Error("an unsettled sale could not be read; it will be looked at again", "sale", id, "error", err)
		e.agenda.add(id, time.Now().Add(time.Minute))
		return
	}
	for i := range sale.Payments {
		if p := &sale.Payments[i]; p.End == nil {
			e.attendJob(job{sale: id, payment: p.ID})
		}
	}
	for i := range sale.Refunds {
		if r := &sale.Refunds[i]; r.End == nil {
			e.attendJob(job{sale: id, payment: r.Payment, refund: r.ID})
		}
	}
}

// attendJob runs the driver of a job in place, unless another one has it (I7):
// it leaves at the first wait, and the agenda remembers when to go on.
func (e *Engine) attendJob(j job) {
	e.mu.Lock()
	if e.drivers[j] != nil {
		e.mu.Unlock()
		return
	}
	d := e.newDriver(j)
	e.drivers[j] = d
	e.mu.Unlock()
	e.run(d, 0)
}

// closeForgotten closes a sale that still waits for a code although the run
// that opened it is gone: nothing was sent, and nobody would hand it a code.
func (e *Engine) closeForgotten(id SaleID) (Sale, error) {
	defer e.lock(id)()
	sale, err := e.Sale(id)
	if err != nil {
		return Sale{}, err
	}
	if sale.Boot == e.cfg.Boot || !sale.awaitsCode() {
		return sale, nil
	}
	return e.commit(Write{SaleID: id, EndSale: &SaleEnd{At: time.Now(), Reason: SaleRestarted}}, nil)
}

// awaitsCode tells whether a code could still start a payment of this sale.
func (s *Sale) awaitsCode() bool {
	return s.End == nil && (len(s.Payments) == 0 || s.CanRescan())
}
