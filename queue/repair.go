package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// Repaired is what Repair did.
type Repaired struct {
	Path   string `json:"path"`
	KeptAs string `json:"keptAs,omitempty"` // where the damaged file is now; "": nothing was wrong
	// Sales that were carried over; of them, those that lack something.
	Sales      int `json:"sales"`
	Incomplete int `json:"incomplete"`
	// Parked are the payments and refunds that now wait for a person: facts about
	// them may be lost, and with them the word whether money was taken.
	Parked        []offline.MerchantTransID `json:"parked"`
	ParkedRefunds []offline.RefundID        `json:"parkedRefunds,omitempty"`
	// Lost are payments that were seen and could not be carried over. Each has to
	// be looked up at the gateway.
	Lost []offline.MerchantTransID `json:"lost"`
	// MissingEvents is how many writes left no trace at all, as far as the numbers
	// of the events tell; -1 where they do not.
	MissingEvents int `json:"missingEvents"`
	// Audit is how many entries of the audit trail were carried over, LostAudit
	// how many between the oldest and the newest were not.
	Audit       int       `json:"auditEntries"`
	LostAudit   int       `json:"lostAuditEntries"`
	CodeKeyLost bool      `json:"codeKeyLost"` // used codes are no longer recognised
	Findings    []Finding `json:"findings"`    // the first 1000
	More        int       `json:"more,omitempty"`
}

func (r *Repaired) find(kind FindingKind, id offline.SaleID, format string, args ...any) {
	report := Report{Findings: r.Findings, More: r.More}
	report.find(kind, id, format, args...)
	r.Findings, r.More = report.Findings, report.More
}

// Repair replaces a damaged journal by a fresh one with everything that can be
// read, and keeps the damaged file beside it. At any moment there is a file of
// the journal's name: a power cut in the middle leaves the damaged one, and
// Repair is run again. A journal that verifies is left alone.
//
// A sale of which facts may be missing is carried over as far as the guards
// admit it, and every payment in it without an end is parked
// (offline.ReasonRepaired): nothing that may have charged a customer is ended
// or forgotten by a repair.
func Repair(ctx context.Context, path string, opt Options) (Repaired, error) {
	r, err := repair(ctx, path, opt)
	return r, wrap("repairing", path, err)
}

func repair(ctx context.Context, path string, opt Options) (r Repaired, err error) {
	r.Path = path
	v, err := Verify(ctx, path)
	if err != nil {
		return r, err
	}
	if v.OK() {
		r.Sales = v.Sales
		return r, nil
	}
	r.Findings, r.More = v.Findings, v.More
	unlock, err := lockFile(path, false)
	if err != nil {
		return r, err
	}
	temp, err := salvageInto(ctx, path, opt, &r)
	if err != nil {
		return r, errors.Join(err, unlock())
	}
	check, err := Verify(ctx, temp)
	if err == nil && !check.OK() {
		err = fmt.Errorf("the repaired journal does not verify: %s", check.Findings[0])
	}
	if err == nil {
		r.KeptAs, err = keepAside(path, opt)
	}
	if err != nil {
		return r, errors.Join(err, unlock(), os.Remove(temp))
	}
	if err := opt.Faults.step("kept"); err != nil {
		return r, errors.Join(err, unlock())
	}
	// The lock belongs to the damaged file and goes last: a daemon that got it
	// before the new file has the name would sell into the old one.
	err = errors.Join(os.Rename(temp, path), unlock(), syncDir(filepath.Dir(path)))
	if err == nil {
		err = opt.Faults.step("repaired")
	}
	return r, err
}

// salvageInto builds the new journal beside the damaged one.
func salvageInto(ctx context.Context, path string, opt Options, r *Repaired) (temp string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	pages, err := openPages(f, info.Size())
	if err != nil && !errors.Is(err, errPage) {
		return "", err
	}
	s, err := newSalvage(ctx, pages)
	if err != nil {
		return "", err
	}
	for _, what := range s.describeBroken() {
		r.find(FindingPage, "", "%s", what)
	}
	key, opt, err := s.identity(opt, r)
	if err != nil {
		return "", err
	}
	return build(path, opt, true, func(db *bolt.DB) error {
		im := &importer{db: db, opt: opt}
		defer im.abandon()
		if err := im.begin(key, s.totals); err != nil {
			return err
		}
		return s.into(ctx, im, r)
	})
}

// identity restores what the meta bucket says of the journal.
func (s *salvage) identity(opt Options, r *Repaired) (key []byte, _ Options, err error) {
	var schema int
	if body := s.meta[metaSchema]; body != nil {
		if err := json.Unmarshal(body, &schema); err == nil && schema > schemaVersion {
			return nil, opt, ErrNewerSchema
		}
	}
	if opt.Terminal == "" {
		_ = json.Unmarshal(s.meta[metaTerminal], &opt.Terminal) // lost: the name stays empty
	}
	if err := json.Unmarshal(s.meta[metaCodeKey], &key); err != nil || len(key) != codeKeyLen {
		r.CodeKeyLost = true
		r.find(FindingCodeKey, "", "it is lost: codes that were used before cannot be recognised any more")
		key = make([]byte, codeKeyLen)
		_, _ = rand.Read(key) // never fails: it ends the program instead
	}
	return key, opt, nil
}

// into carries all sales over.
func (s *salvage) into(ctx context.Context, im *importer, r *Repaired) error {
	im.last = s.last // new events are numbered behind all that ever were
	c := carrier{s: s, im: im, r: r, used: map[uint64]bool{}}
	err := s.sales(ctx, c.carry)
	if err != nil {
		return err
	}
	r.MissingEvents = -1
	if s.pruned >= 0 {
		r.MissingEvents = max(0, int(s.last)-s.pruned-c.old)
	}
	if r.MissingEvents > 0 {
		r.find(FindingEvent, "", "%d writes left no trace: compare the payments of the last days with the gateway's list", r.MissingEvents)
	}
	if err := im.audit(s.audit, s.auditLast, c.r); err != nil {
		return err
	}
	return im.end()
}

// keepAside gives the damaged file a second name. The first one stays until the
// repaired journal takes it, so that a start in between finds a journal that it
// refuses, and not none, which it would make anew.
func keepAside(path string, opt Options) (string, error) {
	base := path + ".damaged-" + stamp(opt.now())
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		err := os.Link(path, name)
		switch {
		case err == nil:
			return name, syncDir(filepath.Dir(path))
		case errors.Is(err, os.ErrExist):
			continue
		}
		return name, copyFile(path, name) // a file system without links
	}
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close(), syncDir(filepath.Dir(to)))
}
