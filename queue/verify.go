package queue

import (
	"context"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// FindingKind sorts what Verify and Repair find.
type FindingKind string

// The kinds of findings.
const (
	FindingPage    FindingKind = "page"    // the file's structure: a page, a bucket, the list of free pages
	FindingRecord  FindingKind = "record"  // a record that is missing, unreadable or misplaced
	FindingSale    FindingKind = "sale"    // a sale whose facts no guard would have admitted
	FindingIndex   FindingKind = "index"   // an index that does not say what the sales say
	FindingTotal   FindingKind = "total"   // totals that are not the sums of the sales
	FindingEvent   FindingKind = "event"   // an event that is missing
	FindingCodeKey FindingKind = "codekey" // the key of the codes' digests is lost
	FindingAudit   FindingKind = "audit"   // an entry of the audit trail that is unreadable or missing
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind   FindingKind    `json:"kind"`
	SaleID offline.SaleID `json:"saleId,omitempty"`
	What   string         `json:"what"`
}

// String is one line for people.
func (f Finding) String() string {
	if f.SaleID != "" {
		return string(f.Kind) + ": sale " + string(f.SaleID) + ": " + f.What
	}
	return string(f.Kind) + ": " + f.What
}

// maxFindings bounds a report: a zeroed page can break thousands of sales.
const maxFindings = 1000

// Report is what Verify counted and found.
type Report struct {
	Path      string    `json:"path"`
	Schema    int       `json:"schema"`
	Sales     int       `json:"sales"`
	Unsettled int       `json:"unsettled"` // of the sales
	Payments  int       `json:"payments"`
	Refunds   int       `json:"refunds"`
	Facts     int       `json:"facts"`
	Events    int       `json:"events"`
	Pruned    int       `json:"prunedEvents"`
	Audit     int       `json:"auditEntries"`
	Pages     int       `json:"pages"`
	Findings  []Finding `json:"findings"`       // the first 1000
	More      int       `json:"more,omitempty"` // findings beyond those
}

// OK tells whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) find(kind FindingKind, id offline.SaleID, format string, args ...any) {
	if len(r.Findings) >= maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{Kind: kind, SaleID: id, What: fmt.Sprintf(format, args...)})
}

// Verify checks a journal that no program has open: every page, every record,
// every sale replayed through the guards, every index in both directions, the
// totals against their sums. It changes nothing. The error tells that the file
// could not be judged (ErrLocked, ErrPermission, ErrMissing, ErrNewerSchema);
// damage is in the report.
func Verify(ctx context.Context, path string) (Report, error) {
	return verify(ctx, path, Options{})
}

func verify(ctx context.Context, path string, opt Options) (Report, error) {
	r := Report{Path: path}
	unlock, err := lockFile(path, true)
	if err != nil {
		return r, wrap("verifying", path, err)
	}
	err = verifyPages(ctx, path, &r)
	if err = errors.Join(err, unlock()); err != nil || !r.OK() {
		return r, wrap("verifying", path, err)
	}
	db, _, err := openBolt(path, Options{ReadOnly: true})
	if err != nil {
		return r, wrap("verifying", path, err)
	}
	err = guard(func() error {
		return db.View(func(tx *bolt.Tx) error {
			for err := range tx.Check() {
				r.find(FindingPage, "", "%v", err)
			}
			if !r.OK() {
				return nil
			}
			return verifyContent(ctx, tx, &r, opt)
		})
	})
	return r, judged(&r, path, errors.Join(err, guard(db.Close)))
}

// Verify checks the journal while it is in use: what was committed when it
// begins. Only the list of free pages is left out, as commits change it
// meanwhile.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	r := Report{Path: j.info.Path}
	err := guard(func() error {
		return j.db.View(func(tx *bolt.Tx) error {
			if err := verifySnapshot(ctx, tx, &r); err != nil || !r.OK() {
				return err
			}
			return verifyContent(ctx, tx, &r, j.opt)
		})
	})
	return r, judged(&r, j.info.Path, err)
}

// judged turns damage that ended the check early into a finding.
func judged(r *Report, path string, err error) error {
	err = wrap("verifying", path, err)
	if errors.Is(err, ErrDamaged) {
		r.find(FindingPage, "", "%v", err)
		return nil
	}
	return err
}

// verifyPages checks the structure of a file that nobody writes.
func verifyPages(ctx context.Context, path string, r *Report) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	pages, err := openPages(f, info.Size())
	if err == nil {
		err = pages.inspect()
	}
	if err != nil {
		if !errors.Is(err, errPage) {
			return err
		}
		r.find(FindingPage, "", "%v", err)
		return nil
	}
	return walkAll(ctx, pages, pages.current(), r)
}

// verifySnapshot checks the pages that a transaction sees: nobody changes those
// while it is open.
func verifySnapshot(ctx context.Context, tx *bolt.Tx, r *Report) (err error) {
	f, err := os.Open(tx.DB().Path())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	pages, err := openPages(f, info.Size())
	if err != nil {
		return err
	}
	for _, h := range pages.heads {
		if h.valid && h.txid == uint64(tx.ID()) {
			return walkAll(ctx, pages, h, r)
		}
	}
	// Two commits since: the head of this state is gone, its pages are not. Its
	// records are read through the transaction all the same.
	return nil
}

func walkAll(ctx context.Context, pages *pageFile, h head, r *Report) error {
	r.Pages = int(h.pages)
	w := walker{f: pages, h: h, seen: newPageSet(h.pages), visit: func(string, page) error { return ctx.Err() }}
	w.broken = func(_ string, err error) { r.find(FindingPage, "", "%v", err) }
	return w.walk()
}
