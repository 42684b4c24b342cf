package model

import (
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

func picture(foreground, last *wire.Sale, unsettled ...wire.Sale) Connected {
	p := wire.Picture{Status: status(""), Foreground: foreground, Last: last, Unsettled: unsettled}
	if foreground != nil {
		p.Status.Till.Foreground = foreground.SaleID
	}
	if last != nil {
		p.Status.Till.Last = last.SaleID
	}
	return Connected{Picture: p}
}

func TestAWindowThatWasStartedBeforeTheDaemonWaitsForIt(t *testing.T) {
	for cause, action := range map[Cause]string{
		CauseNotRunning: "offline.not_running", CausePermission: "offline.permission",
		CauseGarbage: "offline.garbage", CauseLost: "offline.lost",
	} {
		w := newTill(t)
		w.want(KindStarting)
		w.do(Disconnected{Cause: cause})
		w.want(KindStarting)
		w.wait(grace)
		s := w.want(KindOffline)
		if s.Action != action || s.Band.Role != RoleWarning || len(s.Buttons) != 0 {
			t.Errorf("%s: %+v", cause, s)
		}
		for _, i := range s.Indicators {
			if i.Level == LevelOK {
				t.Errorf("%s: %s is shown as well", cause, i.ID)
			}
		}
		w.do(picture(nil, nil))
		w.want(KindIdle)
	}
}

func TestAWindowThatHearsNothingAtAllSaysSo(t *testing.T) {
	w := newTill(t)
	w.wait(time.Minute)
	w.want(KindOffline)
}

func TestAShortBreakIsNotWorthAScreen(t *testing.T) {
	w := ready(t)
	w.do(Disconnected{Cause: CauseLost})
	w.wait(grace / 2)
	w.want(KindIdle)
	w.do(picture(nil, nil))
	w.wait(time.Minute)
	w.want(KindIdle)
}

func TestALostDaemonNeverHidesThatASaleIsUnderWay(t *testing.T) {
	for _, state := range []wire.State{wire.Waiting, wire.Processing, wire.Confirming, wire.Checking} {
		w := waiting(t)
		if state != wire.Waiting {
			w.do(SaleChanged{Sale: sale("R-1", state, string(state), 2)})
		}
		w.do(Disconnected{Cause: CauseLost})
		w.wait(grace)
		s := w.want(KindOffline)
		if s.Money != "offline.money_sale" || s.Amount != "HKD 128.50" || s.Customer.Title != "customer.moment" {
			t.Errorf("%s: %q %q %+v", state, s.Money, s.Amount, s.Customer)
		}
	}
	w := ended(t, wire.Paid)
	w.do(Disconnected{Cause: CauseLost})
	w.wait(grace)
	if s := w.want(KindOffline); s.Money != "offline.laststate.paid HKD 128.50" && !strings.HasPrefix(s.Money, "offline.last") {
		t.Errorf("%q", s.Money)
	}
}

func TestTheRestartedDaemonsPictureIsTakenOver(t *testing.T) {
	for _, row := range []struct {
		name    string
		then    func(s wire.Sale) Connected
		state   wire.State
		kind    Kind
		buttons string
	}{
		{"still in the foreground", func(s wire.Sale) Connected { return picture(&s, nil) }, wire.Confirming, KindConfirming, "F5 check, Esc cancel"},
		{"goes on in the background", func(s wire.Sale) Connected { return picture(nil, nil, s) }, wire.Checking, KindChecking, "Enter next, F5 check, F6 details, Esc cancel"},
		{"was paid meanwhile", func(s wire.Sale) Connected { return picture(nil, &s) }, wire.Paid, KindPaid, "Enter next, F6 details, F7 print"},
		{"never sent", func(s wire.Sale) Connected { return picture(nil, &s) }, wire.Cancelled, KindCancelled, "Enter next, F2 again, F6 details"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := waiting(t)
			w.do(SaleChanged{Sale: sale("R-1", wire.Processing, "processing", 2)})
			w.do(Disconnected{Cause: CauseLost})
			w.wait(grace)
			w.want(KindOffline)
			s := sale("R-1", row.state, string(row.state), 6)
			w.do(row.then(s))
			if row.state == wire.Paid && (len(w.sounds()) != 1 || w.sounds()[0] != SoundPaid) {
				t.Errorf("sounds %v", w.sounds())
			}
			if got := w.want(row.kind); keys(got) != row.buttons {
				t.Errorf("buttons %q", keys(got))
			}
		})
	}
}

func TestASaleThatThePictureLacksIsAskedFor(t *testing.T) {
	w := waiting(t)
	w.do(Disconnected{Cause: CauseLost})
	w.do(picture(nil, nil))
	if got := newest[LoadSale](w); got.SaleID != "R-1" {
		t.Errorf("%+v", got)
	}
}

func TestAWindowThatCrashedComesBackIntoTheRightState(t *testing.T) {
	for _, row := range []struct {
		name string
		e    Connected
		kind Kind
	}{
		{"a sale in the foreground", picture(ptr(sale("R-1", wire.Confirming, "confirming", 3)), nil), KindConfirming},
		{"a result nobody may have seen", picture(nil, ptr(sale("R-1", wire.Paid, "paid", 5))), KindPaid},
		{"nothing", picture(nil, nil), KindIdle},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newTill(t)
			w.now = w.now.Add(time.Minute)
			w.do(row.e)
			w.want(row.kind)
			if len(w.sounds()) != 0 {
				t.Errorf("sounds %v: what was told before sounds again", w.sounds())
			}
		})
	}
	w := newTill(t)
	w.now = w.now.Add(recentEnd + time.Minute)
	w.do(picture(nil, ptr(sale("R-1", wire.Paid, "paid", 5))))
	w.want(KindIdle)
}

