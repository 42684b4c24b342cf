package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline/sandbox"
)

// rung is one sale as the register remembers it: what it asked for, and the one
// code that its customer held up.
type rung struct {
	id       string
	amount   int64
	scenario sandbox.Scenario
	code     string
	posted   bool // with the code in the request; otherwise it was scanned
	accepted bool // the daemon has answered that it has the sale
	refunds  []wire.NewRefund
}

func (r *rung) request() wire.NewSale {
	n := wire.NewSale{SaleID: r.id, Amount: hkd(r.amount), OrderTitle: "Basket"}
	if r.posted {
		n.Code = r.code
	}
	return n
}

// register is a register that sells one basket after the other, through a daemon
// that may be gone at any moment. An answer that was lost is asked for again
// with the same request.
type register struct {
	shop  *shop
	rng   *rand.Rand
	menu  []sandbox.Scenario
	sold  []*rung
	stats sum
	// wrong lists answers that must not come, whatever happened before.
	wrong []string
}

func newRegister(s *shop, seed uint64) *register {
	r := &register{shop: s, rng: rand.New(rand.NewPCG(seed, 1)), stats: sum{}}
	for _, sc := range sandbox.Catalogue() {
		if sc.Amount != 0 && !stopsSelling(sc) {
			r.menu = append(r.menu, sc)
		}
	}
	return r
}

// stopsSelling recognises the scenarios after which the till rightly sells
// nothing until somebody has mended its set-up: the register would stand still.
func stopsSelling(sc sandbox.Scenario) bool {
	return strings.Contains(sc.What, "wrongly set up")
}

// run sells until the shop closes. The customer at the till is served to the end:
// a sale that was left waiting would rest only when its time is up.
func (r *register) run(closing <-chan struct{}) {
	ctx := context.Background()
	for {
		r.sell(ctx)
		if r.rng.IntN(4) == 0 {
			r.refund(ctx)
		}
		select {
		case <-closing:
			return
		default:
		}
	}
}

func (r *register) sell(ctx context.Context) {
	sale := &rung{
		id: fmt.Sprintf("R-%05d", len(r.sold)+1), amount: 1000 + r.rng.Int64N(9000),
		scenario: sandbox.Scenario{Name: "paid"}, code: r.shop.nextCode(), posted: r.rng.IntN(4) > 0,
	}
	if r.rng.IntN(10) > 3 {
		sale.scenario = r.menu[r.rng.IntN(len(r.menu))]
		sale.amount = sale.scenario.Amount
	}
	r.sold = append(r.sold, sale)
	if !r.open(ctx, sale) {
		return
	}
	if !sale.posted && !r.scan(ctx, sale) {
		return
	}
	r.follow(ctx, sale)
}

// open posts the sale again and again until there is an answer to it.
func (r *register) open(ctx context.Context, sale *rung) bool {
	for tries := 0; ctx.Err() == nil; tries++ {
		_, _, err := r.shop.client.OpenSale(ctx, sale.request())
		switch code := client.Code(err); {
		case err == nil:
			sale.accepted = true
			r.stats["sales"]++
			if tries > 0 {
				r.stats["posted again"]++
			}
			return true
		case code == "" || code == wire.CodeTillBusy || code == wire.CodeStopping || code == wire.CodeNotReady:
			pause(ctx, 5*time.Millisecond)
		default:
			r.wrong = append(r.wrong, fmt.Sprintf("opening %s: %v", sale.id, err))
			return false
		}
	}
	return false
}

// scan holds the customer's phone under the scanner as soon as the till listens.
// A till that was restarted meanwhile has cancelled the sale.
func (r *register) scan(ctx context.Context, sale *rung) bool {
	for ctx.Err() == nil {
		st, err := r.shop.client.Status(ctx)
		if err == nil && armed(st, sale.id) {
			r.stats["scans"]++
			if err := r.shop.scanner.Send(sale.code); err != nil {
				r.wrong = append(r.wrong, fmt.Sprintf("scanning for %s: %v", sale.id, err))
			}
			return true
		}
		if s, err := r.shop.client.Sale(ctx, sale.id); err == nil && s.Final {
			return false
		}
		pause(ctx, 5*time.Millisecond)
	}
	return false
}

