package queue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// shared runs fn with the picture held still: nothing is published meanwhile.
func (j *Journal) shared(fn func() error) error {
	j.view.RLock()
	defer j.view.RUnlock()
	if j.closed {
		return j.closedError("reading")
	}
	return fn()
}

// Sale returns one sale, or offline.ErrUnknownSale.
func (j *Journal) Sale(id offline.SaleID) (s offline.Sale, err error) {
	err = j.shared(func() error {
		if l := j.live[id]; l != nil {
			s = cloneSale(l.sale)
			return nil
		}
		return j.read("reading", func(tx *bolt.Tx) error {
			s, err = filedSale(tx, id)
			return err
		})
	})
	return s, unknown(err)
}

// filedSale reads a sale from the files.
func filedSale(tx *bolt.Tx, id offline.SaleID) (offline.Sale, error) {
	l, found, err := loadSale(tx.Bucket([]byte(bucketSales)), id)
	switch {
	case err != nil:
		return offline.Sale{}, err
	case !found:
		return offline.Sale{}, fmt.Errorf("sale %q: %w", id, offline.ErrUnknownSale)
	}
	return l.sale, nil
}

// unknown strips what wrap has made of "unknown sale": it is an answer and no
// failure of the store.
func unknown(err error) error {
	var e *Error
	if errors.Is(err, offline.ErrUnknownSale) && errors.As(err, &e) {
		return e.Err
	}
	return err
}

// SaleOf returns the sale of a payment, or offline.ErrUnknownSale.
func (j *Journal) SaleOf(id offline.MerchantTransID) (sale offline.SaleID, err error) {
	err = j.shared(func() error {
		if sale = j.payments[id]; sale != "" {
			return nil
		}
		return j.read("reading", func(tx *bolt.Tx) error {
			if id != "" && len(id) <= bolt.MaxKeySize {
				sale = offline.SaleID(tx.Bucket([]byte(bucketPayments)).Get([]byte(id)))
			}
			if sale == "" {
				return fmt.Errorf("payment %q: %w", id, offline.ErrUnknownSale)
			}
			return nil
		})
	})
	return sale, unknown(err)
}

// Unsettled lists what has something left to do and is due by until, the first
// due first. A limit of 0 or less means all.
func (j *Journal) Unsettled(until time.Time, limit int) (out []offline.DueSale, err error) {
	err = j.shared(func() error {
		for id, l := range j.live {
			if !l.settled && !l.due.After(until) {
				out = append(out, offline.DueSale{ID: id, Due: l.due})
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b offline.DueSale) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, err
}

// LastEvent is the number of the newest event.
func (j *Journal) LastEvent() (n uint64, err error) {
	err = j.shared(func() error {
		n = j.lastEvent
		return nil
	})
	return n, err
}

// maxEvents is the most that one call of Events returns.
const maxEvents = 1000

// Events lists what was committed after an event: at most limit, 1000 where
// limit is 0 or less, or greater.
func (j *Journal) Events(after uint64, limit int) (out []offline.Event, err error) {
	if limit <= 0 || limit > maxEvents {
		limit = maxEvents
	}
	err = j.shared(func() error {
		at, _ := slices.BinarySearchFunc(j.tail, after+1, func(e offline.Event, seq uint64) int { return cmp.Compare(e.Seq, seq) })
		tail := j.tail[at:]
		if after >= j.lastEvent {
			return nil
		}
		if len(tail) > 0 && tail[0].Seq == after+1 && contiguous(tail, limit) {
			for _, e := range tail[:min(limit, len(tail))] {
				out = append(out, cloneEvent(e))
			}
			return nil
		}
		return j.read("reading", func(tx *bolt.Tx) error {
			out, err = j.mergeEvents(tx, after, limit, tail)
			return err
		})
	})
	return out, err
}

// contiguous tells whether the events that a call would return follow each other
// without a gap, so that none of them can stand in the files.
func contiguous(tail []offline.Event, limit int) bool {
	n := min(limit, len(tail))
	return tail[n-1].Seq-tail[0].Seq == uint64(n-1)
}

// mergeEvents merges events of filed sales with those of live ones. An event
// that stands in both places is taken from memory.
func (j *Journal) mergeEvents(tx *bolt.Tx, after uint64, limit int, tail []offline.Event) ([]offline.Event, error) {
	var out []offline.Event
	sales := tx.Bucket([]byte(bucketSales))
	c := tx.Bucket([]byte(bucketEvents)).Cursor()
	k, v := c.Seek(eventIndexKey(after + 1))
	for len(out) < limit && (k != nil || len(tail) > 0) {
		seq, err := parseEventIndexKey(k)
		if err != nil {
			return nil, err
		}
		switch {
		case k == nil || len(tail) > 0 && tail[0].Seq <= seq:
			out = append(out, cloneEvent(tail[0]))
			if k != nil && tail[0].Seq == seq {
				k, v = c.Next()
			}
			tail = tail[1:]
		case j.live[offline.SaleID(v)] != nil:
			k, v = c.Next() // recalled: it stands in the tail
		default:
			var e offline.Event
			key := eventKey(offline.SaleID(v), seq)
			if err := decode(key, sales.Get(key), &e); err != nil {
				return nil, err
			}
			out = append(out, e)
			k, v = c.Next()
		}
	}
	return out, nil
}

// Totals sums a business day: one row for each currency, sorted by it.
func (j *Journal) Totals(day offline.BusinessDay) (out []offline.DayTotal, err error) {
	sums := map[string]offline.DayTotal{}
	err = j.shared(func() error {
		for id, r := range j.totals {
			if id.day == day {
				sums[id.currency] = r.Total
			}
		}
		for id, t := range j.liveTotals {
			if id.day == day {
				sums[id.currency] = addTotal(sums[id.currency], t)
			}
		}
		return nil
	})
	for _, t := range sums {
		if t.Paid != 0 || t.Refunded != 0 {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b offline.DayTotal) int { return cmp.Compare(a.PaidSum.Currency, b.PaidSum.Currency) })
	return out, err
}

func parseEventIndexKey(k []byte) (uint64, error) {
	switch len(k) {
	case 0:
		return 0, nil
	case 8:
		return beUint64(k), nil
	}
	return 0, fmt.Errorf("index of events, key %x: %w", k, errRecord)
}
