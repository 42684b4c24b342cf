package queue

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// How many settled sales stay in the bucket live.
const (
	// fileAt: from here on they are filed when a sale is opened that still waits
	// for a code, so that the customer's search for the phone hides the work.
	fileAt = 64
	// fileNow: from here on after any commit. Filing 64 sales takes some
	// milliseconds; it only comes to this where every code comes with its sale
	// and nobody calls Tidy.
	fileNow = 4 * fileAt
	// fileMost is the most that one transaction moves.
	fileMost = 256
)

// afterCommit files settled sales where it is time. The commit itself is durable
// by then and stays so, whatever happens here.
func (j *Journal) afterCommit(c *change) {
	j.view.RLock()
	settled := j.settledLive
	j.view.RUnlock()
	waiting := c.w.NewSale != nil && len(c.w.Payments) == 0
	if waiting {
		j.keepRoom(reserveLow)
	} else {
		j.keepRoom(reserveLeast)
	}
	if settled >= fileNow || waiting && settled >= fileAt {
		_ = j.fileSettled() // it has closed the journal for writes and told OnFailure
	}
}

// Tidy files settled sales. The agent calls it while no sale is in the
// foreground; a journal that is never tidied does the same in larger steps. It
// also notices that the file was moved away or replaced, and closes the journal
// for writes: what is written into a file without its name, no start finds.
func (j *Journal) Tidy() error {
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.Err(); err != nil {
		return err
	}
	if err := inPlace(j.info.Path, j.file); err != nil {
		err = wrap("writing", j.info.Path, err)
		if errors.Is(err, ErrReplaced) {
			return j.fail(err)
		}
		return err // not known: the next look tells
	}
	j.keepRoom(reserveStep)
	return j.fileSettled()
}

// fileSettled moves settled sales to the big buckets, in one transaction. The
// caller holds write.
func (j *Journal) fileSettled() error {
	j.view.Lock()
	var ids []offline.SaleID
	for id, l := range j.live {
		if l.settled {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = ids[:min(len(ids), fileMost)]
	if len(ids) == 0 {
		j.view.Unlock()
		return nil
	}
	err := j.update("filing", func(tx *bolt.Tx) error {
		j.used = tx.Size()
		f := newFiler(tx, j.totals)
		for _, id := range ids {
			records, err := takeSale(tx.Bucket([]byte(bucketLive)), id)
			if err != nil {
				return err
			}
			if err := f.file(j.live[id].sale, j.live[id].events, records); err != nil {
				return err
			}
		}
		return f.finish()
	})
	if err == nil {
		err = j.opt.Faults.step("filed")
	}
	if err != nil {
		j.view.Unlock()
		return j.fail(err)
	}
	done := make(map[offline.SaleID]bool, len(ids))
	for _, id := range ids {
		done[id] = true
		for _, t := range contributions(j.live[id].sale) {
			j.addFiled(t, false)
		}
	}
	j.filed += len(ids)
	j.dropLive(done)
	j.view.Unlock()
	return nil
}

// addFiled changes the totals over filed sales in memory. The caller holds view.
func (j *Journal) addFiled(t offline.TotalChange, minus bool) {
	r := j.totals[idOf(t)]
	if minus {
		t.Total = negative(t.Total)
	}
	r.Total = addTotal(r.Total, t.Total)
	j.totals[idOf(t)] = r
}

// takeSale removes the records of a sale from a bucket and returns copies.
func takeSale(b *bolt.Bucket, id offline.SaleID) ([]record, error) {
	prefix := salePrefix(id)
	var out []record
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if len(v) > maxRecord {
			return nil, fmt.Errorf("record %q of %d bytes: %w", k, len(v), errRecord)
		}
		out = append(out, record{bytes.Clone(k), bytes.Clone(v)})
	}
	for _, r := range out {
		if err := b.Delete(r.key); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("sale %s has no records: %w", id, errRecord)
	}
	return out, nil
}

// filer puts settled sales into the big buckets and their indexes.
type filer struct {
	sales, payments, codes, days, events, sums *bolt.Bucket

	n      int
	totals map[totalID]totalRecord // changed ones
	known  map[totalID]totalRecord
}

func newFiler(tx *bolt.Tx, known map[totalID]totalRecord) *filer {
	bucket := func(name string) *bolt.Bucket {
		b := tx.Bucket([]byte(name))
		b.FillPercent = 0.9 // keys come nearly in order: leave little room behind
		return b
	}
	f := &filer{
		sales: bucket(bucketSales), payments: bucket(bucketPayments), codes: bucket(bucketCodes),
		days: bucket(bucketDays), events: bucket(bucketEvents), sums: bucket(bucketTotals),
		totals: map[totalID]totalRecord{}, known: known,
	}
	f.codes.FillPercent = bolt.DefaultFillPercent // hashes come in no order
	return f
}

// file puts one sale and what points to it.
func (f *filer) file(s offline.Sale, events []uint64, records []record) error {
	for _, r := range records {
		if err := f.sales.Put(r.key, r.value); err != nil {
			return err
		}
	}
	for i := range s.Payments {
		p := &s.Payments[i]
		if err := f.payments.Put([]byte(p.ID), []byte(s.ID)); err != nil {
			return err
		}
		if unsent(p) {
			continue
		}
		key, err := codeIndexKey(p.Code.Hash)
		if err != nil {
			return err
		}
		if err := f.codes.Put(key, codeIndexValue(s.ID, p.ID)); err != nil {
			return err
		}
	}
	for _, seq := range events {
		if err := f.events.Put(eventIndexKey(seq), []byte(s.ID)); err != nil {
			return err
		}
	}
	if err := f.days.Put(dayIndexKey(s.CreatedAt, s.ID), []byte(s.State())); err != nil {
		return err
	}
	for _, t := range contributions(s) {
		f.change(t, func(r *totalRecord) { r.Total = addTotal(r.Total, t.Total) })
	}
	f.n++
	return nil
}

// change alters the totals of one day and currency.
func (f *filer) change(t offline.TotalChange, alter func(*totalRecord)) {
	r, ok := f.totals[idOf(t)]
	if !ok {
		r = f.known[idOf(t)]
	}
	alter(&r)
	f.totals[idOf(t)] = r
}

// finish writes totals and the count of filed sales.
func (f *filer) finish() error {
	for id, total := range f.totals {
		r, err := newRecord(totalKey(id.day, id.currency), total)
		if err != nil {
			return err
		}
		if err := f.sums.Put(r.key, r.value); err != nil {
			return err
		}
	}
	return f.sales.SetSequence(uint64(int64(f.sales.Sequence()) + int64(f.n)))
}

// recall moves a filed sale back among the live ones. Its index entries stay:
// they say where it belongs, not where it stands.
func (j *Journal) recall(tx *bolt.Tx, c *change) error {
	records, err := takeSale(tx.Bucket([]byte(bucketSales)), c.w.SaleID)
	if err != nil {
		return err
	}
	live := tx.Bucket([]byte(bucketLive))
	for _, r := range records {
		if err := live.Put(r.key, r.value); err != nil {
			return err
		}
	}
	f := newFiler(tx, j.totals)
	f.n = -1
	for _, t := range contributions(c.before) {
		f.change(t, func(r *totalRecord) { r.Total = addTotal(r.Total, negative(t.Total)) })
	}
	return f.finish()
}