// follow waits until the sale has left the foreground. Some cashiers lose
// patience and cancel.
func (r *register) follow(ctx context.Context, sale *rung) {
	cancelAt := time.Time{}
	if r.rng.IntN(3) == 0 {
		cancelAt = time.Now().Add(time.Duration(r.rng.IntN(700)) * time.Millisecond)
	}
	// A scan that the power cut swallowed is not repeated: the sale would wait
	// for its code until its time is up.
	giveUp := time.Now().Add(3 * time.Second)
	for ctx.Err() == nil {
		s, err := r.shop.client.Sale(ctx, sale.id)
		if err == nil && leftForeground(s) {
			return
		}
		now := time.Now()
		if err == nil && (!cancelAt.IsZero() && now.After(cancelAt) || s.State == wire.Waiting && now.After(giveUp)) {
			if _, err := r.shop.client.Cancel(ctx, sale.id, "cashier"); err == nil {
				r.stats["cancelled by the cashier"]++
				cancelAt = time.Time{}
			}
		}
		if st, err := r.shop.client.Status(ctx); err == nil && st.Till.Foreground != sale.id {
			return
		}
		pause(ctx, 5*time.Millisecond)
	}
}

func leftForeground(s wire.Sale) bool {
	return s.Final || s.State == wire.Reversing || s.State == wire.Attention
}

// refund returns money of an earlier sale that is paid.
func (r *register) refund(ctx context.Context) {
	if len(r.sold) == 0 {
		return
	}
	sale := r.sold[r.rng.IntN(len(r.sold))]
	s, err := r.shop.client.Sale(ctx, sale.id)
	if err != nil || s.State != wire.Paid {
		return
	}
	left := s.Amount.Value
	for _, f := range sale.refunds {
		left -= f.Amount.Value
	}
	if left <= 0 {
		return
	}
	amount := left
	if r.rng.IntN(2) == 0 {
		amount = 1 + r.rng.Int64N(left)
	}
	n := wire.NewRefund{RefundID: fmt.Sprintf("F-%d", len(sale.refunds)+1), Amount: hkd(amount), Reason: "returned"}
	sale.refunds = append(sale.refunds, n)
	for ctx.Err() == nil {
		_, _, err := r.shop.client.Refund(ctx, sale.id, n)
		switch code := client.Code(err); {
		case err == nil:
			r.stats["refunds"]++
			return
		case code == "" || code == wire.CodeStopping || code == wire.CodeNotReady:
			pause(ctx, 5*time.Millisecond)
		default:
			r.wrong = append(r.wrong, fmt.Sprintf("refunding %s: %v", sale.id, err))
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// mayNeedPerson tells whether a scenario can make the agent unable to know.
func mayNeedPerson(sc sandbox.Scenario) bool { return strings.Contains(sc.Ends, "attention") }

// known lists the sales that the daemon has, and those that it never heard of.
func (r *register) known(ctx context.Context) (sales map[string]wire.Sale, err error) {
	sales = map[string]wire.Sale{}
	for _, sale := range r.sold {
		s, err := r.shop.client.Sale(ctx, sale.id)
		switch {
		case err == nil:
			sales[sale.id] = s
		case client.Code(err) != wire.CodeSaleNotFound:
			return nil, err
		case sale.accepted:
			return nil, errors.New("sale " + sale.id + " was accepted and is forgotten")
		}
	}
	return sales, nil
}

func needsPerson(f wire.Refund) bool { return f.State == wire.RefundAttention }

// unsettled lists the sales on which something still goes on.
func unsettled(sales map[string]wire.Sale) []string {
	var open []string
	for id, s := range sales {
		waiting := slices.ContainsFunc(s.Refunds, func(f wire.Refund) bool { return !f.Final && f.State != wire.RefundAttention })
		parked := s.State == wire.Attention || slices.ContainsFunc(s.Refunds, needsPerson)
		if waiting || !s.Settled && !parked {
			open = append(open, id)
		}
	}
	slices.Sort(open)
	return open
}
