package offline_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"posagent/offline"
)

// writes collects what a story commits, for those who store it.
type writes struct {
	*story
	all []offline.Write
}

func (w *writes) do(write offline.Write) *writes {
	w.t.Helper()
	w.commit(write)
	w.all = append(w.all, write)
	return w
}

// aLongStory is a sale with two codes, a reversal, a late success, a parking and
// a refund: every kind of fact.
func aLongStory(t *testing.T) *writes {
	t.Helper()
	w := &writes{story: &story{t: t, now: noon, boot: firstRun}}
	w.do(offline.Write{SaleID: "R-1", NewSale: &offline.SaleHead{
		ID: "R-1", Amount: hkd100, Title: "tea", CreatedAt: noon, ExpiresAt: noon.Add(time.Minute), Boot: firstRun,
	}})
	w.id = "P-1"
	head := w.head("P-1")
	w.do(offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: "P-1", New: head, Facts: []offline.Fact{
		{Kind: offline.FactBegun, At: noon, Attempt: 1, Op: offline.OpPay, ReqMsgID: "m-1", Boot: firstRun},
	}}}})
	w.after(time.Second)
	w.do(w.write(w.outcome(offline.OpPay, staleCode), ended(offline.ResultDeclined, "")))
	w.id = "P-2"
	w.do(offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: "P-2", New: w.head("P-2")}}})
	w.do(w.write(w.intent(offline.OpPay)))
	w.after(5 * time.Second)
	w.do(w.write(w.intent(offline.OpQuery)))
	w.do(w.write(w.outcome(offline.OpQuery, waiting)))
	w.do(w.write(
		offline.Fact{Kind: offline.FactCancelAsked, By: "anna"},
		offline.Fact{Kind: offline.FactReversal, Reason: offline.ReasonAsked}))
	w.do(w.write(w.intent(offline.OpCancel)))
	w.do(w.write(w.outcome(offline.OpCancel, tooLate), offline.Fact{Kind: offline.FactParked, Reason: offline.ReasonCancelTooLate}))
	w.do(w.write(w.outcome(offline.OpPay, success), offline.Fact{Kind: offline.FactParked, Reason: offline.ReasonCancelTooLate}))
	w.after(time.Hour)
	w.do(offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: "F-1", New: w.refundHead("F-1", 10000)}}})
	w.do(w.refundWrite("F-1", w.refundIntent("F-1", offline.OpRefund)))
	last := w.refundWrite("F-1", offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &success}, ended(offline.ResultRefunded, ""))
	last.Payments = w.write(ended(offline.ResultCancelled, offline.HowRefunded)).Payments
	return w.do(last)
}

