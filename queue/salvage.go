package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"posagent/internal/audit"
	"posagent/offline"
)

// salvage reads what can be read of a damaged file, without bbolt. It trusts two
// things: pages that the current head leads to, and the checksums of records.
//
// bbolt never overwrites a page that is in use: it writes a changed page
// elsewhere and frees the old one. Free pages therefore still hold records, many
// of them older copies of current ones and some from a write that never got its
// head. Facts are only ever appended, so that an older copy is a part of the
// newer one; but a sale that needs such a stray record may lack newer ones.
type salvage struct {
	f       *pageFile
	h       head
	good    pageSet
	broken  []error
	damage  bool // pages are broken, or the newest head is
	strays  map[offline.SaleID][]record
	meta    map[string][]byte       // newest readable JSON by key
	totals  map[totalID]totalRecord // of pruned sales
	reached map[uint64]bool         // events that the head leads to, where there is damage
	last    uint64                  // the newest event that was ever numbered
	pruned  int                     // events that were pruned; -1: not known
	named   map[string]bool         // buckets that the root names

	audit     map[uint64]audit.Entry
	auditLast uint64 // the newest entry that was ever numbered

	oldest   []byte // smallest key of the days index
	daysLost bool   // part of the days index was not reached
}

// newSalvage finds out what the file's heads lead to, and collects strays where
// that is not everything.
func newSalvage(ctx context.Context, f *pageFile) (*salvage, error) {
	s := &salvage{
		f: f, strays: map[offline.SaleID][]record{}, meta: map[string][]byte{},
		totals: map[totalID]totalRecord{}, reached: map[uint64]bool{}, pruned: -1,
		named: map[string]bool{}, audit: map[uint64]audit.Entry{},
	}
	if f.pageSize == 0 {
		f.guessPageSize()
	}
	there := uint64(f.size / int64(f.pageSize))
	if s.h = f.current(); !s.h.valid {
		s.damage = true
		s.h = head{pages: there}
	}
	s.damage = s.damage || !f.heads[0].valid || !f.heads[1].valid
	if s.h.pages > there {
		s.damage = true // cut off; page() refuses what is not there
	}
	s.good = newPageSet(max(s.h.pages, there))
	if s.h.valid {
		if err := s.walk(ctx, s.look); err != nil {
			return nil, err
		}
	}
	s.damage = s.damage || len(s.broken) > 0 || s.hidden()
	if !s.damage {
		return s, nil
	}
	return s, s.scan(ctx, there)
}

// walk visits everything that the head leads to. Only the first walk notes what
// is broken.
func (s *salvage) walk(ctx context.Context, item func(bucket string, i leafItem)) error {
	first := s.good.empty()
	seen := newPageSet(s.good.limit)
	w := walker{f: s.f, h: s.h, seen: seen}
	w.broken = func(bucket string, err error) {
		if first {
			s.broken = append(s.broken, err)
			s.daysLost = s.daysLost || bucket == "" || bucket == bucketDays
		}
	}
	w.visit = func(bucket string, leaf page) error {
		for i := range leaf.count {
			it, err := leaf.item(i)
			switch {
			case err != nil:
			case bucket == "" && it.bucket && len(it.value) >= 16:
				s.named[string(it.key)] = true
				s.lookSequence(string(it.key), u64(it.value[8:]))
			case bucket != "" && !it.bucket:
				item(bucket, it)
			}
		}
		return ctx.Err()
	}
	err := w.walk()
	if first {
		s.good = seen
	}
	return err
}

// hidden tells whether something is out of reach although every page that was
// reached is in order: a page that claims fewer elements than it has hides the
// others, and with them sales.
func (s *salvage) hidden() bool {
	for _, name := range allBuckets() {
		if !s.named[name] {
			return true
		}
	}
	return s.pruned < 0 || uint64(len(s.reached)+s.pruned) < s.last
}

func (s *salvage) lookSequence(bucket string, n uint64) {
	switch bucket {
	case bucketLive:
		s.last = max(s.last, n)
	case bucketEvents:
		s.pruned = int(n)
	case bucketAudit:
		s.auditLast = max(s.auditLast, n)
	}
}

