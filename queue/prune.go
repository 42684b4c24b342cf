package queue

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// Pruned counts what Prune removed.
type Pruned struct {
	Sales  int `json:"sales"`
	Events int `json:"events"`
	Audit  int `json:"auditEntries"`
}

// Prune removes settled sales whose last fact is older than the retention, with
// their codes, events and index entries, and entries of the audit trail of that
// age. Unsettled sales are never removed, and the totals of the days stay. It works in transactions of at most perTx sales
// (0: 100), so that no commit waits for long, and stops at until, where that is
// not zero; what is left is for the next call.
func (j *Journal) Prune(now time.Time, retention time.Duration, perTx int, until func() bool) (Pruned, error) {
	if retention <= 0 {
		return Pruned{}, errors.New("pruning: a retention of nothing would remove the sales of this minute")
	}
	if perTx <= 0 {
		perTx = 100
	}
	var sum Pruned
	var from []byte // where the last transaction has come to
	for until == nil || !until() {
		p, next, err := j.pruneSome(now.Add(-retention), perTx, from)
		sum.Sales += p.Sales
		sum.Events += p.Events
		if err != nil {
			return sum, err
		}
		if from = next; next == nil {
			break
		}
	}
	for more := true; more && (until == nil || !until()); {
		var n int
		var err error
		if n, more, err = j.pruneAudit(now.Add(-retention), perTx); err != nil {
			return sum, err
		}
		sum.Audit += n
	}
	return sum, nil
}

// pruneSome runs one transaction. next is nil at the end.
func (j *Journal) pruneSome(before time.Time, most int, from []byte) (p Pruned, next []byte, err error) {
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.Err(); err != nil {
		return p, nil, err
	}
	if j.opt.ReadOnly {
		return p, nil, failed(&Error{Op: "pruning", Path: j.info.Path, Kind: ErrReadOnly})
	}
	var old []loaded
	if err := j.read("pruning", func(tx *bolt.Tx) error {
		old, next, err = j.oldSales(tx, before, most, from)
		return err
	}); err != nil {
		return p, nil, err // nothing was written, and damage elsewhere does no harm to new sales
	}
	if len(old) == 0 {
		return p, next, nil
	}
	j.view.Lock() // no reader may follow an index to a sale that is just going
	err = j.update("pruning", func(tx *bolt.Tx) error {
		j.used = tx.Size()
		f := newFiler(tx, j.totals)
		for _, l := range old {
			if err := f.forget(l); err != nil {
				return err
			}
			p.Sales++
			p.Events += len(l.events)
		}
		return errors.Join(f.events.SetSequence(f.events.Sequence()+uint64(p.Events)), f.finish())
	})
	if err == nil {
		err = j.opt.Faults.step("pruned")
	}
	if err != nil {
		j.view.Unlock()
		return Pruned{}, nil, j.fail(err)
	}
	for _, l := range old {
		for _, t := range contributions(l.sale) {
			r := j.totals[idOf(t)]
			r.Pruned = addTotal(r.Pruned, t.Total)
			j.totals[idOf(t)] = r
		}
	}
	j.filed -= len(old)
	j.view.Unlock()
	return p, next, nil
}

// oldSales collects filed sales from the oldest on. It looks at few more than it
// returns: a sale whose last fact is younger than its opening is passed over.
func (j *Journal) oldSales(tx *bolt.Tx, before time.Time, most int, from []byte) (old []loaded, next []byte, err error) {
	c := tx.Bucket([]byte(bucketDays)).Cursor()
	k, _ := c.Seek(from)
	for looked := 0; k != nil; k, _ = c.Next() {
		nanos, id, ok := parseDayIndexKey(k)
		if !ok {
			return nil, nil, fmt.Errorf("index of days, key %x: %w", k, errRecord)
		}
		if nanos >= sortableNanos(before) {
			return old, nil, nil
		}
		if looked++; looked > 10*most || len(old) >= most {
			return old, bytes.Clone(k), nil
		}
		j.view.RLock()
		live := j.live[id] != nil
		j.view.RUnlock()
		if live {
			continue
		}
		l, found, err := loadSale(tx.Bucket([]byte(bucketSales)), id)
		if err == nil && !found {
			err = fmt.Errorf("index of days: sale %s does not exist: %w", id, errRecord)
		}
		if err != nil {
			return nil, nil, err
		}
		if lastFact(l.sale).Before(before) && l.sale.Settled() {
			old = append(old, l)
		}
	}
	return old, nil, nil
}

// lastFact is the moment of the newest fact of a sale.
func lastFact(s offline.Sale) time.Time {
	at := s.CreatedAt
	later := func(t time.Time) {
		if t.After(at) {
			at = t
		}
	}
	if s.End != nil {
		later(s.End.At)
	}
	trail := func(attempts []offline.Attempt, end *offline.End) {
		for _, a := range attempts {
			later(a.BegunAt)
			later(a.FinishedAt)
		}
		if end != nil {
			later(end.At)
		}
	}
	for i := range s.Payments {
		trail(s.Payments[i].Attempts, s.Payments[i].End)
	}
	for i := range s.Refunds {
		trail(s.Refunds[i].Attempts, s.Refunds[i].End)
	}
	return at
}

// forget removes a filed sale and what points to it; its share of the totals is
// noted as pruned.
func (f *filer) forget(l loaded) error {
	s := l.sale
	if _, err := takeSale(f.sales, s.ID); err != nil {
		return err
	}
	for i := range s.Payments {
		p := &s.Payments[i]
		if err := f.payments.Delete([]byte(p.ID)); err != nil {
			return err
		}
		key, err := codeIndexKey(p.Code.Hash)
		if err != nil {
			return err
		}
		// A code that an unsent payment set free may belong to another one.
		if bytes.Equal(f.codes.Get(key), codeIndexValue(s.ID, p.ID)) {
			if err := f.codes.Delete(key); err != nil {
				return err
			}
		}
	}
	for _, e := range l.events {
		if err := f.events.Delete(eventIndexKey(e.Seq)); err != nil {
			return err
		}
	}
	for _, t := range contributions(s) {
		f.change(t, func(r *totalRecord) { r.Pruned = addTotal(r.Pruned, t.Total) })
	}
	f.n--
	return f.days.Delete(dayIndexKey(s.CreatedAt, s.ID))
}
