package terminal

import (
	"fmt"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
	"posagent/ui/model"
	"posagent/ui/words"
)

// languages are all that the window has, by their names.
func languages() []model.Language {
	list := make([]model.Language, 0, 6)
	for _, l := range cashier.Langs() {
		list = append(list, model.Language{Tag: string(l), Name: l.Name()})
	}
	return list
}

// nine is when every screen of these tests is: before any key that is really pressed.
var nine = time.Date(2025, 11, 21, 9, 0, 0, 0, time.UTC)

// till is a model in a shop that is played by hand, so that the screens drawn in
// these tests are those that a cashier sees.
type till struct {
	t   testing.TB
	m   *model.Model
	now time.Time
	out []model.Command
}

func newTill(t testing.TB, lang string, change ...func(*model.Config)) *till {
	t.Helper()
	ids := 0
	cfg := model.Config{
		Header: "Sunrise Mart · T03", Currency: "HKD", AmountEntry: true, Volume: 0, Location: time.UTC,
		Words: func(tag string) model.Words {
			w, err := words.New(cashier.Lang(tag))
			if err != nil {
				t.Fatal(err)
			}
			return w
		},
		Languages: languages(), Lang: lang,
		NewID: func(prefix string) string { ids++; return fmt.Sprintf("%s20261121-090000-%04d", prefix, ids) },
	}
	for _, c := range change {
		c(&cfg)
	}
	s := &till{t: t, m: model.New(cfg), now: nine}
	s.do(model.Room{Rows: roomFor(24)})
	return s
}

func (s *till) do(e model.Event) *till {
	s.out = append(s.out, s.m.Apply(s.now, e)...)
	return s
}

func (s *till) press(ids ...string) *till {
	s.t.Helper()
	for _, id := range ids {
		if b, ok := s.m.Screen().Button(id); !ok || !b.Enabled {
			s.t.Fatalf("the screen %s has no button %s to press: %+v", s.m.Screen().Kind, id, b)
		}
		s.do(model.Pressed{ID: id})
	}
	return s
}

func (s *till) wait(d time.Duration) *till {
	s.now = s.now.Add(d)
	return s.do(model.Tick{})
}

// answer answers the newest call of a kind.
func answer[R model.Request](s *till, r model.Reply) *till {
	s.t.Helper()
	for i := len(s.out) - 1; i >= 0; i-- {
		if call, ok := s.out[i].(model.Call); ok {
			if _, ok := call.Request.(R); ok {
				r.Seq = call.Seq
				return s.do(r)
			}
		}
	}
	s.t.Fatalf("nobody asked: %v", s.out)
	return s
}

func hkd(v int64) wire.Money { return wire.Money{Currency: "HKD", Value: v} }

func statusOf(foreground string) wire.Status {
	return wire.Status{
		Till:     wire.Till{Ready: true, Currency: "HKD", Foreground: foreground, Waiting: foreground != ""},
		Scanners: []wire.Scanner{{Name: "desk", State: "ready"}}, Gateway: wire.Gateway{State: "ok"}, Journal: wire.Journal{OK: true},
		Totals: []wire.Total{{Paid: 42, PaidSum: hkd(1234500), Refunded: 1, RefundedSum: hkd(12850)}},
	}
}

func saleOf(state wire.State, key string) wire.Sale {
	final := state == wire.Paid || state == wire.Cancelled || state == wire.Expired || state == wire.Declined
	s := wire.Sale{
		SaleID: "R20261121-0042", State: state, Final: final, Settled: final, Version: 3, Amount: hkd(12850), Refunded: hkd(0),
		Message: wire.Message{Code: key, Key: key}, CreatedAt: nine, ExpiresAt: nine.Add(2 * time.Minute), UpdatedAt: nine,
	}
	if state == wire.Waiting || state == wire.Expired {
		return s
	}
	s.MerchantTransID, s.AcquirementID, s.Code = "S01-T03-20261121-000042", "20261121194010800100188770212345678", "28••••••••••••4394"
	s.Payments = []wire.Payment{{
		MerchantTransID: s.MerchantTransID, AcquirementID: s.AcquirementID, Code: s.Code, CreatedAt: nine,
		Attempts: []wire.Attempt{
			{Op: "pay", At: nine, Outcome: "in_process", ResultCode: "PAYMENT_IN_PROCESS"},
			{Op: "query", At: nine, Outcome: "success", TradeStatus: "SUCCESS", ResultCode: "SUCCESS"},
		},
	}}
	return s
}

// idle is a till that is ready.
func idle(t testing.TB, lang string, change ...func(*model.Config)) *till {
	s := newTill(t, lang, change...)
	s.do(model.Connected{Picture: wire.Picture{Status: statusOf("")}})
	sales := []wire.Sale{saleOf(wire.Paid, "paid"), saleOf(wire.Declined, "code.USER_BALANCE_NOT_ENOUGH"), saleOf(wire.Attention, "attention")}
	for i := range sales {
		sales[i].SaleID = fmt.Sprintf("R20261121-00%02d", 41-i)
		sales[i].CreatedAt = nine.Add(-time.Duration(i+1) * time.Minute)
	}
	return answer[model.Search](s, model.Reply{Sales: &wire.SaleList{Sales: sales}})
}

// selling is a till with a sale in the foreground.
func selling(t testing.TB, lang string, sale wire.Sale, change ...func(*model.Config)) *till {
	s := idle(t, lang, change...)
	if sale.Message.Code == "code.USER_BALANCE_NOT_ENOUGH" {
		sale.Message.Code = "USER_BALANCE_NOT_ENOUGH"
	}
	return s.do(model.StatusChanged{Status: statusOf(sale.SaleID)}).do(model.SaleChanged{Sale: sale})
}

