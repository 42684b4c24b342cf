package ui

import (
	"fmt"
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

// stage plays a till before a model.
type stage struct {
	t   *testing.T
	m   *model.Model
	now time.Time
	all []shown
}

// gallery is every kind of screen in a language, made by the real model with the
// real words: states with each of their messages, warnings, and the pages that keys
// open. Amounts and names are long ones.
func gallery(t *testing.T, lang cashier.Lang, training bool) []shown {
	t.Helper()
	st := newStage(t, lang, training)
	st.shoot("starting")
	st.do(model.Disconnected{Cause: model.CauseNotRunning})
	st.wait(30 * time.Second)
	st.shoot("offline")
	st.do(model.Connected{Picture: wire.Picture{Status: status()}})
	st.wait(time.Second)
	st.shoot("idle")
	st.pages()
	st.warnings()
	st.sales()
	return st.all
}

func newStage(t *testing.T, lang cashier.Lang, training bool) *stage {
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
		Header: "Sunrise Mart Tsim Sha Tsui · T0003", Currency: "HKD", Training: training, Location: time.UTC,
		Words:     func(tag string) model.Words { return texts[tag] },
		Languages: languages, Lang: string(lang), AmountEntry: true, Volume: 2,
		NewID: func(p string) string { ids++; return fmt.Sprintf("%s-%012d", p, ids) },
	}
	if training {
		for _, name := range []string{"Paid", "Confirms on phone", "No balance", "Expired code", "Answer lost", "Never confirms", "Needs a person", "A product", "Another wallet"} {
			cfg.Pretend = append(cfg.Pretend, model.Pretend{ID: strings.ToLower(name), Label: name})
		}
	}
	return &stage{t: t, m: model.New(cfg), now: time.Date(2026, 11, 21, 14, 30, 0, 0, time.UTC)}
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
		r.Sales = &wire.SaleList{Sales: history()}
	case model.LoadSale:
		one := sale(wire.Paid, "paid")
		r.Sale = &one
	case model.LoadShift:
		r.Shift = &model.Shift{
			From: s.now.Add(-8 * time.Hour), To: s.now, Open: history()[:3],
			Totals: []model.ShiftTotal{{Paid: 412, PaidSum: hkd(123456789), Refunded: 17, RefundedSum: hkd(456789)}},
		}
	case model.OpenSale:
		one := sale(wire.Waiting, "waiting")
		one.SaleID, one.Amount = q.SaleID, q.Amount
		r.Sale = &one
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
	for _, k := range []model.Key{model.KeyF4, model.KeyF5, model.KeyF6, model.KeyF7} {
		before := s.m.Screen().Kind
		s.key(k)
		if s.m.Screen().Kind != before {
			s.shoot("details " + string(k))
			s.key(model.KeyEscape)
		}
	}
	for range 4 {
		s.key(model.KeyEscape)
	}
	for _, k := range []model.Key{model.KeyF4, model.KeyF5, model.KeyF10, model.KeyF1} {
		s.key(k)
		s.shoot("page " + string(k))
		s.key(model.KeyEscape)
	}
}

func (s *stage) warnings() {
	since := s.now.Add(-3 * time.Minute)
	for _, code := range []string{"journal_unusable", "scanner", "gateway_unreachable", "setup", "clock", "keys", "disk"} {
		st := status()
		st.Till.Ready = false
		st.Till.Reasons = []wire.Warning{{
			Code: code, Subject: "counter", Severity: "blocks_selling", Since: since,
			Title: "The till cannot sell", Detail: "Something that only the daemon's own English tells of stands in the way.", Remedy: "Call the store's IT and read them the small print.",
		}}
		st.Scanners[0].State = "absent"
		s.do(model.StatusChanged{Status: st})
		s.wait(time.Second)
		s.shoot("not ready " + code)
	}
	s.do(model.StatusChanged{Status: status()})
}

// sales shows each message of the catalogue in the state that it belongs to.
func (s *stage) sales() {
	for _, key := range cashier.Keys() {
		state := stateOf(key)
		if state == "" {
			continue
		}
		one := sale(state, key)
		one.SaleID = "R-" + key
		st := status()
		st.Till.Foreground = one.SaleID
		st.Till.Waiting = state == wire.Waiting
		s.do(model.Connected{Picture: wire.Picture{Status: st, Foreground: &one}})
		s.wait(time.Second)
		s.shoot(key)
		if state == wire.Waiting {
			s.do(model.NoticeArrived{Notice: wire.Notice{
				Serial: uint64(len(s.all)), At: s.now, SaleID: one.SaleID, Code: "not_a_payment_code", Masked: "40…31",
				Title: "This is no payment code", Detail: "A product's barcode was read.", Action: "Scan the code on the customer's phone.",
			}})
			s.shoot("notice on " + key)
		}
	}
}

// stateOf is the state whose words a key begins with; "" is no state of a sale.
func stateOf(key string) wire.State {
	head, _, _ := strings.Cut(key, ".")
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

func status() wire.Status {
	return wire.Status{
		Till:     wire.Till{Ready: true, Currency: "HKD"},
		Scanners: []wire.Scanner{{Name: "counter", Kind: "serial", State: "ready"}},
		Gateway:  wire.Gateway{State: "ok"}, Journal: wire.Journal{OK: true},
		Backlog: wire.Backlog{Unsettled: 2, AttentionCount: 2, Attention: []string{"R-1", "R-2"}},
		Totals:  []wire.Total{{Day: "2026-11-21", Paid: 412, PaidSum: hkd(123456789), Refunded: 17, RefundedSum: hkd(456789)}},
	}
}

func sale(state wire.State, key string) wire.Sale {
	at := time.Date(2026, 11, 21, 14, 29, 30, 0, time.UTC)
	text := cashier.Words(key)
	return wire.Sale{
		SaleID: "W-7QK2M4XW9RPA", State: state, Final: final(state), Settled: final(state), Version: 3,
		Amount: hkd(123456789), Refunded: wire.Money{Currency: "HKD"},
		MerchantTransID: "2026112114293000000000000000000012345678", AcquirementID: "2026112122001400000000000012345678",
		Code: "28••••••••••••4567", Payments: []wire.Payment{}, Refunds: []wire.Refund{},
		Message:   wire.Message{Code: "USER_BALANCE_NOT_ENOUGH", Key: key, Title: text.Title, Money: text.Money, Action: text.Action, Say: text.Say, Detail: text.Detail},
		CreatedAt: at, UpdatedAt: at.Add(5 * time.Second), ExpiresAt: at.Add(2 * time.Minute),
	}
}

func final(s wire.State) bool {
	return s == wire.Paid || s == wire.Declined || s == wire.Cancelled || s == wire.Expired
}

func history() []wire.Sale {
	var list []wire.Sale
	for i, state := range []wire.State{wire.Paid, wire.Declined, wire.Attention, wire.Cancelled, wire.Paid, wire.Expired, wire.Paid, wire.Reversing, wire.Paid} {
		one := sale(state, string(state))
		one.SaleID = fmt.Sprintf("W-7QK2M4XW9R%02d", i)
		list = append(list, one)
	}
	return list
}
