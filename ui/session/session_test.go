package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
	"posagent/ui/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain are words that show their keys.
type plain struct{}

func (plain) T(key string, args ...any) string    { return key + fmt.Sprint(args...) }
func (plain) Message(m wire.Message) cashier.Text { return cashier.Words(m.Key) }
func (plain) Notice(n wire.Notice) cashier.Text   { return cashier.Text{Title: n.Title} }
func (plain) Warning(w wire.Warning) cashier.Text { return cashier.Text{Title: w.Title} }
func (plain) ScannerWarning(w wire.Warning, _ wire.Scanner) cashier.Text {
	return cashier.Text{Title: w.Title}
}
func (plain) Money(m wire.Money) string   { return m.String() }
func (plain) Clock(t time.Time) string    { return t.Format("15:04") }
func (plain) Moment(t time.Time) string   { return t.Format(time.DateTime) }
func (plain) Day(t time.Time) string      { return t.Format(time.DateOnly) }
func (plain) Span(d time.Duration) string { return d.String() }

func status() wire.Status {
	return wire.Status{
		Till: wire.Till{Ready: true, Currency: "HKD"}, Journal: wire.Journal{OK: true},
		Backlog: wire.Backlog{LateSuccess: []string{"R-7"}},
	}
}

// glass is a view that remembers what it was shown.
type glass struct {
	t     *testing.T
	mu    sync.Mutex
	shown []model.Screen
}

func (g *glass) Show(s model.Screen) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.shown); n > 0 && g.shown[n-1].Equal(s) {
		g.t.Error("the same screen was shown twice")
	}
	g.shown = append(g.shown, s)
}

func (g *glass) last() model.Screen {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shown[len(g.shown)-1]
}

func (g *glass) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.shown)
}

// window is a session in a bubble of its own time.
type window struct {
	*Session
	t    *testing.T
	d    *daemon
	g    *glass
	acts []model.Command
}

// inBubble runs a test on a session that runs, and ends it.
func inBubble(t *testing.T, test func(w *window)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &window{t: t, d: newDaemon(), g: &glass{t: t}}
		ids := 0
		w.Session = New(Config{
			Model: model.Config{
				Currency: "HKD", AmountEntry: true, Volume: 1, Words: func(string) model.Words { return plain{} },
				NewID: func(p string) string { ids++; return fmt.Sprint(p, "-", ids) },
			},
			API: w.d, View: w.g, Act: func(c model.Command) { w.acts = append(w.acts, c) }, Log: slog.New(slog.DiscardHandler),
		})
		ctx, stop := context.WithCancel(t.Context())
		var done error
		var running sync.WaitGroup
		running.Go(func() { done = w.Run(ctx) })
		test(w)
		stop()
		running.Wait()
		if done != nil {
			t.Errorf("Run: %v", done)
		}
	})
}

func (w *window) want(k model.Kind) model.Screen {
	w.t.Helper()
	synctest.Wait()
	s := w.g.last()
	if s.Kind != k {
		w.t.Fatalf("the screen is %s, want %s", s.Kind, k)
	}
	return s
}

func (w *window) connect() {
	w.d.events <- client.Event{Picture: &wire.Picture{Status: status()}}
	w.want(model.KindIdle)
}

// pass lets the bubble's time pass.
func (w *window) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func (w *window) text(s string) {
	for _, r := range s {
		w.pass(150 * time.Millisecond)
		w.Do(model.KeyPressed{Rune: r})
	}
	w.pass(150 * time.Millisecond)
}

func TestASaleIsOpenedShownAndFollowed(t *testing.T) {
	inBubble(t, func(w *window) {
		w.connect()
		w.text("500")
		w.Do(model.KeyPressed{Key: model.KeyEnter})
		s := w.want(model.KindWaiting)
		if s.Amount != "HKD 5.00" || w.d.count("open") != 1 {
			t.Errorf("%s, opened %d times", s.Amount, w.d.count("open"))
		}
		paid := w.d.sales["W-1"]
		paid.State, paid.Final, paid.Version, paid.Message.Key = wire.Paid, true, 5, "paid"
		w.d.events <- client.Event{Sale: &paid}
		w.want(model.KindPaid)
		if !slices.Contains(w.acts, model.Command(model.PlaySound{Sound: model.SoundPaid, Volume: 1})) {
			t.Errorf("%v", w.acts)
		}
	})
}

