package queue

import (
	"bytes"
	"context"
	"fmt"
	"reflect"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// content is the check of one transaction's records.
type content struct {
	tx     *bolt.Tx
	r      *Report
	sums   map[totalID]offline.DayTotal
	codes  map[string]offline.MerchantTransID // of live payments
	lists  map[string]int                     // index entries that a sale vouches for
	sales  *bolt.Bucket
	filed  int
	newest uint64
}

func verifyContent(ctx context.Context, tx *bolt.Tx, r *Report, opt Options) error {
	for _, name := range allBuckets() {
		if tx.Bucket([]byte(name)) == nil {
			r.find(FindingRecord, "", "bucket %q is missing", name)
		}
	}
	if !r.OK() {
		return nil
	}
	c := &content{
		tx: tx, r: r, sales: tx.Bucket([]byte(bucketSales)),
		sums: map[totalID]offline.DayTotal{}, codes: map[string]offline.MerchantTransID{}, lists: map[string]int{},
	}
	if c.meta(); r.Schema > opt.current().version {
		return &Error{Op: "verifying", Path: r.Path, Kind: ErrNewerSchema, Hint: hint(ErrNewerSchema, r.Path)}
	}
	for _, name := range []string{bucketLive, bucketSales} {
		err := eachAssembly(tx.Bucket([]byte(name)), func(a *assembly, err error) error {
			c.sale(a, name == bucketSales, err)
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	if n := c.sales.Sequence(); n != uint64(c.filed) {
		r.find(FindingIndex, "", "%d sales are filed, the bucket counts %d", c.filed, n)
	}
	c.events()
	c.totals()
	c.audit()
	for _, name := range []string{bucketPayments, bucketCodes, bucketDays, bucketEvents} {
		if err := c.reverse(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// meta checks the records about the journal.
func (c *content) meta() {
	var schema int
	var key []byte
	if err := getMeta(c.tx, metaSchema, &schema); err != nil {
		c.r.find(FindingRecord, "", "%v", err)
	}
	c.r.Schema = schema
	if err := getMeta(c.tx, metaCodeKey, &key); err != nil || len(key) != codeKeyLen {
		c.r.find(FindingCodeKey, "", "used codes cannot be recognised: %v", err)
	}
	for _, name := range []string{metaCreated, metaTerminal, metaRun} {
		v := c.tx.Bucket([]byte(bucketMeta)).Get([]byte(name))
		if _, err := unseal([]byte(name), v); err != nil {
			c.r.find(FindingRecord, "", "meta: %v", err)
		}
	}
}

// sale checks one sale: whole, admissible fact by fact, in the right bucket, and
// known to every index.
func (c *content) sale(a *assembly, filed bool, err error) {
	if a == nil {
		c.r.find(FindingRecord, "", "%v", err)
		return
	}
	c.r.Sales++
	if filed {
		c.filed++
	}
	var l loaded
	if err == nil {
		l, err = a.finish()
	}
	if err != nil {
		c.r.find(FindingRecord, a.id, "%v", err)
		return
	}
	s := &l.sale
	c.count(s, len(a.events))
	c.replay(a, s)
	switch other := c.tx.Bucket([]byte(bucketLive)); {
	case filed && !s.Settled():
		c.r.find(FindingSale, a.id, "it is filed and not settled: %s", s.State())
	case filed && other.Get(headKey(a.id)) != nil:
		c.r.find(FindingIndex, a.id, "it is live and filed at once")
	}
	c.index(s, a.events, filed)
	if filed {
		for _, t := range contributions(*s) {
			c.sums[idOf(t)] = addTotal(c.sums[idOf(t)], t.Total)
		}
	}
}

func (c *content) count(s *offline.Sale, events int) {
	if !s.Settled() {
		c.r.Unsettled++
	}
	c.r.Payments += len(s.Payments)
	c.r.Refunds += len(s.Refunds)
	c.r.Facts += s.Version
	c.r.Events += events
}

// replay judges every write of the sale again.
func (c *content) replay(a *assembly, s *offline.Sale) {
	var again offline.Sale
	for _, sw := range a.writes() {
		next, err := again.Apply(sw.w)
		if err != nil {
			c.r.find(FindingSale, a.id, "the write of event %d would be refused: %v", sw.ev, err)
			return
		}
		if sw.event == nil {
			c.r.find(FindingEvent, a.id, "event %d is missing", sw.ev)
		}
		again = next
	}
	if !reflect.DeepEqual(again, *s) {
		c.r.find(FindingSale, a.id, "its writes, judged again, make another sale")
	}
}

// index looks up what must point to the sale. Entries of a live sale may exist,
// from the time when it was filed.
func (c *content) index(s *offline.Sale, events []offline.Event, filed bool) {
	entry := func(bucket string, key, want []byte) {
		switch v := c.tx.Bucket([]byte(bucket)).Get(key); {
		case v == nil && !filed:
		case !bytes.Equal(v, want):
			c.r.find(FindingIndex, s.ID, "%s, key %q: it says %q and should say %q", bucket, key, v, want)
		default:
			c.lists[bucket]++
		}
	}
	for i := range s.Payments {
		p := &s.Payments[i]
		entry(bucketPayments, []byte(p.ID), []byte(s.ID))
		key, err := codeIndexKey(p.Code.Hash)
		if err != nil {
			c.r.find(FindingSale, s.ID, "payment %s: %v", p.ID, err)
			continue
		}
		if unsent(p) {
			continue
		}
		entry(bucketCodes, key, codeIndexValue(s.ID, p.ID))
		if other, ok := c.codes[p.Code.Hash]; ok && !filed {
			c.r.find(FindingSale, s.ID, "payments %s and %s have one code (I2)", other, p.ID)
		}
		if !filed {
			c.codes[p.Code.Hash] = p.ID
		}
	}
	if v := c.tx.Bucket([]byte(bucketDays)).Get(dayIndexKey(s.CreatedAt, s.ID)); v != nil || filed {
		want := []byte(s.State())
		if !filed {
			want = v // a recalled sale's entry says how it stood when it was filed
		}
		entry(bucketDays, dayIndexKey(s.CreatedAt, s.ID), want)
	}
	for _, e := range events {
		entry(bucketEvents, eventIndexKey(e.Seq), []byte(s.ID))
		c.newest = max(c.newest, e.Seq)
	}
}

// events checks that none is missing: they are numbered without gaps, and those
// that were pruned are counted.
func (c *content) events() {
	last := c.tx.Bucket([]byte(bucketLive)).Sequence()
	c.r.Pruned = int(c.tx.Bucket([]byte(bucketEvents)).Sequence())
	if c.newest > last {
		c.r.find(FindingEvent, "", "event %d is newer than the newest, %d", c.newest, last)
	}
	if uint64(c.r.Events+c.r.Pruned) != last {
		c.r.find(FindingEvent, "", "%d events are there and %d were pruned, but %d were made", c.r.Events, c.r.Pruned, last)
	}
}

// totals compares the stored sums with the sales that are filed.
func (c *content) totals() {
	stored := map[totalID]totalRecord{}
	err := eachTotal(c.tx.Bucket([]byte(bucketTotals)), func(id totalID, r totalRecord) { stored[id] = r })
	if err != nil {
		c.r.find(FindingTotal, "", "%v", err)
		return
	}
	for id, r := range stored {
		if sum := addTotal(c.sums[id], r.Pruned); !sameTotal(r.Total, sum) {
			c.r.find(FindingTotal, "", "%s %s: stored %+v, the sales make %+v", id.day, id.currency, r.Total, sum)
		}
	}
	for id, sum := range c.sums {
		if _, ok := stored[id]; !ok {
			c.r.find(FindingTotal, "", "%s %s: missing, the sales make %+v", id.day, id.currency, sum)
		}
	}
}

// sameTotal compares counts and sums; the currency stands in the key.
func sameTotal(a, b offline.DayTotal) bool {
	return a.Paid == b.Paid && a.PaidSum.Value == b.PaidSum.Value &&
		a.Refunded == b.Refunded && a.RefundedSum.Value == b.RefundedSum.Value
}

// reverse names the index entries that no sale vouches for. Each sale has looked
// up its own; only where there are more than those every entry is followed.
func (c *content) reverse(ctx context.Context, bucket string) error {
	b := c.tx.Bucket([]byte(bucket))
	if b.Stats().KeyN == c.lists[bucket] {
		return nil
	}
	return b.ForEach(func(k, v []byte) error {
		if err := c.entry(bucket, k, v); err != nil {
			c.r.find(FindingIndex, "", "%s, key %q: %v", bucket, k, err)
		}
		return ctx.Err()
	})
}

// entry follows one index entry to its sale.
func (c *content) entry(bucket string, k, v []byte) error {
	id := offline.SaleID(v)
	var payment offline.MerchantTransID
	switch bucket {
	case bucketCodes:
		var ok bool
		if id, payment, ok = parseCodeIndexValue(v); !ok {
			return fmt.Errorf("value %q", v)
		}
	case bucketDays:
		_, id, _ = parseDayIndexKey(k)
	case bucketPayments:
		payment = offline.MerchantTransID(k)
	}
	l, found, err := loadSale(c.sales, id)
	if !found {
		l, found, err = loadSale(c.tx.Bucket([]byte(bucketLive)), id)
	}
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("sale %q does not exist", id)
	case payment != "" && l.sale.Payment(payment) == nil:
		return fmt.Errorf("sale %s has no payment %s", id, payment)
	}
	switch bucket {
	case bucketCodes:
		if key, err := codeIndexKey(l.sale.Payment(payment).Code.Hash); err != nil || !bytes.Equal(key, k) {
			return fmt.Errorf("payment %s has another code", payment)
		}
	case bucketDays:
		if !bytes.Equal(dayIndexKey(l.sale.CreatedAt, id), k) {
			return fmt.Errorf("sale %s was opened at another time", id)
		}
	case bucketEvents:
		for _, e := range l.events {
			if bytes.Equal(eventIndexKey(e.Seq), k) {
				return nil
			}
		}
		return fmt.Errorf("sale %s has no such event", id)
	}
	return nil
}
