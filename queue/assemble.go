package queue

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// part is one payment or refund while its records are being collected. Facts
// stand at their number minus one; a nil one was not found.
type part[H any] struct {
	head  *H
	facts []*stampedFact
}

func (p *part[H]) put(n int, f *stampedFact) {
	for len(p.facts) < n {
		p.facts = append(p.facts, nil)
	}
	p.facts[n-1] = f
}

// assembly collects the records of one sale in any order.
type assembly struct {
	id       offline.SaleID
	head     *stampedHead
	end      *stampedEnd
	standing *standing
	payments map[int]*part[stampedPayment]
	refunds  map[int]*part[stampedRefund]
	events   []offline.Event
}

func newAssembly(id offline.SaleID) *assembly {
	return &assembly{id: id, payments: map[int]*part[stampedPayment]{}, refunds: map[int]*part[stampedRefund]{}}
}

// add reads one record. Bytes are copied out.
func (a *assembly) add(k saleRecordKey, key, value []byte) error {
	switch k.kind {
	case recHead:
		return decodeInto(key, value, &a.head)
	case recEnd:
		return decodeInto(key, value, &a.end)
	case recStanding:
		return decodeInto(key, value, &a.standing)
	case recPayment:
		return addPart(a.payments, k, key, value)
	case recRefund:
		return addPart(a.refunds, k, key, value)
	case recEvent:
		var e *offline.Event
		if err := decodeInto(key, value, &e); err != nil {
			return err
		}
		if e.Seq != k.seq || e.SaleID != a.id {
			return fmt.Errorf("event %d of sale %s stands as %d: %w", e.Seq, e.SaleID, k.seq, errRecord)
		}
		a.events = append(a.events, *e)
	}
	return nil
}

func decodeInto[T any](key, value []byte, into **T) error {
	var v T
	if err := decode(key, value, &v); err != nil {
		return err
	}
	*into = &v
	return nil
}

func addPart[H any](parts map[int]*part[H], k saleRecordKey, key, value []byte) error {
	p := parts[k.ord]
	if p == nil {
		p = &part[H]{}
		parts[k.ord] = p
	}
	if k.fact == 0 {
		return decodeInto(key, value, &p.head)
	}
	var f *stampedFact
	if err := decodeInto(key, value, &f); err != nil {
		return err
	}
	p.put(k.fact, f)
	return nil
}

// gap is the error of a sale in which a record is missing.
func (a *assembly) gap(what string) error {
	return fmt.Errorf("sale %s: %s is missing: %w", a.id, what, errRecord)
}

// stored returns the sale's heads and facts, or what is missing.
func (a *assembly) stored() (offline.StoredSale, error) {
	var st offline.StoredSale
	switch {
	case a.head == nil:
		return st, a.gap("the head")
	case a.head.ID != a.id:
		return st, fmt.Errorf("sale %s stands as %s: %w", a.head.ID, a.id, errRecord)
	case a.standing == nil:
		return st, a.gap("the standing")
	}
	st.Head = a.head.SaleHead
	if a.end != nil {
		st.End = &a.end.SaleEnd
	}
	for ord := 1; ord <= len(a.payments); ord++ {
		head, facts, err := whole(a.payments[ord])
		if err != nil {
			return st, a.gap(fmt.Sprintf("%v of payment %d", err, ord))
		}
		st.Payments = append(st.Payments, offline.StoredPayment{Head: head.PaymentHead, Facts: facts})
	}
	for ord := 1; ord <= len(a.refunds); ord++ {
		head, facts, err := whole(a.refunds[ord])
		if err != nil {
			return st, a.gap(fmt.Sprintf("%v of refund %d", err, ord))
		}
		st.Refunds = append(st.Refunds, offline.StoredRefund{Head: head.RefundHead, Facts: facts})
	}
	return st, nil
}

func whole[H any](p *part[H]) (H, []offline.Fact, error) {
	var none H
	if p == nil || p.head == nil {
		return none, nil, errors.New("the head")
	}
	facts := make([]offline.Fact, len(p.facts))
	for i, f := range p.facts {
		if f == nil {
			return none, nil, fmt.Errorf("fact %d", i+1)
		}
		facts[i] = f.Fact
	}
	return *p.head, facts, nil
}

// loaded is one sale as the journal holds it.
type loaded struct {
	sale     offline.Sale
	stored   offline.StoredSale
	standing standing
	events   []offline.Event
}

// finish restores the sale and checks that no fact is missing at its end.
func (a *assembly) finish() (loaded, error) {
	st, err := a.stored()
	if err != nil {
		return loaded{}, err
	}
	sale, err := offline.Restore(st)
	if err != nil {
		return loaded{}, fmt.Errorf("sale %s: %w: %w", a.id, errRecord, err)
	}
	if sale.Version != a.standing.Version {
		return loaded{}, fmt.Errorf("sale %s has %d facts, its standing says %d: %w",
			a.id, sale.Version, a.standing.Version, errRecord)
	}
	slices.SortFunc(a.events, func(x, y offline.Event) int { return cmp.Compare(x.Seq, y.Seq) })
	return loaded{sale: sale, stored: st, standing: *a.standing, events: a.events}, nil
}

// loadSale reads one sale out of a bucket; found is false where it is not there.
func loadSale(b *bolt.Bucket, id offline.SaleID) (l loaded, found bool, err error) {
	a := newAssembly(id)
	prefix := salePrefix(id)
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		parsed, ok := parseSaleKey(k)
		if !ok {
			return l, true, fmt.Errorf("key %q: %w", k, errRecord)
		}
		if err := a.add(parsed, k, v); err != nil {
			return l, true, err
		}
		found = true
	}
	if !found {
		return l, false, nil
	}
	l, err = a.finish()
	return l, true, err
}

// eachSale reads all sales of a bucket in the order of their ids. A sale that
// cannot be read is given to fn with its error; fn's own error stops the walk.
func eachSale(b *bolt.Bucket, fn func(offline.SaleID, loaded, error) error) error {
	return eachAssembly(b, func(a *assembly, err error) error {
		if err != nil {
			return fn("", loaded{}, err)
		}
		l, err := a.finish()
		return fn(a.id, l, err)
	})
}

// eachAssembly collects the records of all sales of a bucket in the order of
// their ids. Records that cannot be read are reported with their sale, or
// without one where not even the key can be read.
func eachAssembly(b *bolt.Bucket, fn func(*assembly, error) error) error {
	var a *assembly
	var broken error
	flush := func() error {
		if a == nil {
			return nil
		}
		return fn(a, broken)
	}
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		parsed, ok := parseSaleKey(k)
		if !ok {
			if err := fn(nil, fmt.Errorf("key %q: %w", k, errRecord)); err != nil {
				return err
			}
			continue
		}
		if a == nil || a.id != parsed.sale {
			if err := flush(); err != nil {
				return err
			}
			a, broken = newAssembly(parsed.sale), nil
		}
		if err := a.add(parsed, k, v); err != nil && broken == nil {
			broken = err
		}
	}
	return flush()
}
