package queuetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"posagent/offline"
)

// refusal is a write that must be refused, after others that must not be.
type refusal struct {
	name  string
	given func(s *Script) []offline.Write
	write func(s *Script) offline.Write
	want  error
}

func guardTests() []namedTest {
	tests := []namedTest{
		{"a refused write leaves nothing behind", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)))
			before := picture(t, j)
			w := s.Paid("R-1", "M-1")
			w.Payments[0].Facts = append(w.Payments[0].Facts, s.Ended(offline.ResultPaid, "")) // a second end
			if _, err := j.Commit(w); !errors.Is(err, offline.ErrFinal) {
				t.Fatalf("two ends: got %v, want ErrFinal", err)
			}
			if diff := cmp.Diff(before, picture(t, j)); diff != "" {
				t.Errorf("the refused write changed something:\n%s", diff)
			}
			Commit(t, j, s.Paid("R-1", "M-1"))
		}},
		{"the caller's write and result are not shared with the journal", func(t *testing.T, j Subject, s *Script) {
			w := s.Start("R-1", "M-1", Code(1))
			c := Commit(t, j, w)
			want := sale(t, j, "R-1")
			w.NewSale.Title = "changed"
			w.Payments[0].Facts[0].Op = offline.OpCancel
			c.Sale.Payments[0].Attempts[0].Op = offline.OpCancel
			got := sale(t, j, "R-1")
			got.Payments[0].ID = "changed"
			if diff := cmp.Diff(want, sale(t, j, "R-1"), equal()); diff != "" {
				t.Errorf("a change from outside reached the journal:\n%s", diff)
			}
		}},
		{"what Commit returns is what the next run reads", func(t *testing.T, j Subject, s *Script) {
			s.Now = time.Now() // with a monotonic part and a zone of its own
			Commit(t, j, s.Start("R-1", "M-1", Code(1)))
			c := Commit(t, j, s.Paid("R-1", "M-1"))
			if diff := cmp.Diff(c.Sale, sale(t, j, "R-1"), equal()); diff != "" {
				t.Errorf("Commit and Sale differ:\n%s", diff)
			}
			j = j.Reopen()
			if diff := cmp.Diff(c.Sale, sale(t, j, "R-1"), equal()); diff != "" {
				t.Errorf("Commit and the next run differ:\n%s", diff)
			}
		}},
		{"a write of nothing but due moves the sale and makes no event", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Open("R-1"))
			due := s.Now.Add(time.Hour)
			c := Commit(t, j, offline.Write{SaleID: "R-1", Due: due})
			list, err := j.Unsettled(due, 10)
			if err != nil || len(list) != 1 || !list[0].Due.Equal(due) {
				t.Errorf("got %v, %v; want R-1 due at %s", list, err, due)
			}
			if last, err := j.LastEvent(); c.Event != 0 || last != 1 || err != nil {
				t.Errorf("event %d, last %d, %v; want no new event", c.Event, last, err)
			}
		}},
	}
	for _, r := range refusals() {
		tests = append(tests, namedTest{r.name, func(t *testing.T, j Subject, s *Script) {
			if r.given != nil {
				Commit(t, j, r.given(s)...)
			}
			before := picture(t, j)
			_, err := j.Commit(r.write(s))
			if !errors.Is(err, r.want) {
				t.Errorf("got %v, want %v", err, r.want)
			}
			if errors.Is(err, offline.ErrJournal) {
				t.Errorf("a refusal counts as a failure of the store: %v", err)
			}
			if diff := cmp.Diff(before, picture(t, j)); diff != "" {
				t.Errorf("the refused write changed something:\n%s", diff)
			}
		}})
	}
	return tests
}

