package model

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

func TestAnAmountFillsFromTheRightOrByItsPoint(t *testing.T) {
	for _, row := range []struct {
		currency, keys string
		value          int64
		extra          bool
	}{
		{"HKD", "", 0, false},
		{"HKD", "1", 1, false},
		{"HKD", "12850", 12850, false},
		{"HKD", "0012850", 12850, false},
		{"HKD", "128.", 12800, false},
		{"HKD", "128.5", 12850, false},
		{"HKD", "128,50", 12850, false},
		{"HKD", ".5", 50, false},
		{"HKD", "128.505", 12850, true},
		{"HKD", "1.2.3", 123, false},
		{"HKD", "999999999999", 999999999999, false},
		{"HKD", "9999999999999", 999999999999, true},
		{"HKD", "281234567890124394", 281234567890, true},
		{"JPY", "1285", 1285, false},
		{"JPY", "12.85", 1285, false},
		{"KRW", "50000", 50000, false},
		{"HKD", "-5x e", 5, false},
	} {
		a := newAmount(row.currency)
		for _, r := range row.keys {
			a.add(r)
		}
		if a.money() != (wire.Money{Currency: row.currency, Value: row.value}) || (a.extra > 0) != row.extra {
			t.Errorf("%s %q: %v, %d extra", row.currency, row.keys, a.money(), a.extra)
		}
	}
}

func TestKeysThatDoNotFitAreTakenBackFirst(t *testing.T) {
	a := newAmount("HKD")
	for range 15 {
		a.add('9')
	}
	for range 3 {
		a.back()
	}
	if a.extra != 0 || a.money().Value != 999999999999 {
		t.Errorf("%v, %d extra", a.money(), a.extra)
	}
	for range 50 {
		a.back()
	}
	if a.money().Value != 0 {
		t.Errorf("%v", a.money())
	}
}

func TestTooLargeAnAmountCannotBeCharged(t *testing.T) {
	w := ready(t)
	w.text("9999999999999")
	s := w.want(KindEntry)
	if s.Notice.Title != "entry.too_much" || keys(s) != "Esc back" {
		t.Errorf("%+v %q", s.Notice, keys(s))
	}
	w.key(KeyEnter)
	if count[OpenSale](w) != 0 {
		t.Error("charged")
	}
}

func TestPastedTextIsAnAmountOrRefused(t *testing.T) {
	for text, value := range map[string]int64{
		"128.50": 12850, " HKD 1,285.00 ": 128500, "128": 12800, "128.5": 12850, "1,285,000": 128500000, "0.05": 5, "128.50 HKD": 12850,
		"": -1, "abc": -1, "1,28": -1, "-5": -1, "1e5": -1, "128.505": -1, "USD 5": -1, "12 34": -1, "99999999999": -1,
		"１２": -1, "5.": -1, ",500": -1, "128.50\n129.00": -1, "281234567890124394": -1,
	} {
		w := ready(t)
		w.key(KeyF2)
		w.do(Pasted{Text: text})
		s := w.want(KindEntry)
		if value < 0 {
			if s.Amount != "HKD 0.00" || s.Notice.Title != "entry.paste" {
				t.Errorf("%q: %s %+v", text, s.Amount, s.Notice)
			}
			continue
		}
		if s.Amount != hkd(value).String() {
			t.Errorf("%q: %s", text, s.Amount)
		}
	}
	w := ready(t)
	w.key(KeyF2)
	w.do(Pasted{Text: strings.Repeat("1", 1<<20)})
	if s := w.want(KindEntry); s.Notice.Title != "entry.paste_long" {
		t.Errorf("%+v", s.Notice)
	}
}

func TestTheKeyPadDoesWhatTheKeyboardDoes(t *testing.T) {
	w := ready(t)
	w.do(Pressed{ID: "new"})
	for _, id := range []string{"pad.1", "pad.2", "pad.8", "pad..", "pad.5", "pad.back", "pad.5"} {
		w.do(Pressed{ID: id})
	}
	if s := w.want(KindEntry); s.Amount != "HKD 128.50" || len(s.Pad) != 14 {
		t.Errorf("%s, %d keys", s.Amount, len(s.Pad))
	}
	w.do(Pressed{ID: "charge"})
	if got := newest[OpenSale](w); got.Amount != hkd(12850) {
		t.Errorf("%+v", got)
	}
	w.do(Pressed{ID: "nonsense"})
	w.do(Selected{ID: "nonsense"})
	w.want(KindOpening)
}

