package queue_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

const retention = 24 * time.Hour

// tenDays is a journal with one paid sale a day, all of them filed, and the time
// at which the oldest n are past their retention.
func tenDays(t *testing.T, opt queue.Options) (j *queue.Journal, s *queuetest.Script, past func(n int) time.Time) {
	t.Helper()
	j = queuetest.OpenAt(t, filepath.Join(t.TempDir(), "journal.db"), opt)
	s = queuetest.NewScript(j)
	start := s.Now
	for i := range 10 {
		s.Now = start.AddDate(0, 0, i)
		id, m := saleNo(i)
		queuetest.Commit(t, j, s.Start(id, m, queuetest.Code(i)), s.Paid(id, m))
	}
	if err := j.Tidy(); err != nil {
		t.Fatal(err)
	}
	return j, s, func(n int) time.Time { return start.AddDate(0, 0, n-1).Add(retention + time.Hour) }
}

func TestPruningRemovesOldSalesWithTheirCodesAndKeepsTheTotals(t *testing.T) {
	j, s, past := tenDays(t, queue.Options{})
	p, err := j.Prune(past(3), retention, 0, nil)
	if err != nil || p.Sales != 3 || p.Events != 6 {
		t.Fatalf("got %+v, %v; want 3 sales and 6 events", p, err)
	}
	j = queuetest.Reopen(t, j)
	for i := range 10 {
		id, m := saleNo(i)
		_, err := j.Sale(id)
		_, err2 := j.SaleOf(m)
		if gone := errors.Is(err, offline.ErrUnknownSale) && errors.Is(err2, offline.ErrUnknownSale); gone != (i < 3) {
			t.Errorf("sale %s: %v, %v", id, err, err2)
		}
	}
	for _, day := range []offline.BusinessDay{"2026-11-21", "2026-11-24"} {
		totals, err := j.Totals(day)
		if err != nil || len(totals) != 1 || totals[0].Paid != 1 {
			t.Errorf("totals of %s: %+v, %v; want one paid sale, pruned or not", day, totals, err)
		}
	}
	// A code is free again when its sale is gone; one that is there is not.
	if _, err := j.Commit(s.Start("R-new", "M-new", queuetest.Code(0))); err != nil {
		t.Errorf("the code of a pruned sale: %v", err)
	}
	var used *offline.CodeUsedError
	if _, err := j.Commit(s.Start("R-bad", "M-bad", queuetest.Code(5))); !errors.As(err, &used) {
		t.Errorf("the code of a sale that is there: %v, want it refused", err)
	}
}

// The picture in memory is what was written: nobody sees a pruned sale until the
// next start.
func TestReadsShowNoPrunedSale(t *testing.T) {
	j, _, past := tenDays(t, queue.Options{})
	if _, err := j.Prune(past(4), retention, 0, nil); err != nil {
		t.Fatal(err)
	}
	sales, err := readAll(j)
	if err != nil || len(sales) != 6 {
		t.Errorf("%d sales, %v; want 6", len(sales), err)
	}
	if st, err := j.Stats(); err != nil || st.Sales != 6 || st.LastEvent != 20 {
		t.Errorf("%+v, %v; want 6 sales of 20 events", st, err)
	}
	events, err := j.Events(0, 0)
	if err != nil || len(events) != 12 || events[0].Seq != 9 {
		t.Errorf("%d events, %v; want the 12 from number 9 on", len(events), err)
	}
	if n, err := j.Prune(past(4), retention, 0, nil); err != nil || n.Sales != 0 {
		t.Errorf("again: %+v, %v; want nothing to do", n, err)
	}
}

func TestNothingIsPrunedThatMayStillMatter(t *testing.T) {
	later := 30 * 24 * time.Hour
	for _, row := range []struct {
		name string
		make func(t *testing.T, j *queue.Journal, s *queuetest.Script)
		want int // sales that go
	}{
		{"a sale that waits for a person", func(t *testing.T, j *queue.Journal, s *queuetest.Script) {
			queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Parked("R-1", "M-1"))
		}, 0},
		{"a sale whose refund is under way", func(t *testing.T, j *queue.Journal, s *queuetest.Script) {
			queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
			if err := j.Tidy(); err != nil {
				t.Fatal(err)
			}
			queuetest.Commit(t, j, s.Refund("R-1", "M-1", "F-1", 100))
		}, 0},
		{"a sale whose refund ended lately", func(t *testing.T, j *queue.Journal, s *queuetest.Script) {
			queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
			s.Now = s.Now.Add(later - time.Hour)
			queuetest.Commit(t, j, s.Refund("R-1", "M-1", "F-1", 100), s.Refunded("R-1", "F-1"))
		}, 0},
		{"a sale that was closed without a payment", func(t *testing.T, j *queue.Journal, s *queuetest.Script) {
			queuetest.Commit(t, j, s.Open("R-1"), s.Close("R-1", offline.SaleExpired))
		}, 1},
		{"a refund of long ago", func(t *testing.T, j *queue.Journal, s *queuetest.Script) {
			queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"),
				s.Refund("R-1", "M-1", "F-1", 100), s.Refunded("R-1", "F-1"))
		}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			j := queuetest.Open(t)
			s := queuetest.NewScript(j)
			now := s.Now.Add(later)
			row.make(t, j, s)
			if err := j.Tidy(); err != nil {
				t.Fatal(err)
			}
			p, err := j.Prune(now, retention, 0, nil)
			if err != nil || p.Sales != row.want {
				t.Errorf("pruned %+v, %v; want %d sales", p, err, row.want)
			}
			if sales, err := readAll(j); err != nil || len(sales) != 1-row.want {
				t.Errorf("%d sales are left, %v; want %d", len(sales), err, 1-row.want)
			}
		})
	}
}

