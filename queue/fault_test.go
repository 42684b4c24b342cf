package queue_test

import (
	"errors"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"posagent/offline"
	"posagent/offline/offlinetest"
	"posagent/queue"
	"posagent/queue/queuetest"
)

func noSpace() error {
	return &queue.Error{Op: "writing", Path: "journal.db", Kind: queue.ErrDiskFull, Err: syscall.ENOSPC}
}

// Both journals, and a way to start their next run.
func bothJournals(t *testing.T, f offlinetest.Faults) map[string]queuetest.Subject {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	real := queuetest.OpenAt(t, path, queue.Options{Faults: queue.Faults{Before: f.Before, After: f.After}})
	twin := offlinetest.NewJournal()
	twin.SetFaults(f)
	return map[string]queuetest.Subject{
		"file":   {Journal: real, Reopen: func() queuetest.Subject { return subject(t, queuetest.Reopen(t, real)) }},
		"memory": {Journal: twin, Reopen: func() queuetest.Subject { return queuetest.Subject{Journal: twin.Reopen()} }},
	}
}

func TestAFailedCommitStopsAllFurtherWritesAndReadsGoOn(t *testing.T) {
	for _, row := range []struct {
		name    string
		faults  offlinetest.Faults
		durable bool
	}{
		{"nothing of it was written", offlinetest.FailBefore(3, noSpace()), false},
		{"it was durable and nobody knows", offlinetest.FailAfter(3, noSpace()), true},
	} {
		for name, j := range bothJournals(t, row.faults) {
			t.Run(row.name+", "+name, func(t *testing.T) {
				s := queuetest.NewScript(j)
				queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Open("R-2"))
				before, err := j.Sale("R-1")
				if err != nil {
					t.Fatal(err)
				}
				_, err = j.Commit(s.Paid("R-1", "M-1"))
				wantFailure(t, err)
				for range 2 { // never repeated silently: every later write fails with the first cause
					_, err = j.Commit(s.Open("R-3"))
					wantFailure(t, err)
				}
				wantSale(t, j, before)
				if n, err := j.LastEvent(); n != 2 || err != nil {
					t.Errorf("last event %d, %v; want 2", n, err)
				}
				if totals, err := j.Totals("2026-11-21"); len(totals) != 0 || err != nil {
					t.Errorf("totals %v, %v; want none: it is not known whether the sale is paid", totals, err)
				}

				next := j.Reopen()
				after, err := next.Sale("R-1")
				if err != nil {
					t.Fatal(err)
				}
				if paid := after.State() == offline.SaleStatePaid; paid != row.durable {
					t.Errorf("the next run finds the sale %s; durable: %v", after.State(), row.durable)
				}
				if !row.durable {
					queuetest.Commit(t, next, s.Paid("R-1", "M-1"))
				}
			})
		}
	}
}

func wantFailure(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, offline.ErrJournal) || !errors.Is(err, queue.ErrDiskFull) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ErrJournal with its cause, a full disk", err)
	}
}

func wantSale(t *testing.T, j offline.Journal, want offline.Sale) {
	t.Helper()
	got, err := j.Sale(want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0), cmp.Exporter(exporter)); diff != "" {
		t.Errorf("sale %s (- want, + got):\n%s", want.ID, diff)
	}
}

// A refund takes a sale out of the files. When its commit fails nobody may see
// the sale half moved.
func TestAFailedRefundOfAFiledSaleShowsTheSaleAsItWas(t *testing.T) {
	for _, row := range []struct {
		name string
		make func(at int) queue.Faults
	}{
		{"nothing written", func(at int) queue.Faults {
			f := offlinetest.FailBefore(at, noSpace())
			return queue.Faults{Before: f.Before}
		}},
		{"written and not known", func(at int) queue.Faults {
			f := offlinetest.FailAfter(at, noSpace())
			return queue.Faults{After: f.After}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			j := queuetest.OpenAt(t, filepath.Join(t.TempDir(), "journal.db"), queue.Options{Faults: row.make(3)})
			s := queuetest.NewScript(j)
			queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
			if err := j.Tidy(); err != nil {
				t.Fatal(err)
			}
			before, err := j.Sale("R-1")
			if err != nil {
				t.Fatal(err)
			}
			_, err = j.Commit(s.Refund("R-1", "M-1", "F-1", 100))
			wantFailure(t, err)
			wantSale(t, j, before)
			if sales, err := readAll(j); len(sales) != 1 || err != nil {
				t.Errorf("%d sales, %v; want 1", len(sales), err)
			}
			totals, err := j.Totals("2026-11-21")
			if err != nil || len(totals) != 1 || totals[0].Paid != 1 || totals[0].Refunded != 0 {
				t.Errorf("totals %+v, %v; want one paid sale", totals, err)
			}
			events, err := j.Events(0, 0)
			if err != nil || len(events) != 2 {
				t.Errorf("%d events, %v; want 2", len(events), err)
			}
			queuetest.Reopen(t, j)
		})
	}
}

