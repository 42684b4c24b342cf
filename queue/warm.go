package queue

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	warmStep  = 2000                  // entries looked at in one transaction: some milliseconds
	warmPause = 20 * time.Millisecond // between two of them, so that a customer is not in its way
)

// Warm reads the index of payment codes from the disk into the system's memory
// and returns how many entries it has. Every payment looks its code up in it, at
// no place that can be foreseen: after a start of the machine that was one read
// from the disk in each payment, while the customer waits. It may be called
// beside everything else; ctx ends it early, which does no harm.
func (j *Journal) Warm(ctx context.Context) (entries int, err error) {
	var next []byte
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return entries, nil
		}
		n := 0
		err := j.read("reading ahead", func(tx *bolt.Tx) error {
			c := tx.Bucket([]byte(bucketCodes)).Cursor()
			k, _ := c.Seek(next)
			for ; k != nil && n < warmStep; k, _ = c.Next() {
				n++
			}
			next = append(next[:0], k...)
			return nil
		})
		entries += n
		if err != nil || len(next) == 0 {
			return entries, err
		}
		pause.Reset(warmPause)
	}
}
