package model

import (
	"errors"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

const payCode = "281234567890124394"

// errSilent stands for a call that was given up without an answer.
var errSilent = errors.New("no answer in time")

// waiting is a till whose sale waits for a code.
func waiting(t *testing.T, change ...func(*Config)) *till {
	t.Helper()
	w := ready(t, change...)
	w.do(SaleChanged{Sale: sale("R-1", wire.Waiting, "waiting", 1)})
	w.do(StatusChanged{Status: status("R-1")})
	w.want(KindWaiting)
	return w
}

// ended is a till that shows a sale's end.
func ended(t *testing.T, state wire.State) *till {
	t.Helper()
	w := waiting(t)
	w.do(SaleChanged{Sale: sale("R-1", state, string(state), 5)})
	w.do(StatusChanged{Status: status("")})
	w.wait(time.Second)
	return w
}

func TestAnAmountIsTypedAndChargedOnce(t *testing.T) {
	w := ready(t)
	w.text("12850")
	if s := w.want(KindEntry); s.Amount != "HKD 128.50" {
		t.Fatalf("amount %q", s.Amount)
	}
	w.key(KeyEnter)
	if got := w.call().Request; got != (OpenSale{SaleID: "W-1", Amount: hkd(12850)}) {
		t.Fatalf("%+v", got)
	}
	w.want(KindOpening)
	for range 5 {
		w.key(KeyEnter)
		w.text("9")
	}
	if n := count[OpenSale](w); n != 1 {
		t.Errorf("%d sales were opened", n)
	}
	s := sale("W-1", wire.Waiting, "waiting", 1)
	w.answer(Reply{Sale: &s})
	if got := w.want(KindWaiting); got.Amount != "HKD 128.50" || len(got.Pad) > 0 {
		t.Errorf("the amount can still be typed: %+v", got)
	}
	w.text("777")
	if got := w.want(KindWaiting); got.Amount != "HKD 128.50" {
		t.Errorf("amount %q", got.Amount)
	}
}

func TestAnOpeningWithoutAnswerIsRepeatedWithTheSameId(t *testing.T) {
	w := ready(t)
	w.text("500")
	w.key(KeyEnter)
	for range 40 {
		if w.want(KindOpening).Band.Role == RoleWarning {
			break
		}
		w.answer(Reply{Err: errSilent})
		w.wait(2 * time.Second)
	}
	if n := count[OpenSale](w); n < 5 {
		t.Fatalf("tried %d times", n)
	}
	s := w.want(KindOpening)
	if keys(s) != "Enter retry, Esc giveup" {
		t.Fatalf("buttons %q", keys(s))
	}
	w.key(KeyEnter)
	for _, c := range w.all {
		if call, ok := c.(Call); ok {
			if o, ok := call.Request.(OpenSale); ok && o.SaleID != "W-1" {
				t.Fatalf("a second sale %q", o.SaleID)
			}
		}
	}
	if w.ids != 1 {
		t.Errorf("%d ids were made", w.ids)
	}
}

func TestASaleThatWasGivenUpIsCancelledWheneverItAppears(t *testing.T) {
	w := ready(t)
	w.text("500")
	w.key(KeyEnter)
	w.key(KeyEscape)
	w.want(KindIdle)
	if got := newest[Cancel](w); got.SaleID != "W-1" {
		t.Fatalf("%+v", got)
	}
	w.answer(Reply{Err: problem(wire.CodeSaleNotFound)})
	w.do(SaleChanged{Sale: sale("W-1", wire.Waiting, "waiting", 1)})
	if n := count[Cancel](w); n != 2 {
		t.Errorf("%d cancels: the late sale waits for a customer that has left", n)
	}
	w.want(KindIdle)
}

func TestARefusedOpeningKeepsTheAmountAndSaysWhy(t *testing.T) {
	w := ready(t)
	w.text("500")
	w.key(KeyEnter)
	w.answer(Reply{Err: problem(wire.CodeNotReady)})
	s := w.want(KindEntry)
	if s.Amount != "HKD 5.00" || s.Notice.Text != "problem.not_ready" {
		t.Errorf("%q %+v", s.Amount, s.Notice)
	}

	busy := problem(wire.CodeTillBusy)
	busy.SaleID = "R-9"
	w.wait(deaf)
	w.key(KeyEnter)
	w.answer(Reply{Err: busy})
	if got := newest[LoadSale](w); got.SaleID != "R-9" {
		t.Fatalf("%+v", got)
	}
	other := sale("R-9", wire.Waiting, "waiting", 1)
	w.answer(Reply{Sale: &other})
	if s := w.want(KindWaiting); !strings.Contains(s.Small, "R-9") {
		t.Errorf("%q", s.Small)
	}
}

func TestAScanGoesToTheSaleWhateverIsOpen(t *testing.T) {
	w := waiting(t)
	w.scan(payCode)
	got, ok := w.call().Request.(SendCode)
	if !ok || got.SaleID != "R-1" || got.Code.Reveal() != payCode {
		t.Fatalf("%+v", w.out)
	}
	w.scan(payCode) // a second pull of the trigger before the answer
	if n := count[SendCode](w); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n := w.m.Screen().Notice; n.Role != "" {
		t.Errorf("the same code again is no news: %+v", n)
	}
	w.scan("289999567890124311")
	if s := w.m.Screen(); s.Notice.Title != "problem.code_not_expected" || count[SendCode](w) != 1 {
		t.Errorf("another code meanwhile: %+v", s.Notice)
	}
	if w.m.Screen().Buttons[0].ID != "cancel" {
		t.Error("the scan pressed a button")
	}
}

func TestAScanWithNoSaleIsRefusedAndNeverTakenForAnAmount(t *testing.T) {
	for _, at := range []string{"idle", "entry", "result", "history"} {
		w := ready(t)
		want := KindIdle
		switch at {
		case "entry":
			w.text("5")
			want = KindEntry
		case "result":
			w = ended(t, wire.Paid)
			want = KindPaid
		case "history":
			w.key(KeyF3)
			want = KindHistory
		}
		w.scan(payCode)
		s := w.want(want)
		if s.Notice.Title != "scan.no_sale" || count[SendCode](w)+count[OpenSale](w) != 0 {
			t.Errorf("%s: %+v", at, s.Notice)
		}
		if sounds := w.sounds(); len(sounds) != 1 || sounds[0] != SoundWrongCode || s.Cue.Sound != SoundWrongCode {
			t.Errorf("%s: sounds %v, twin %+v", at, sounds, s.Cue)
		}
		if at == "entry" && s.Amount != "HKD 0.05" {
			t.Errorf("the scan changed the amount to %s", s.Amount)
		}
		for _, f := range s.Fields {
			if f.Text != "" {
				t.Errorf("%s: the code stands in %s", at, f.ID)
			}
		}
	}
}

func TestTheWholeCodeStandsOnNoScreenAndInNoPrintedCommand(t *testing.T) {
	w := waiting(t)
	w.scan(payCode)
	for _, c := range w.all {
		if strings.Contains(sprint(c), payCode) {
			t.Errorf("%T prints the code", c)
		}
	}
	if strings.Contains(sprint(w.m.Screen()), payCode) {
		t.Error("the screen shows the code")
	}
}

func TestAReceiptsNumberIsScannedIntoTheSearch(t *testing.T) {
	w := ready(t)
	w.key(KeyF3)
	w.answer(Reply{Sales: &wire.SaleList{}})
	w.scan("W-20261121-ABCD")
	if got := newest[Search](w); got.Text != "W-20261121-ABCD" {
		t.Errorf("%+v", got)
	}
}

func TestAWrongCodeIsToldOnceWithItsSound(t *testing.T) {
	w := waiting(t)
	n := wire.Notice{Serial: 1, At: w.now, SaleID: "R-1", Code: "product_ean13", Title: "Product barcode", Detail: "x", Action: "y"}
	w.do(NoticeArrived{Notice: n})
	s := w.want(KindWrongCode)
	if s.Band.Title != "Product barcode" || s.Band.Role != RoleRefused || keys(s) != "Esc cancel" || s.Countdown.Text == "" {
		t.Errorf("%+v", s)
	}
	if got := w.sounds(); len(got) != 1 || got[0] != SoundWrongCode {
		t.Errorf("sounds %v", got)
	}
	st := status("R-1")
	st.Till.Notice = &n
	w.do(StatusChanged{Status: st})
	if len(w.sounds()) != 0 {
		t.Error("the same notice sounded twice")
	}
	if c := s.Customer; c.Title != "customer.other_code" {
		t.Errorf("the customer sees %+v", c)
	}
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 5)})
	if s := w.want(KindPaid); s.Notice.Role != "" {
		t.Errorf("the notice outlives the sale: %+v", s.Notice)
	}
}