// A code that an unsent payment set free belongs to the sale that took it then.
func TestPruningASaleLeavesTheCodeThatAnotherHasTaken(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	now := s.Now.Add(retention + time.Hour)
	queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Unsent("R-1", "M-1"))
	s.Now = s.Now.Add(2 * time.Hour)
	queuetest.Commit(t, j, s.Start("R-2", "M-2", queuetest.Code(1)), s.Paid("R-2", "M-2"))
	if err := j.Tidy(); err != nil {
		t.Fatal(err)
	}
	if p, err := j.Prune(now, retention, 0, nil); err != nil || p.Sales != 1 {
		t.Fatalf("pruned %+v, %v; want R-1", p, err)
	}
	var used *offline.CodeUsedError
	if _, err := j.Commit(s.Start("R-3", "M-3", queuetest.Code(1))); !errors.As(err, &used) || used.SaleID != "R-2" {
		t.Errorf("got %v, want the code to be R-2's", err)
	}
}

func TestPruningWorksInSmallStepsAndStopsWhenAsked(t *testing.T) {
	steps := 0
	j, _, past := tenDays(t, queue.Options{Faults: queue.Faults{Step: func(name string) error {
		if name == "pruned" {
			steps++
		}
		return nil
	}}})
	asked := 0
	p, err := j.Prune(past(7), retention, 2, func() bool { asked++; return asked > 2 })
	if err != nil || p.Sales != 4 || steps != 2 {
		t.Errorf("got %+v, %v in %d steps; want 4 sales in 2 steps of 2", p, err, steps)
	}
	if p, err = j.Prune(past(7), retention, 2, nil); err != nil || p.Sales != 3 {
		t.Errorf("the next call: %+v, %v; want the 3 that are left", p, err)
	}
}

func TestPruningRefusesWhatWouldRemoveTooMuch(t *testing.T) {
	j, _, past := tenDays(t, queue.Options{})
	if p, err := j.Prune(past(10), 0, 0, nil); err == nil || p.Sales != 0 {
		t.Errorf("no retention: %+v, %v; want it refused", p, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Prune(past(10), retention, 0, nil); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("closed: %v, want ErrClosed", err)
	}
	readOnly, err := queue.Open(j.Path(), queue.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { readOnly.Close() })
	if _, err := readOnly.Prune(past(10), retention, 0, nil); !errors.Is(err, queue.ErrReadOnly) {
		t.Errorf("opened to read: %v, want ErrReadOnly", err)
	}
	if sales, err := readAll(readOnly); err != nil || len(sales) != 10 {
		t.Errorf("%d sales, %v; want all 10", len(sales), err)
	}
}

// The transaction was durable and the program did not learn it: nothing more is
// written, and the next start shows what is there.
func TestAFailureOfPruningClosesTheJournalForWrites(t *testing.T) {
	j, s, past := tenDays(t, queue.Options{Faults: queue.Faults{Step: func(name string) error {
		if name == "pruned" {
			return noSpace()
		}
		return nil
	}}})
	_, err := j.Prune(past(3), retention, 0, nil)
	wantFailure(t, err)
	_, err = j.Commit(s.Open("R-x"))
	wantFailure(t, err)
	next := queuetest.Reopen(t, j)
	if sales, err := readAll(next); err != nil || len(sales) != 7 {
		t.Errorf("after a restart: %d sales, %v; want 7", len(sales), err)
	}
}

// Damage among old sales must not stop the shop: the oldest sales stay, and new
// ones are sold.
func TestPruningThatMeetsDamageLeavesTheTillSelling(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(tx *bolt.Tx) error
	}{
		{"an old sale is unreadable", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("sales")).Put([]byte("R-0001\x00h"), []byte("nonsense"))
		}},
		{"an old sale is gone", func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte("sales"))
			return eachKey(b, "R-0001\x00", b.Delete)
		}},
		{"the index of days is broken", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("days")).Put([]byte{0}, nil)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			made, _, past := tenDays(t, queue.Options{})
			if err := made.Close(); err != nil {
				t.Fatal(err)
			}
			path := place(t, readFile(t, made.Path()))
			tamper(t, path, row.change)
			j, err := queue.Open(path, queue.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.Close() })
			if p, err := j.Prune(past(5), retention, 0, nil); !errors.Is(err, queue.ErrDamaged) || p.Sales != 0 {
				t.Errorf("got %+v, %v; want ErrDamaged and nothing removed", p, err)
			}
			s := queuetest.NewScript(j)
			queuetest.Commit(t, j, s.Start("R-new", "M-new", queuetest.Code(99)), s.Paid("R-new", "M-new"))
		})
	}
}

// eachKey calls fn for every key of a bucket that begins with a prefix.
func eachKey(b *bolt.Bucket, prefix string, fn func(key []byte) error) error {
	var keys [][]byte
	if err := b.ForEach(func(k, _ []byte) error {
		if len(k) >= len(prefix) && string(k[:len(prefix)]) == prefix {
			keys = append(keys, append([]byte(nil), k...))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, k := range keys {
		if err := fn(k); err != nil {
			return err
		}
	}
	return nil
}
