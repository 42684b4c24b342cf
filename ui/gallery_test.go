package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
	"posagent/ui/model"
	"posagent/ui/words"
)

// shown is a screen as the real model makes it, and a name for it.
type shown struct {
	name   string
	screen model.Screen
}

// scene is the amounts and numbers of a gallery.
type scene struct {
	header            string
	amount, sum, back int64
	paid, refunded    int
}

// long has the longest that a till meets, for whoever judges a layout; plain has
// those of a shop, for whoever looks at a picture.
func long() scene {
	return scene{"Sunrise Mart Tsim Sha Tsui · T0003", 123456789, 123456789, 456789, 412, 17}
}

func plain() scene { return scene{"Sunrise Mart · Till 3", 12850, 1834260, 24900, 143, 2} }

// stage plays a till before a model.
type stage struct {
	scene
	t      *testing.T
	m      *model.Model
	now    time.Time
	refuse *wire.Problem // the answer to whatever changes something
	all    []shown

	shownSale string
}

// gallery is every kind of screen in a language, made by the real model with the
// real words: states with each of their messages, warnings, and the pages that keys
// open.
func gallery(t *testing.T, lang cashier.Lang, training bool, sc scene) []shown {
	t.Helper()
	st := newStage(t, lang, training, sc)
	st.shoot("starting")
	st.do(model.Disconnected{Cause: model.CauseNotRunning})
	st.wait(30 * time.Second)
	st.shoot("offline")
	st.do(model.Connected{Picture: wire.Picture{Status: st.status()}})
	st.wait(time.Second)
	st.shoot("idle")
	st.pages()
	st.warnings()
	st.sales()
	return st.all
}

func newStage(t *testing.T, lang cashier.Lang, training bool, sc scene) *stage {
	t.Helper()
	texts := map[string]*words.Words{}
	var languages []model.Language
	for _, l := range cashier.Langs() {
		w, err := words.New(l)
		if err != nil {
			t.Fatal(err)
		}
		texts[string(l)] = w
		languages = append(languages, model.Language{Tag: string(l), Name: l.Name()})
	}
	ids := 0
	cfg := model.Config{
		Header: sc.header, Currency: "HKD", Training: training, Location: time.UTC,
		Words:     func(tag string) model.Words { return texts[tag] },
		Languages: languages, Lang: string(lang), AmountEntry: true, Volume: 2,
		NewID: func(p string) string { ids++; return fmt.Sprintf("%s-%012d", p, ids) },
	}
	if training {
		for _, id := range []string{"paid", "confirm", "declined", "expired", "lost", "never", "person", "product", "wallet"} {
			cfg.Pretend = append(cfg.Pretend, model.Pretend{ID: id})
		}
	}
	return &stage{scene: sc, t: t, m: model.New(cfg), now: time.Date(2026, 11, 21, 14, 30, 0, 0, time.UTC)}
}

func (s *stage) do(e model.Event) {
	for _, c := range s.m.Apply(s.now, e) {
		if call, ok := c.(model.Call); ok {
			s.answer(call)
		}
	}
}

// answer plays the daemon.
func (s *stage) answer(call model.Call) {
	r := model.Reply{Seq: call.Seq}
	switch q := call.Request.(type) {
	case model.Search:
		list := s.history()
		if q.State != "" {
			list = slices.DeleteFunc(list, func(one wire.Sale) bool { return one.State != q.State })
		}
		r.Sales = &wire.SaleList{Sales: list}
	case model.LoadSale:
		for _, one := range s.history() {
			if one.SaleID == q.SaleID {
				r.Sale = &one
			}
		}
	case model.LoadShift:
		r.Shift = &model.Shift{
			From: s.now.Add(-8 * time.Hour), To: s.now, Open: s.history()[2:3], Closable: true,
			Totals: []model.ShiftTotal{{Paid: s.paid, PaidSum: hkd(s.sum), Refunded: s.refunded, RefundedSum: hkd(s.back)}},
		}
	case model.OpenSale:
		one := s.sale(wire.Waiting, "waiting")
		one.SaleID, one.Amount = q.SaleID, q.Amount
		r.Sale = &one
	case model.GiveBack, model.CloseShift, model.Resolve, model.Cancel:
		if s.refuse == nil {
			return
		}
		r.Err = s.refuse
	default:
		return
	}
	s.do(r)
}

func (s *stage) wait(d time.Duration) {
	for range int(d / (250 * time.Millisecond)) {
		s.now = s.now.Add(250 * time.Millisecond)
		s.do(model.Tick{})
	}
}

func (s *stage) shoot(name string) {
	s.all = append(s.all, shown{name + " (" + string(s.m.Screen().Kind) + ")", s.m.Screen()})
}