func TestCancelBeforeAnythingWasSentIsAtOnceAndOnlyOnce(t *testing.T) {
	w := waiting(t)
	w.key(KeyEscape)
	w.key(KeyEscape)
	w.key(KeyEscape)
	if n := count[Cancel](w); n != 1 {
		t.Errorf("%d cancels", n)
	}
	w.answer(Reply{Err: problem(wire.CodeSaleFinal)})
	if s := w.m.Screen(); s.Notice.Text != "problem.sale_final" {
		t.Errorf("%+v", s.Notice)
	}
}

func TestCancelOfWhatWasSentAsksAndTheQuestionEndsWithTheSale(t *testing.T) {
	w := waiting(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Confirming, "confirming", 3)})
	w.key(KeyEscape)
	if s := w.want(KindAskCancel); keys(s) != "F8 cancel.yes, Esc cancel.no" || s.Band.Role != RoleBusy {
		t.Fatalf("%q %+v", keys(s), s.Band)
	}
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 4)})
	w.want(KindPaid)
	w.key(KeyF8)
	if n := count[Cancel](w); n != 0 {
		t.Error("a paid sale was cancelled by a key that came late")
	}

	w = waiting(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Confirming, "confirming", 3)})
	w.key(KeyEscape)
	w.key(KeyF8)
	if got := newest[Cancel](w); got.SaleID != "R-1" {
		t.Errorf("%+v", got)
	}
}