// Filing comes after a commit that is durable already: its failure closes the
// journal and does not turn the commit into a failed one.
func TestAFailureOfFilingIsNoFailureOfTheCommit(t *testing.T) {
	var told atomic.Int32
	failing := queue.Faults{Step: func(name string) error {
		if name == "filed" {
			return noSpace()
		}
		return nil
	}}
	j := queuetest.OpenAt(t, filepath.Join(t.TempDir(), "journal.db"), queue.Options{
		Faults: failing, OnFailure: func(error) { told.Add(1) },
	})
	s := queuetest.NewScript(j)
	i := 0
	for ; j.Err() == nil; i++ {
		id, m := saleNo(i)
		queuetest.Commit(t, j, s.Start(id, m, queuetest.Code(i)))
		queuetest.Commit(t, j, s.Paid(id, m))
		if i > 1000 {
			t.Fatal("nothing was ever filed")
		}
	}
	_, err := j.Commit(s.Open("R-last"))
	wantFailure(t, err)
	if told.Load() != 1 {
		t.Errorf("OnFailure was called %d times, want once", told.Load())
	}
	sales, err := readAll(j)
	if len(sales) != i || err != nil {
		t.Errorf("%d sales, %v; want %d", len(sales), err, i)
	}
	wantPaid(t, j, i)
	if got := len(mustEvents(t, j)); got != 2*i {
		t.Errorf("%d events, want %d", got, 2*i)
	}
	next := queuetest.Reopen(t, j)
	if sales, err := readAll(next); len(sales) != i || err != nil {
		t.Errorf("after a restart: %d sales, %v; want %d", len(sales), err, i)
	}
	wantPaid(t, next, i)
}

func mustEvents(t *testing.T, j offline.Journal) []offline.Event {
	t.Helper()
	list, err := j.Events(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wantPaid(t *testing.T, j offline.Journal, n int) {
	t.Helper()
	totals, err := j.Totals("2026-11-21")
	if err != nil || len(totals) != 1 || totals[0].Paid != n || totals[0].PaidSum.Value != int64(n)*queuetest.Amount().Value {
		t.Errorf("totals %+v, %v; want %d paid", totals, err, n)
	}
}

func TestCloseMarksTheRunAndAKilledOneIsKnown(t *testing.T) {
	j := queuetest.Open(t)
	if info := j.Info(); !info.New || !info.Clean || info.Schema != 1 {
		t.Errorf("a new journal: %+v", info)
	}
	killed := place(t, readFile(t, j.Path()))
	j = queuetest.Reopen(t, j)
	if info := j.Info(); info.New || !info.Clean {
		t.Errorf("after Close: %+v, want a clean run before", info)
	}
	if err := errors.Join(j.Close(), j.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	_, err := j.Commit(offline.Write{SaleID: "R-1"})
	_, err2 := j.Sale("R-1")
	if !errors.Is(err, offline.ErrJournal) || !errors.Is(err, queue.ErrClosed) || !errors.Is(err2, queue.ErrClosed) {
		t.Errorf("after Close: commit %v, read %v; want ErrClosed", err, err2)
	}
	if info := queuetest.OpenAt(t, killed, queue.Options{}).Info(); info.Clean {
		t.Errorf("after a kill: %+v, want no clean run before", info)
	}
}

func TestEveryCommitIsObservedAndRefusedOnesAreNot(t *testing.T) {
	var n atomic.Int32
	j := queuetest.OpenAt(t, filepath.Join(t.TempDir(), "journal.db"), queue.Options{Observe: observer(&n)})
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
	if _, err := j.Commit(s.Paid("R-1", "M-1")); err == nil {
		t.Error("a second end was taken")
	}
	if n.Load() != 2 {
		t.Errorf("%d commits were observed, want 2", n.Load())
	}
}
