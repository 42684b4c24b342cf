package offlinetest

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"posagent/offline"
)

// Faults fail the journal at a chosen moment, as a full disk or a power cut
// would. A hook may also end its goroutine. The fields mean the same as those of
// queue.Faults.
type Faults struct {
	// Before is called before the n-th commit since the journal was opened,
	// counted from 1: an error fails it with nothing written.
	Before func(n int) error
	// After is called when the n-th commit is durable: an error makes the caller
	// see a failure although the write is there.
	After func(n int) error
}

// FailBefore makes faults in which the n-th commit fails with nothing written.
func FailBefore(n int, err error) Faults {
	return Faults{Before: func(i int) error { return onlyAt(i, n, err) }}
}

// FailAfter makes faults in which the n-th commit is durable and its caller
// never learns of it.
func FailAfter(n int, err error) Faults {
	return Faults{After: func(i int) error { return onlyAt(i, n, err) }}
}

func onlyAt(i, n int, err error) error {
	if i == n {
		return err
	}
	return nil
}

// Journal is an offline.Journal in memory, with the guards, the errors and the
// orders of the real one; queuetest.RunJournal holds both to the same suite.
type Journal struct {
	key []byte

	mu      sync.Mutex
	disk    *disk
	faults  Faults
	commits int
	viewer  offline.BootID
	failure error
	doubt   func() // a durable write that this run never learned of
	gone    bool   // reopened: this one is the crashed process's
}

// disk is what a crash leaves.
type disk struct {
	sales  map[offline.SaleID]*kept
	events []offline.Event
}

// kept is one sale on the disk.
type kept struct {
	stored  offline.StoredSale
	due     time.Time
	settled bool
}

var _ offline.Journal = (*Journal)(nil)

// NewJournal returns an empty journal.
func NewJournal() *Journal {
	return &Journal{key: []byte("a fixed key for tests, 32 bytes."), disk: &disk{sales: map[offline.SaleID]*kept{}}}
}

// SetFaults sets what fails from now on; commits keep being counted from the
// opening of the journal.
func (j *Journal) SetFaults(f Faults) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults = f
}

// Commits is the number of commits that were tried since the opening.
func (j *Journal) Commits() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.commits
}

// Reopen is the start after a crash: it returns a journal with what was durable,
// without faults. The journal that it is called on takes no more writes.
func (j *Journal) Reopen() *Journal {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.gone = true
	if j.doubt != nil {
		j.doubt()
	}
	return &Journal{key: j.key, disk: j.disk}
}

// Err is nil while the journal takes writes; otherwise why it does not.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err()
}

func (j *Journal) err() error {
	switch {
	case j.gone:
		return fmt.Errorf("%w: this run has ended", offline.ErrJournal)
	case j.failure != nil:
		return fmt.Errorf("%w: %w", offline.ErrJournal, j.failure)
	}
	return nil
}

// Digest makes what may be kept of a payment code.
func (j *Journal) Digest(code offline.IdentityCode) offline.CodeDigest {
	return offline.DigestCode(j.key, code)
}

// Commit is offline.Journal's.
func (j *Journal) Commit(w offline.Write) (offline.Committed, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.err(); err != nil {
		return offline.Committed{}, err
	}
	next, event, err := j.judge(w)
	if err != nil {
		return offline.Committed{}, err
	}
	j.commits++
	if j.faults.Before != nil {
		if j.failure = j.faults.Before(j.commits); j.failure != nil {
			return offline.Committed{}, j.err()
		}
	}
	after := restore(next.stored)
	next.settled = after.Settled()
	// Until the commit has returned the write may be lost or not: this run does
	// not see it, the next one does.
	j.doubt = func() {
		j.disk.sales[w.SaleID] = next
		if event != nil {
			j.disk.events = append(j.disk.events, *event)
		}
	}
	if j.faults.After != nil {
		if j.failure = j.faults.After(j.commits); j.failure != nil {
			return offline.Committed{}, j.err()
		}
	}
	j.doubt()
	j.doubt = nil
	if boot := bootOf(w); boot != "" {
		j.viewer = boot
	}
	out := offline.Committed{Sale: after}
	if event != nil {
		out.Event = event.Seq
	}
	return out, nil
}

