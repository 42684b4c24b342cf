package queue

import (
	"errors"
	"fmt"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// Options configure Open. The zero value is a journal for production.
type Options struct {
	// Terminal is kept in a new journal, for people who find the file.
	Terminal string
	// ReadOnly opens without changing a byte: for verify and export of copies.
	ReadOnly bool
	// Observe is called after each commit with the time it took, judging and
	// waiting for its turn included.
	Observe func(commit time.Duration)
	// OnFailure is called once, when the journal has closed itself for writes.
	// It must not call the journal.
	OnFailure func(err error)
	// Now is the clock for what the journal notes about itself; nil: time.Now.
	Now func() time.Time
	// Faults is for tests.
	Faults Faults

	schema *schema // other than the product's, in tests
}

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// lockWait is how long Open waits for another program to let go of the file: a
// service that restarts needs a moment, a second daemon is told soon.
const lockWait = 300 * time.Millisecond

// Open opens the journal, and makes it where there is none: under another name
// first, so that a power cut leaves either no journal or a whole one. A file
// that does not open is never changed. Errors are *Error with one of the kinds
// ErrLocked, ErrNewerSchema, ErrDamaged, ErrPermission, ErrReadOnly,
// ErrDiskFull, ErrIO, ErrMissing.
func Open(path string, opt Options) (*Journal, error) {
	j, err := open(path, opt)
	if err != nil {
		return nil, wrap("opening", path, err)
	}
	return j, nil
}

func open(path string, opt Options) (*Journal, error) {
	made := false
	_, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) && !opt.ReadOnly {
		made, err = create(path, opt)
	}
	if err != nil {
		return nil, err
	}
	if err := lockAndInspect(path, opt.ReadOnly); err != nil {
		return nil, err
	}
	if err := opt.Faults.step("inspected"); err != nil {
		return nil, err
	}
	db, file, err := openBolt(path, opt)
	if err != nil {
		return nil, err
	}
	j := &Journal{
		db: db, file: file, opt: opt, info: Info{Path: path, New: made},
		live: map[offline.SaleID]*liveSale{}, payments: map[offline.MerchantTransID]offline.SaleID{},
		codes: map[string]codeUse{}, totals: map[totalID]totalRecord{}, liveTotals: map[totalID]offline.DayTotal{},
	}
	if err := j.start(); err != nil {
		return nil, errors.Join(err, guard(db.Close))
	}
	if made {
		removeLeftovers(path)
	}
	return j, nil
}

// lockAndInspect checks the pages while nobody writes: what another program has
// half written would look like damage.
func lockAndInspect(path string, readOnly bool) error {
	unlock, err := lockFile(path, readOnly)
	if err != nil {
		return err
	}
	return errors.Join(inspectFile(path), unlock())
}

// openBolt opens the file of a journal and tells which one it is.
func openBolt(path string, opt Options) (db *bolt.DB, info os.FileInfo, err error) {
	var file *os.File // bbolt's
	err = guard(func() error {
		var err error
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout:         lockWait,
			FreelistType:    bolt.FreelistMapType,
			ReadOnly:        opt.ReadOnly,
			InitialMmapSize: mapSize(path, opt.ReadOnly),
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				// Making the file is create's work alone: an empty one that
				// bbolt made here would pass for a journal without a past.
				var err error
				file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
				return file, err
			},
		})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	// While bbolt waited for the lock, a repair may have put another file here.
	// What is written into the old one, nobody would ever find.
	if info, err = file.Stat(); err == nil {
		err = inPlace(path, info)
	}
	if errors.Is(err, ErrReplaced) {
		err = fmt.Errorf("another file was put in its place: %w", ErrLocked) // a moment ago: the next start finds that one
	}
	if err != nil {
		return nil, nil, errors.Join(err, guard(db.Close))
	}
	return db, info, nil
}

// inPlace returns ErrReplaced unless the file of a name is still the one that
// was opened.
func inPlace(path string, opened os.FileInfo) error {
	switch now, err := os.Stat(path); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file of this name any more: %w", ErrReplaced)
	case err != nil:
		return err
	case !os.SameFile(now, opened):
		return fmt.Errorf("another file has this name now: %w", ErrReplaced)
	}
	return nil
}

// start reads what the journal keeps in memory and marks the run.
func (j *Journal) start() error {
	if err := j.readMeta(); err != nil {
		return err
	}
	if err := j.migrate(); err != nil {
		return err
	}
	if err := j.read("opening", j.load); err != nil {
		return err
	}
	if j.opt.ReadOnly {
		return nil
	}
	if err := j.update("opening", func(tx *bolt.Tx) error { return putMeta(tx, metaRun, runOpen) }); err != nil {
		return err
	}
	if err := j.measure(); err != nil {
		return err
	}
	j.keepRoom(reserveLow)
	return nil
}

func (j *Journal) readMeta() error {
	return j.read("opening", func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bucketMeta)) == nil {
			return fmt.Errorf("a bbolt file, but not a journal: %w", ErrDamaged)
		}
		// First, as a newer version may keep the rest in another way.
		err := getMeta(tx, metaSchema, &j.info.Schema)
		if err == nil {
			err = j.checkSchema()
		}
		if err != nil {
			return err
		}
		var run string
		err = errors.Join(
			getMeta(tx, metaCreated, &j.info.Created),
			getMeta(tx, metaTerminal, &j.info.Terminal),
			getMeta(tx, metaRun, &run),
			getMeta(tx, metaCodeKey, &j.codeKey),
		)
		j.info.Clean = run == runClosed
		if err == nil && len(j.codeKey) != codeKeyLen {
			err = fmt.Errorf("the key of the codes has %d bytes: %w", len(j.codeKey), errRecord)
		}
		return err
	})
}

// load reads live sales and totals.
func (j *Journal) load(tx *bolt.Tx) error {
	for _, name := range allBuckets() {
		if tx.Bucket([]byte(name)) == nil {
			return fmt.Errorf("bucket %q is missing: %w", name, errRecord)
		}
	}
	live := tx.Bucket([]byte(bucketLive))
	err := eachSale(live, func(_ offline.SaleID, l loaded, err error) error {
		if err != nil {
			return err
		}
		j.setLive(l.sale, l.standing.due(), l.events)
		return nil
	})
	if err != nil {
		return err
	}
	j.lastEvent = max(j.lastEvent, live.Sequence())
	j.filed = int(tx.Bucket([]byte(bucketSales)).Sequence())
	return eachTotal(tx.Bucket([]byte(bucketTotals)), func(id totalID, r totalRecord) {
		j.totals[id] = r
	})
}

func eachTotal(b *bolt.Bucket, fn func(totalID, totalRecord)) error {
	return b.ForEach(func(k, v []byte) error {
		day, currency, ok := parseTotalKey(k)
		if !ok {
			return fmt.Errorf("totals, key %q: %w", k, errRecord)
		}
		var r totalRecord
		if err := decode(k, v, &r); err != nil {
			return err
		}
		fn(totalID{day, currency}, r)
		return nil
	})
}

func putMeta(tx *bolt.Tx, key string, value any) error {
	r, err := newRecord([]byte(key), value)
	if err != nil {
		return err
	}
	return tx.Bucket([]byte(bucketMeta)).Put(r.key, r.value)
}

// getMeta reads a record of the meta bucket; a missing one is damage.
func getMeta(tx *bolt.Tx, key string, into any) error {
	v := tx.Bucket([]byte(bucketMeta)).Get([]byte(key))
	if v == nil {
		return fmt.Errorf("meta record %q is missing: %w", key, errRecord)
	}
	return decode([]byte(key), v, into)
}
