package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"posagent/offline"
)

// carrier brings found sales into the new journal.
type carrier struct {
	s    *salvage
	im   *importer
	r    *Repaired
	used map[uint64]bool // numbers of events that were carried over, where there is damage
	old  int             // how many of the damaged journal's events came along
}

func (c *carrier) carry(f found) error {
	made := f.head == nil && f.headFromPayment()
	writes := f.writes()
	if b, err := rebuild(writes); f.alone && err == nil && c.s.wasPruned(b.sale) {
		return nil
	}
	c.renumber(writes)
	b, refused := rebuild(writes)
	if b.taken == 0 {
		c.r.Lost = append(c.r.Lost, f.payNames(nil)...)
		c.r.find(FindingSale, f.id, "not carried over: %v; its payments: %v", f.why(refused), f.payNames(nil))
		return nil
	}
	c.old += len(b.events)
	if !f.whole || refused != nil || made {
		c.r.Incomplete++
		lost := f.payNames(&b.sale)
		c.r.Lost = append(c.r.Lost, lost...)
		c.r.find(FindingSale, f.id, "facts may be missing: %v; payments that were lost: %v", f.why(refused), lost)
		if err := c.park(&b); err != nil {
			return err
		}
	}
	c.r.Sales++
	for _, seq := range b.events {
		c.used[seq] = true
	}
	return c.im.add(b)
}

// renumber gives new numbers to writes whose own another sale has taken. That
// happens where strays are of a write that was never committed. Later writes of
// the sale follow, since their numbers are their order.
func (c *carrier) renumber(writes []stampedWrite) {
	shift := false
	for i := range writes {
		if shift = shift || c.used[writes[i].ev]; shift {
			c.im.last++
			writes[i].ev = c.im.last
		}
	}
}

// park calls a person to every payment and refund of the sale that has no end,
// and to one that may be lost without a trace.
func (c *carrier) park(b *rebuilt) error {
	fact := offline.Fact{Kind: offline.FactParked, At: c.im.opt.now(), Reason: offline.ReasonRepaired}
	w := offline.Write{SaleID: b.sale.ID}
	if head := lostPayment(&b.sale, fact.At); head != nil {
		w.Payments = append(w.Payments, offline.PaymentWrite{ID: head.ID, New: head, Facts: []offline.Fact{fact}})
		c.r.Parked = append(c.r.Parked, head.ID)
	}
	for i := range b.sale.Payments {
		if p := &b.sale.Payments[i]; p.End == nil {
			w.Payments = append(w.Payments, offline.PaymentWrite{ID: p.ID, Facts: []offline.Fact{fact}})
			c.r.Parked = append(c.r.Parked, p.ID)
		}
	}
	for i := range b.sale.Refunds {
		if r := &b.sale.Refunds[i]; r.End == nil {
			w.Refunds = append(w.Refunds, offline.RefundWrite{ID: r.ID, Facts: []offline.Fact{fact}})
			c.r.ParkedRefunds = append(c.r.ParkedRefunds, r.ID)
		}
	}
	if len(w.Payments)+len(w.Refunds) == 0 {
		return nil
	}
	c.im.last++
	if err := b.take(stampedWrite{ev: c.im.last, w: w}); err != nil {
		return fmt.Errorf("sale %s: parking: %w", b.sale.ID, err)
	}
	return nil
}

// lostPayment stands for the payment of a sale that, as far as it was found, still
// waits for a code: whether one came is not known, and the next start would close
// the sale with the words that nothing was sent. Its id is no merchantTransId that
// was ever sent, so that no answer of the gateway can move it; a person does.
func lostPayment(s *offline.Sale, now time.Time) *offline.PaymentHead {
	if s.End != nil || s.Current() != nil && !s.CanRescan() {
		return nil
	}
	sum := sha256.Sum256([]byte("a payment that may be lost, of sale " + s.ID))
	return &offline.PaymentHead{
		ID:     offline.MerchantTransID("LOST-" + hex.EncodeToString(sum[:16])),
		Amount: s.Amount, Code: offline.CodeDigest{Hash: hex.EncodeToString(sum[16:])}, CreatedAt: now, Boot: s.Boot,
	}
}

// why says what was wrong with the sale as it was found, in one line.
func (f found) why(refused error) error {
	switch {
	case len(f.faults) > 0:
		return f.faults[0]
	case refused != nil:
		return refused
	}
	return fmt.Errorf("%d of its records were found on pages that are not in use", f.strays)
}

// headFromPayment makes the head of a sale whose own is lost: a payment says
// amount and time, and its charge must not be forgotten for want of a title.
func (f *found) headFromPayment() bool {
	for _, ord := range sortedKeys(f.payments) {
		p := f.payments[ord].head
		if p == nil {
			continue
		}
		f.head = &stampedHead{Ev: p.Ev, SaleHead: offline.SaleHead{
			ID: f.id, Amount: p.Amount, CreatedAt: p.CreatedAt, ExpiresAt: p.CreatedAt, CodeGiven: true, Boot: p.Boot,
		}}
		f.faults = append(f.faults, fmt.Errorf("its head is lost and was made from payment %s", p.ID))
		return true
	}
	return false
}

// payNames lists the payments that the records name and the sale does not have.
func (f found) payNames(s *offline.Sale) []offline.MerchantTransID {
	var out []offline.MerchantTransID
	add := func(id offline.MerchantTransID) {
		if id != "" && !slices.Contains(out, id) && (s == nil || s.Payment(id) == nil) {
			out = append(out, id)
		}
	}
	for _, ord := range sortedKeys(f.payments) {
		if h := f.payments[ord].head; h != nil {
			add(h.ID)
		}
	}
	for _, e := range f.events {
		add(e.Payment)
	}
	return out
}
