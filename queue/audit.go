package queue

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/internal/audit"
)

// auditList is how many entries List returns where it is not told.
const auditList = 1000

// auditMost is how many entries are kept at most, whatever their age: a caller
// that asks a million times must not fill the disk. It is about 30 MB.
const auditMost = 100_000

// The journal keeps the audit trail.
var _ audit.Trail = auditTrail{}

type auditTrail struct{ j *Journal }

// Audit is the till's audit trail, kept in the journal's file. An entry is a
// transaction of its own, which no payment waits for unless it comes in the same
// moment; where the disk has no room, entries are refused before payments are.
func (j *Journal) Audit() audit.Trail { return auditTrail{j} }

// Record makes an entry durable. Errors are offline.ErrJournal.
func (t auditTrail) Record(_ context.Context, e audit.Entry) error {
	j := t.j
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.Err(); err != nil {
		return err
	}
	if j.opt.ReadOnly {
		return failed(&Error{Op: "writing", Path: j.info.Path, Kind: ErrReadOnly})
	}
	if err := j.Full(); err != nil {
		return failed(err) // the room that is left is for what is under way
	}
	if e.At.IsZero() {
		e.At = j.opt.now()
	}
	e = e.Clean()
	e.Lost = 0
	if err := e.Check(); err != nil {
		return fmt.Errorf("audit entry: %w", err)
	}
	err := j.update("writing", func(tx *bolt.Tx) error {
		j.used = tx.Size()
		return putAudit(tx, e)
	})
	if err == nil {
		err = j.opt.Faults.step("audited")
	}
	if err != nil {
		return j.fail(err)
	}
	j.keepRoom(reserveLeast)
	return nil
}

// putAudit numbers an entry on and stores it.
func putAudit(tx *bolt.Tx, e audit.Entry) error {
	b, err := tx.CreateBucketIfNotExists([]byte(bucketAudit))
	if err != nil {
		return err
	}
	b.FillPercent = 0.9 // keys come in order
	e.Seq = b.Sequence() + e.Lost + 1
	r, err := newRecord(auditKey(e.Seq), e)
	if err != nil {
		return err
	}
	if err := b.SetSequence(e.Seq); err != nil {
		return err
	}
	return b.Put(r.key, r.value)
}

func auditKey(seq uint64) []byte { return eventIndexKey(seq) }

// List returns entries with numbers above after, the oldest first.
func (t auditTrail) List(after uint64, limit int) (list []audit.Entry, err error) {
	if limit <= 0 {
		limit = auditList
	}
	if err := t.j.shared(func() error { return nil }); err != nil {
		return nil, err
	}
	err = t.j.read("reading", func(tx *bolt.Tx) error {
		list = nil
		return eachAudit(tx, after, func(e audit.Entry) (bool, error) {
			list = append(list, e)
			return len(list) < limit, nil
		})
	})
	return list, err
}

// Newest is the number of the newest entry; 0: there is none.
func (t auditTrail) Newest() (n uint64, err error) {
	if err := t.j.shared(func() error { return nil }); err != nil {
		return 0, err
	}
	err = t.j.read("reading", func(tx *bolt.Tx) error {
		if b := tx.Bucket([]byte(bucketAudit)); b != nil {
			n = b.Sequence()
		}
		return nil
	})
	return n, err
}