func TestDescribeTellsWhatAWriteChanged(t *testing.T) {
	var sale offline.Sale
	var got []offline.Event
	for _, w := range aLongStory(t).all {
		after, err := sale.Apply(w)
		if err != nil {
			t.Fatal(err)
		}
		sale = after
		e := offline.Describe(sale, w)
		e.At = time.Time{}
		got = append(got, e)
	}
	event := func(payment offline.MerchantTransID, state offline.SaleState, what ...string) offline.Event {
		return offline.Event{SaleID: "R-1", Payment: payment, State: state, What: what}
	}
	want := []offline.Event{
		event("", "waiting", "sale opened"),
		event("P-1", "processing", "payment created", "pay begun"),
		event("P-1", "declined", "pay failure INVALID_CODE", "ended declined"),
		event("P-2", "processing", "payment created"),
		event("P-2", "processing", "pay begun"),
		event("P-2", "checking", "query begun"),
		event("P-2", "confirming", "query in_process"),
		event("P-2", "reversing", "cancel asked", "reversal decided: asked"),
		event("P-2", "reversing", "cancel begun"),
		event("P-2", "attention", "cancel too_late CANCEL_WINDOW_EXCEED", "needs a person: cancel_too_late"),
		event("P-2", "attention", "pay success SUCCESS", "needs a person: cancel_too_late"),
		event("", "attention", "refund created"),
		event("", "attention", "refund begun"),
		event("P-2", "cancelled", "ended cancelled, refunded", "refund success SUCCESS", "ended refunded"),
	}
	want[7].By = "anna"
	for i := 11; i < len(want); i++ {
		want[i].Refund = "F-1"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDescribeNamesWhoActedAndWhy(t *testing.T) {
	s := created(t).unclear().reverse().park()
	w := s.write(offline.Fact{Kind: offline.FactResolved, By: "lee", Note: "asked the support"}, ended(offline.ResultPaid, ""))
	s.commit(w)
	e := offline.Describe(s.sale, w)
	if e.By != "lee" || e.Note != "asked the support" || !e.At.Equal(s.now) || e.State != offline.SaleStatePaid {
		t.Errorf("got %+v", e)
	}
	o := opened(t)
	closing := offline.Write{SaleID: "R-1", EndSale: &offline.SaleEnd{At: noon, Reason: offline.SaleCancelled, By: "anna"}}
	o.commit(closing)
	if e := offline.Describe(o.sale, closing); e.By != "anna" || !slices.Equal(e.What, []string{"sale closed: cancelled"}) {
		t.Errorf("got %+v", e)
	}
}

// facts sorts what was written the way a store keeps it.
func facts(t *testing.T, list []offline.Write) offline.StoredSale {
	t.Helper()
	var st offline.StoredSale
	payments, refunds := map[offline.MerchantTransID]int{}, map[offline.RefundID]int{}
	for _, w := range list {
		w, err := stored(w)
		if err != nil {
			t.Fatal(err)
		}
		if w.NewSale != nil {
			st.Head = *w.NewSale
		}
		if w.EndSale != nil {
			st.End = w.EndSale
		}
		for _, pw := range w.Payments {
			if pw.New != nil {
				payments[pw.ID] = len(st.Payments)
				st.Payments = append(st.Payments, offline.StoredPayment{Head: *pw.New})
			}
			p := &st.Payments[payments[pw.ID]]
			p.Facts = append(p.Facts, pw.Facts...)
		}
		for _, rw := range w.Refunds {
			if rw.New != nil {
				refunds[rw.ID] = len(st.Refunds)
				st.Refunds = append(st.Refunds, offline.StoredRefund{Head: *rw.New})
			}
			r := &st.Refunds[refunds[rw.ID]]
			r.Facts = append(r.Facts, rw.Facts...)
		}
	}
	return st
}

// A crash leaves a prefix of the writes: whichever it is, reading it back gives
// the very sale that was there.
func TestRestoreGivesTheSaleThatWasStored(t *testing.T) {
	story := aLongStory(t)
	var sale offline.Sale
	for i, w := range story.all {
		sale, _ = sale.Apply(w)
		back, err := offline.Restore(facts(t, story.all[:i+1]))
		if err != nil {
			t.Fatalf("after write %d: %v", i, err)
		}
		if diff := cmp.Diff(deepCopy(sale), deepCopy(back)); diff != "" {
			t.Errorf("after write %d (-committed +restored):\n%s", i, diff)
		}
	}
	closing := offline.Write{SaleID: "R-1", EndSale: &offline.SaleEnd{At: noon, Reason: offline.SaleExpired}}
	s := opened(t).commit(closing)
	st := facts(t, []offline.Write{story.all[0], closing})
	st.Head = s.sale.SaleHead
	back, err := offline.Restore(st)
	if err != nil || back.State() != offline.SaleStateExpired || back.Version != s.sale.Version {
		t.Errorf("a closed sale reads back as %s, version %d, %v", back.State(), back.Version, err)
	}
}

func TestRestoreRefusesFactsThatNoFoldCanPlace(t *testing.T) {
	begun := func(n int, id offline.ReqMsgID) offline.Fact {
		return offline.Fact{Kind: offline.FactBegun, At: noon, Attempt: n, Op: offline.OpPay, ReqMsgID: id, Boot: firstRun}
	}
	finished := func(n int) offline.Fact {
		return offline.Fact{Kind: offline.FactFinished, At: noon, Attempt: n, Outcome: &success}
	}
	rows := []struct {
		name  string
		facts []offline.Fact
	}{
		{"an answer to nothing", []offline.Fact{finished(1)}},
		{"an answer to another message", []offline.Fact{begun(1, "m"), finished(2)}},
		{"two answers to one message", []offline.Fact{begun(1, "m"), finished(1), finished(1)}},
		{"an answer without an outcome", []offline.Fact{begun(1, "m"), {Kind: offline.FactFinished, Attempt: 1}}},
		{"a message out of order", []offline.Fact{begun(2, "m")}},
		{"two messages with one number", []offline.Fact{begun(1, "m"), begun(1, "n")}},
		{"a kind that nobody knows", []offline.Fact{begun(1, "m"), fact("forgotten")}},
		{"no kind", []offline.Fact{{At: noon}}},
	}
	head := offline.SaleHead{ID: "R-1", Amount: hkd100}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if s, err := offline.Restore(offline.StoredSale{Head: head, Payments: []offline.StoredPayment{
				{Head: offline.PaymentHead{ID: "P-1", Amount: hkd100, Boot: firstRun}, Facts: row.facts},
			}}); err == nil {
				t.Errorf("a payment was restored: %+v", deepCopy(s))
			}
			if s, err := offline.Restore(offline.StoredSale{Head: head, Refunds: []offline.StoredRefund{
				{Head: offline.RefundHead{ID: "F-1", Payment: "P-1", Amount: hkd100}, Facts: row.facts},
			}}); err == nil {
				t.Errorf("a refund was restored: %+v", deepCopy(s))
			}
		})
	}
	for _, kind := range []offline.FactKind{offline.FactReversal, offline.FactCancelAsked} {
		if _, err := offline.Restore(offline.StoredSale{Head: head, Refunds: []offline.StoredRefund{
			{Head: offline.RefundHead{ID: "F-1"}, Facts: []offline.Fact{fact(kind)}},
		}}); err == nil {
			t.Errorf("a refund was restored with %s", kind)
		}
	}
}

