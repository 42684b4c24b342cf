package shift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a journal with what happens at a till, and the ledger over it.
type desk struct {
	t *testing.T
	j *queue.Journal
	s *queuetest.Script
	l *Ledger
	n int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, j: queuetest.Open(t)}
	d.s = queuetest.NewScript(d.j)
	d.l = New(filepath.Join(t.TempDir(), "shifts.json"), d.j)
	if err := d.l.Begin(t.Context(), d.s.Now); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) commit(w ...offline.Write) { queuetest.Commit(d.t, d.j, w...) }

func (d *desk) start() (offline.SaleID, offline.MerchantTransID) {
	d.n++
	id, m := offline.SaleID(fmt.Sprintf("R-%d", d.n)), offline.MerchantTransID(fmt.Sprintf("M-%d", d.n))
	d.commit(d.s.Start(id, m, queuetest.Code(d.n)))
	return id, m
}

func (d *desk) paid() (offline.SaleID, offline.MerchantTransID) {
	id, m := d.start()
	d.commit(d.s.Paid(id, m))
	return id, m
}

// refund begins and confirms a refund.
func (d *desk) refund(id offline.SaleID, m offline.MerchantTransID, refund offline.RefundID, value int64) {
	d.commit(d.s.Refund(id, m, refund, value))
	d.commit(d.s.Refunded(id, refund))
}

// said is "paid count/sum, refunded count/sum" of a shift in one currency.
func said(s Shift) string {
	if len(s.Totals) != 1 {
		return fmt.Sprint(len(s.Totals), " currencies")
	}
	t := s.Totals[0]
	return fmt.Sprintf("%d/%d %d/%d", t.Paid, t.PaidSum.Value, t.Refunded, t.RefundedSum.Value)
}

func (d *desk) wants(want string) {
	d.t.Helper()
	for _, l := range []*Ledger{d.l, New(d.l.path, d.j)} { // a restart sums the same
		s, err := l.Current(d.t.Context(), d.s.Now)
		if err != nil || said(s) != want {
			d.t.Errorf("sums to %s (%v), want %s", said(s), err, want)
		}
	}
}

func (d *desk) close(id string, open ...offline.SaleID) Shift {
	d.t.Helper()
	s, created, err := d.l.Close(d.t.Context(), id, "Ann", open, d.s.Now)
	if err != nil || !created {
		d.t.Fatalf("close: %t, %v", created, err)
	}
	return s
}

const amount = 12850 // of queuetest's sales

func TestAShiftSumsWhatWasTakenAndReturnedInIt(t *testing.T) {
	d := newDesk(t)
	if queuetest.Amount().Value != amount {
		t.Fatalf("sales are of %s", queuetest.Amount())
	}
	d.wants("0 currencies")
	first, m := d.paid()
	d.paid()
	declined, dm := d.start()
	d.commit(d.s.Declined(declined, dm))
	d.start() // under way
	d.wants("2/25700 0/0")
	d.refund(first, m, "F-1", 850)
	d.commit(d.s.Refund(first, m, "F-2", 100)) // not confirmed
	d.wants("2/25700 1/850")
}

func TestAShiftBeginsWhereTheOneBeforeEnded(t *testing.T) {
	d := newDesk(t)
	first, m := d.paid()
	one := d.close("S-1")
	if one.Number != 1 || said(one) != "1/12850 0/0" || one.By != "Ann" {
		t.Errorf("%+v", one)
	}
	d.wants("0 currencies")
	d.refund(first, m, "F-1", 850) // of the sale before
	d.paid()
	two := d.close("S-2", "R-9", "R-8")
	if two.Number != 2 || said(two) != "1/12850 1/850" || two.After != one.Last || !two.From.Equal(one.To) {
		t.Errorf("%+v", two)
	}
	if diff := cmp.Diff([]offline.SaleID{"R-9", "R-8"}, two.Open); diff != "" || two.OpenCount != 2 {
		t.Error(diff)
	}
}