// eachAudit visits entries above a number until fn says false.
func eachAudit(tx *bolt.Tx, after uint64, fn func(audit.Entry) (bool, error)) error {
	b := tx.Bucket([]byte(bucketAudit))
	if b == nil || after >= b.Sequence() {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(auditKey(after + 1)); k != nil; k, v = c.Next() {
		e, err := readAudit(k, v)
		if err != nil {
			return err
		}
		if more, err := fn(e); err != nil || !more {
			return err
		}
	}
	return nil
}

func readAudit(key, value []byte) (e audit.Entry, err error) {
	if len(key) != 8 {
		return e, fmt.Errorf("audit trail, key %x: %w", key, errRecord)
	}
	if err := decode(key, value, &e); err != nil {
		return e, err
	}
	if e.Seq != beUint64(key) || e.Lost >= e.Seq {
		return e, fmt.Errorf("audit entry %d calls itself %d, after %d lost ones: %w", beUint64(key), e.Seq, e.Lost, errRecord)
	}
	return e, nil
}

// exportAudit writes the trail as JSON lines, whole.
func (j *Journal) exportAudit(w io.Writer) (n int, err error) {
	err = j.read("exporting", func(tx *bolt.Tx) error {
		return eachAudit(tx, 0, func(e audit.Entry) (bool, error) {
			n++
			return true, writeJSON(w, e)
		})
	})
	return n, err
}

// pruneAudit removes the entries that are older than before, and the oldest of
// too many, at most perTx of them. more tells that there are others.
func (j *Journal) pruneAudit(before time.Time, perTx int) (n int, more bool, err error) {
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.Err(); err != nil {
		return 0, false, err
	}
	var old [][]byte
	err = j.read("pruning", func(tx *bolt.Tx) error {
		last := uint64(0)
		if b := tx.Bucket([]byte(bucketAudit)); b != nil {
			last = b.Sequence()
		}
		return eachAudit(tx, 0, func(e audit.Entry) (bool, error) {
			if !e.At.Before(before) && e.Seq+auditMost > last {
				return false, nil
			}
			if more = len(old) >= perTx; !more {
				old = append(old, auditKey(e.Seq))
			}
			return !more, nil
		})
	})
	if err != nil || len(old) == 0 {
		return 0, false, err
	}
	err = j.update("pruning", func(tx *bolt.Tx) error {
		j.used = tx.Size()
		b := tx.Bucket([]byte(bucketAudit))
		for _, k := range old {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = j.opt.Faults.step("audit pruned")
	}
	if err != nil {
		return 0, false, j.fail(err)
	}
	return len(old), more, nil
}

// audit carries entries over under their old numbers, and ends with one about
// the repair itself. Each says how many before it are lost.
func (im *importer) audit(entries map[uint64]audit.Entry, last uint64, r *Repaired) error {
	if err := im.flush(); err != nil {
		return err
	}
	return im.db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucketAudit))
		if err != nil {
			return err
		}
		for i, seq := range sortedKeys(entries) {
			e := entries[seq]
			if i == 0 { // what is before the oldest was pruned
				if err := b.SetSequence(seq - 1 - e.Lost); err != nil {
					return err
				}
			}
			missing := seq - 1 - b.Sequence()
			r.LostAudit += int(missing - min(missing, e.Lost))
			e.Lost = missing
			if err := putAudit(tx, e); err != nil {
				return err
			}
			r.Audit++
		}
		mended := audit.Actor{Name: audit.Self().Name, Via: "command"}.Entry(audit.Repair, im.opt.Terminal)
		mended.At = im.opt.now()
		mended.Lost = max(last, b.Sequence()) - b.Sequence()
		if r.LostAudit += int(mended.Lost); r.LostAudit > 0 {
			mended = mended.With("lost_entries", strconv.Itoa(r.LostAudit))
			r.find(FindingAudit, "", "%d entries could not be read", r.LostAudit)
		}
		return putAudit(tx, mended.Clean())
	})
}

// audit checks that every entry is readable and none is missing between the
// oldest and the newest.
func (c *content) audit() {
	b := c.tx.Bucket([]byte(bucketAudit))
	if b == nil {
		return
	}
	var last uint64
	err := b.ForEach(func(k, v []byte) error {
		e, err := readAudit(k, v)
		if err == nil {
			err = e.Check()
		}
		if err != nil {
			c.r.find(FindingAudit, "", "entry %x: %v", k, err)
		}
		if len(k) != 8 {
			return nil
		}
		seq := beUint64(k)
		if missing := seq - last - 1; last > 0 && err == nil && missing != e.Lost {
			c.r.find(FindingAudit, "", "%d entries are missing between %d and %d", missing-e.Lost, last, seq)
		}
		last = seq
		c.r.Audit++
		return nil
	})
	if err != nil {
		c.r.find(FindingAudit, "", "%v", err)
	}
	if n := b.Sequence(); c.r.Audit > 0 && last != n {
		c.r.find(FindingAudit, "", "the newest entry is %d, the bucket counts %d", last, n)
	}
}
