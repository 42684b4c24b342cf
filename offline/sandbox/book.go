package sandbox

import (
	"fmt"
	"io"
	"math/big"
	"time"

	"posagent/offline"
)

// trade is one payment that the gateway knows. All access under Gateway.mu.
type trade struct {
	id          offline.MerchantTransID
	acquirement offline.AcquirementID
	amount      offline.Money
	code        offline.CodeDigest
	status      string
	declined    string // the result code that closed it
	paidAt      time.Time
	action      string // what the cancel did
	atQuery     int    // pending: decided right before this query; 0: never
	thenClose   string // pending: closed with this code then, instead of charged
	refunds     map[offline.RefundID]refunded
	refunded    int64
}

// refunded is one refund that was made.
type refunded struct {
	amount offline.Money
	ref    string
	at     time.Time
}

func (t *trade) view() *tradeView {
	v := &tradeView{id: t.id, acquirement: t.acquirement, amount: t.amount}
	if t.status == statusSuccess {
		v.paidAt = t.paidAt
	}
	return v
}

// cancelDeadline is the end of the Beijing day of the payment and 15 minutes
// (docs.antom.com/ac/hk_auto_debit/paycancel). Beijing is 8 hours ahead of UTC
// all the year.
func (t *trade) cancelDeadline() time.Time {
	const ahead = 8 * time.Hour
	day := t.paidAt.UTC().Add(ahead).Truncate(24 * time.Hour)
	return day.Add(24*time.Hour + 15*time.Minute - ahead)
}

// serial is a number of the gateway: the Beijing date and 20 random digits.
func (g *Gateway) serial(now time.Time) (string, error) {
	var random [10]byte
	if _, err := io.ReadFull(g.opt.Rand, random[:]); err != nil {
		return "", fmt.Errorf("drawing a serial number: %w", err)
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil)
	n := new(big.Int).Mod(new(big.Int).SetBytes(random[:]), limit)
	return now.In(offline.Beijing).Format("20060102") + fmt.Sprintf("%020d", n), nil
}

// open makes a trade for a payment that was not known before and uses its code up.
func (g *Gateway) open(pay request, status string, now time.Time) (*trade, error) {
	no, err := g.serial(now)
	if err != nil {
		return nil, err
	}
	t := &trade{
		id: pay.id, acquirement: offline.AcquirementID(no), amount: pay.amount,
		code: offline.DigestCode(g.codeKey, pay.code), status: status, refunds: map[offline.RefundID]refunded{},
	}
	g.trades[t.id] = t
	g.acquired[t.acquirement] = t
	if _, used := g.codes[t.code.Hash]; !used {
		g.codes[t.code.Hash] = t.id
	}
	return t, nil
}

// charge takes the money. The ledger comes first: if it cannot be written,
// nothing happened.
func (g *Gateway) charge(t *trade, now time.Time) error {
	err := g.ledger.Append(Entry{
		At: now, Kind: Charge, MerchantTransID: t.id, AcquirementID: t.acquirement, Amount: t.amount, Code: t.code,
	})
	if err != nil {
		return err
	}
	t.status, t.paidAt = statusSuccess, now
	return nil
}

// find looks a trade up as the documents say: acquirementId wins where both are
// sent.
func (g *Gateway) find(req request) *trade {
	if req.acquirement != "" {
		return g.acquired[req.acquirement]
	}
	return g.trades[req.id]
}

// restore rebuilds the trades that moved money from a ledger of earlier runs.
// Pending and declined ones are not in it: they took nothing.
func (g *Gateway) restore() {
	for _, e := range g.ledger.Entries() {
		t := g.trades[e.MerchantTransID]
		if t == nil {
			t = &trade{
				id: e.MerchantTransID, acquirement: e.AcquirementID, amount: e.Amount, code: e.Code,
				refunds: map[offline.RefundID]refunded{},
			}
			g.trades[t.id] = t
			g.acquired[t.acquirement] = t
		}
		switch e.Kind {
		case Charge:
			t.status, t.paidAt = statusSuccess, e.At
			g.codes[e.Code.Hash] = e.MerchantTransID
		case Return:
			t.status, t.action = statusClosed, actionRefund
		case Refund:
			t.addRefund(e.RefundID, refunded{amount: e.Amount, ref: string(e.RefundID), at: e.At})
		}
	}
}

// addRefund books a refund. A trade that was refunded in full counts as closed
// (docs.antom.com/ac/gr/trade_status).
func (t *trade) addRefund(id offline.RefundID, r refunded) {
	t.refunds[id] = r
	t.refunded += r.amount.Value
	if t.refunded == t.amount.Value {
		t.status = statusClosed
	}
}