func (j *Journal) judge(w offline.Write) (*kept, *offline.Event, error) {
	if _, err := offline.ParseSaleID(string(w.SaleID)); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", offline.ErrIllegal, err)
	}
	old := j.disk.sales[w.SaleID]
	var before offline.Sale
	var stored offline.StoredSale
	if old != nil {
		stored = old.stored
		before = restore(stored)
	}
	if _, err := before.Apply(w); err != nil {
		return nil, nil, err
	}
	if err := j.judgePayments(w); err != nil {
		return nil, nil, err
	}
	w, err := roundTrip(w)
	if err != nil {
		return nil, nil, fmt.Errorf("sale %s cannot be stored: %w: %w", w.SaleID, offline.ErrIllegal, err)
	}
	after, err := before.Apply(w)
	if err != nil {
		return nil, nil, err
	}
	due := w.Due
	if due.IsZero() || due.After(offline.NeverDue) {
		due = offline.NeverDue
	}
	next := &kept{stored: extend(stored, w), due: due.UTC().Round(0)}
	viewer := j.viewer
	if boot := bootOf(w); boot != "" {
		viewer = boot
	}
	e := offline.Describe(after.SeenBy(viewer), w)
	if len(e.What) == 0 {
		return next, nil, nil
	}
	e.Seq = uint64(len(j.disk.events)) + 1
	e, err = roundTrip(e)
	return next, &e, err
}

func (j *Journal) judgePayments(w offline.Write) error {
	var seen []string
	for _, pw := range w.Payments {
		if pw.New == nil {
			continue
		}
		hash := pw.New.Code.Hash
		switch raw, err := hex.DecodeString(hash); {
		case pw.New.ID != pw.ID:
			return fmt.Errorf("payment %s created as %s: %w", pw.ID, pw.New.ID, offline.ErrIllegal)
		case err != nil || len(raw) != 16:
			return fmt.Errorf("payment %s without the digest of its code: %w", pw.ID, offline.ErrIllegal)
		case slices.Contains(seen, hash):
			return fmt.Errorf("sale %s: one code for two payments (I2): %w", w.SaleID, offline.ErrIllegal)
		}
		seen = append(seen, hash)
		for id, k := range j.disk.sales {
			for _, p := range restore(k.stored).Payments {
				if p.ID == pw.ID {
					return fmt.Errorf("merchantTransId %s belongs to sale %s already (I2): %w", p.ID, id, offline.ErrIllegal)
				}
				free := p.End != nil && p.End.Result == offline.ResultCancelled && p.End.How == offline.HowUnsent
				if p.Code.Hash == hash && !free {
					return &offline.CodeUsedError{SaleID: id, Payment: p.ID, At: p.CreatedAt}
				}
			}
		}
	}
	return nil
}

// extend adds a write's facts to a stored sale. It shares nothing that it
// changes.
func extend(st offline.StoredSale, w offline.Write) offline.StoredSale {
	if w.NewSale != nil {
		st.Head = *w.NewSale
	}
	if w.EndSale != nil {
		st.End = w.EndSale
	}
	st.Payments = slices.Clone(st.Payments)
	for _, pw := range w.Payments {
		if pw.New != nil {
			st.Payments = append(st.Payments, offline.StoredPayment{Head: *pw.New})
		}
		for i := range st.Payments {
			if p := &st.Payments[i]; p.Head.ID == pw.ID {
				p.Facts = append(slices.Clip(p.Facts), pw.Facts...)
			}
		}
	}
	st.Refunds = slices.Clone(st.Refunds)
	for _, rw := range w.Refunds {
		if rw.New != nil {
			st.Refunds = append(st.Refunds, offline.StoredRefund{Head: *rw.New})
		}
		for i := range st.Refunds {
			if r := &st.Refunds[i]; r.Head.ID == rw.ID {
				r.Facts = append(slices.Clip(r.Facts), rw.Facts...)
			}
		}
	}
	return st
}

// restore folds a stored sale. The result shares nothing with the store.
func restore(st offline.StoredSale) offline.Sale {
	s, err := offline.Restore(st)
	if err != nil {
		panic(fmt.Sprintf("in-memory journal: an admitted sale does not restore: %v", err))
	}
	own := func(list []offline.Attempt) {
		for i := range list {
			if a := list[i].Outcome.PayAmount; a != nil {
				amount := *a
				list[i].Outcome.PayAmount = &amount
			}
		}
	}
	for i := range s.Payments {
		own(s.Payments[i].Attempts)
	}
	for i := range s.Refunds {
		own(s.Refunds[i].Attempts)
	}
	return s
}

// roundTrip returns a value as the disk would give it back.
func roundTrip[T any](v T) (T, error) {
	var out T
	body, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	return out, err
}

