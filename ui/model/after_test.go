package model

import (
	"errors"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

// details is a till that shows the details of a paid sale.
func details(t *testing.T) *till {
	t.Helper()
	w := ended(t, wire.Paid)
	w.key(KeyF6)
	s := sale("R-1", wire.Paid, "paid", 5)
	w.answer(Reply{Sale: &s})
	w.want(KindDetails)
	return w
}

func refund(state wire.RefundState, amount int64) wire.Refund {
	return wire.Refund{
		RefundID: "F-1", SaleID: "R-1", State: state, Amount: hkd(amount), CreatedAt: nine,
		Final: state == wire.RefundRefunded || state == wire.RefundDeclined, Message: wire.Message{Key: "refund." + string(state), Code: "refund." + string(state)},
	}
}

func TestAPartIsRefundedOnceAndFollowedToItsEnd(t *testing.T) {
	w := details(t)
	w.key(KeyF6)
	s := w.want(KindRefund)
	if s.Amount != "HKD 128.50" || keys(s) != "Esc back" {
		t.Fatalf("%q %q", s.Amount, keys(s))
	}
	w.text("12851")
	if s := w.want(KindRefund); s.Fields[0].Error == "" || strings.Contains(keys(s), "refund.yes") {
		t.Fatalf("more than was paid: %+v", s.Fields)
	}
	w.key(KeyBackspace)
	w.key(KeyEnter)
	w.key(KeyEnter)
	want := GiveBack{SaleID: "R-1", RefundID: "F-1", Amount: hkd(1285)}
	if got := newest[GiveBack](w); got != want || count[GiveBack](w) != 1 {
		t.Fatalf("%+v, %d times", got, count[GiveBack](w))
	}
	// The answer is lost: the same refund is asked for again.
	w.answer(Reply{Err: errSilent})
	w.wait(3 * time.Second)
	if got := newest[GiveBack](w); got != want || count[GiveBack](w) < 2 {
		t.Fatalf("%+v, %d times", got, count[GiveBack](w))
	}
	f := refund(wire.RefundProcessing, 1285)
	w.answer(Reply{Refund: &f})
	if s := w.want(KindRefundDone); s.Band.Role != RoleBusy {
		t.Fatalf("%+v", s.Band)
	}
	done := sale("R-1", wire.Paid, "paid", 7)
	done.Refunds, done.Refunded = []wire.Refund{refund(wire.RefundRefunded, 1285)}, hkd(1285)
	w.do(SaleChanged{Sale: done})
	if s := w.want(KindRefundDone); s.Band.Role != RolePaid || s.Band.Icon != IconBack || s.Band.Title != "Refunded" {
		t.Fatalf("%+v", s.Band)
	}
	w.wait(deaf)
	w.key(KeyEnter)
	if s := w.want(KindDetails); !strings.Contains(keys(s), "refund") {
		t.Errorf("the rest cannot be refunded: %q", keys(s))
	}
}

func TestEachRefundStateHasItsOwnLook(t *testing.T) {
	for _, row := range []struct {
		state wire.RefundState
		role  Role
		icon  Icon
		keys  string
	}{
		{wire.RefundProcessing, RoleBusy, IconWait, "Enter back, F5 check"},
		{wire.RefundRefunded, RolePaid, IconBack, "Enter back, F7 print"},
		{wire.RefundDeclined, RoleRefused, IconCross, "Enter back"},
		{wire.RefundAttention, RoleUnknown, IconPerson, "Enter back, F5 check"},
		{"settling", RoleUnknown, IconPerson, "Enter back, F5 check"},
	} {
		w := details(t)
		w.m.open(&refundedPage{refund: refund(row.state, 100)})
		s := w.want(KindRefundDone)
		if s.Band.Role != row.role || s.Band.Icon != row.icon || keys(s) != row.keys {
			t.Errorf("%s: %+v %q", row.state, s.Band, keys(s))
		}
	}
}

func TestARefundsEndSoundsOnlyWhereItIsNoGoodNews(t *testing.T) {
	for state, want := range map[wire.RefundState]Sound{
		wire.RefundRefunded: "", wire.RefundDeclined: SoundNotPaid, wire.RefundAttention: SoundAttention,
	} {
		w := details(t)
		p := &refundedPage{refund: refund(wire.RefundProcessing, 100)}
		w.m.open(p)
		w.m.cue = cue{} // of the sale before
		p.sound(w.m, state)
		if got := w.m.cue.Sound; got != want {
			t.Errorf("%s: sound %q, want %q", state, got, want)
		}
	}
}

func TestEverythingIsGivenBackOnlyAfterAQuestion(t *testing.T) {
	w := details(t)
	w.key(KeyF8)
	if s := w.want(KindAskVoid); keys(s) != "F8 void.yes, Esc back" || count[GiveBack](w) != 0 {
		t.Fatalf("%q", keys(s))
	}
	w.key(KeyF8)
	if got := newest[GiveBack](w); got != (GiveBack{SaleID: "R-1", RefundID: "F-1", Amount: hkd(12850), Void: true}) {
		t.Errorf("%+v", got)
	}
	w.answer(Reply{Err: problem(wire.CodeRefundTooMuch)})
	if s := w.want(KindAskVoid); s.Notice.Text != "problem.refund_too_much" {
		t.Errorf("%+v", s.Notice)
	}
}

func TestNothingIsRefundedOfASaleThatIsNotPaid(t *testing.T) {
	for _, c := range classes() {
		s := sale("R-1", c.state, c.keys, 2)
		if got := refundable(&s).Value; (got != 0) != (c.state == wire.Paid) {
			t.Errorf("%s: %d may be refunded", c.name, got)
		}
	}
	s := sale("R-1", wire.Paid, "paid", 2)
	s.Refunds = []wire.Refund{refund(wire.RefundAttention, 12000), refund(wire.RefundDeclined, 500)}
	if got := refundable(&s); got != hkd(850) {
		t.Errorf("%v is left beside a refund in doubt", got)
	}
}

func TestTheSupervisorsPINIsAskedForWhereTheDaemonDemandsIt(t *testing.T) {
	w := details(t)
	w.key(KeyF8)
	w.key(KeyF8)
	w.answer(Reply{Err: problem(wire.CodeSupervisorRequired)})
	w.want(KindPIN)
	w.text("ann")
	w.key(KeyTab)
	w.text("314159")
	s := w.want(KindPIN)
	if s.Fields[1].Text != "••••••" || !s.Fields[1].Secret || strings.Contains(sprint(s), "314159") {
		t.Fatalf("%+v", s.Fields)
	}
	w.key(KeyEnter)
	got := newest[GiveBack](w)
	if got.Supervisor.Name != "ann" || got.Supervisor.PIN.Reveal() != "314159" || got.RefundID != "F-1" || w.ids != 1 {
		t.Fatalf("%+v", got)
	}
	if strings.Contains(sprint(w.all), "314159") {
		t.Error("a command prints the PIN")
	}
	w.key(KeyEnter)
	if n := count[GiveBack](w); n != 2 {
		t.Errorf("%d requests: pressed twice", n)
	}
	refused := problem(wire.CodeSupervisorRefused)
	two := 2
	refused.Detail, refused.TriesLeft = "Name or PIN is wrong.", &two
	w.answer(Reply{Err: refused})
	s = w.want(KindPIN)
	if s.Fields[1].Text != "" || s.Fields[1].Error != "pin.tries2" || !s.Fields[1].Focused {
		t.Fatalf("%+v", s.Fields)
	}
	w.text("271828")
	w.key(KeyEnter)
	f := refund(wire.RefundProcessing, 12850)
	w.answer(Reply{Refund: &f})
	w.want(KindRefundDone)
	w.key(KeyEnter)
	w.want(KindDetails)
}

func TestAPersonsFindingNeedsANameAndANote(t *testing.T) {
	w := ended(t, wire.Attention)
	w.key(KeyF6)
	w.key(KeyF9)
	if s := w.want(KindResolve); keys(s) != "Esc back" {
		t.Fatalf("%q", keys(s))
	}
	w.text("M. Chan")
	w.key(KeyTab)
	w.text("portal shows no payment")
	w.key(KeyF8)
	want := Resolve{SaleID: "R-1", Result: wire.ResolvedNotPaid, By: "M. Chan", Note: "portal shows no payment"}
	if got := newest[Resolve](w); got != want {
		t.Fatalf("%+v", got)
	}
	s := sale("R-1", wire.Cancelled, "cancelled.person", 6)
	w.answer(Reply{Sale: &s})
	if got := w.want(KindCancelled); got.Band.Title != "Cancelled by a person" {
		t.Errorf("%+v", got.Band)
	}
}

func TestARefundInDoubtIsResolvedAsARefund(t *testing.T) {
	w := ended(t, wire.Paid)
	s := sale("R-1", wire.Paid, "paid", 7)
	s.Refunds = []wire.Refund{refund(wire.RefundAttention, 100)}
	w.do(SaleChanged{Sale: s})
	w.key(KeyF6)
	w.key(KeyF9)
	w.text("Ann")
	w.key(KeyDown)
	w.text("seen")
	w.key(KeyF6)
	if got := newest[Resolve](w); got.RefundID != "F-1" || got.Result != wire.ResolvedRefunded {
		t.Errorf("%+v", got)
	}
}

func TestHistoryIsSearchedByNumberStateDayAndTime(t *testing.T) {
	w := ready(t)
	w.now = w.now.Add(time.Hour)
	w.key(KeyF3)
	w.text("R-10")
	w.wait(pause)
	if got := newest[Search](w); got.Text != "R-10" || !got.From.IsZero() {
		t.Errorf("number: %+v", got)
	}
	w.key(KeyF6)
	if got := newest[Search](w); got.State != wire.Paid {
		t.Errorf("state: %+v", got)
	}
	w.key(KeyF7)
	today := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	if got := newest[Search](w); !got.From.Equal(today) || !got.To.Equal(today.AddDate(0, 0, 1)) {
		t.Errorf("today: %+v", got)
	}
	w.key(KeyF7)
	if got := newest[Search](w); !got.From.Equal(today.AddDate(0, 0, -1)) || !got.To.Equal(today) {
		t.Errorf("yesterday: %+v", got)
	}
	w.key(KeyF8)
	w.key(KeyDelete)
	w.text("14:30")
	w.wait(pause)
	at := today.Add(14*time.Hour + 30*time.Minute)
	if got := newest[Search](w); got.Text != "" || !got.From.Equal(at.Add(-around)) || !got.To.Equal(at.Add(around)) {
		t.Errorf("time: %+v", got)
	}
}

func TestHistoryPagesAndFetchesMore(t *testing.T) {
	w := ready(t)
	w.do(Room{Rows: 4})
	w.key(KeyF3)
	list := &wire.SaleList{Cursor: "more"}
	for i := range 6 {
		s := sale("R-"+itoa(i), wire.Paid, "paid", 5)
		s.CreatedAt = nine.Add(-time.Duration(i) * time.Minute)
		list.Sales = append(list.Sales, s)
	}
	w.answer(Reply{Sales: list})
	s := w.want(KindHistory)
	if len(s.List.Rows) != 4 || s.List.Rows[0].ID != "R-0" || s.List.Page == "" || s.List.Prev.Enabled || !s.List.Next.Enabled {
		t.Fatalf("%+v", s.List)
	}
	w.key(KeyPageDown)
	if s := w.want(KindHistory); len(s.List.Rows) != 2 || s.List.Rows[0].ID != "R-4" {
		t.Fatalf("%+v", s.List)
	}
	w.key(KeyPageDown)
	if got := newest[Search](w); got.Cursor != "more" {
		t.Errorf("%+v", got)
	}
	w.answer(Reply{Sales: &wire.SaleList{Sales: []wire.Sale{sale("R-6", wire.Paid, "paid", 5)}}})
	w.do(Selected{ID: "R-6"})
	if s := w.want(KindDetails); !strings.Contains(s.Small, "R-6") {
		t.Errorf("%q", s.Small)
	}
}

func TestAnswersToOlderSearchesAreDropped(t *testing.T) {
	w := ready(t)
	w.key(KeyF3)
	first := w.call()
	w.text("R-2")
	if n := count[Search](w); n != 2 { // of the column beside the rest, and of the page
		t.Errorf("%d searches: one for each letter", n)
	}
	w.wait(pause)
	second := newest[Search](w)
	w.answer(Reply{Sales: &wire.SaleList{Sales: []wire.Sale{sale("R-2", wire.Paid, "paid", 5)}}})
	w.do(Reply{Seq: first.Seq, Sales: &wire.SaleList{Sales: []wire.Sale{sale("R-1", wire.Paid, "paid", 5)}}})
	if rows := w.want(KindHistory).List.Rows; second.Text != "R-2" || len(rows) != 1 || rows[0].ID != "R-2" {
		t.Errorf("%+v", rows)
	}
}

func TestDetailsTellTheWholeTrail(t *testing.T) {
	w := details(t)
	w.do(Room{Rows: 20})
	s := sale("R-1", wire.Paid, "paid", 9)
	s.Payments[0].Attempts = []wire.Attempt{
		{Op: "pay", At: nine, Outcome: "no_answer"},
		{Op: "query", At: nine, Outcome: "success", ResultCode: "SUCCESS", TradeStatus: "TRADE_SUCCESS"},
		{Op: "query", At: nine},
	}
	s.Payments[0].Attention = &wire.Mark{At: nine, Reason: "cancel_unconfirmed"}
	s.Payments[0].Resolved = &wire.Mark{At: nine, By: "M. Chan", Note: "portal"}
	s.Refunds = []wire.Refund{refund(wire.RefundRefunded, 100)}
	w.do(SaleChanged{Sale: s})
	text := sprint(w.want(KindDetails).List.Rows)
	for _, part := range []string{"pay → no_answer", "query → success", "TRADE_SUCCESS", "query → …", "cancel_unconfirmed", "M. Chan", "portal", "F-1", "HKD 1.00"} {
		if !strings.Contains(text, part) {
			t.Errorf("the trail lacks %q", part)
		}
	}
}

func TestTheEndOfAShiftNamesWhatIsOpenOrThatNothingIs(t *testing.T) {
	w := ready(t)
	w.key(KeyF4)
	w.answer(Reply{Shift: &Shift{From: nine, To: nine, Totals: []ShiftTotal{{Paid: 3, PaidSum: hkd(100), RefundedSum: hkd(0)}}, Closable: true}})
	s := w.want(KindShift)
	if s.Money != "shift.nothing_open" || len(s.List.Rows) != 0 || len(s.Lines) != 4 {
		t.Errorf("%+v", s)
	}
	w.key(KeyF8)
	w.key(KeyF8)
	if count[CloseShift](w) != 1 {
		t.Errorf("closed %d times", count[CloseShift](w))
	}
	w.answer(Reply{Shift: &Shift{Number: "17", Closable: true}})
	if s := w.want(KindShift); s.Band.Title != "shift.closed17" || strings.Contains(keys(s), "shift.close") {
		t.Errorf("%+v", s.Band)
	}

	w = ready(t)
	w.key(KeyF4)
	w.answer(Reply{Shift: &Shift{Open: []wire.Sale{sale("R-1", wire.Attention, "attention", 5)}}})
	s = w.want(KindShift)
	if s.Money != "shift.open_text1" || len(s.List.Rows) != 1 || strings.Contains(keys(s), "shift.close") {
		t.Errorf("%+v", s)
	}
	w.key(KeyEnter)
	w.want(KindDetails)
	w.key(KeyEscape)
	w.key(KeyEscape)
	w.want(KindIdle)
}

func TestAReceiptIsPrintedAndAReprintSaysSo(t *testing.T) {
	w := ended(t, wire.Paid)
	w.key(KeyF7)
	w.key(KeyF7)
	if got := newest[LoadReceipt](w); got != (LoadReceipt{SaleID: "R-1"}) || count[LoadReceipt](w) != 1 {
		t.Fatalf("%+v", got)
	}
	w.answer(Reply{Receipt: &Receipt{SaleID: "R-1", Text: "x\n"}})
	if p, ok := w.out[0].(Print); !ok || p.Receipt.Text != "x\n" {
		t.Errorf("%+v", w.out)
	}
	if n := w.m.Screen().Notice; n.Title != "" {
		t.Errorf("%q is said before anything is printed", n.Title)
	}
	for _, row := range []struct {
		e    Printed
		want string
	}{
		{Printed{}, "printed.title"}, {Printed{File: "/r.txt", Err: errors.New("no paper")}, "printed.kept"}, {Printed{Err: errors.New("no paper")}, "printed.failed"},
	} {
		w.do(row.e)
		if n := w.m.Screen().Notice; n.Title != row.want {
			t.Errorf("%+v is told as %q", row.e, n.Title)
		}
	}
	w.key(KeyF6)
	w.key(KeyF7)
	if got := newest[LoadReceipt](w); !got.Reprint {
		t.Errorf("%+v", got)
	}
}
