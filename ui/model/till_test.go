package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
)

// plain are words that show their keys, and the catalogue's English.
type plain struct{ lang string }

func (p plain) T(key string, args ...any) string {
	if len(args) == 0 {
		return p.lang + key
	}
	return p.lang + key + fmt.Sprint(args...)
}
func (p plain) Message(m wire.Message) cashier.Text { return cashier.Words(m.Key) }
func (p plain) Notice(n wire.Notice) cashier.Text {
	return cashier.Text{Title: n.Title, Money: n.Detail, Action: n.Action}
}
func (p plain) ScannerWarning(w wire.Warning, s wire.Scanner) cashier.Text {
	return cashier.Text{Title: w.Title + " " + s.State, Money: w.Detail, Action: w.Remedy}
}

func (p plain) Warning(w wire.Warning) cashier.Text {
	return cashier.Text{Title: w.Title, Money: w.Detail, Action: w.Remedy}
}
func (p plain) Money(m wire.Money) string   { return m.String() }
func (p plain) Clock(t time.Time) string    { return t.Format("15:04") }
func (p plain) Moment(t time.Time) string   { return t.Format("2006-01-02 15:04:05") }
func (p plain) Day(t time.Time) string      { return t.Format("2006-01-02") }
func (p plain) Span(d time.Duration) string { return d.String() }

// till is a model under test, with a clock, and a daemon that is played by hand.
type till struct {
	t   *testing.T
	m   *Model
	now time.Time
	out []Command // of the newest event
	all []Command
	ids int
}

// nine is when tests begin.
var nine = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func config() Config {
	return Config{
		Header: "Sunrise Mart · T03", Currency: "HKD", AmountEntry: true, Volume: 2, Location: time.UTC,
		Words: func(lang string) Words {
			if lang != "en" {
				return plain{lang + ":"}
			}
			return plain{}
		},
		Languages: []Language{{"en", "English"}, {"ja", "日本語"}}, Lang: "en",
	}
}

// newTill is a window that has heard nothing yet.
func newTill(t *testing.T, change ...func(*Config)) *till {
	t.Helper()
	w := &till{t: t, now: nine}
	cfg := config()
	cfg.NewID = func(prefix string) string {
		w.ids++
		return fmt.Sprintf("%s-%d", prefix, w.ids)
	}
	for _, c := range change {
		c(&cfg)
	}
	w.m = New(cfg)
	return w
}

// ready is a window at a till that is ready to sell.
func ready(t *testing.T, change ...func(*Config)) *till {
	t.Helper()
	w := newTill(t, change...)
	w.do(Connected{Picture: wire.Picture{Status: status("")}})
	w.answer(Reply{Sales: &wire.SaleList{}})
	w.want(KindIdle)
	return w
}

// status is that of a till that is well.
func status(foreground string) wire.Status {
	return wire.Status{
		Version:  "1.0.0",
		Till:     wire.Till{Ready: true, Currency: "HKD", Foreground: foreground, Waiting: foreground != ""},
		Scanners: []wire.Scanner{{Name: "desk", State: "ready"}},
		Gateway:  wire.Gateway{State: "ok"}, Journal: wire.Journal{OK: true},
		Totals: []wire.Total{{Paid: 3, PaidSum: hkd(30000), RefundedSum: hkd(0)}},
	}
}

func hkd(v int64) wire.Money { return wire.Money{Currency: "HKD", Value: v} }

// sale is a sale of HKD 128.50 in a state, with the words of a key.
func sale(id string, state wire.State, key string, version int) wire.Sale {
	final := state == wire.Paid || state == wire.Cancelled || state == wire.Expired || state == wire.Declined
	s := wire.Sale{
		SaleID: id, State: state, Final: final, Version: version, Amount: hkd(12850), Refunded: hkd(0),
		Message: wire.Message{Code: key, Key: key}, CreatedAt: nine, ExpiresAt: nine.Add(2 * time.Minute), UpdatedAt: nine,
		MerchantTransID: "S01-T03-1", Code: "28••••••••••••4394", Settled: final,
	}
	if state != wire.Waiting && state != wire.Expired {
		s.Payments = []wire.Payment{{MerchantTransID: "S01-T03-1", AcquirementID: "2026", Code: s.Code, CreatedAt: nine}}
	}
	return s
}

