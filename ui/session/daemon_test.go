package session

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

// daemon is an API in memory. It keeps the contract that the session relies on:
// ids are idempotency keys, and an event follows each change.
type daemon struct {
	mu       sync.Mutex
	sales    map[string]wire.Sale
	calls    []string
	events   chan client.Event
	silent   bool  // calls are never answered
	fail     error // calls fail so
	ended    []wire.ShiftEnd
	receipts []client.ReceiptOf
	broken   string // forms of a receipt that fail
	allowed  []*wire.Supervisor
}

func newDaemon() *daemon {
	return &daemon{sales: map[string]wire.Sale{}, events: make(chan client.Event)}
}

// enter counts a call and waits, or fails, where the test says so.
func (d *daemon) enter(ctx context.Context, name string) error {
	d.mu.Lock()
	d.calls = append(d.calls, name)
	silent, fail := d.silent, d.fail
	d.mu.Unlock()
	if silent {
		<-ctx.Done()
		return ctx.Err()
	}
	return fail
}

func (d *daemon) count(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, c := range d.calls {
		if c == name {
			n++
		}
	}
	return n
}

func (d *daemon) Events(ctx context.Context) iter.Seq[client.Event] {
	return func(yield func(client.Event) bool) {
		for {
			select {
			case e := <-d.events:
				if !yield(e) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (d *daemon) sale(ctx context.Context, name, id string) (wire.Sale, error) {
	if err := d.enter(ctx, name); err != nil {
		return wire.Sale{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.sales[id]
	if !ok {
		return s, wire.NewProblem(wire.CodeSaleNotFound, id, "")
	}
	return s, nil
}

func (d *daemon) OpenSale(ctx context.Context, n wire.NewSale) (wire.Sale, bool, error) {
	if err := d.enter(ctx, "open"); err != nil {
		return wire.Sale{}, false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.sales[n.SaleID]; ok {
		if s.Amount != n.Amount {
			return s, false, wire.NewProblem(wire.CodeSaleConflict, n.SaleID, "")
		}
		return s, false, nil
	}
	now := time.Now()
	s := wire.Sale{
		SaleID: n.SaleID, State: wire.Waiting, Version: 1, Amount: n.Amount, CreatedAt: now, ExpiresAt: now.Add(2 * time.Minute),
		Refunded: wire.Money{Currency: n.Amount.Currency}, Message: wire.Message{Key: "waiting"},
	}
	d.sales[n.SaleID] = s
	return s, true, nil
}

func (d *daemon) SubmitCode(ctx context.Context, id, _ string) (wire.Sale, error) {
	return d.sale(ctx, "code", id)
}

func (d *daemon) CancelAs(ctx context.Context, id string, b wire.ByBody) (wire.Sale, error) {
	d.mu.Lock()
	d.allowed = append(d.allowed, b.Supervisor)
	d.mu.Unlock()
	return d.sale(ctx, "cancel", id)
}

func (d *daemon) Recheck(ctx context.Context, id string) (wire.Sale, error) {
	return d.sale(ctx, "recheck", id)
}

func (d *daemon) Resolve(ctx context.Context, id string, _ wire.Resolution) (wire.Sale, error) {
	return d.sale(ctx, "resolve", id)
}

func (d *daemon) ResolveRefund(ctx context.Context, _, _ string, r wire.Resolution) (wire.Refund, error) {
	return wire.Refund{State: wire.RefundState(r.Result)}, d.enter(ctx, "resolve refund")
}

func (d *daemon) Refund(ctx context.Context, id string, n wire.NewRefund) (wire.Refund, bool, error) {
	d.mu.Lock()
	d.allowed = append(d.allowed, n.Supervisor)
	d.mu.Unlock()
	return wire.Refund{RefundID: n.RefundID, SaleID: id, Amount: n.Amount}, true, d.enter(ctx, "refund")
}

func (d *daemon) Sale(ctx context.Context, id string) (wire.Sale, error) {
	return d.sale(ctx, "sale", id)
}

func (d *daemon) Sales(ctx context.Context, f client.Filter) (wire.SaleList, error) {
	if err := d.enter(ctx, "sales"); err != nil {
		return wire.SaleList{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var list wire.SaleList
	for _, s := range d.sales {
		if f.State == "" || s.State == f.State {
			list.Sales = append(list.Sales, s)
		}
	}
	return list, nil
}

func (d *daemon) Shift(ctx context.Context) (wire.Shift, error) {
	if err := d.enter(ctx, "shift"); err != nil {
		return wire.Shift{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := wire.Shift{Totals: []wire.ShiftTotal{{Paid: 4, PaidSum: wire.Money{Currency: "HKD", Value: 5140}}}}
	for _, sale := range d.sales {
		s.Open = append(s.Open, sale)
	}
	s.OpenCount = len(s.Open)
	return s, nil
}

func (d *daemon) CloseShift(ctx context.Context, e wire.ShiftEnd) (wire.Shift, bool, error) {
	d.mu.Lock()
	d.ended = append(d.ended, e)
	d.mu.Unlock()
	s, err := d.Shift(ctx)
	s.Number, s.ShiftID, s.By = 7, e.ShiftID, e.By
	return s, len(d.ended) == 1, err
}

func (d *daemon) Receipt(ctx context.Context, r client.ReceiptOf) ([]byte, error) {
	d.mu.Lock()
	d.receipts = append(d.receipts, r)
	d.mu.Unlock()
	if strings.Contains(d.broken, form(r)) {
		return nil, wire.NewProblem(wire.CodeInternal, "the font lacks a letter", "")
	}
	return []byte("receipt of " + r.SaleID), d.enter(ctx, "receipt")
}
