package queue

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// Import makes a new journal at path out of sales, each given as its writes in
// the order of their commit. Every write is judged like in Commit, but the
// syncs are saved up: the file gets its name when it is complete and durable.
// It never replaces a file (ErrExists).
func Import(path string, opt Options, sales iter.Seq[[]offline.Write]) error {
	if _, err := os.Lstat(path); err == nil {
		return &Error{Op: "importing into", Path: path, Kind: ErrExists}
	}
	if err := makeDir(filepath.Dir(path)); err != nil {
		return wrap("importing into", path, err)
	}
	temp, err := build(path, opt, true, func(db *bolt.DB) error {
		im := &importer{db: db, opt: opt}
		defer im.abandon()
		if err := im.begin(nil, nil); err != nil {
			return err
		}
		for writes := range sales {
			if err := im.addNew(writes); err != nil {
				return err
			}
		}
		return im.end()
	})
	if err != nil {
		return wrap("importing into", path, err)
	}
	made, err := publishNew(temp, path)
	if err == nil && !made {
		err = ErrExists
	}
	return wrap("importing into", path, err)
}

// importMost is how many sales one transaction of an import holds.
const importMost = 2000

// importer fills a journal that has no readers and no name yet.
type importer struct {
	db     *bolt.DB
	opt    Options
	tx     *bolt.Tx
	filer  *filer
	totals map[totalID]totalRecord
	inTx   int
	last   uint64 // number of the newest event
	events int    // that are there
}

// begin makes the buckets; a nil key asks for a new one. Totals are those of
// sales that were pruned from the journal that this one continues.
func (im *importer) begin(codeKey []byte, totals map[totalID]totalRecord) error {
	im.totals = map[totalID]totalRecord{}
	return im.db.Update(func(tx *bolt.Tx) error {
		if err := initialise(tx, im.opt, codeKey); err != nil {
			return err
		}
		f := newFiler(tx, nil)
		for id, r := range totals {
			f.totals[id], im.totals[id] = r, r
		}
		return f.finish()
	})
}

// addNew adds a sale and numbers its events on.
func (im *importer) addNew(writes []offline.Write) error {
	stamped := make([]stampedWrite, len(writes))
	for i, w := range writes {
		stamped[i] = stampedWrite{ev: im.last + uint64(i) + 1, w: w}
	}
	b, err := rebuild(stamped)
	if err != nil {
		return err
	}
	return im.add(b)
}

// add stores a sale: filed where it is settled, else among the live ones.
func (im *importer) add(b rebuilt) error {
	if im.tx == nil {
		tx, err := im.db.Begin(true)
		if err != nil {
			return err
		}
		im.tx, im.filer = tx, newFiler(tx, im.totals)
	}
	if b.sale.Settled() {
		if err := im.filer.file(b.sale, b.events, b.records); err != nil {
			return err
		}
	} else {
		live := im.tx.Bucket([]byte(bucketLive))
		for _, r := range b.records {
			if err := live.Put(r.key, r.value); err != nil {
				return err
			}
		}
	}
	im.events += len(b.events)
	for _, seq := range b.events {
		im.last = max(im.last, seq)
	}
	if im.inTx++; im.inTx < importMost {
		return nil
	}
	return im.flush()
}

func (im *importer) flush() error {
	if im.tx == nil {
		return nil
	}
	tx := im.tx
	im.tx, im.inTx = nil, 0
	if err := im.filer.finish(); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for id, r := range im.filer.totals {
		im.totals[id] = r
	}
	return tx.Commit()
}

// end commits the rest and syncs. Events that are not there count as pruned.
func (im *importer) end() error {
	if err := im.flush(); err != nil {
		return err
	}
	err := im.db.Update(func(tx *bolt.Tx) error {
		return errors.Join(
			tx.Bucket([]byte(bucketLive)).SetSequence(im.last),
			tx.Bucket([]byte(bucketEvents)).SetSequence(im.last-uint64(im.events)),
		)
	})
	if err != nil {
		return err
	}
	return im.db.Sync()
}

// abandon gives up the open transaction after an error.
func (im *importer) abandon() {
	if im.tx != nil {
		_ = im.tx.Rollback() // the file is thrown away
		im.tx = nil
	}
}

