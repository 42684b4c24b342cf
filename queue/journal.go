package queue

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// Journal is the crash-safe store of one till. It is safe for concurrent use.
type Journal struct {
	db      *bolt.DB
	file    os.FileInfo // the file that is open, whatever its name means by now
	opt     Options
	codeKey []byte
	info    Info

	// write is held over every change of the file, from judging it to
	// publishing it: what a guard has seen cannot change before the commit.
	write   sync.Mutex
	commits int   // counted for Faults
	size    int64 // of the file
	used    int64 // bytes of it up to the last page ever used

	// view guards what follows: the picture that reads are served from. It
	// changes only after the write that it shows is durable.
	view     sync.RWMutex
	live     map[offline.SaleID]*liveSale
	tail     []offline.Event // of live sales, in order
	payments map[offline.MerchantTransID]offline.SaleID
	codes    map[string]codeUse // by hash; not those proven unsent
	totals   map[totalID]totalRecord
	filed    int

	settledLive int                          // of live
	liveTotals  map[totalID]offline.DayTotal // over live
	lastEvent   uint64
	viewer      offline.BootID // the run that writes, known from its first write
	failure     error
	full        error // nothing new is begun
	closed      bool
}

// The journal is what the engine needs.
var _ offline.Journal = (*Journal)(nil)

// Info tells what Open found.
type Info struct {
	Path     string    `json:"path"`
	Schema   int       `json:"schema"`
	Created  time.Time `json:"created"`
	Terminal string    `json:"terminal,omitempty"` // as named when the journal was made
	New      bool      `json:"new"`                // made by this Open
	Clean    bool      `json:"clean"`              // the run before ended with Close
	Migrated int       `json:"migrated,omitempty"` // schema before; 0: none was needed
}

// Info tells what Open found.
func (j *Journal) Info() Info { return j.info }

// Path is the file's name.
func (j *Journal) Path() string { return j.info.Path }

// Digest makes what may be kept of a payment code.
func (j *Journal) Digest(code offline.IdentityCode) offline.CodeDigest {
	return offline.DigestCode(j.codeKey, code)
}

// Err is nil while the journal takes writes; otherwise why it does not.
func (j *Journal) Err() error {
	j.view.RLock()
	defer j.view.RUnlock()
	switch {
	case j.closed:
		return failed(j.closedError("writing"))
	case j.failure != nil:
		return failed(j.failure)
	}
	return nil
}

func (j *Journal) closedError(op string) error {
	return &Error{Op: op, Path: j.info.Path, Kind: ErrClosed}
}

// fail closes the journal for writes. The first cause stays.
func (j *Journal) fail(cause error) error {
	j.view.Lock()
	first := j.failure == nil && !j.closed
	if j.failure == nil {
		j.failure = cause
	}
	err := failed(j.failure)
	j.view.Unlock()
	if first && j.opt.OnFailure != nil {
		j.opt.OnFailure(err)
	}
	return err
}

// Close marks the run as ended cleanly and closes the file. Calls after the
// first do nothing.
func (j *Journal) Close() error {
	j.write.Lock()
	defer j.write.Unlock()
	j.view.Lock()
	if j.closed {
		j.view.Unlock()
		return nil
	}
	j.closed = true
	broken := j.failure != nil
	j.view.Unlock()
	var errs []error
	if !broken && !j.opt.ReadOnly {
		errs = append(errs, j.update("closing", func(tx *bolt.Tx) error {
			return putMeta(tx, metaRun, runClosed)
		}))
	}
	errs = append(errs, guard(j.db.Close))
	return wrap("closing", j.info.Path, errors.Join(errs...))
}

// update runs one write transaction. A panic of bbolt on a damaged page becomes
// an error.
func (j *Journal) update(op string, fn func(*bolt.Tx) error) error {
	return wrap(op, j.info.Path, guard(func() error { return j.db.Update(fn) }))
}

// read runs one read transaction, likewise.
func (j *Journal) read(op string, fn func(*bolt.Tx) error) error {
	return wrap(op, j.info.Path, guard(func() error { return j.db.View(fn) }))
}

// guard turns a panic, and a fault on memory that a truncated file no longer
// backs, into an error. bbolt asserts what it finds on pages by panicking.
func guard(fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPage, r)
		}
	}()
	return fn()
}

// Stats is what the journal tells about itself.
type Stats struct {
	Sales     int    `json:"sales"`     // all that are stored
	Live      int    `json:"live"`      // of them, not yet filed
	Unsettled int    `json:"unsettled"` // of them, with something left to do
	LastEvent uint64 `json:"lastEvent"`
	FileSize  int64  `json:"fileSize"` // bytes on disk, with room kept for growth
	Used      int64  `json:"used"`     // bytes of the file in use or free within it
	Free      int64  `json:"free"`     // bytes within it that can be used again
}

// Stats counts sales and bytes. It reads no sale.
func (j *Journal) Stats() (Stats, error) {
	j.view.RLock()
	defer j.view.RUnlock()
	if j.closed {
		return Stats{}, j.closedError("reading")
	}
	s := Stats{Sales: j.filed + len(j.live), Live: len(j.live), LastEvent: j.lastEvent}
	for _, l := range j.live {
		if !l.settled {
			s.Unsettled++
		}
	}
	size, err := fileSize(j.info.Path)
	if err != nil {
		return s, wrap("reading", j.info.Path, err)
	}
	s.FileSize = size
	err = j.read("reading", func(tx *bolt.Tx) error {
		s.Used = tx.Size()
		return nil
	})
	s.Free = int64(j.db.Stats().FreeAlloc)
	return s, err
}