// bootOf is the run that makes the write, where the write names it.
func bootOf(w offline.Write) offline.BootID {
	var boot offline.BootID
	if w.NewSale != nil {
		boot = w.NewSale.Boot
	}
	var facts []offline.Fact
	for _, pw := range w.Payments {
		if pw.New != nil {
			boot = pw.New.Boot
		}
		facts = append(facts, pw.Facts...)
	}
	for _, rw := range w.Refunds {
		facts = append(facts, rw.Facts...)
	}
	for _, f := range facts {
		if f.Kind == offline.FactBegun {
			boot = f.Boot
		}
	}
	return boot
}

// Sale is offline.Journal's.
func (j *Journal) Sale(id offline.SaleID) (offline.Sale, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if k := j.disk.sales[id]; k != nil {
		return restore(k.stored), nil
	}
	return offline.Sale{}, fmt.Errorf("sale %q: %w", id, offline.ErrUnknownSale)
}

// SaleOf is offline.Journal's.
func (j *Journal) SaleOf(id offline.MerchantTransID) (offline.SaleID, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for sale, k := range j.disk.sales {
		for _, p := range k.stored.Payments {
			if p.Head.ID == id {
				return sale, nil
			}
		}
	}
	return "", fmt.Errorf("payment %q: %w", id, offline.ErrUnknownSale)
}

// Unsettled is offline.Journal's. A limit of 0 or less means all.
func (j *Journal) Unsettled(until time.Time, limit int) ([]offline.DueSale, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []offline.DueSale
	for id, k := range j.disk.sales {
		if !k.settled && !k.due.After(until) {
			out = append(out, offline.DueSale{ID: id, Due: k.due})
		}
	}
	slices.SortFunc(out, func(a, b offline.DueSale) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// LastEvent is offline.Journal's.
func (j *Journal) LastEvent() (uint64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return uint64(len(j.disk.events)), nil
}

// Events is offline.Journal's: at most 1000 at once.
func (j *Journal) Events(after uint64, limit int) ([]offline.Event, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if limit <= 0 || limit > 1000 {
		limit = 1000
	}
	if after >= uint64(len(j.disk.events)) {
		return nil, nil
	}
	rest := j.disk.events[after:]
	return roundTrip(rest[:min(limit, len(rest))])
}

// Totals is offline.Journal's.
func (j *Journal) Totals(day offline.BusinessDay) ([]offline.DayTotal, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	sums := map[string]offline.DayTotal{}
	for _, k := range j.disk.sales {
		for _, t := range offline.TotalsOf(offline.Sale{}, restore(k.stored)) {
			if t.Day != day {
				continue
			}
			currency := t.Total.PaidSum.Currency
			if old, ok := sums[currency]; ok {
				t.Total = old.Add(t.Total)
			}
			sums[currency] = t.Total
		}
	}
	var out []offline.DayTotal
	for _, t := range sums {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b offline.DayTotal) int { return cmp.Compare(a.PaidSum.Currency, b.PaidSum.Currency) })
	return out, nil
}

var errCursor = errors.New("malformed cursor")

// Sales is offline.Journal's.
func (j *Journal) Sales(f offline.SaleFilter) (offline.SalePage, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var page offline.SalePage
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 500)
	if f.Day != "" {
		if _, err := time.Parse(time.DateOnly, string(f.Day)); err != nil {
			return page, fmt.Errorf("business day %q: %w", f.Day, err)
		}
	}
	var all []offline.Sale
	for _, k := range j.disk.sales {
		s := restore(k.stored)
		seen := s.SeenBy(j.viewer)
		inTime := (f.From.IsZero() || !s.CreatedAt.Before(f.From)) && (f.To.IsZero() || s.CreatedAt.Before(f.To))
		if (f.State == "" || seen.State() == f.State) && (f.Day == "" || offline.DayOf(s.CreatedAt) == f.Day) && inTime && f.Names(s.ID) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b offline.Sale) int { return cmp.Compare(orderOf(b), orderOf(a)) })
	if f.Cursor != "" {
		raw, err := hex.DecodeString(f.Cursor)
		if err != nil || len(raw) < 20 {
			return page, errCursor
		}
		all = slices.DeleteFunc(all, func(s offline.Sale) bool { return orderOf(s) >= string(raw) })
	}
	page.Sales = all[:min(f.Limit, len(all))]
	if len(all) > f.Limit {
		page.Cursor = hex.EncodeToString([]byte(orderOf(all[f.Limit-1])))
	}
	return page, nil
}

// orderOf is a text that sorts as sales are listed: by the moment of their
// opening, then by id.
func orderOf(s offline.Sale) string {
	return fmt.Sprintf("%020d%s", max(s.CreatedAt.UnixNano(), 0), s.ID)
}