// stampedWrite is a write with the number of the event that tells of it.
type stampedWrite struct {
	ev    uint64
	w     offline.Write
	event *offline.Event // as it was stored; nil: described anew
}

// rebuilt is a sale made from its writes.
type rebuilt struct {
	sale    offline.Sale
	records []record
	events  []uint64
	taken   int // writes that were admitted
}

// rebuild judges the writes of one sale in order and makes its records. On a
// refused write it returns what was admitted before it, and the refusal.
func rebuild(writes []stampedWrite) (b rebuilt, err error) {
	for _, sw := range writes {
		if err := b.take(sw); err != nil {
			return b, err
		}
		b.taken++
	}
	if b.taken == 0 {
		return b, fmt.Errorf("a sale without a write that opens it: %w", offline.ErrIllegal)
	}
	return b, nil
}

// take adds one write, or leaves everything as it was.
func (b *rebuilt) take(sw stampedWrite) error {
	w, err := normalise(sw.w)
	if err != nil {
		return err
	}
	after, err := b.sale.Apply(w)
	if err != nil {
		return err
	}
	list, err := recordsOf(w, b.sale, after, sw.ev)
	if err != nil {
		return err
	}
	e := offline.Describe(after.SeenBy(bootOf(w)), w)
	if sw.event != nil {
		e = *sw.event
	}
	e.Seq = sw.ev
	r, err := newRecord(eventKey(w.SaleID, sw.ev), e)
	if err != nil {
		return err
	}
	standing := standingKey(w.SaleID) // written with every write: the last one stays
	b.records = slices.DeleteFunc(b.records, func(r record) bool { return bytes.Equal(r.key, standing) })
	b.records = append(append(b.records, list...), r)
	b.sale = after
	b.events = append(b.events, sw.ev)
	return nil
}

// writes sorts the collected records of a sale back into the writes that made
// them. Facts of one write stand in the order of their numbers.
func (a *assembly) writes() []stampedWrite {
	by := map[uint64]*stampedWrite{}
	at := func(ev uint64) *offline.Write {
		if by[ev] == nil {
			by[ev] = &stampedWrite{ev: ev, w: offline.Write{SaleID: a.id}}
		}
		return &by[ev].w
	}
	if a.head != nil {
		at(a.head.Ev).NewSale = &a.head.SaleHead
	}
	if a.end != nil {
		at(a.end.Ev).EndSale = &a.end.SaleEnd
	}
	for _, ord := range sortedKeys(a.payments) {
		p := a.payments[ord]
		if p.head == nil {
			continue
		}
		w := at(p.head.Ev)
		w.Payments = append(w.Payments, offline.PaymentWrite{ID: p.head.ID, New: &p.head.PaymentHead})
		for _, f := range p.facts {
			if f == nil {
				break // what follows a gap proves nothing
			}
			w := at(f.Ev)
			if n := len(w.Payments); n == 0 || w.Payments[n-1].ID != p.head.ID {
				w.Payments = append(w.Payments, offline.PaymentWrite{ID: p.head.ID})
			}
			last := &w.Payments[len(w.Payments)-1]
			last.Facts = append(last.Facts, f.Fact)
		}
	}
	for _, ord := range sortedKeys(a.refunds) {
		r := a.refunds[ord]
		if r.head == nil {
			continue
		}
		w := at(r.head.Ev)
		w.Refunds = append(w.Refunds, offline.RefundWrite{ID: r.head.ID, New: &r.head.RefundHead})
		for _, f := range r.facts {
			if f == nil {
				break
			}
			w := at(f.Ev)
			if n := len(w.Refunds); n == 0 || w.Refunds[n-1].ID != r.head.ID {
				w.Refunds = append(w.Refunds, offline.RefundWrite{ID: r.head.ID})
			}
			last := &w.Refunds[len(w.Refunds)-1]
			last.Facts = append(last.Facts, f.Fact)
		}
	}
	for _, e := range a.events {
		if sw := by[e.Seq]; sw != nil {
			sw.event = &e
		}
	}
	var out []stampedWrite
	for _, ev := range sortedKeys(by) {
		out = append(out, *by[ev])
	}
	if a.standing != nil && len(out) > 0 {
		out[len(out)-1].w.Due = a.standing.due()
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