// lookAudit keeps an entry of the audit trail. What the head leads to comes
// first; an older page can only add what is missing.
func (s *salvage) lookAudit(i leafItem) {
	e, err := readAudit(i.key, i.value)
	if _, known := s.audit[e.Seq]; err == nil && !known && e.Check() == nil {
		s.audit[e.Seq] = e
		s.auditLast = max(s.auditLast, e.Seq)
	}
}

// look takes what is needed before the sales, on the first walk.
func (s *salvage) look(bucket string, i leafItem) {
	switch bucket {
	case bucketLive, bucketSales:
		if ev := stampOf(i.key, i.value); ev > 0 {
			s.reached[ev] = true
			s.last = max(s.last, ev)
		}
	case bucketMeta:
		s.lookMeta(i)
	case bucketTotals:
		s.lookTotal(i)
	case bucketAudit:
		s.lookAudit(i)
	case bucketDays:
		if s.oldest == nil || bytes.Compare(i.key, s.oldest) < 0 {
			s.oldest = bytes.Clone(i.key)
		}
	}
}

func (s *salvage) lookMeta(i leafItem) {
	if body, err := unseal(i.key, i.value); err == nil && s.meta[string(i.key)] == nil {
		s.meta[string(i.key)] = bytes.Clone(body)
	}
}

// lookTotal keeps the share of pruned sales: that of the others is summed again.
func (s *salvage) lookTotal(i leafItem) {
	day, currency, ok := parseTotalKey(i.key)
	var r totalRecord
	if !ok || decode(i.key, i.value, &r) != nil {
		return
	}
	id := totalID{day, currency}
	if old := s.totals[id].Pruned; r.Pruned.Paid+r.Pruned.Refunded > old.Paid+old.Refunded {
		s.totals[id] = totalRecord{Total: r.Pruned, Pruned: r.Pruned}
	}
}

// scan reads every page that the walk has not reached as if it were a leaf.
func (s *salvage) scan(ctx context.Context, there uint64) error {
	for id := uint64(2); id < there; id++ {
		if s.good.has(id) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := s.f.page(id, there)
		if err != nil || p.flags != flagLeaf {
			continue
		}
		s.scanPage(p)
	}
	return nil
}

func (s *salvage) scanPage(p page) {
	for i := range p.count {
		item, err := p.item(i)
		if err != nil {
			continue
		}
		if item.bucket {
			if in, err := inlinePage(p.id, item.value); err == nil && u64(item.value) == 0 {
				in.data = slices.Clone(in.data)
				s.scanPage(in)
			}
			continue
		}
		k, ok := parseSaleKey(item.key)
		if _, err := unseal(item.key, item.value); err != nil {
			continue
		}
		switch {
		case ok:
			s.last = max(s.last, stampOf(item.key, item.value))
			s.strays[k.sale] = append(s.strays[k.sale], record{bytes.Clone(item.key), bytes.Clone(item.value)})
		case len(item.key) == 8 && item.key[0] == 0: // a number: no key of meta or totals begins with a zero
			s.lookAudit(item)
		case bytes.IndexByte(item.key, 0) > 0:
			s.lookTotal(item)
		default:
			s.lookMeta(item)
		}
	}
}

// found is one sale as it was found.
type found struct {
	*assembly
	whole  bool // all of it was reached, and no fact is missing
	alone  bool // none of it was reached
	strays int  // records that only a free page held
	faults []error
}