func ptr(s wire.Sale) *wire.Sale { return &s }

func TestASaleThatTheTillLetGoOfCanBeDismissed(t *testing.T) {
	w := waiting(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Checking, "checking", 3)})
	w.do(StatusChanged{Status: status("")}) // may have crossed the sale's own event
	if s := w.want(KindChecking); strings.Contains(keys(s), "next") {
		t.Fatal("let go of too early")
	}
	w.wait(settle + time.Second)
	if s := w.want(KindChecking); !strings.Contains(keys(s), "next") {
		t.Errorf("%q", keys(s))
	}
}

func warning(code, severity string) wire.Warning {
	return wire.Warning{Code: code, Severity: severity, Title: "T " + code, Detail: "D " + code, Remedy: "R " + code, Since: nine}
}

func TestATillThatIsNotReadySaysWhyAndWhatHelps(t *testing.T) {
	for _, code := range []string{"journal_failed", "gateway_setup", "clock", "journal_unusable", "anything_new"} {
		st := status("")
		st.Till.Ready, st.Till.Reasons = false, []wire.Warning{warning(code, "blocks_selling")}
		w := ready(t)
		w.do(StatusChanged{Status: st})
		s := w.want(KindNotReady)
		if s.Band.Title != "T "+code || s.Money != "D "+code || s.Action != "R "+code || s.Band.Role != RoleWarning {
			t.Errorf("%s: %+v", code, s)
		}
		w.text("5")
		w.key(KeyF2)
		w.want(KindNotReady)
		w.key(KeyF1)
		if s := w.want(KindWarnings); len(s.List.Rows) != 1 || s.Action != "R "+code {
			t.Errorf("%s: %+v", code, s.List)
		}
	}
	w := ready(t)
	st := status("")
	st.Till.Ready = false
	w.do(StatusChanged{Status: st})
	if s := w.want(KindNotReady); s.Action == "" {
		t.Error("no reason, and no word what to do")
	}
}

func TestTroubleIsShownWithItsRemedyAndSellingGoesOn(t *testing.T) {
	w := ready(t)
	st := status("")
	st.Warnings = []wire.Warning{warning("gateway_unreachable", "warning"), warning("disk", "info")}
	st.Gateway.State = "unreachable"
	w.do(StatusChanged{Status: st})
	s := w.want(KindTrouble)
	if s.Action != "R gateway_unreachable" || !strings.Contains(keys(s), "F2 new") || s.Indicators[1].Level != LevelBad {
		t.Errorf("%+v", s)
	}
	st = status("")
	st.Scanners = append(st.Scanners, wire.Scanner{Name: "left", State: "absent"})
	st.Warnings = []wire.Warning{warning("scanner", "warning")}
	w.do(StatusChanged{Status: st})
	if s := w.want(KindIdle); s.Indicators[0].Level != LevelWarn {
		t.Errorf("one of two scanners: %+v", s.Indicators[0])
	}
	st.Scanners = st.Scanners[1:]
	w.do(StatusChanged{Status: st})
	if s := w.want(KindTrouble); s.Indicators[0].Level != LevelBad {
		t.Errorf("no scanner: %+v", s.Indicators[0])
	}
}

func TestOpenCasesAreCountedAndLeadToTheirList(t *testing.T) {
	w := ready(t)
	st := status("")
	st.Backlog.AttentionCount, st.Backlog.Unsettled = 2, 9
	st.Warnings = []wire.Warning{warning("sales_need_a_person", "warning")}
	w.do(StatusChanged{Status: st})
	if s := w.want(KindIdle); s.Notice.Title != "idle.open_cases2" {
		t.Errorf("%+v", s.Notice)
	}
	w.key(KeyF5)
	w.want(KindHistory)
	if got := newest[Search](w); got.State != wire.Attention {
		t.Errorf("%+v", got)
	}
}

func TestLateMoneyIsAnOpenCaseAndBackgroundWorkIsNone(t *testing.T) {
	w := ready(t)
	st := status("")
	st.Backlog.Unsettled = 3
	w.do(StatusChanged{Status: st})
	if s := w.want(KindIdle); s.Notice.Role != "" || strings.Contains(keys(s), "cases") {
		t.Errorf("%+v %q", s.Notice, keys(s))
	}
	st.Backlog.LateCount = 1
	w.do(StatusChanged{Status: st})
	w.key(KeyF5)
	if got := newest[Search](w); got.State != wire.Reversing {
		t.Errorf("%+v", got)
	}
}

func TestAScanAfterTheResultIsToldAndForgotten(t *testing.T) {
	w := ended(t, wire.Paid)
	w.do(NoticeArrived{Notice: wire.Notice{Serial: 3, SaleID: "R-1", Code: "not_expected", Title: "Scan not used"}})
	if s := w.want(KindPaid); s.Notice.Title != "Scan not used" {
		t.Errorf("%+v", s.Notice)
	}
	w.wait(told)
	if s := w.want(KindPaid); s.Notice.Role != "" {
		t.Errorf("%+v", s.Notice)
	}
}