// history is the list, and details one of its sales.
func history(t testing.TB, lang string) *till {
	s := idle(t, lang).press("history")
	sales := make([]wire.Sale, 0, 14)
	for i := range 14 {
		one := saleOf(wire.Paid, "paid")
		one.SaleID, one.CreatedAt = fmt.Sprintf("R20261121-00%02d", 40-i), nine.Add(-time.Duration(i+1)*time.Minute)
		sales = append(sales, one)
	}
	return answer[model.Search](s, model.Reply{Sales: &wire.SaleList{Sales: sales}})
}

// screens plays a till into every kind of screen.
func screens(t testing.TB, lang string) map[model.Kind]model.Screen {
	t.Helper()
	warned := func(ready bool, w wire.Warning) *till {
		status := statusOf("")
		status.Till.Ready, status.Warnings = ready, []wire.Warning{w}
		if !ready {
			status.Till.Reasons = status.Warnings
		}
		return idle(t, lang).do(model.StatusChanged{Status: status})
	}
	disk := wire.Warning{Code: "disk", Severity: "blocks_selling", Title: "The disk is full", Detail: "3 MB are left", Remedy: "Free some space"}
	slow := wire.Warning{Code: "gateway_unreachable", Severity: "warning", Title: "Alipay cannot be reached", Detail: "no route", Remedy: "Check the network"}
	states := map[wire.State]string{
		wire.Waiting: "waiting", wire.Processing: "processing", wire.Confirming: "confirming", wire.Checking: "checking", wire.Reversing: "reversing",
		wire.Paid: "paid", wire.Declined: "code.USER_BALANCE_NOT_ENOUGH", wire.Cancelled: "cancelled", wire.Expired: "expired", wire.Attention: "attention",
	}
	list := map[model.Kind]*till{
		model.KindStarting: newTill(t, lang),
		model.KindOffline:  newTill(t, lang).do(model.Disconnected{Cause: model.CauseNotRunning}).wait(3 * time.Second),
		model.KindIdle:     idle(t, lang),
		model.KindNotReady: warned(false, disk),
		model.KindTrouble:  warned(true, slow),
		model.KindWarnings: warned(false, disk).press("warnings"),
		model.KindEntry:    idle(t, lang).press("new", "pad.1", "pad.2", "pad.8", "pad.5", "pad.0"),
		model.KindOpening:  idle(t, lang).press("new", "pad.5", "pad.00", "charge"),
		model.KindWrongCode: selling(t, lang, saleOf(wire.Waiting, "waiting")).do(model.NoticeArrived{Notice: wire.Notice{
			Serial: 1, SaleID: "R20261121-0042", Code: "product_ean13", Title: "Product barcode", Detail: "It is a product's.", Action: "Scan the wallet.",
		}}),
		model.KindAskCancel: selling(t, lang, saleOf(wire.Confirming, "confirming")).press("cancel"),
		model.KindAskClose:  selling(t, lang, saleOf(wire.Confirming, "confirming")).do(model.CloseAsked{}),
		model.KindHistory:   history(t, lang),
		model.KindDetails:   history(t, lang).press("details"),
		model.KindRefund:    history(t, lang).press("details", "refund", "pad.2", "pad.5", "pad.00"),
		model.KindAskVoid:   history(t, lang).press("details", "void"),
		model.KindLanguage:  idle(t, lang).press("language"),
	}
	for state, key := range states {
		list[model.Kind(state)] = selling(t, lang, saleOf(state, key))
	}
	refund := wire.Refund{
		RefundID: "F20261121-090000-0001", SaleID: "R20261121-0040", State: wire.RefundRefunded, Final: true, Amount: hkd(2500),
		Message: wire.Message{Code: "refund.refunded", Key: "refund.refunded"}, CreatedAt: nine,
	}
	list[model.KindRefundDone] = answer[model.GiveBack](
		history(t, lang).press("details", "refund", "pad.2", "pad.5", "pad.00", "refund.yes"), model.Reply{Refund: &refund})
	list[model.KindPIN] = answer[model.GiveBack](
		history(t, lang).press("details", "refund", "pad.2", "pad.5", "pad.00", "refund.yes"),
		model.Reply{Err: wire.NewProblem(wire.CodeSupervisorRequired, "a refund needs a supervisor", "")}).
		do(model.Pasted{Text: "Ada"}).do(model.KeyPressed{At: nine, Key: model.KeyDown}).do(model.Pasted{Text: "4711"})
	list[model.KindResolve] = selling(t, lang, saleOf(wire.Attention, "attention")).press("details", "resolve").do(model.Pasted{Text: "Ada"})
	list[model.KindShift] = answer[model.LoadShift](idle(t, lang).press("shift"), model.Reply{Shift: &model.Shift{
		From: nine.Add(-8 * time.Hour), To: nine, Open: []wire.Sale{saleOf(wire.Attention, "attention")},
		Totals: []model.ShiftTotal{{Paid: 42, PaidSum: hkd(1234500), Refunded: 1, RefundedSum: hkd(12850)}},
	}})
	all := make(map[model.Kind]model.Screen, len(list))
	for kind, s := range list {
		if got := s.m.Screen(); got.Kind == kind {
			all[kind] = got
		} else {
			t.Errorf("the till shows %s where %s was to be: %+v", got.Kind, kind, got)
		}
	}
	return all
}