func TestTheSameCloseAgainIsTheSameShift(t *testing.T) {
	d := newDesk(t)
	d.paid()
	first := d.close("S-1")
	d.paid()
	d.l = New(d.l.path, d.j) // the answer was lost in a crash
	again, created, err := d.l.Close(t.Context(), "S-1", "Bea", nil, d.s.Now.Add(time.Hour))
	if err != nil || created {
		t.Errorf("created %t, %v", created, err)
	}
	if diff := cmp.Diff(first, again, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
	d.wants("1/12850 0/0")
	if s, ok, err := d.l.Find(t.Context(), "S-1", d.s.Now); !ok || err != nil || s.Number != 1 {
		t.Errorf("%+v, %t, %v", s, ok, err)
	}
	if _, ok, err := d.l.Find(t.Context(), "S-2", d.s.Now); ok || err != nil {
		t.Errorf("found what is not there: %v", err)
	}
}

// stuck is a sale whose money was taken although its reversal was decided.
func (d *desk) stuck() (offline.SaleID, offline.MerchantTransID) {
	id, m := d.start()
	d.commit(
		d.s.Facts(id, m, offline.Fact{Kind: offline.FactCancelAsked, By: "cashier"}, offline.Fact{Kind: offline.FactReversal, Reason: offline.ReasonAsked}),
		d.s.Facts(id, m, d.s.Begun(2, offline.OpCancel)),
		d.s.Facts(id, m, d.s.Finished(2, offline.Outcome{Kind: offline.TooLate, ResultStatus: "F", ResultCode: "CANCEL_WINDOW_EXCEED"}),
			offline.Fact{Kind: offline.FactParked, Reason: offline.ReasonCancelTooLate}),
		d.s.Facts(id, m, d.s.Finished(1, queuetest.Success()), offline.Fact{Kind: offline.FactParked, Reason: offline.ReasonCancelTooLate}),
	)
	return id, m
}

func TestMoneyThatWasTakenOutOfTurnCountsOnceWithItsFirstRefund(t *testing.T) {
	d := newDesk(t)
	id, m := d.stuck()
	d.wants("0 currencies")
	d.refund(id, m, "F-1", 850)
	d.wants("1/12850 1/850")
	d.close("S-1")
	d.refund(id, m, "F-2", 1000)
	d.wants("0/0 1/1000")
	d.commit(d.s.Facts(id, m, offline.Fact{Kind: offline.FactResolved, By: "Ann", Note: "x"}, d.s.Ended(offline.ResultPaid, "")))
	d.wants("0/0 1/1000") // found as paid, and counted before
}

func TestACrashWhileAShiftIsClosedLeavesItOpen(t *testing.T) {
	d := newDesk(t)
	d.paid()
	before, err := os.ReadFile(d.l.path)
	if err != nil {
		t.Fatal(err)
	}
	d.close("S-1")
	if err := os.WriteFile(d.l.path, before, 0o600); err != nil { // the new file had no name yet
		t.Fatal(err)
	}
	d.l = New(d.l.path, d.j)
	d.wants("1/12850 0/0")
	if s := d.close("S-1"); s.Number != 1 || said(s) != "1/12850 0/0" {
		t.Errorf("%+v", s)
	}
}

func TestAShiftThatCannotBeKeptIsNotClosed(t *testing.T) {
	d := newDesk(t)
	d.paid()
	dir := filepath.Dir(d.l.path)
	lost := New(filepath.Join(dir, "none", "shifts.json"), d.j)
	var bad *FileError
	if _, _, err := lost.Close(t.Context(), "S-1", "Ann", nil, d.s.Now); !errors.As(err, &bad) || bad.Hint == "" {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(d.l.path, []byte(`{"version":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.l.Current(t.Context(), d.s.Now); !errors.As(err, &bad) || bad.Path != d.l.path {
		t.Errorf("%v", err)
	}
	if body, err := os.ReadFile(d.l.path); err != nil || string(body) != `{"version":1` {
		t.Errorf("a damaged file was overwritten: %s, %v", body, err)
	}
}

// A journal that was put back from a copy has fewer events than the last shift saw.
func TestWithAnOlderJournalTheTimeDecides(t *testing.T) {
	d := newDesk(t)
	for range 5 {
		d.paid()
	}
	d.close("S-1")
	other := newDesk(t)
	other.paid() // before the shift began
	other.s.Now = d.s.Now.Add(time.Hour)
	other.paid()
	d.l.journal, d.j, d.s.Now = other.j, other.j, other.s.Now
	d.wants("1/12850 0/0")
	if s := d.close("S-2"); said(s) != "1/12850 0/0" || s.Number != 2 {
		t.Errorf("%+v", s)
	}
	other.paid()
	d.wants("1/12850 0/0")
}

// failing is a journal that fails once.
type failing struct {
	Journal
	left int
}

func (f *failing) Sale(id offline.SaleID) (offline.Sale, error) {
	if f.left--; f.left == 0 {
		return offline.Sale{}, offline.ErrJournal
	}
	return f.Journal.Sale(id)
}

func TestAFailureInTheMiddleOfASumCountsNothingTwice(t *testing.T) {
	d := newDesk(t)
	for range 4 {
		d.paid()
	}
	d.l.journal = &failing{d.j, 3}
	if _, err := d.l.Current(t.Context(), d.s.Now); !errors.Is(err, offline.ErrJournal) {
		t.Errorf("%v", err)
	}
	d.wants("4/51400 0/0")
}

func TestWhoeverLeavesEndsTheSum(t *testing.T) {
	d := newDesk(t)
	d.paid()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.l.Current(ctx, d.s.Now); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	d.wants("1/12850 0/0")
}

func TestOldShiftsAreForgottenAndTheirNumbersAreNot(t *testing.T) {
	d := newDesk(t)
	b, err := d.l.load(d.s.Now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range keep + 5 {
		b.Shifts = append(b.Shifts, Shift{Number: i + 1, ID: fmt.Sprint("S-", i+1)})
	}
	b.Next = keep + 6
	if err := d.l.save(b); err != nil {
		t.Fatal(err)
	}
	b, err = d.l.load(d.s.Now)
	if err != nil || len(b.Shifts) != keep || b.Shifts[0].Number != 6 {
		t.Errorf("%d shifts, %v", len(b.Shifts), err)
	}
	if s := d.close("S-new"); s.Number != keep+6 {
		t.Errorf("number %d", s.Number)
	}
}