func refusals() []refusal {
	started := func(s *Script) []offline.Write { return []offline.Write{s.Start("R-1", "M-1", Code(1))} }
	paid := func(s *Script) []offline.Write {
		return []offline.Write{s.Start("R-1", "M-1", Code(1)), s.Paid("R-1", "M-1")}
	}
	return []refusal{
		{"facts of a sale that was never opened are refused", nil,
			func(s *Script) offline.Write { return s.Pay("R-9", "M-9", Code(9)) }, offline.ErrIllegal},
		{"a write of nothing to a sale that was never opened is refused", nil,
			func(s *Script) offline.Write { return offline.Write{SaleID: "R-9"} }, offline.ErrIllegal},
		{"opening a sale twice is refused", started,
			func(s *Script) offline.Write { return s.Open("R-1") }, offline.ErrIllegal},
		{"a sale under another id than the write's is refused", nil,
			func(s *Script) offline.Write { w := s.Open("R-1"); w.SaleID = "R-2"; return w }, offline.ErrIllegal},
		{"a sale id outside the alphabet is refused", nil,
			func(s *Script) offline.Write { return s.Open("R 1/\x00") }, offline.ErrIllegal},
		{"a sale in a currency outside the table is refused", nil,
			func(s *Script) offline.Write { w := s.Open("R-1"); w.NewSale.Amount.Currency = "XXX"; return w }, offline.ErrCurrency},
		{"a sale of a negative amount is refused", nil,
			func(s *Script) offline.Write { w := s.Open("R-1"); w.NewSale.Amount.Value = -1; return w }, offline.ErrAmount},
		{"a second payment while the first decides is refused", started,
			func(s *Script) offline.Write { return s.Pay("R-1", "M-2", Code(2)) }, offline.ErrFinal},
		{"a merchantTransId of another sale is refused", paid,
			func(s *Script) offline.Write { return s.Start("R-2", "M-1", Code(2)) }, offline.ErrIllegal},
		{"a payment under another id than the write's is refused", nil,
			func(s *Script) offline.Write {
				w := s.Start("R-1", "M-1", Code(1))
				w.Payments[0].New.ID = "M-2"
				return w
			}, offline.ErrIllegal},
		{"a payment of another amount is refused", nil,
			func(s *Script) offline.Write {
				w := s.Start("R-1", "M-1", Code(1))
				w.Payments[0].New.Amount.Value++
				return w
			}, offline.ErrIllegal},
		{"a payment without the digest of its code is refused", nil,
			func(s *Script) offline.Write {
				w := s.Start("R-1", "M-1", Code(1))
				w.Payments[0].New.Code.Hash = ""
				return w
			}, offline.ErrIllegal},
		{"an end without its proof is refused", started,
			func(s *Script) offline.Write {
				return s.Facts("R-1", "M-1", s.Ended(offline.ResultPaid, ""))
			}, offline.ErrIllegal},
		{"a second outcome of one attempt is refused", paid,
			func(s *Script) offline.Write { return s.Facts("R-1", "M-1", s.Finished(1, Success())) }, offline.ErrIllegal},
		{"an outcome without content is refused", started,
			func(s *Script) offline.Write {
				return s.Facts("R-1", "M-1", offline.Fact{Kind: offline.FactFinished, Attempt: 1})
			}, offline.ErrIllegal},
		{"pay by another run is refused", func(s *Script) []offline.Write {
			w := s.Start("R-1", "M-1", Code(1))
			w.Payments[0].Facts = nil
			return []offline.Write{w}
		}, func(s *Script) offline.Write {
			s.Boot = "boot-2"
			return s.Facts("R-1", "M-1", s.Begun(1, offline.OpPay))
		}, offline.ErrIllegal},
		{"closing a sale with a payment in doubt is refused", started,
			func(s *Script) offline.Write { return s.Close("R-1", offline.SaleCancelled) }, offline.ErrIllegal},
		{"a refund of what is not paid is refused", started,
			func(s *Script) offline.Write { return s.Refund("R-1", "M-1", "F-1", 1) }, offline.ErrNotPaid},
		{"refunds beyond what was paid are refused", func(s *Script) []offline.Write {
			return append(paid(s), s.Refund("R-1", "M-1", "F-1", 12000))
		}, func(s *Script) offline.Write { return s.Refund("R-1", "M-1", "F-2", 851) }, offline.ErrRefundTooMuch},
	}
}