func (s *stage) key(k model.Key) {
	s.now = s.now.Add(500 * time.Millisecond)
	s.do(model.KeyPressed{At: s.now, Key: k})
	s.wait(500 * time.Millisecond)
}

func (s *stage) typed(text string) {
	for _, r := range text {
		s.now = s.now.Add(300 * time.Millisecond)
		s.do(model.KeyPressed{At: s.now, Rune: r})
	}
	s.wait(500 * time.Millisecond)
}

func (s *stage) pages() {
	s.key(model.KeyF2)
	s.shoot("entry")
	s.typed("1234567")
	s.shoot("entry typed")
	s.key(model.KeyEscape)
	s.key(model.KeyEscape)
	s.key(model.KeyF3)
	s.shoot("history")
	s.key(model.KeyEnter)
	s.shoot("history opened")
	s.supervised(model.KeyF8)
	s.key(model.KeyF6)
	s.typed("1000")
	s.shoot("refund")
	s.key(model.KeyEscape)
	s.home()
	s.key(model.KeyF5)
	s.shoot("open cases")
	s.key(model.KeyEnter)
	s.shoot("open case")
	s.key(model.KeyF9)
	s.shoot("resolve")
	s.home()
	for _, k := range []model.Key{model.KeyF4, model.KeyF10, model.KeyF1} {
		s.key(k)
		s.shoot("page " + string(k))
		s.home()
	}
}

func (s *stage) home() {
	for range 4 {
		s.key(model.KeyEscape)
	}
}

// supervised opens a page whose action the daemon allows to a supervisor only, and
// types a wrong PIN three times: it is asked for, refused, and refused for a while.
func (s *stage) supervised(k model.Key) {
	s.key(k)
	s.shoot("details " + string(k))
	s.refuse = wire.NewProblem("supervisor_required", "A supervisor must allow this.", "")
	s.key(k)
	s.shoot("pin")
	s.refuse = wire.NewProblem(wire.CodeSupervisorRefused, "Name or PIN is wrong. Nothing was done.", "")
	left, until := 2, s.now.Add(90*time.Second)
	s.refuse.TriesLeft = &left
	s.typed("Chan")
	s.key(model.KeyTab)
	s.typed("4711")
	s.key(model.KeyEnter)
	s.shoot("pin refused")
	s.refuse.TriesLeft, s.refuse.WaitUntil = new(int), &until
	s.typed("4712")
	s.key(model.KeyEnter)
	s.shoot("pin refused for a while")
	s.refuse = nil
	s.key(model.KeyEscape)
	s.key(model.KeyEscape)
}

func (s *stage) warnings() {
	since := s.now.Add(-3 * time.Minute)
	for _, code := range []string{"journal_unusable", "scanner", "gateway_unreachable", "gateway_setup", "clock", "draining", "disk"} {
		w := wire.Warning{
			Code: code, Subject: "counter", Severity: "blocks_selling", Since: since,
			Title: "The till cannot sell", Detail: "Something that only the daemon's own English tells of stands in the way.", Remedy: "Call the store's IT and read them the small print.",
		}
		st := s.status()
		if code == "scanner" {
			w.Title, w.Detail = "Scanner not ready", "Scanner counter is absent."
			w.Remedy = "Check the scanner's cable. If that does not help, call store IT."
			st.Scanners[0].State = "absent"
		}
		st.Till.Ready, st.Till.Reasons = false, []wire.Warning{w}
		s.do(model.StatusChanged{Status: st})
		s.wait(time.Second)
		s.shoot("not ready " + code)
	}
	s.key(model.KeyF1)
	s.shoot("warnings")
	s.home()
	s.do(model.StatusChanged{Status: s.status()})
}

// sales shows each message of the catalogue in the state that it belongs to.
func (s *stage) sales() {
	for _, key := range cashier.Keys() {
		if state := stateOf(key); state != "" {
			s.show(state, key)
			s.shoot(key)
		}
	}
	s.show(wire.Waiting, "waiting")
	for _, code := range []string{"product_ean13", "other_wallet_wechat", "code_used"} {
		s.notice(code)
		s.shoot("notice " + code)
	}
	s.show(wire.Confirming, "confirming")
	s.key(model.KeyEscape)
	s.shoot("cancel asked")
	s.key(model.KeyEscape)
	s.do(model.CloseAsked{})
	s.shoot("close asked")
}

// show gives the screen to a sale.
func (s *stage) show(state wire.State, key string) {
	one := s.sale(state, key)
	one.SaleID = fmt.Sprintf("W-7QK2M4XW%04d", len(s.all))
	s.shownSale = one.SaleID
	st := s.status()
	st.Till.Foreground = one.SaleID
	st.Till.Waiting = state == wire.Waiting
	s.do(model.Connected{Picture: wire.Picture{Status: st, Foreground: &one}})
	s.wait(2 * time.Second)
}