func TestAResultStaysUntilItIsDismissed(t *testing.T) {
	for _, state := range []wire.State{wire.Paid, wire.Declined, wire.Cancelled, wire.Expired, wire.Attention, wire.Reversing} {
		w := ended(t, state)
		w.wait(time.Hour)
		w.want(Kind(state))
		w.key(KeyEnter)
		w.want(KindIdle)
		w.do(SaleChanged{Sale: sale("R-1", state, string(state), 5)})
		w.want(KindIdle)
	}
}

func TestAnEnterThatWasMeantForTheScreenBeforeDismissesNoResult(t *testing.T) {
	w := waiting(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 4)})
	w.now = w.now.Add(deaf / 2)
	w.key(KeyEnter)
	w.want(KindPaid)
	w.wait(deaf)
	w.key(KeyEnter)
	w.want(KindIdle)
}

func TestTheNextSaleOfTheRegisterTakesTheScreen(t *testing.T) {
	w := ended(t, wire.Attention)
	w.do(SaleChanged{Sale: sale("R-2", wire.Waiting, "waiting", 1)})
	if s := w.want(KindWaiting); !strings.Contains(s.Small, "R-2") {
		t.Errorf("%q", s.Small)
	}
}

func TestASaleThatWasOverBeforeItsEventsCameIsShownAllTheSame(t *testing.T) {
	w := ready(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 5)})
	st := status("")
	st.Till.Last = "R-1"
	w.do(StatusChanged{Status: st})
	w.want(KindPaid)
	if got := w.sounds(); len(got) != 1 || got[0] != SoundPaid {
		t.Errorf("sounds %v", got)
	}
}

func TestTheSameAmountAgainIsANewSale(t *testing.T) {
	w := ended(t, wire.Declined)
	w.key(KeyF2)
	if got := w.call().Request; got != (OpenSale{SaleID: "W-1", Amount: hkd(12850)}) {
		t.Errorf("%+v", got)
	}
}

