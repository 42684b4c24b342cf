package offline

import (
	"errors"
	"fmt"
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
		n.Timeout = e.Policy().SaleTimeout
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
	sale, release, err := e.hold(id)
	if err != nil {
		return Sale{}, err
	}
	defer release()
	if !sale.awaitsCode() || sale.Boot != e.cfg.Boot || !time.Now().Before(sale.ExpiresAt) {
		return sale, fmt.Errorf("sale %s takes no code any more: %w", id, ErrFinal)
	}
	return e.pay(Write{SaleID: id}, sale.SaleHead, code)
}

// pay commits a new payment with the intent of its first message, which leaves
// when it is signed as well. The caller holds the sale's lock.
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
	m := &message{attempt: 1, req: Request{
		Op: OpPay, ReqMsgID: msg, MerchantTransID: id, Amount: sale.Amount,
		Code: code, OrderTitle: sale.Title, First: true,
	}}
	intent := func() Write {
		w.Due = now
		w.Payments = []PaymentWrite{{
			ID:  id,
			New: &PaymentHead{ID: id, Amount: sale.Amount, Code: e.cfg.Journal.Digest(code), CreatedAt: now, Boot: e.cfg.Boot},
			Facts: []Fact{{
				Kind: FactBegun, At: now, Attempt: 1, Op: OpPay, ReqMsgID: msg, Boot: e.cfg.Boot,
			}},
		}}
		return w
	}
	var d *driver
	after, err := e.commitSigning(m, intent, func(Sale) {
		e.drive(job{sale: w.SaleID, payment: id}, func(made *driver) {
			d = made
			d.code, d.title, d.calm = code, sale.Title, calm
			d.open++
		})
	})
	if err != nil {
		calm()
		return after, err
	}
	d.leave(m)
	return after, nil
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
