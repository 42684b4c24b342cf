package model

import (
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

// refusedPIN is a window in which a PIN was typed for an undone sale and refused so.
func refusedPIN(t *testing.T, left *int, until *time.Time) *till {
	t.Helper()
	w := ready(t)
	w.do(Connected{Picture: wire.Picture{Status: status("")}})
	w.m.openDetails(sale("W-1", wire.Paid, "paid", 3))
	w.key(KeyF8)
	w.key(KeyF8)
	w.answer(Reply{Err: problem(wire.CodeSupervisorRequired)})
	w.text("ann")
	w.key(KeyTab)
	w.text("1111")
	w.key(KeyEnter)
	refused := problem(wire.CodeSupervisorRefused)
	refused.Detail, refused.TriesLeft, refused.WaitUntil = "Name or PIN is wrong. Nothing was done.", left, until
	w.answer(Reply{Err: refused})
	w.want(KindPIN)
	return w
}

func TestARefusedPINIsToldInTheWindowsOwnWords(t *testing.T) {
	two, none, soon := 2, 0, nine.Add(time.Minute)
	for _, row := range []struct {
		name  string
		left  *int
		until *time.Time
		want  string
	}{
		{"tries are left", &two, nil, "pin.tries2"},
		{"the next is judged later", &none, &soon, "pin.wait59s"},
		{"an older daemon tells nothing", nil, nil, "pin.wrong"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := refusedPIN(t, row.left, row.until)
			w.now = nine.Add(time.Second)
			w.do(Tick{})
			f := w.want(KindPIN).Fields[1]
			if f.Error != row.want || f.Text != "" || !f.Focused {
				t.Errorf("the field says %q and has %q, want %q", f.Error, f.Text, row.want)
			}
		})
	}
}

func TestWhatWasSaidOfAPINGoesWhenAnotherIsTyped(t *testing.T) {
	left := 2
	w := refusedPIN(t, &left, nil)
	w.text("2")
	if f := w.want(KindPIN).Fields[1]; f.Error != "" {
		t.Errorf("the field still says %q", f.Error)
	}
}

func TestAWaitForThePINCountsDownAndEnds(t *testing.T) {
	until := nine.Add(20 * time.Second)
	w := refusedPIN(t, new(int), &until)
	w.text("2")
	before := w.want(KindPIN).Fields[1].Error
	w.wait(3 * time.Second)
	after := w.want(KindPIN).Fields[1].Error
	if before == "" || after == "" || before == after {
		t.Errorf("the wait went from %q to %q", before, after)
	}
	w.wait(30 * time.Second)
	if f := w.want(KindPIN).Fields[1]; f.Error != "" {
		t.Errorf("after the wait the field says %q", f.Error)
	}
}

func TestAScannerThatStandsInTheWayIsToldByItsState(t *testing.T) {
	w := ready(t)
	st := status("")
	st.Scanners[0].State = "no_permission"
	st.Till.Ready = false
	st.Till.Reasons = []wire.Warning{{Code: "scanner", Subject: "desk", Title: "Scanner not ready"}}
	w.do(StatusChanged{Status: st})
	if got := w.want(KindNotReady).Band.Title; got != "Scanner not ready no_permission" {
		t.Errorf("the title is %q", got)
	}
	st.Till.Reasons[0].Subject = "another"
	w.do(StatusChanged{Status: st})
	if got := w.want(KindNotReady).Band.Title; got != "Scanner not ready" {
		t.Errorf("a scanner that is not in the list: %q", got)
	}
}

func TestAMaskedCodeIsShownShort(t *testing.T) {
	for in, want := range map[string]string{"28••••••••••••4567": "28…4567", "": "", "4006": "4006", "••••": "…"} {
		if got := brief(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
}