func TestTenThousandKeysASecondPressNothingAndCostLittle(t *testing.T) {
	w := ready(t)
	w.key(KeyF2)
	for i := range 10000 {
		w.now = w.now.Add(100 * time.Microsecond)
		w.do(KeyPressed{Rune: rune('0' + i%10)})
	}
	w.do(KeyPressed{Key: KeyEnter})
	if s := w.want(KindEntry); s.Amount != "HKD 0.00" || s.Notice.Title != "scan.too_long" {
		t.Errorf("%s %+v", s.Amount, s.Notice)
	}
	if count[OpenSale](w)+count[SendCode](w) != 0 {
		t.Error("something was sent")
	}
}

// TestWhateverIsPressedInWhateverOrderKeepsTheRules: no key, tap, scan or answer in
// any order makes two sales of one intention, a refund with two ids, a panic, or a
// screen that says paid without the daemon.
func TestWhateverIsPressedInWhateverOrderKeepsTheRules(t *testing.T) {
	all := []Key{KeyEnter, KeyEscape, KeyTab, KeyBackspace, KeyDelete, KeyUp, KeyDown, KeyPageUp, KeyPageDown, KeyF1, KeyF2, KeyF3, KeyF4, KeyF5, KeyF6, KeyF7, KeyF8, KeyF9, KeyF10}
	states := []wire.State{wire.Waiting, wire.Processing, wire.Confirming, wire.Checking, wire.Reversing, wire.Declined, wire.Cancelled, wire.Expired, wire.Attention}
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		w := ready(t)
		amounts := map[string]wire.Money{}
		var unanswered []Call
		for range 300 {
			w.now = w.now.Add(time.Duration(rnd.IntN(700)) * time.Millisecond)
			switch rnd.IntN(12) {
			case 0, 1, 2, 3:
				w.do(KeyPressed{Key: all[rnd.IntN(len(all))]})
			case 4, 5:
				w.do(KeyPressed{Rune: rune('0' + rnd.IntN(10))})
			case 6:
				state := states[rnd.IntN(len(states))]
				w.do(SaleChanged{Sale: sale("R-"+itoa(rnd.IntN(3)), state, string(state), rnd.IntN(20))})
			case 7:
				w.do(StatusChanged{Status: status([]string{"", "R-1"}[rnd.IntN(2)])})
			case 8:
				w.do([]Event{Disconnected{CauseLost}, picture(nil, nil), CloseAsked{}, Room{rnd.IntN(10)}, Tick{}}[rnd.IntN(5)])
			case 9:
				if s := w.m.Screen(); len(s.List.Rows) > 0 {
					w.do(Selected{ID: s.List.Rows[0].ID})
				}
			default:
				if len(unanswered) == 0 {
					continue
				}
				c := unanswered[0]
				unanswered = unanswered[1:]
				w.do(answerTo(rnd, c))
			}
			for _, c := range w.calls() {
				unanswered = append(unanswered, c)
				if o, ok := c.Request.(OpenSale); ok {
					if was, ok := amounts[o.SaleID]; ok && was != o.Amount {
						t.Fatalf("seed %d: %s was %v and is %v", seed, o.SaleID, was, o.Amount)
					}
					amounts[o.SaleID] = o.Amount
				}
			}
			if s := w.m.Screen(); s.Kind == KindPaid || s.Customer.Role == RolePaid {
				t.Fatalf("seed %d: paid, and nobody has said so", seed)
			}
		}
	}
}

// answerTo answers a request in one of the ways that a daemon, or none, can.
func answerTo(rnd *rand.Rand, c Call) Reply {
	r := Reply{Seq: c.Seq}
	switch rnd.IntN(4) {
	case 0:
		r.Err = errSilent
	case 1:
		codes := wire.Codes()
		r.Err = problem(codes[rnd.IntN(len(codes))])
	default:
		switch q := c.Request.(type) {
		case OpenSale:
			s := sale(q.SaleID, wire.Waiting, "waiting", 1)
			r.Sale = &s
		case Search:
			r.Sales = &wire.SaleList{Sales: []wire.Sale{sale("R-1", wire.Checking, "checking", 3)}}
		case LoadShift, CloseShift:
			r.Shift = &Shift{Closable: true}
		case LoadReceipt:
			r.Receipt = &Receipt{}
		case GiveBack:
			f := refund(wire.RefundProcessing, 100)
			r.Refund = &f
		default:
			s := sale("R-1", wire.Attention, "attention", 6)
			r.Sale = &s
		}
	}
	return r
}

func BenchmarkKeyToScreen(b *testing.B) {
	w := waiting(&testing.T{})
	for range b.N {
		w.now = w.now.Add(100 * time.Millisecond)
		w.m.Apply(w.now, KeyPressed{Rune: '5'})
		if w.m.Screen().Kind != KindWaiting {
			b.Fatal("another screen")
		}
	}
}
