package queue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// largeSize is the number of payments of the large journal: POSAGENT_BENCH_LARGE,
// else 0. Making 1,000,000 takes minutes and some GB.
func largeSize(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("POSAGENT_BENCH_LARGE"))
	if err != nil || n <= 0 {
		b.Skip("POSAGENT_BENCH_LARGE is not set")
	}
	return n
}

func openFilled(b *testing.B, n int) *queue.Journal {
	b.Helper()
	path := filepath.Join(b.TempDir(), "journal.db")
	if n > 0 {
		if err := queuetest.Fill(path, n); err != nil {
			b.Fatal(err)
		}
	}
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { j.Close() })
	return j
}

// BenchmarkCommitHappyPath is the two commits of a paid sale, each on its own
// line of the result.
func BenchmarkCommitHappyPath(b *testing.B) {
	b.Run("empty", func(b *testing.B) { happyPath(b, openFilled(b, 0)) })
	b.Run("large", func(b *testing.B) { happyPath(b, openFilled(b, largeSize(b))) })
}

func happyPath(b *testing.B, j *queue.Journal) {
	s := queuetest.NewScript(j)
	i := 0
	for b.Loop() {
		id := offline.SaleID(fmt.Sprintf("T-%08d", i))
		m := offline.MerchantTransID(fmt.Sprintf("S01-T03-%s-%016X", s.Now.Format("20060102T150405"), i))
		if _, err := j.Commit(s.Start(id, m, queuetest.Code(i))); err != nil {
			b.Fatal(err)
		}
		if _, err := j.Commit(s.Paid(id, m)); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkSearch looks for a piece of a number: one that no sale has, which goes
// through the whole index, and one that the newest sales have.
func BenchmarkSearch(b *testing.B) {
	n := largeSize(b)
	j := openFilled(b, n)
	newest, err := j.Sales(offline.SaleFilter{Limit: 1})
	if err != nil || len(newest.Sales) != 1 {
		b.Fatal(newest, err)
	}
	for name, f := range map[string]offline.SaleFilter{
		"found by none":    {Text: "no-such-number"},
		"found by its end": {Text: string(newest.Sales[0].ID), Limit: 1},
		"found by time":    {From: newest.Sales[0].CreatedAt},
		"found on a day":   {Day: offline.DayOf(newest.Sales[0].CreatedAt), Text: "no-such-number"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := j.Sales(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
