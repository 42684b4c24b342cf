package queue

import (
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// change is a write that was judged and is ready to be stored.
type change struct {
	w        offline.Write // as it will be read back
	before   offline.Sale
	after    offline.Sale
	recalled *loaded // where the sale stood in the files
	records  []record
	event    *offline.Event
}

// Commit judges the write against the stored sale and makes it durable. See
// offline.Journal for what it refuses. A write that changes nothing but Due
// makes no event: its Committed.Event is 0.
func (j *Journal) Commit(w offline.Write) (offline.Committed, error) {
	start := time.Now()
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.Err(); err != nil {
		return offline.Committed{}, err
	}
	if j.opt.ReadOnly {
		return offline.Committed{}, failed(&Error{Op: "writing", Path: j.info.Path, Kind: ErrReadOnly})
	}
	if err := j.mayBegin(w); err != nil {
		return offline.Committed{}, err
	}
	c, err := j.judge(w)
	if err != nil {
		return offline.Committed{}, err
	}
	if err := j.store(c); err != nil {
		return offline.Committed{}, j.fail(err)
	}
	out := offline.Committed{Sale: cloneSale(c.after)}
	if c.event != nil {
		out.Event = c.event.Seq
	}
	if j.opt.Observe != nil {
		j.opt.Observe(time.Since(start))
	}
	j.afterCommit(c)
	return out, nil
}

// judge checks everything about a write before the file is touched. It runs
// under the write lock, so that what it has seen still holds when it is stored.
func (j *Journal) judge(w offline.Write) (*change, error) {
	if _, err := offline.ParseSaleID(string(w.SaleID)); err != nil {
		return nil, fmt.Errorf("%w: %w", offline.ErrIllegal, err)
	}
	c := &change{}
	found, err := j.current(w.SaleID, c)
	if err != nil {
		return nil, j.fail(err)
	}
	// Judged as the caller gave it, so that a refusal names the caller's rule
	// and not a detail of storing.
	if _, err := c.before.Apply(w); err != nil {
		return nil, err
	}
	if !found && w.NewSale == nil {
		return nil, fmt.Errorf("sale %s was never opened: %w", w.SaleID, offline.ErrIllegal)
	}
	if err := j.judgePayments(w); err != nil {
		return nil, err
	}
	if c.w, err = normalise(w); err != nil {
		return nil, fmt.Errorf("sale %s cannot be stored: %w: %w", w.SaleID, offline.ErrIllegal, err)
	}
	if c.after, err = c.before.Apply(c.w); err != nil {
		return nil, fmt.Errorf("as it would be read back: %w", err)
	}
	return c, j.record(c)
}

// current finds the sale as it stands: in memory, in the files, or nowhere.
func (j *Journal) current(id offline.SaleID, c *change) (found bool, err error) {
	j.view.RLock()
	l := j.live[id]
	j.view.RUnlock()
	if l != nil {
		c.before = l.sale
		return true, nil
	}
	err = j.read("reading", func(tx *bolt.Tx) error {
		l, ok, err := loadSale(tx.Bucket([]byte(bucketSales)), id)
		if ok {
			c.before, c.recalled, found = l.sale, &l, true
		}
		return err
	})
	return found, err
}

// judgePayments refuses a payment whose id or code another one has used.
func (j *Journal) judgePayments(w offline.Write) error {
	var seen []string
	for _, pw := range w.Payments {
		if pw.New == nil {
			continue
		}
		if pw.New.ID != pw.ID {
			return fmt.Errorf("payment %s created as %s: %w", pw.ID, pw.New.ID, offline.ErrIllegal)
		}
		if _, err := codeIndexKey(pw.New.Code.Hash); err != nil {
			return fmt.Errorf("sale %s, payment %s: %w", w.SaleID, pw.ID, err)
		}
		if slices.Contains(seen, pw.New.Code.Hash) {
			return fmt.Errorf("sale %s: one code for two payments (I2): %w", w.SaleID, offline.ErrIllegal)
		}
		seen = append(seen, pw.New.Code.Hash)
		switch sale, err := j.SaleOf(pw.ID); {
		case err == nil:
			return fmt.Errorf("merchantTransId %s belongs to sale %s already (I2): %w", pw.ID, sale, offline.ErrIllegal)
		case !errors.Is(err, offline.ErrUnknownSale):
			return j.fail(err)
		}
		used, err := j.codeUsed(pw.New.Code.Hash)
		switch {
		case err != nil:
			return j.fail(err)
		case used != nil:
			return used
		}
	}
	return nil
}

// codeUsed returns who has used a code, or nil.
func (j *Journal) codeUsed(hash string) (*offline.CodeUsedError, error) {
	j.view.RLock()
	use, ok := j.codes[hash]
	j.view.RUnlock()
	if !ok {
		key, err := codeIndexKey(hash)
		if err != nil {
			return nil, err
		}
		err = j.read("reading", func(tx *bolt.Tx) error {
			v := tx.Bucket([]byte(bucketCodes)).Get(key)
			if v == nil {
				return nil
			}
			use.sale, use.payment, ok = parseCodeIndexValue(v)
			if !ok {
				return fmt.Errorf("index of codes, %x: %w", key, errRecord)
			}
			return nil
		})
		if err != nil || !ok {
			return nil, err
		}
	}
	sale, err := j.Sale(use.sale)
	if err != nil {
		return nil, err
	}
	p := sale.Payment(use.payment)
	if p == nil {
		return nil, damaged("reading", j.info.Path, fmt.Errorf("payment %s is not in sale %s: %w", use.payment, use.sale, errRecord))
	}
	return &offline.CodeUsedError{SaleID: use.sale, Payment: use.payment, At: p.CreatedAt}, nil
}

// record makes what is stored of the write, and the event that tells of it.
func (j *Journal) record(c *change) error {
	j.view.RLock()
	viewer, next := j.viewer, j.lastEvent+1
	j.view.RUnlock()
	if boot := bootOf(c.w); boot != "" {
		viewer = boot
	}
	var err error
	if c.records, err = recordsOf(c.w, c.before, c.after, next); err != nil {
		return err
	}
	e := offline.Describe(c.after.SeenBy(viewer), c.w)
	if len(e.What) == 0 {
		return nil
	}
	e.Seq = next
	if e, err = roundTrip(e); err != nil {
		return err
	}
	r, err := newRecord(eventKey(e.SaleID, e.Seq), e)
	if err != nil {
		return err
	}
	c.event = &e
	c.records = append(c.records, r)
	return nil
}

// bootOf is the run that makes the write, where the write names it.
func bootOf(w offline.Write) offline.BootID {
	var boot offline.BootID
	if w.NewSale != nil {
		boot = w.NewSale.Boot
	}
	facts := func(list []offline.Fact) {
		for _, f := range list {
			if f.Kind == offline.FactBegun {
				boot = f.Boot
			}
		}
	}
	for _, pw := range w.Payments {
		if pw.New != nil {
			boot = pw.New.Boot
		}
		facts(pw.Facts)
	}
	for _, rw := range w.Refunds {
		facts(rw.Facts)
	}
	return boot
}

// store makes the change durable and then shows it to readers.
func (j *Journal) store(c *change) error {
	j.commits++
	if err := j.opt.Faults.before(j.commits); err != nil {
		return err
	}
	if c.recalled != nil {
		// The sale leaves one bucket for the other: no reader may look between.
		j.view.Lock()
		defer j.view.Unlock()
	}
	err := j.update("writing", func(tx *bolt.Tx) error {
		j.used = tx.Size()
		live := tx.Bucket([]byte(bucketLive))
		if c.recalled != nil {
			if err := j.recall(tx, c); err != nil {
				return err
			}
		}
		for _, r := range c.records {
			if err := live.Put(r.key, r.value); err != nil {
				return err
			}
		}
		if c.event != nil {
			return live.SetSequence(c.event.Seq)
		}
		return nil
	})
	if err == nil {
		err = j.opt.Faults.after(j.commits)
	}
	if c.recalled == nil {
		j.view.Lock()
		defer j.view.Unlock()
	}
	if c.recalled != nil {
		// Also after a failure: reads then show the sale as it was, from memory,
		// since what the file holds is known only after the next start.
		j.setLive(c.before, c.recalled.standing.due(), c.recalled.events)
		j.filed--
		for _, t := range contributions(c.before) {
			j.addFiled(t, true)
		}
	}
	if err != nil {
		return err
	}
	if boot := bootOf(c.w); boot != "" {
		j.viewer = boot
	}
	var events []offline.Event
	if c.event != nil {
		events = append(events, *c.event)
	}
	j.setLive(c.after, newStanding(c.w.Due, 0).due(), events)
	return nil
}
