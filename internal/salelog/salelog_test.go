package salelog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const digits = "281234567890124394"

// shop is one engine with a teller over a journal in memory and a scripted gateway.
type shop struct {
	t       testing.TB
	journal *offlinetest.Journal
	gateway *offlinetest.Gateway
	engine  *offline.Engine
	out     bytes.Buffer
	stop    func()
	runs    int
}

func run(t *testing.T, test func(s *shop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &shop{t: t, journal: offlinetest.NewJournal()}
		s.gateway = offlinetest.NewGateway(s.journal)
		s.start()
		test(s)
		s.stop()
		if strings.Contains(s.out.String(), digits) {
			t.Error("the log holds a whole payment code")
		}
	})
}

func (s *shop) start() {
	s.runs++
	engine, err := offline.NewEngine(offline.Config{
		Journal: s.journal, Gateway: s.gateway, Policy: offline.DefaultPolicy(),
		Minter: offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: offlinetest.Bytes(s.runs)},
		Boot:   offline.BootID(fmt.Sprintf("boot-%d", s.runs)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	teller, err := New(engine, s.journal, slog.New(slog.NewJSONHandler(&s.out, nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	told, end := s.goOn(func(ctx context.Context) error { return teller.Run(ctx) })
	ready := make(chan struct{})
	ran, halt := s.goOn(func(ctx context.Context) error { return engine.Run(ctx, func() { close(ready) }) })
	<-ready
	s.engine = engine
	s.stop = func() { // as the daemon: the engine first
		halt()
		<-ran
		end()
		<-told
	}
}

func (s *shop) goOn(f func(context.Context) error) (<-chan struct{}, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil {
			s.t.Error(err)
		}
	}()
	return done, cancel
}

func (s *shop) open(id offline.SaleID) {
	s.t.Helper()
	if _, _, err := s.engine.OpenSale(offline.NewSale{ID: id, Amount: offline.Money{Currency: "HKD", Value: 12850}}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) pay(id offline.SaleID) {
	s.t.Helper()
	code, err := offline.ParseIdentityCode(digits)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.engine.Pay(id, code); err != nil {
		s.t.Fatal(err)
	}
}

// line is what a test wants to know of one.
type line map[string]any

// lines returns what was written since the last call.
func (s *shop) lines() (out []line) {
	s.t.Helper()
	synctest.Wait()
	for text := range strings.Lines(s.out.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, l)
	}
	s.out.Reset()
	return out
}

// wants compares lines by what stands in the wanted ones.
func (s *shop) wants(wanted ...line) {
	s.t.Helper()
	got := s.lines()
	if len(got) != len(wanted) {
		s.t.Errorf("%d lines, want %d:\n%v", len(got), len(wanted), got)
		return
	}
	for i, want := range wanted {
		for key, value := range want {
			if fmt.Sprint(got[i][key]) != fmt.Sprint(value) {
				s.t.Errorf("line %d: %s is %v, want %v\n%v", i, key, got[i][key], value, got[i])
			}
		}
	}
}

func answer(kind offline.OutcomeKind) offlinetest.Reply {
	o := offline.Outcome{Kind: kind}
	switch kind {
	case offline.Success:
		o.ResultStatus, o.ResultCode, o.AcquirementID = "S", "SUCCESS", "2026112100001"
	case offline.Failure:
		o.ResultStatus, o.ResultCode, o.Class = "F", "USER_BALANCE_NOT_ENOUGH", offline.ClassTopUp
	case offline.InProcess:
		o.ResultStatus, o.ResultCode, o.Class = "U", "UNKNOWN_EXCEPTION", offline.ClassAskAgain
	case offline.NotFound:
		o.ResultStatus, o.ResultCode = "F", "ORDER_NOT_EXIST"
	case offline.NoAnswer, offline.NotSent, offline.TooLate, offline.Refused:
	}
	return offlinetest.Reply{After: 100 * time.Millisecond, Outcome: o}
}

func TestASaleHasALineForEachTransitionAndOneThatSumsItUp(t *testing.T) {
	run(t, func(s *shop) {
		s.gateway.Expect(offline.OpPay, answer(offline.Success))
		s.open("R-1")
		time.Sleep(3 * time.Second)
		s.pay("R-1")
		time.Sleep(time.Second)
		s.wants(
			line{"level": "INFO", "msg": "sale: none -> waiting", "action": "sale", "result": "unknown", "from": "none", "to": "waiting", "event": 1, "sale": "R-1", "amount": 12850, "currency": "HKD", "reason": "sale opened"},
			line{"msg": "payment: none -> paying", "action": "payment", "from": "none", "to": "paying", "event": 2, "state": "processing", "reason": "payment created; pay begun"},
			line{
				"level": "INFO", "msg": "payment: paying -> paid", "action": "payment", "result": "success", "from": "paying", "to": "paid", "event": 3,
				"state": "paid", "reason": "pay success SUCCESS; ended paid", "op": "pay", "attempt": 1, "outcome": "success", "result_code": "SUCCESS", "trade": "2026112100001", "took": "1e+08",
			},
			line{
				"msg": "sale ended: paid", "action": "sale_summary", "result": "success", "event": 3, "sale": "R-1", "state": "paid", "end": "paid",
				"amount": 12850, "currency": "HKD", "payments": 1, "attempts": 1, "outcome": "success", "result_code": "SUCCESS", "trade": "2026112100001",
				"code_ms": 3000, "intent_ms": 3000, "sent_ms": 3000, "answered_ms": 3100, "committed_ms": 3100, "total_ms": 3100, "wait_ms": 100,
			},
		)
	})
}

func TestRefusedAndUnscannedSalesEndWithTheirReason(t *testing.T) {
	run(t, func(s *shop) {
		s.gateway.Expect(offline.OpPay, answer(offline.Failure))
		s.open("R-1")
		s.pay("R-1")
		time.Sleep(time.Second)
		s.wants(line{}, line{},
			line{"from": "paying", "to": "declined", "result": "failure", "result_code": "USER_BALANCE_NOT_ENOUGH", "class": "top_up", "outcome": "failure"},
			line{"action": "sale_summary", "result": "failure", "state": "declined", "end": "declined"})
		s.open("R-2")
		time.Sleep(time.Second)
		if _, err := s.engine.Cancel("R-2", "till 3"); err != nil {
			t.Fatal(err)
		}
		s.wants(line{},
			line{"action": "sale", "msg": "sale: waiting -> cancelled", "by": "till 3", "reason": "sale closed: cancelled", "result": "failure"},
			line{"action": "sale_summary", "end": "cancelled", "payments": 0, "attempts": 0, "total_ms": 1000, "code_ms": "<nil>"})
	})
}

func TestDoubtReversalAndAPersonAreTold(t *testing.T) {
	run(t, func(s *shop) {
		s.gateway.Always(offline.OpPay, answer(offline.NoAnswer))
		s.gateway.Always(offline.OpQuery, answer(offline.InProcess))
		s.gateway.Always(offline.OpCancel, answer(offline.InProcess))
		s.open("R-1")
		s.pay("R-1")
		time.Sleep(30 * time.Minute)
		var chain []string
		last := line{}
		for _, l := range s.lines() {
			chain = append(chain, fmt.Sprint(l["action"], " ", l["from"], ">", l["to"]))
			if l["action"] == "attention" {
				last = l
			}
		}
		want := "sale none>waiting, payment none>paying, payment paying>unconfirmed, payment unconfirmed>reversing, attention reversing>attention, sale_summary <nil>><nil>"
		if got := strings.Join(chain, ", "); got != want {
			t.Errorf("lines: %s\nwant:  %s", got, want)
		}
		if last["level"] != "WARN" || !strings.Contains(fmt.Sprint(last["reason"]), "needs a person: cancel_unconfirmed") || last["op"] != "cancel" {
			t.Errorf("the call for a person: %v", last)
		}
		if _, err := s.engine.Resolve("R-1", offline.ResultPaid, "Ann", "seen in the portal"); err != nil {
			t.Fatal(err)
		}
		s.wants(
			line{"action": "payment", "from": "attention", "to": "paid", "by": "Ann", "result": "success"},
			line{"action": "sale_summary", "state": "paid", "total_ms": "<nil>"}) // how long a person took is no step of the sale
	})
}

func TestALateSuccessIsAWarningOfItsOwn(t *testing.T) {
	run(t, func(s *shop) {
		pay := answer(offline.Success)
		pay.After = 20 * time.Second
		s.gateway.Always(offline.OpPay, pay)
		s.gateway.Always(offline.OpQuery, answer(offline.InProcess))
		s.gateway.Always(offline.OpCancel, answer(offline.InProcess))
		s.open("R-1")
		s.pay("R-1")
		time.Sleep(time.Second)
		if _, err := s.engine.Cancel("R-1", "till 3"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		late := 0
		for _, l := range s.lines() {
			if l["action"] == "late_success" {
				late++
				if l["level"] != "WARN" || l["from"] != "reversing" || l["outcome"] != "success" || l["op"] != "pay" {
					t.Errorf("%v", l)
				}
			}
		}
		if late != 1 {
			t.Errorf("told %d times, want once", late)
		}
	})
}

func TestARefundHasItsOwnLines(t *testing.T) {
	run(t, func(s *shop) {
		s.gateway.Expect(offline.OpPay, answer(offline.Success))
		s.gateway.Expect(offline.OpRefund, answer(offline.Success))
		s.open("R-1")
		s.pay("R-1")
		time.Sleep(time.Second)
		s.lines()
		n := offline.NewRefund{ID: "F-1", Amount: offline.Money{Currency: "HKD", Value: 500}, Reason: "broken", By: "till 3, allowed by Ann"}
		if _, _, err := s.engine.Refund("R-1", n); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.wants(
			line{"msg": "refund: none -> processing", "action": "refund", "refund": "F-1", "by": "till 3, allowed by Ann", "amount": 500, "state": "paid"},
			line{"msg": "refund: processing -> refunded", "action": "refund", "result": "success", "op": "refund", "outcome": "success"})
	})
}

func TestWhatARunResumesIsToldFromItsFirstChange(t *testing.T) {
	run(t, func(s *shop) {
		never := answer(offline.NoAnswer)
		never.After = time.Hour
		s.gateway.Always(offline.OpPay, never)
		s.gateway.Always(offline.OpQuery, answer(offline.Success))
		s.open("R-1")
		s.pay("R-1")
		s.stop()
		s.lines()
		s.start()
		time.Sleep(time.Minute)
		s.wants(
			line{"action": "payment", "from": "unconfirmed", "to": "paid", "op": "query"},
			line{"action": "sale_summary", "state": "paid", "total_ms": "<nil>"}) // this run did not see it open
	})
}

// held has buffers that are always too small.
type held struct{ *offline.Engine }

func (h held) Subscribe(int) *offline.Subscription { return h.Engine.Subscribe(1) }

func TestWhatWasNotHeardIsReadFromTheJournal(t *testing.T) {
	run(t, func(s *shop) {
		var out bytes.Buffer
		teller, err := New(held{s.engine}, s.journal, slog.New(slog.NewJSONHandler(&out, nil)))
		if err != nil {
			t.Fatal(err)
		}
		s.gateway.Expect(offline.OpPay, answer(offline.Success))
		s.open("R-1")
		s.pay("R-1")
		time.Sleep(time.Second)
		done, stop := s.goOn(teller.Run)
		synctest.Wait()
		stop()
		<-done
		text := out.String()
		for _, want := range []string{`"event":1,`, `"event":2,`, `"event":3,`, `"reason":"pay success SUCCESS; ended paid"`, "read from the journal"} {
			if strings.Count(text, want) < 1 {
				t.Errorf("%s is missing in\n%s", want, text)
			}
		}
		if n := strings.Count(text, "\n"); n != 3 {
			t.Errorf("%d lines, want 3:\n%s", n, text)
		}
	})
}

func TestNothingIsKeptOfSalesThatAreOver(t *testing.T) {
	run(t, func(s *shop) {
		teller, err := New(s.engine, s.journal, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		done, stop := s.goOn(teller.Run)
		s.gateway.Always(offline.OpPay, answer(offline.Success))
		s.open("R-0")
		for i := range 50 {
			id := offline.SaleID(fmt.Sprintf("R-%d", i+1))
			s.open(id)
			if _, err := s.engine.Cancel(id, ""); err != nil {
				t.Fatal(err)
			}
		}
		s.pay("R-0")
		time.Sleep(time.Minute)
		stop()
		<-done
		if len(teller.seen) != 0 || len(teller.steps) != 0 {
			t.Errorf("%d standings and %d steps are kept", len(teller.seen), len(teller.steps))
		}
	})
}