// sales visits every sale: those that the head leads to, then those of which
// only strays are left.
func (s *salvage) sales(ctx context.Context, fn func(found) error) error {
	var id offline.SaleID
	var bucket string
	var group []record
	done := map[offline.SaleID]bool{}
	var failed error
	flush := func() {
		if len(group) > 0 && failed == nil {
			if done[id] {
				failed = fn(found{assembly: newAssembly(id), faults: []error{fmt.Errorf("found a second time in bucket %q", bucket)}})
			} else {
				failed = fn(s.merge(id, group))
			}
			done[id] = true
		}
		group = nil
	}
	if s.h.valid {
		err := s.walk(ctx, func(in string, i leafItem) {
			if in != bucketLive && in != bucketSales {
				return
			}
			k, ok := parseSaleKey(i.key)
			if !ok {
				return
			}
			if k.sale != id || in != bucket {
				flush()
				id, bucket = k.sale, in
			}
			group = append(group, record{bytes.Clone(i.key), bytes.Clone(i.value)})
		})
		flush()
		if err != nil || failed != nil {
			return errors.Join(failed, err)
		}
	}
	for _, id := range sortedKeys(s.strays) {
		if done[id] {
			continue
		}
		if failed = fn(s.merge(id, nil)); failed != nil {
			return failed
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// merge assembles a sale from what was reached and, where that is not whole or
// the newest head is lost, from strays.
func (s *salvage) merge(id offline.SaleID, reached []record) found {
	f := found{assembly: newAssembly(id), alone: len(reached) == 0}
	have := map[string]bool{}
	own := map[uint64]bool{} // writes to this sale that were reached
	for _, r := range reached {
		f.take(r, have)
		own[stampOf(r.key, r.value)] = true
	}
	_, err := f.finish()
	f.whole = err == nil && len(f.faults) == 0
	if err != nil {
		f.faults = append(f.faults, err)
	}
	if f.whole && s.f.heads[0].valid && s.f.heads[1].valid {
		return f
	}
	for _, r := range s.strays[id] {
		if !have[string(r.key)] && s.committed(r, own) && f.take(r, have) {
			f.strays++
		}
	}
	f.whole = f.whole && f.strays == 0
	return f
}

// committed tells whether a stray can be of a write that was committed: not if
// the number of its event is that of a write to another sale. The program died
// before that write's head was written, and the next one took the number.
func (s *salvage) committed(r record, own map[uint64]bool) bool {
	ev := stampOf(r.key, r.value)
	return ev == 0 || own[ev] || !s.reached[ev]
}

// stampOf is the number of the event with which a record of a sale was written,
// or 0 where the record has none or cannot be read.
func stampOf(key, value []byte) uint64 {
	k, ok := parseSaleKey(key)
	body, err := unseal(key, value)
	if !ok || err != nil {
		return 0
	}
	if k.kind == recEvent {
		return k.seq
	}
	var stamp struct {
		Ev uint64 `json:"ev"`
	}
	if json.Unmarshal(body, &stamp) != nil {
		return 0
	}
	return stamp.Ev
}

// take adds a record; one that cannot be read is a fault.
func (f *found) take(r record, have map[string]bool) bool {
	k, ok := parseSaleKey(r.key)
	if !ok || k.sale != f.id {
		return false
	}
	if err := f.add(k, r.key, r.value); err != nil {
		f.faults = append(f.faults, err)
		return false
	}
	have[string(r.key)] = true
	return true
}

// wasPruned tells whether a sale of which only strays are left was removed on
// purpose: it is settled, and older than every sale in the index of days. What
// is not settled as far as its strays tell may have been lost, and is kept.
func (s *salvage) wasPruned(sale offline.Sale) bool {
	return s.h.valid && !s.daysLost && len(s.oldest) > 0 && sale.Settled() &&
		bytes.Compare(dayIndexKey(sale.CreatedAt, sale.ID), s.oldest) < 0
}

// guessPageSize finds the size at which most pages carry their own number.
func (f *pageFile) guessPageSize() {
	best, most := 4096, 0
	for size := 512; size <= 64<<10; size *= 2 {
		f.pageSize = size
		hits := 0
		for id := range uint64(f.size / int64(size)) {
			p, err := f.pageHeader(id)
			if err == nil && p.id == id && id > 1 && (p.flags == flagLeaf || p.flags == flagBranch || p.flags == flagFreelist) {
				hits += size
			}
		}
		if hits > most {
			best, most = size, hits
		}
	}
	f.pageSize = best
}

// describeBroken names the first few broken places.
func (s *salvage) describeBroken() []string {
	var out []string
	if !s.f.heads[0].valid || !s.f.heads[1].valid {
		out = append(out, "a head of the file is broken: its newest write may be lost")
	}
	if need := int64(s.h.pages) * int64(s.f.pageSize); s.h.valid && s.f.size < need {
		out = append(out, fmt.Sprintf("the file was cut off: %d of %d bytes are left", s.f.size, need))
	}
	for _, err := range s.broken {
		out = append(out, strings.TrimSuffix(err.Error(), ": "+errPage.Error()))
	}
	return out
}

// stamp is the part of a file's name that tells when it was moved aside.
func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