func TestTheCountdownStepsOnceASecond(t *testing.T) {
	inBubble(t, func(w *window) {
		w.connect()
		w.text("500")
		w.Do(model.KeyPressed{Key: model.KeyEnter})
		first := w.want(model.KindWaiting).Countdown.Left
		w.pass(2 * time.Second) // what a cue adds is over
		before, left := w.g.count(), w.g.last().Countdown.Left
		w.pass(10 * time.Second)
		if n := w.g.count() - before; n != 10 || left-w.g.last().Countdown.Left != 10 || first < 119 {
			t.Errorf("%d screens in 10 s, from %d to %d", n, left, w.g.last().Countdown.Left)
		}
	})
}

func TestADaemonThatNeverAnswersIsGivenUpAndTheWindowStaysUsable(t *testing.T) {
	inBubble(t, func(w *window) {
		w.connect()
		w.d.mu.Lock()
		w.d.silent = true
		w.d.mu.Unlock()
		w.text("500")
		w.Do(model.KeyPressed{Key: model.KeyEnter})
		if s := w.want(model.KindOpening); s.Band.Role != model.RoleBusy {
			t.Errorf("%+v", s.Band)
		}
		w.pass(time.Minute)
		if s := w.want(model.KindOpening); s.Band.Role != model.RoleWarning {
			t.Errorf("nobody is told: %+v", s.Band)
		}
		w.Do(model.KeyPressed{Key: model.KeyEscape})
		w.want(model.KindIdle)
		w.d.mu.Lock()
		w.d.silent = false
		w.d.mu.Unlock()
		w.pass(time.Minute)
		if w.d.count("cancel") == 0 {
			t.Error("the sale that was given up is not cancelled")
		}
	})
}

func TestLostConnectionsAreToldByTheirCause(t *testing.T) {
	for err, want := range map[error]string{
		client.ErrNotRunning: "offline.not_running", client.ErrPermission: "offline.permission",
		client.ErrAnswer: "offline.garbage", errors.New("reset"): "offline.lost",
	} {
		inBubble(t, func(w *window) {
			w.d.events <- client.Event{Lost: fmt.Errorf("socket: %w", err)}
			w.pass(3 * time.Second)
			if s := w.want(model.KindOffline); s.Action != want {
				t.Errorf("%v: %q", err, s.Action)
			}
			w.connect()
			w.d.events <- client.Event{Lost: err}
			w.pass(3 * time.Second)
			w.want(model.KindOffline)
			w.connect()
		})
	}
}

func TestAFloodOfKeysIsTakenInAtOnce(t *testing.T) {
	inBubble(t, func(w *window) {
		w.connect()
		before := w.g.count()
		for i := range 10000 {
			w.Do(model.KeyPressed{Rune: rune('0' + i%10)})
		}
		for range 2 * maxQueue { // beyond what is kept
			w.Do(model.KeyPressed{Rune: '7'})
		}
		w.pass(5 * time.Second)
		if n := w.g.count() - before; n > 20 {
			t.Errorf("%d screens", n)
		}
		w.pass(10 * time.Second)
		w.text("5")
		w.want(model.KindEntry)
	})
}

func TestSupervisorsAndReceiptsReachTheDaemon(t *testing.T) {
	d := newDaemon()
	s := New(Config{API: d, Model: model.Config{Words: func(string) model.Words { return plain{} }}})
	ctx := t.Context()
	s.ask(ctx, model.Cancel{SaleID: "R-1"})
	s.ask(ctx, model.GiveBack{SaleID: "R-1", RefundID: "F-1", Supervisor: model.Supervisor{Name: "Ann", PIN: "314159"}})
	if len(d.allowed) != 2 || d.allowed[0] != nil || d.allowed[1].Name != "Ann" || d.allowed[1].PIN.Reveal() != "314159" {
		t.Errorf("%+v", d.allowed)
	}
	r := s.ask(ctx, model.LoadReceipt{SaleID: "R-1", Reprint: true})
	if r.Receipt == nil || !strings.Contains(r.Receipt.Text, "R-1") || len(r.Receipt.PDF) != 0 || len(d.receipts) != 1 || !d.receipts[0].Copy || d.receipts[0].PDF {
		t.Errorf("%+v %+v", r, d.receipts)
	}
	if r := s.ask(ctx, model.Resolve{SaleID: "R-1", RefundID: "F-1", Result: wire.ResolvedRefunded}); r.Refund == nil {
		t.Errorf("%+v", r)
	}
}