func TestTotalsCountMoneyOnceOnTheDayItWasConfirmed(t *testing.T) {
	sum := map[offline.BusinessDay]offline.DayTotal{}
	var sale offline.Sale
	add := func(list []offline.Write) {
		for _, w := range list {
			after, err := sale.Apply(w)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range offline.TotalsOf(sale, after) {
				before, ok := sum[c.Day]
				if !ok {
					before.PaidSum.Currency, before.RefundedSum.Currency = "HKD", "HKD"
				}
				sum[c.Day] = before.Add(c.Total)
			}
			if again := offline.TotalsOf(after, after); len(again) != 0 {
				t.Errorf("nothing changed, but %v", again)
			}
			sale = after
		}
	}
	s := &writes{story: &story{t: t, now: noon, boot: firstRun, id: "P-1"}}
	s.do(offline.Write{SaleID: "R-1", NewSale: &offline.SaleHead{ID: "R-1", Amount: hkd100, CreatedAt: noon, Boot: firstRun}})
	s.do(offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: "P-1", New: s.head("P-1")}}})
	s.do(s.write(s.intent(offline.OpPay)))
	s.after(13 * time.Hour) // the answer to a query after midnight
	s.do(s.write(s.outcome(offline.OpPay, success), ended(offline.ResultPaid, "")))
	for _, f := range []struct {
		id     offline.RefundID
		answer offline.Outcome
		result offline.Result
	}{{"F-1", success, offline.ResultRefunded}, {"F-2", refused, offline.ResultDeclined}, {"F-3", success, offline.ResultRefunded}} {
		s.after(12 * time.Hour)
		s.do(offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: f.id, New: s.refundHead(f.id, 2500)}}})
		s.do(s.refundWrite(f.id, s.refundIntent(f.id, offline.OpRefund)))
		s.do(s.refundWrite(f.id, offline.Fact{Kind: offline.FactFinished, Attempt: 1, Outcome: &f.answer}, ended(f.result, "")))
	}
	add(s.all)
	hkd := func(v int64) offline.Money { return offline.Money{Currency: "HKD", Value: v} }
	want := map[offline.BusinessDay]offline.DayTotal{
		"2026-11-21": {Paid: 1, PaidSum: hkd(10000), Refunded: 1, RefundedSum: hkd(2500)},
		"2026-11-22": {PaidSum: hkd(0), Refunded: 1, RefundedSum: hkd(2500)},
	}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
