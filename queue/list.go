package queue

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// ErrCursor is returned for a cursor that no page before has given.
var ErrCursor = errors.New("malformed cursor")

// Page sizes of Sales.
const (
	defaultPage = 50
	maxPage     = 500
	// scanMost is how many sales one hold of the picture looks through, so that
	// a search for a rare state keeps no commit waiting.
	scanMost = 5000
)

// Sales lists sales, newest first.
func (j *Journal) Sales(f offline.SaleFilter) (page offline.SalePage, err error) {
	s, err := newScan(f)
	if err != nil {
		return page, err
	}
	for !s.done && len(s.found) <= s.limit {
		if err := j.shared(func() error { return j.scan(s) }); err != nil {
			return page, err
		}
	}
	if len(s.found) > s.limit {
		page.Cursor = base64.RawURLEncoding.EncodeToString(s.keys[s.limit-1])
		s.found = s.found[:s.limit]
	}
	page.Sales = s.found
	return page, nil
}

// scan is a listing under way.
type scan struct {
	want  offline.SaleFilter
	state offline.SaleState
	from  []byte // keys below are too old
	next  []byte // only keys below this one
	limit int
	found []offline.Sale
	keys  [][]byte
	done  bool
}

func newScan(f offline.SaleFilter) (*scan, error) {
	s := &scan{want: f, state: f.State, limit: f.Limit, next: bytes.Repeat([]byte{0xFF}, 9)}
	if s.limit <= 0 {
		s.limit = defaultPage
	}
	s.limit = min(s.limit, maxPage)
	if f.Day != "" {
		day, err := time.ParseInLocation(time.DateOnly, string(f.Day), offline.Beijing)
		if err != nil {
			return nil, fmt.Errorf("business day %q is not like 2026-11-21: %w", f.Day, err)
		}
		s.from = dayIndexKey(day, "")
		s.next = dayIndexKey(day.AddDate(0, 0, 1), "")
	}
	if !f.From.IsZero() {
		s.from = later(s.from, dayIndexKey(f.From, ""))
	}
	if !f.To.IsZero() {
		s.below(dayIndexKey(f.To, ""))
	}
	if f.Cursor != "" {
		key, err := base64.RawURLEncoding.DecodeString(f.Cursor)
		if _, _, ok := parseDayIndexKey(key); err != nil || !ok {
			return nil, ErrCursor
		}
		s.below(key)
	}
	return s, nil
}

func later(a, b []byte) []byte {
	if bytes.Compare(a, b) > 0 {
		return a
	}
	return b
}

// below narrows the listing to keys below this one.
func (s *scan) below(key []byte) {
	if bytes.Compare(key, s.next) < 0 {
		s.next = key
	}
}

// scan goes on with a listing: it merges live sales and the index of the filed
// ones, both newest first. The caller holds view.
func (j *Journal) scan(s *scan) error {
	type item struct {
		key []byte
		l   *liveSale
	}
	var live []item
	for id, l := range j.live {
		key := dayIndexKey(l.sale.CreatedAt, id)
		seen := l.sale.SeenBy(j.viewer)
		if bytes.Compare(key, s.from) >= 0 && bytes.Compare(key, s.next) < 0 && s.want.Names(id) && (s.state == "" || seen.State() == s.state) {
			live = append(live, item{key, l})
		}
	}
	slices.SortFunc(live, func(a, b item) int { return bytes.Compare(b.key, a.key) })
	return j.read("reading", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bucketDays)).Cursor()
		k, v := seekBelow(c, s.next)
		for n := 0; ; n++ {
			if k != nil && bytes.Compare(k, s.from) < 0 {
				k = nil
			}
			switch {
			case len(s.found) > s.limit || n >= scanMost:
				return nil
			case k == nil && len(live) == 0:
				s.done = true
				return nil
			case k == nil || len(live) > 0 && bytes.Compare(live[0].key, k) >= 0:
				s.take(live[0].key, cloneSale(live[0].l.sale))
				live = live[1:]
				continue // an index entry of the same sale is skipped below
			}
			_, id, ok := parseDayIndexKey(k)
			if !ok {
				return fmt.Errorf("index of days, key %x: %w", k, errRecord)
			}
			if s.want.Names(id) && j.live[id] == nil && (s.state == "" || string(v) == string(s.state)) {
				sale, err := filedSale(tx, id)
				if err != nil {
					return fmt.Errorf("index of days: %w: %w", errRecord, err)
				}
				s.take(k, sale)
			}
			s.next = bytes.Clone(k)
			k, v = c.Prev()
		}
	})
}

func (s *scan) take(key []byte, sale offline.Sale) {
	s.found = append(s.found, sale)
	s.keys = append(s.keys, bytes.Clone(key))
	s.next = bytes.Clone(key)
}

// seekBelow moves to the last key below the given one.
func seekBelow(c *bolt.Cursor, key []byte) (k, v []byte) {
	if k, _ = c.Seek(key); k == nil {
		return c.Last()
	}
	return c.Prev()
}
