package queuetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"posagent/offline"
)

// mixed writes 12 sales on two days in four states, half of them filed.
func mixed(t *testing.T, j Subject, s *Script) {
	t.Helper()
	for i := range 12 {
		id := offline.SaleID(fmt.Sprintf("R-%02d", i))
		m := offline.MerchantTransID(fmt.Sprintf("M-%02d", i))
		if i == 8 {
			s.Now = s.Now.AddDate(0, 0, 1)
		}
		Commit(t, j, s.Start(id, m, Code(i)))
		switch i % 4 {
		case 0:
			Commit(t, j, s.Paid(id, m))
		case 1:
			Commit(t, j, s.Unsent(id, m))
		case 2:
			Commit(t, j, s.Declined(id, m), s.Close(id, offline.SaleExpired))
		}
		if i == 5 {
			j.tidy(t)
		}
	}
}

func list(t *testing.T, j offline.Journal, f offline.SaleFilter) (ids []string, cursor string) {
	t.Helper()
	page, err := j.Sales(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range page.Sales {
		ids = append(ids, string(s.ID))
	}
	return ids, page.Cursor
}

func listTests() []namedTest {
	nextDay := time.Date(2026, time.November, 22, 0, 0, 0, 0, offline.Beijing)
	wants := []struct {
		name   string
		filter offline.SaleFilter
		want   []string
	}{
		{"without a filter", offline.SaleFilter{},
			[]string{"R-11", "R-10", "R-09", "R-08", "R-07", "R-06", "R-05", "R-04", "R-03", "R-02", "R-01", "R-00"}},
		{"of a day", offline.SaleFilter{Day: "2026-11-22"}, []string{"R-11", "R-10", "R-09", "R-08"}},
		{"of a day without any", offline.SaleFilter{Day: "2026-11-23"}, nil},
		{"in a settled state", offline.SaleFilter{State: offline.SaleStatePaid}, []string{"R-08", "R-04", "R-00"}},
		{"in a state of the work under way", offline.SaleFilter{State: offline.SaleStateProcessing}, []string{"R-11", "R-07", "R-03"}},
		{"in a state of a day", offline.SaleFilter{State: offline.SaleStateDeclined, Day: "2026-11-21"}, []string{"R-06", "R-02"}},
		{"with a piece of the number, in any case", offline.SaleFilter{Text: "r-1"}, []string{"R-11", "R-10"}},
		{"with a piece of the number, in a state", offline.SaleFilter{Text: "-0", State: offline.SaleStatePaid}, []string{"R-08", "R-04", "R-00"}},
		{"with a piece that no number has", offline.SaleFilter{Text: "R-1%"}, nil},
		{"from a time on", offline.SaleFilter{From: nextDay}, []string{"R-11", "R-10", "R-09", "R-08"}},
		{"before a time, of a day", offline.SaleFilter{To: nextDay, Day: "2026-11-21", Text: "7"}, []string{"R-07"}},
		{"of a day, from the next on", offline.SaleFilter{From: nextDay, Day: "2026-11-21"}, nil},
		{"in a state that none is in", offline.SaleFilter{State: offline.SaleStateAttention}, nil},
	}
	var tests []namedTest
	for _, row := range wants {
		tests = append(tests, namedTest{"sales " + row.name + " come newest first, on any size of page", func(t *testing.T, j Subject, s *Script) {
			mixed(t, j, s)
			for _, limit := range []int{0, 1, 2, 3, 500} {
				row.filter.Limit, row.filter.Cursor = limit, ""
				var got []string
				for {
					ids, cursor := list(t, j, row.filter)
					if got = append(got, ids...); cursor == "" {
						break
					}
					if limit > 0 && len(ids) != limit {
						t.Errorf("limit %d: a page of %d that is not the last", limit, len(ids))
					}
					row.filter.Cursor = cursor
				}
				if diff := cmp.Diff(row.want, got); diff != "" {
					t.Errorf("limit %d (- want, + got):\n%s", limit, diff)
				}
			}
		}})
	}
	return append(tests,
		namedTest{"a sale that comes in between pages moves nothing", func(t *testing.T, j Subject, s *Script) {
			mixed(t, j, s)
			first, cursor := list(t, j, offline.SaleFilter{Limit: 5})
			Commit(t, j, s.Open("R-99"))
			j.tidy(t)
			second, _ := list(t, j, offline.SaleFilter{Limit: 7, Cursor: cursor})
			if got := append(first, second...); len(got) != 12 || slices.Contains(got, "R-99") {
				t.Errorf("got %v, want the 12 sales of before", got)
			}
		}},
		namedTest{"a range of times holds its beginning and not its end", func(t *testing.T, j Subject, s *Script) {
			mixed(t, j, s)
			page, err := j.Sales(offline.SaleFilter{})
			if err != nil {
				t.Fatal(err)
			}
			for newest := range page.Sales {
				for oldest := newest; oldest < len(page.Sales); oldest++ {
					got, _ := list(t, j, offline.SaleFilter{From: page.Sales[oldest].CreatedAt, To: page.Sales[newest].CreatedAt})
					if len(got) != oldest-newest || len(got) > 0 && got[len(got)-1] != string(page.Sales[oldest].ID) {
						t.Fatalf("from sale %d to %d, newest first: %v", oldest, newest, got)
					}
				}
			}
		}},
		namedTest{"sales of one moment come in the order of their ids", func(t *testing.T, j Subject, s *Script) {
			now := s.Now
			for _, id := range []offline.SaleID{"R-2", "R-1", "R-3"} {
				s.Now = now
				Commit(t, j, s.Open(id))
			}
			if got, _ := list(t, j, offline.SaleFilter{}); !slices.Equal(got, []string{"R-3", "R-2", "R-1"}) {
				t.Errorf("got %v", got)
			}
		}},
		namedTest{"a malformed cursor or day is an error", func(t *testing.T, j Subject, s *Script) {
			mixed(t, j, s)
			for _, f := range []offline.SaleFilter{{Cursor: "?"}, {Cursor: "AAAA"}, {Day: "21.11.2026"}, {Day: "2026-02-30"}} {
				if page, err := j.Sales(f); err == nil {
					t.Errorf("%+v: got %d sales, want an error", f, len(page.Sales))
				}
			}
		}},
		namedTest{"after a restart what was awaited is listed as checked", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)))
			j = j.Reopen()
			if got, _ := list(t, j, offline.SaleFilter{State: offline.SaleStateChecking}); !slices.Equal(got, []string{"R-1"}) {
				t.Errorf("got %v, want R-1: the run that awaited the answer is gone", got)
			}
		}},
		namedTest{"events come in order, from any point, on any size of page", func(t *testing.T, j Subject, s *Script) {
			mixed(t, j, s)
			all := events(t, j, 0, 0)
			last, err := j.LastEvent()
			if err != nil || last != uint64(len(all)) {
				t.Fatalf("last event %d, %v; got %d", last, err, len(all))
			}
			for i, e := range all {
				if e.Seq != uint64(i+1) {
					t.Fatalf("event %d stands at place %d", e.Seq, i+1)
				}
			}
			for after := range all {
				for _, limit := range []int{1, 3, 100} {
					if diff := cmp.Diff(all[after:min(after+limit, len(all))], events(t, j, uint64(after), limit)); diff != "" {
						t.Errorf("after %d, limit %d:\n%s", after, limit, diff)
					}
				}
			}
			if got := events(t, j, last, 5); len(got) != 0 {
				t.Errorf("after the last event: %v", got)
			}
			if got := events(t, j, last+7, 5); len(got) != 0 {
				t.Errorf("far after the last event: %v", got)
			}
			j = j.Reopen()
			if diff := cmp.Diff(all, events(t, j, 0, 0)); diff != "" {
				t.Errorf("events differ after a restart:\n%s", diff)
			}
			Commit(t, j, s.Open("R-99"))
			if got, err := j.LastEvent(); got != last+1 || err != nil {
				t.Errorf("the next event has number %d, %v; want %d", got, err, last+1)
			}
		}},
		namedTest{"an event tells what was written and how the sale stands", func(t *testing.T, j Subject, s *Script) {
			c := Commit(t, j, s.Start("R-1", "M-1", Code(1)))
			at := s.Now
			got := events(t, j, 0, 1)
			want := []offline.Event{{
				Seq: c.Event, At: at, SaleID: "R-1", Payment: "M-1",
				What: []string{"sale opened", "payment created", "pay begun"}, State: offline.SaleStateProcessing,
			}}
			if diff := cmp.Diff(want, got, equal()); diff != "" {
				t.Errorf("(- want, + got):\n%s", diff)
			}
		}},
	)
}
