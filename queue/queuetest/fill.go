package queuetest

import (
	"fmt"
	"iter"
	"time"

	"posagent/offline"
	"posagent/queue"
)

// Fill makes a journal of n paid sales at path, ten seconds apart and the last
// of them a day before the scripts begin. The digests of their codes are made
// with a fixed key, so that no code of a script meets them.
func Fill(path string, n int) error {
	return queue.Import(path, queue.Options{Terminal: "S01/T03"}, paidSales(n))
}

func paidSales(n int) iter.Seq[[]offline.Write] {
	key := []byte("the key of filled journals")
	s := &Script{
		Boot:   "boot-0",
		Digest: func(c offline.IdentityCode) offline.CodeDigest { return offline.DigestCode(key, c) },
	}
	start := time.Date(2026, 11, 20, 9, 0, 0, 0, offline.Beijing).Add(-time.Duration(n) * 10 * time.Second)
	return func(yield func([]offline.Write) bool) {
		for i := range n {
			s.Now = start.Add(time.Duration(i) * 10 * time.Second)
			id := offline.SaleID(fmt.Sprintf("R-%08d", i))
			m := offline.MerchantTransID(fmt.Sprintf("S01-T03-%s-%016X", s.Now.Format("20060102T150405"), i))
			if !yield([]offline.Write{s.Start(id, m, Code(i)), s.Paid(id, m)}) {
				return
			}
		}
	}
}