// rescan makes a refusal one that a fresh code may follow.
func rescan(s wire.Sale) wire.Sale {
	s.Final, s.CanRescan, s.Settled = false, true, false
	return s
}

func (w *till) do(e Event) {
	w.t.Helper()
	w.out = w.m.Apply(w.now, e)
	w.all = append(w.all, w.out...)
}

// wait lets time pass, waking the model when it wants to be woken.
func (w *till) wait(d time.Duration) {
	w.t.Helper()
	end := w.now.Add(d)
	for w.now.Before(end) {
		next := w.now.Truncate(time.Second).Add(time.Second)
		if wake := w.m.Wake(); !wake.IsZero() && wake.Before(next) {
			next = wake
		}
		if next.After(end) {
			next = end
		}
		w.now = next
		w.do(Tick{})
	}
}

// key presses a key as a person does, well apart from others.
func (w *till) key(k Key) {
	w.t.Helper()
	w.do(KeyPressed{Key: k})
}

// text types characters as a person does.
func (w *till) text(s string) {
	w.t.Helper()
	for _, r := range s {
		w.now = w.now.Add(120 * time.Millisecond)
		w.do(KeyPressed{Rune: r})
	}
	w.wait(120 * time.Millisecond)
}

// scan types characters and Enter as a scanner does.
func (w *till) scan(s string) {
	w.t.Helper()
	for _, r := range s {
		w.now = w.now.Add(8 * time.Millisecond)
		w.do(KeyPressed{Rune: r})
	}
	w.now = w.now.Add(8 * time.Millisecond)
	w.do(KeyPressed{Key: KeyEnter})
}

// want checks which screen is up.
func (w *till) want(k Kind) Screen {
	w.t.Helper()
	s := w.m.Screen()
	if s.Kind != k {
		w.t.Fatalf("the screen is %q (%s), want %q", s.Kind, s.Band.Title, k)
	}
	return s
}

// calls are the requests of the newest event.
func (w *till) calls() []Call {
	var list []Call
	for _, c := range w.out {
		if call, ok := c.(Call); ok {
			list = append(list, call)
		}
	}
	return list
}

// call is the one request of the newest event.
func (w *till) call() Call {
	w.t.Helper()
	list := w.calls()
	if len(list) != 1 {
		w.t.Fatalf("%d calls, want one: %+v", len(list), w.out)
	}
	return list[0]
}

// answer answers the newest request that was made.
func (w *till) answer(r Reply) {
	w.t.Helper()
	for _, c := range slices.Backward(w.all) {
		if call, ok := c.(Call); ok {
			r.Seq = call.Seq
			w.do(r)
			return
		}
	}
	w.t.Fatal("no request was made")
}

// sounds are those of the newest event.
func (w *till) sounds() []Sound {
	var list []Sound
	for _, c := range w.out {
		if p, ok := c.(PlaySound); ok {
			list = append(list, p.Sound)
		}
	}
	return list
}

// keys are the enabled buttons with their keys, such as "Enter next".
func keys(s Screen) string {
	var list []string
	for _, b := range s.Buttons {
		if b.Enabled {
			list = append(list, b.KeyText+" "+b.ID)
		}
	}
	return strings.Join(list, ", ")
}

// count is how many requests of a kind were made so far.
func count[R Request](w *till) int {
	n := 0
	for _, c := range w.all {
		if call, ok := c.(Call); ok {
			if _, ok := call.Request.(R); ok {
				n++
			}
		}
	}
	return n
}

// newest is the newest request of a kind.
func newest[R Request](w *till) R {
	w.t.Helper()
	for _, c := range slices.Backward(w.all) {
		if call, ok := c.(Call); ok {
			if r, ok := call.Request.(R); ok {
				return r
			}
		}
	}
	var none R
	w.t.Fatalf("no %T was asked for", none)
	return none
}

func problem(code wire.Code) *wire.Problem { return wire.NewProblem(code, "", "") }

func sprint(v any) string { return fmt.Sprintf("%v %+v %#v", v, v, v) }