func TestAReceiptIsFetchedInTheFormThatIsWantedAndAlwaysAsTextWhereThereIsNoPDF(t *testing.T) {
	for _, row := range []struct {
		name   string
		pdf    func() bool
		broken string
		want   string // forms that were asked for
	}{
		{"text by default", nil, "", "text"},
		{"text where a program prints it, even if a PDF could not be made", func() bool { return false }, "pdf", "text"},
		{"a PDF where nothing prints text", func() bool { return true }, "", "pdf"},
		{"text in place of a PDF that cannot be made", func() bool { return true }, "pdf", "pdf text"},
		{"nothing where both fail", func() bool { return true }, "pdf text", "pdf text failed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newDaemon()
			d.broken = row.broken
			s := New(Config{API: d, PDF: row.pdf, Model: model.Config{Words: func(string) model.Words { return plain{} }}})
			r := s.ask(t.Context(), model.LoadReceipt{SaleID: "R-1"})
			var got []string
			for _, of := range d.receipts {
				got = append(got, form(of))
			}
			switch {
			case r.Err != nil:
				got = append(got, "failed")
			case (len(r.Receipt.PDF) > 0) != (got[len(got)-1] == "pdf"), (r.Receipt.Text != "") != (got[len(got)-1] == "text"):
				t.Errorf("%+v is not in the form that came last", r.Receipt)
			}
			if strings.Join(got, " ") != row.want {
				t.Errorf("asked for %q, want %q", got, row.want)
			}
		})
	}
}

func form(r client.ReceiptOf) string {
	if r.PDF {
		return "pdf"
	}
	return "text"
}

func TestAShiftIsShownAndEndedOnceUnderTheModelsId(t *testing.T) {
	d := newDaemon()
	d.sales["R-3"] = wire.Sale{SaleID: "R-3", State: wire.Attention}
	s := New(Config{API: d, Model: model.Config{Words: func(string) model.Words { return plain{} }}})
	r := s.ask(t.Context(), model.LoadShift{})
	if r.Shift == nil || !r.Shift.Closable || r.Shift.Number != "" || len(r.Shift.Open) != 1 || len(r.Shift.Totals) != 1 || r.Shift.Totals[0].Paid != 4 {
		t.Errorf("open: %+v", r.Shift)
	}
	end := model.CloseShift{ShiftID: "S-1", Supervisor: model.Supervisor{Name: "Ann", PIN: "314159"}}
	for range 2 {
		r = s.ask(t.Context(), end)
		if r.Shift == nil || r.Shift.Closable || r.Shift.Number != "7" {
			t.Errorf("ended: %+v, %v", r.Shift, r.Err)
		}
	}
	if len(d.ended) != 2 || d.ended[0].ShiftID != "S-1" || d.ended[1].ShiftID != "S-1" || d.ended[0].Supervisor.PIN.Reveal() != "314159" {
		t.Errorf("%+v", d.ended)
	}
}

func TestEveryRequestOfTheModelIsCarriedOut(t *testing.T) {
	d := newDaemon()
	d.sales["R-1"] = wire.Sale{SaleID: "R-1"}
	d.sales["R-7"] = wire.Sale{SaleID: "R-7"}
	s := New(Config{API: d, Model: model.Config{Words: func(string) model.Words { return plain{} }}})
	for _, q := range []model.Request{
		model.OpenSale{SaleID: "R-2"}, model.SendCode{SaleID: "R-1"}, model.Cancel{SaleID: "R-1"}, model.Recheck{SaleID: "R-1"},
		model.Resolve{SaleID: "R-1"}, model.GiveBack{SaleID: "R-1"}, model.LoadSale{SaleID: "R-1"}, model.Search{},
		model.LoadShift{}, model.CloseShift{ShiftID: "S-1"}, model.LoadReceipt{SaleID: "R-1"},
	} {
		d.fail = nil
		if r := s.call(t.Context(), model.Call{Seq: 3, Request: q}); r.Err != nil || r.Seq != 3 {
			t.Errorf("%T: %+v", q, r)
		}
		d.fail = errors.New("broken")
		if r := s.call(t.Context(), model.Call{Seq: 4, Request: q}); r.Err == nil || r.Seq != 4 || r.Sale != nil || r.Refund != nil || r.Sales != nil {
			t.Errorf("%T: a failure came as %+v", q, r)
		}
	}
}
