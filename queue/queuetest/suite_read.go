package queuetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"posagent/offline"
)

// equal compares sales by what the domain says of them, not by pointers or by
// the names of zones.
func equal() cmp.Options {
	return cmp.Options{cmpopts.EquateApproxTime(0), cmpopts.EquateEmpty(), cmp.Exporter(exportAll)}
}

func sale(t *testing.T, j offline.Journal, id offline.SaleID) offline.Sale {
	t.Helper()
	s, err := j.Sale(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func totals(t *testing.T, j offline.Journal, day offline.BusinessDay) []offline.DayTotal {
	t.Helper()
	list, err := j.Totals(day)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// summary is what can be seen of a journal from outside.
type summary struct {
	Sales  []string
	Due    []string
	Events []string
	Totals []offline.DayTotal
	Last   uint64
}

func picture(t *testing.T, j offline.Journal) summary {
	t.Helper()
	var p summary
	page, err := j.Sales(offline.SaleFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range page.Sales {
		p.Sales = append(p.Sales, string(s.ID)+" "+string(s.State()))
	}
	due, err := j.Unsettled(offline.NeverDue, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range due {
		p.Due = append(p.Due, string(d.ID)+" "+d.Due.UTC().Format(time.RFC3339Nano))
	}
	events, err := j.Events(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		p.Events = append(p.Events, string(e.SaleID)+" "+e.At.UTC().Format(time.RFC3339Nano))
	}
	if p.Last, err = j.LastEvent(); err != nil {
		t.Fatal(err)
	}
	p.Totals = totals(t, j, "2026-11-21")
	return p
}

func readTests() []namedTest {
	return []namedTest{
		{"an unknown sale and an unknown payment are told apart from failures", func(t *testing.T, j Subject, _ *Script) {
			_, err := j.Sale("R-9")
			_, err2 := j.SaleOf("M-9")
			_, err3 := j.SaleOf("")
			for _, err := range []error{err, err2, err3} {
				if !errors.Is(err, offline.ErrUnknownSale) || errors.Is(err, offline.ErrJournal) {
					t.Errorf("got %v, want ErrUnknownSale", err)
				}
			}
		}},
		{"a payment leads to its sale, live, filed and after a restart", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)), s.Declined("R-1", "M-1"), s.Pay("R-1", "M-2", Code(2)))
			check := func() {
				t.Helper()
				for _, m := range []offline.MerchantTransID{"M-1", "M-2"} {
					if id, err := j.SaleOf(m); id != "R-1" || err != nil {
						t.Errorf("%s: got %q, %v; want R-1", m, id, err)
					}
				}
			}
			check()
			Commit(t, j, s.Paid("R-1", "M-2"))
			j.tidy(t)
			check()
			j = j.Reopen()
			check()
		}},
		{"a filed sale takes a refund and is filed again", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)), s.Paid("R-1", "M-1"))
			j.tidy(t)
			want := Commit(t, j, s.Refund("R-1", "M-1", "F-1", 100), s.Refunded("R-1", "F-1"))
			for range 2 {
				if diff := cmp.Diff(want.Sale, sale(t, j, "R-1"), equal()); diff != "" {
					t.Errorf("the sale differs:\n%s", diff)
				}
				wantTotals(t, j, "2026-11-21", offline.DayTotal{
					Paid: 1, PaidSum: Amount(), Refunded: 1, RefundedSum: offline.Money{Currency: "HKD", Value: 100}})
				if n := len(events(t, j, 0, 0)); n != 4 {
					t.Errorf("got %d events, want 4", n)
				}
				j.tidy(t)
				j = j.Reopen()
			}
		}},
		{"what is due comes in the order of its due, then of its id", func(t *testing.T, j Subject, s *Script) {
			at := s.Now.Add(time.Hour)
			for _, row := range []struct {
				id  offline.SaleID
				due time.Time
			}{{"R-4", at.Add(time.Second)}, {"R-2", at}, {"R-1", at}, {"R-3", time.Time{}}, {"R-5", at.Add(-time.Second)}} {
				w := s.Open(row.id)
				w.Due = row.due
				Commit(t, j, w)
			}
			Commit(t, j, s.Open("R-6"), s.Close("R-6", offline.SaleExpired)) // settled: never listed
			for range 2 {
				wantDue(t, j, at, 0, "R-5", "R-1", "R-2")
				wantDue(t, j, at, 2, "R-5", "R-1")
				wantDue(t, j, at.Add(-time.Minute), 0)
				wantDue(t, j, offline.NeverDue, 0, "R-5", "R-1", "R-2", "R-4", "R-3")
				j = j.Reopen()
			}
			list, err := j.Unsettled(offline.NeverDue, 0)
			if err != nil || !list[4].Due.Equal(offline.NeverDue) {
				t.Errorf("a sale without due is due at %v, %v; want NeverDue", list, err)
			}
		}},
		{"a settled sale with a watched payment stays due", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)),
				s.Facts("R-1", "M-1", offline.Fact{Kind: offline.FactReversal, Reason: offline.ReasonAsked}, s.Begun(2, offline.OpCancel)),
				s.Facts("R-1", "M-1", s.Finished(2, offline.Outcome{Kind: offline.Success, ResultStatus: "S"})))
			if got := sale(t, j, "R-1"); got.State() != offline.SaleStateCancelled || got.Settled() {
				t.Fatalf("state %s, settled %v: want cancelled, but not settled", got.State(), got.Settled())
			}
			j.tidy(t)
			wantDue(t, j.Reopen(), offline.NeverDue, 0, "R-1")
		}},
		{"totals count a payment on the day of its end and a refund on its own", func(t *testing.T, j Subject, s *Script) {
			s.Now = time.Date(2026, 11, 21, 23, 59, 57, 0, offline.Beijing)
			Commit(t, j, s.Start("R-1", "M-1", Code(1))) // its end falls on the 22nd
			Commit(t, j, s.Paid("R-1", "M-1"))
			s.Now = s.Now.AddDate(0, 0, 2)
			Commit(t, j, s.Refund("R-1", "M-1", "F-1", 850), s.Refunded("R-1", "F-1"))
			w := s.Start("R-2", "M-2", Code(2))
			w.NewSale.Amount = offline.Money{Currency: "JPY", Value: 1280}
			w.Payments[0].New.Amount = w.NewSale.Amount
			Commit(t, j, w, s.Paid("R-2", "M-2"))
			zero := offline.Money{Currency: "HKD"}
			for range 3 {
				wantTotals(t, j, "2026-11-21")
				wantTotals(t, j, "2026-11-22", offline.DayTotal{Paid: 1, PaidSum: Amount(), RefundedSum: zero})
				wantTotals(t, j, "2026-11-24",
					offline.DayTotal{PaidSum: zero, Refunded: 1, RefundedSum: offline.Money{Currency: "HKD", Value: 850}},
					offline.DayTotal{Paid: 1, PaidSum: w.NewSale.Amount, RefundedSum: offline.Money{Currency: "JPY"}})
				j.tidy(t)
				j = j.Reopen()
			}
		}},
	}
}

func wantTotals(t *testing.T, j offline.Journal, day offline.BusinessDay, want ...offline.DayTotal) {
	t.Helper()
	if diff := cmp.Diff(want, totals(t, j, day), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("totals of %s (- want, + got):\n%s", day, diff)
	}
}

func wantDue(t *testing.T, j offline.Journal, until time.Time, limit int, want ...offline.SaleID) {
	t.Helper()
	list, err := j.Unsettled(until, limit)
	if err != nil {
		t.Fatal(err)
	}
	var got []offline.SaleID
	for _, d := range list {
		got = append(got, d.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("due until %s, limit %d (- want, + got):\n%s", until, limit, diff)
	}
}

func events(t *testing.T, j offline.Journal, after uint64, limit int) []offline.Event {
	t.Helper()
	list, err := j.Events(after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
