package offline

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// NewSale is what a register, a window or a command asks for.
type NewSale struct {
	ID      SaleID
	Amount  Money
	Title   string        // orderTitle; empty: the gateway client's default
	Timeout time.Duration // waiting for a scan; 0 means Policy.SaleTimeout
	Code    IdentityCode  // zero: the scanner or a later command brings it
}

// OpenSale opens a sale, and pays it at once where the code is at hand. The id
// is the idempotency key: the same content again returns the sale as it is and
// false; other content returns ErrSaleConflict. Other errors: ErrAmount,
// ErrCurrency, ErrID, *CodeUsedError, ErrStopped, ErrJournal.
func (e *Engine) OpenSale(n NewSale) (Sale, bool, error) {
	leave, err := e.enter()
	if err != nil {
		return Sale{}, false, err
	}
	defer leave()
	if _, err := ParseSaleID(string(n.ID)); err != nil {
		return Sale{}, false, err
	}
	if _, err := NewMoney(n.Amount.Currency, n.Amount.Value); err != nil {
		return Sale{}, false, err
	}
	defer e.lock(n.ID)()
	old, err := e.Sale(n.ID)
	switch {
	case err == nil && e.same(old, n):
		return old, false, nil
	case err == nil:
		return old, false, fmt.Errorf("sale %s: %w", n.ID, ErrSaleConflict)
	case !errors.Is(err, ErrUnknownSale):
		return Sale{}, false, err
	}
	if n.Timeout <= 0 {
		n.Timeout = e.cfg.Policy.SaleTimeout
	}
	now := time.Now()
	head := &SaleHead{
		ID: n.ID, Amount: n.Amount, Title: n.Title, CreatedAt: now, ExpiresAt: now.Add(n.Timeout),
		CodeGiven: !n.Code.IsZero(), Boot: e.cfg.Boot,
	}
	w := Write{SaleID: n.ID, NewSale: head, Due: head.ExpiresAt}
	if n.Code.IsZero() {
		sale, err := e.commit(w, nil)
		return sale, err == nil, err
	}
	sale, err := e.pay(w, *head, n.Code)
	return sale, err == nil, err
}

// same tells whether a repeated request means the sale that is there.
func (e *Engine) same(s Sale, n NewSale) bool {
	if s.Amount != n.Amount || s.Title != n.Title || s.CodeGiven != !n.Code.IsZero() {
		return false
	}
	return n.Code.IsZero() || len(s.Payments) > 0 && s.Payments[0].Code == e.cfg.Journal.Digest(n.Code)
}

// Pay charges a code for a sale that waits for one. When it returns, the
// payment and the intent to send it are durable, and the message is leaving.
// Errors: ErrUnknownSale, ErrFinal (the sale takes no code any more),
// *CodeUsedError, ErrStopped, ErrJournal.
func (e *Engine) Pay(id SaleID, code IdentityCode) (Sale, error) {
	leave, err := e.enter()
	if err != nil {
		return Sale{}, err
	}
	defer leave()
	defer e.lock(id)()
	sale, err := e.Sale(id)
	if err != nil {
		return Sale{}, err
	}
	if !sale.awaitsCode() || sale.Boot != e.cfg.Boot || !time.Now().Before(sale.ExpiresAt) {
		return sale, fmt.Errorf("sale %s takes no code any more: %w", id, ErrFinal)
	}
	return e.pay(Write{SaleID: id}, sale.SaleHead, code)
}

// pay commits a new payment with the intent of its first message. The message is
// signed meanwhile on this goroutine, which nobody has to wake, and leaves when
// both are done. The caller holds the sale's lock.
func (e *Engine) pay(w Write, sale SaleHead, code IdentityCode) (Sale, error) {
	calm := e.yield.begin()
	now := time.Now()
	id, err := e.cfg.Minter.MerchantTransID(now)
	if err != nil {
		calm()
		return Sale{}, err
	}
	msg, err := e.cfg.Minter.ReqMsgID()
	if err != nil {
		calm()
		return Sale{}, err
	}
	intent := e.commitBeside(func() Write {
		w.Due = now
		w.Payments = []PaymentWrite{{
			ID:  id,
			New: &PaymentHead{ID: id, Amount: sale.Amount, Code: e.cfg.Journal.Digest(code), CreatedAt: now, Boot: e.cfg.Boot},
			Facts: []Fact{{
				Kind: FactBegun, At: now, Attempt: 1, Op: OpPay, ReqMsgID: msg, Boot: e.cfg.Boot,
			}},
		}}
		return w
	}, func(d *driver) { d.code, d.title, d.calm = code, sale.Title, calm })
	m := &message{attempt: 1, op: OpPay}
	m.prepare(e.cfg.Gateway, Request{
		Op: OpPay, ReqMsgID: msg, MerchantTransID: id, Amount: sale.Amount,
		Code: code, OrderTitle: sale.Title, First: true,
	})
	<-intent.done
	if intent.err != nil {
		calm()
		return intent.sale, intent.err
	}
	e.wg.Go(func() { intent.driver.results <- m.exchange(e.calls) })
	runtime.Gosched() // the message goes before whatever the caller does next
	return intent.sale, nil
}

// intent is a new payment's first commit under way.
type intent struct {
	done   chan struct{} // closed at the end; the rest may be read then
	sale   Sale
	driver *driver // awaits the answer to the first message
	err    error
}

// commitBeside starts making and committing a payment's first write and returns
// at once. The payment gets its driver as soon as it is durable.
func (e *Engine) commitBeside(first func() Write, prepare func(*driver)) *intent {
	i := &intent{done: make(chan struct{})}
	e.cfg.Beside(func() {
		defer close(i.done)
		w := first()
		i.sale, i.err = e.commit(w, func(Sale) {
			e.drive(job{sale: w.SaleID, payment: w.Payments[0].ID}, func(d *driver) {
				prepare(d)
				d.open++
				i.driver = d
			})
		})
	})
	return i
}

// Expire closes a sale that got no code in time. A sale that has a payment in
// doubt, or is closed already, stays as it is.
func (e *Engine) Expire(id SaleID) (Sale, error) {
	return e.close(id, SaleEnd{At: time.Now(), Reason: SaleExpired})
}

func (e *Engine) close(id SaleID, end SaleEnd) (Sale, error) {
	defer e.lock(id)()
	sale, err := e.Sale(id)
	if err != nil || !sale.awaitsCode() {
		return sale, err
	}
	return e.commit(Write{SaleID: id, EndSale: &end}, nil)
}
