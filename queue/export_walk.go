package queue

import (
	"bytes"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// eachByDay visits all sales whose key in the days index lies from "from" to
// below "to" (nil: open), in that order. Live sales, which have no entry or an
// old one, are merged in. Everything comes from one transaction.
func eachByDay(tx *bolt.Tx, from, to []byte, fn func(loaded) error) error {
	type item struct {
		key []byte
		l   loaded
	}
	inside := func(key []byte) bool {
		return bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
	}
	var live []item
	alive := map[offline.SaleID]bool{}
	err := eachSale(tx.Bucket([]byte(bucketLive)), func(id offline.SaleID, l loaded, err error) error {
		alive[id] = true
		if key := dayIndexKey(l.sale.CreatedAt, id); err == nil && inside(key) {
			live = append(live, item{key, l})
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(live, func(a, b item) int { return bytes.Compare(a.key, b.key) })
	c := tx.Bucket([]byte(bucketDays)).Cursor()
	k, _ := c.Seek(from)
	for {
		if k != nil && !inside(k) {
			k = nil
		}
		switch {
		case k == nil && len(live) == 0:
			return nil
		case k == nil || len(live) > 0 && bytes.Compare(live[0].key, k) <= 0:
			if err := fn(live[0].l); err != nil {
				return err
			}
			live = live[1:]
			continue
		}
		_, id, ok := parseDayIndexKey(k)
		if !ok {
			return fmt.Errorf("index of days, key %x: %w", k, errRecord)
		}
		if !alive[id] {
			l, found, err := loadSale(tx.Bucket([]byte(bucketSales)), id)
			if err == nil && !found {
				err = fmt.Errorf("index of days: sale %s does not exist: %w", id, errRecord)
			}
			if err == nil {
				err = fn(l)
			}
			if err != nil {
				return err
			}
		}
		k, _ = c.Next()
	}
}