// notice refuses a scan for the sale that is shown, in the API's English.
func (s *stage) notice(code string) {
	at := s.now.Add(-20 * time.Minute)
	s.do(model.NoticeArrived{Notice: wire.Notice{
		Serial: uint64(s.now.UnixNano()), At: s.now, SaleID: s.shownSale, Code: code, Masked: "40…31",
		Title: "The code was not used", Detail: "The payment was not started.", Action: "Scan the code on the customer's phone.",
		UsedAt: &at, UsedBy: "W-7QK2M4XW0001",
	}})
	s.wait(250 * time.Millisecond)
}

// stateOf is the state whose words a key begins with; "" is no state of a sale.
func stateOf(key string) wire.State {
	head, _, _ := strings.Cut(key, ".")
	if head == "code" {
		return wire.Declined
	}
	for _, state := range []wire.State{
		wire.Waiting, wire.Processing, wire.Confirming, wire.Checking, wire.Reversing,
		wire.Paid, wire.Declined, wire.Cancelled, wire.Expired, wire.Attention,
	} {
		if head == string(state) {
			return state
		}
	}
	return ""
}

func hkd(value int64) wire.Money { return wire.Money{Currency: "HKD", Value: value} }

func (s *stage) status() wire.Status {
	return wire.Status{
		Till:     wire.Till{Ready: true, Currency: "HKD"},
		Scanners: []wire.Scanner{{Name: "counter", Kind: "serial", State: "ready"}},
		Gateway:  wire.Gateway{State: "ok"}, Journal: wire.Journal{OK: true},
		Backlog: wire.Backlog{Unsettled: 1, AttentionCount: 1, Attention: []string{"W-7QK2M4XW9R02"}},
		Totals:  []wire.Total{{Day: "2026-11-21", Paid: s.paid, PaidSum: hkd(s.sum), Refunded: s.refunded, RefundedSum: hkd(s.back)}},
	}
}

// sale is a sale of this moment in a state, with the words of a key.
func (s *stage) sale(state wire.State, key string) wire.Sale {
	at := s.now.Add(-35 * time.Second)
	text := cashier.Words(key)
	one := wire.Sale{
		SaleID: "W-7QK2M4XW9RPA", State: state, Final: final(state), Settled: final(state), Version: 3,
		Amount: hkd(s.amount), Refunded: wire.Money{Currency: "HKD"},
		Message:   wire.Message{Code: resultCode(key), Key: key, Title: text.Title, Money: text.Money, Action: text.Action, Say: text.Say, Detail: text.Detail},
		CreatedAt: at, UpdatedAt: s.now, ExpiresAt: at.Add(2 * time.Minute),
	}
	if state == wire.Waiting || state == wire.Expired || key == "cancelled.asked" {
		return one
	}
	one.MerchantTransID, one.AcquirementID = "20261121142930T00031J8F3K9Q2M", "2026112122001400000000000012345678"
	one.Code = "28••••••••••••4567"
	one.Payments = []wire.Payment{{MerchantTransID: one.MerchantTransID, AcquirementID: one.AcquirementID, Code: one.Code, State: string(state), CreatedAt: s.now.Add(-4 * time.Second)}}
	return one
}

// resultCode is the gateway's code, or the key where it gave none that is told.
func resultCode(key string) string {
	if code, ok := strings.CutPrefix(key, "code."); ok {
		return code
	}
	switch key {
	case "declined", "declined.other_means":
		return "PAYMENT_FAIL"
	case "declined.rescan":
		return "INVALID_PAYMENT_CODE"
	case "declined.top_up":
		return "USER_BALANCE_NOT_ENOUGH"
	case "declined.wallet":
		return "USER_STATUS_ABNORMAL"
	case "declined.setup":
		return "PARTNER_ERROR"
	case "declined.supervisor":
		return "UNKNOWN_RESULT"
	}
	return key
}

func final(s wire.State) bool {
	return s == wire.Paid || s == wire.Declined || s == wire.Cancelled || s == wire.Expired
}

// history is the latest sales, the newest first.
func (s *stage) history() []wire.Sale {
	var list []wire.Sale
	for i, state := range []wire.State{wire.Paid, wire.Declined, wire.Attention, wire.Cancelled, wire.Paid, wire.Expired, wire.Paid, wire.Reversing, wire.Paid} {
		one := s.sale(state, string(state))
		one.SaleID = fmt.Sprintf("W-7QK2M4XW9R%02d", i)
		one.CreatedAt = one.CreatedAt.Add(time.Duration(-4*i*i-2*i) * time.Minute)
		if s.amount != long().amount {
			one.Amount.Value = s.amount + int64(i*i*1730)
		}
		one.Payments = nil
		list = append(list, one)
	}
	return list
}