func TestAttentionCopiesWhatSupportAsksFor(t *testing.T) {
	w := ended(t, wire.Attention)
	s := w.m.Screen()
	if !strings.Contains(s.Small, "S01-T03-1") || !strings.Contains(s.Action, "overseas_support@") {
		t.Errorf("%q %q", s.Small, s.Action)
	}
	w.key(KeyF2)
	text := ""
	for _, c := range w.out {
		if c, ok := c.(Copy); ok {
			text = c.Text
		}
	}
	for _, part := range []string{"R-1", "S01-T03-1", "2026", "HKD 128.50", "attention"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}

func TestTheWindowAsksBeforeItClosesWhileASaleIsUnderWay(t *testing.T) {
	w := ready(t)
	w.do(CloseAsked{})
	if len(w.out) != 1 || w.out[0] != (Quit{}) {
		t.Errorf("%+v", w.out)
	}
	w = waiting(t)
	w.do(CloseAsked{})
	w.want(KindAskClose)
	w.key(KeyEscape)
	w.want(KindWaiting)
	w.do(CloseAsked{})
	w.key(KeyF8)
	if len(w.out) != 1 || w.out[0] != (Quit{}) {
		t.Errorf("%+v", w.out)
	}
	w = ready(t, func(c *Config) { c.Kiosk = true })
	w.do(CloseAsked{})
	if len(w.out) != 0 {
		t.Errorf("a kiosk closes: %+v", w.out)
	}
}

func TestTheLanguageIsSwitchedAtOnce(t *testing.T) {
	w := ready(t)
	w.key(KeyF10)
	w.want(KindLanguage)
	w.key(KeyDown)
	w.key(KeyEnter)
	s := w.want(KindIdle)
	if s.Lang != "ja" || s.Band.Title != "ja:idle.title" || s.Customer.Lang != "ja" {
		t.Errorf("%q %q", s.Lang, s.Band.Title)
	}
	if len(w.out) != 1 || w.out[0] != (SetLanguage{"ja"}) {
		t.Errorf("%+v", w.out)
	}
}

func TestSilenceLeavesTheVisibleTwin(t *testing.T) {
	w := waiting(t, func(c *Config) { c.Volume = 0 })
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 4)})
	if len(w.sounds()) != 0 {
		t.Errorf("sounds %v", w.sounds())
	}
	if s := w.m.Screen(); s.Cue.Sound != SoundPaid || s.Cue.Text == "" {
		t.Errorf("%+v", s.Cue)
	}
	w.wait(twin)
	if s := w.m.Screen(); s.Cue != (Cue{}) {
		t.Errorf("the cue stays: %+v", s.Cue)
	}
}

// TestADismissedResultDoesNotComeBack: the status may still name the sale when its
// own events tell that it is over.
func TestADismissedResultDoesNotComeBack(t *testing.T) {
	w := waiting(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 5)})
	w.wait(deaf)
	w.key(KeyEnter)
	w.want(KindIdle)
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 6)})
	w.want(KindIdle)
	w.do(StatusChanged{Status: status("R-1")})
	w.want(KindIdle)
	w.do(StatusChanged{Status: status("")})
	st := status("")
	st.Till.Last = "R-1"
	w.do(StatusChanged{Status: st})
	w.want(KindIdle)
}

func TestNothingGrowsWithTheNumberOfSales(t *testing.T) {
	w := ready(t)
	for i := range 10000 {
		id := "R-" + itoa(i)
		w.now = w.now.Add(time.Second)
		s := sale(id, wire.Waiting, "waiting", 1)
		s.CreatedAt = w.now
		w.do(SaleChanged{Sale: s})
		paid := sale(id, wire.Paid, "paid", 5)
		paid.CreatedAt = w.now
		w.do(SaleChanged{Sale: paid})
		w.now = w.now.Add(deaf)
		w.key(KeyEnter)
		w.all = nil
	}
	s := w.want(KindIdle)
	if len(w.m.known.sales) > maxKnown || len(w.m.known.gone) > maxKnown || len(w.m.calls.open) > 0 || len(w.m.pages) > 0 || len(s.Recent) != recentRows {
		t.Errorf("%d known, %d gone, %d calls, %d pages", len(w.m.known.sales), len(w.m.known.gone), len(w.m.calls.open), len(w.m.pages))
	}
	if s.Recent[0].ID != "R-9999" {
		t.Errorf("the newest is %s", s.Recent[0].ID)
	}
}
