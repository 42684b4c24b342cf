package offline_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

const goodCode = "281234567890123456"

// bench is one engine over an in-memory journal and a scripted gateway.
type bench struct {
	t       *testing.T
	journal *offlinetest.Journal
	gateway *offlinetest.Gateway
	engine  *offline.Engine
	stop    func()
	boots   int
	log     bytes.Buffer
	failure error // what the engine's Run is expected to return
}

// run starts a bench inside a bubble with virtual time and checks, at the end,
// that the gateway saw nothing against the contract.
func run(t *testing.T, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, journal: offlinetest.NewJournal()}
		b.gateway = offlinetest.NewGateway(b.journal)
		b.start()
		test(b)
		b.stop()
		for _, v := range b.gateway.Violations() {
			t.Error(v)
		}
		if bytes.Contains(b.log.Bytes(), []byte(goodCode)) {
			t.Error("the log holds a whole payment code")
		}
	})
}

func (b *bench) start() {
	b.boots++
	engine, err := offline.NewEngine(offline.Config{
		Journal: b.journal, Gateway: b.gateway, Policy: offline.DefaultPolicy(),
		Minter: offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: offlinetest.Bytes(b.boots)},
		Boot:   offline.BootID("boot-" + string(rune('0'+b.boots))),
		Log:    slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	ready := make(chan struct{})
	go func() { done <- engine.Run(ctx, func() { close(ready) }) }()
	<-ready
	b.engine = engine
	b.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, b.failure) {
			b.t.Errorf("engine stopped with %v, want %v", err, b.failure)
		}
	}
}

// restart stops the engine and starts another run over the same journal.
func (b *bench) restart() {
	b.stop()
	b.start()
}

func code(t *testing.T, digits string) offline.IdentityCode {
	t.Helper()
	c, err := offline.ParseIdentityCode(digits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func hkd(value int64) offline.Money { return offline.Money{Currency: "HKD", Value: value} }

func (b *bench) open(id offline.SaleID, digits string) offline.Sale {
	b.t.Helper()
	n := offline.NewSale{ID: id, Amount: hkd(12850)}
	if digits != "" {
		n.Code = code(b.t, digits)
	}
	sale, _, err := b.engine.OpenSale(n)
	if err != nil {
		b.t.Fatal(err)
	}
	return sale
}

// settle lets virtual time pass and wants the sale in a state then.
func (b *bench) settle(id offline.SaleID, after time.Duration, want offline.SaleState) offline.Sale {
	b.t.Helper()
	time.Sleep(after)
	synctest.Wait()
	sale, err := b.engine.Sale(id)
	if err != nil {
		b.t.Fatal(err)
	}
	if sale.State() != want {
		b.t.Fatalf("after %s the sale is %s, want %s; attempts %+v", after, sale.State(), want, sale.Current())
	}
	return sale
}

func (b *bench) wantOps(want ...offline.Op) {
	b.t.Helper()
	if got, _ := b.gateway.Ops(); !slices.Equal(got, want) {
		b.t.Errorf("messages %v, want %v", got, want)
	}
}

func reply(kind offline.OutcomeKind) offlinetest.Reply {
	o := offline.Outcome{Kind: kind}
	switch kind {
	case offline.Success:
		o.ResultStatus, o.ResultCode, o.AcquirementID = "S", "SUCCESS", "2026112100001"
	case offline.InProcess:
		o.ResultStatus, o.ResultCode, o.Class = "U", "UNKNOWN_EXCEPTION", offline.ClassAskAgain
	case offline.NotFound:
		o.ResultStatus, o.ResultCode = "F", "ORDER_NOT_EXIST"
	case offline.Failure:
		o.ResultStatus, o.ResultCode, o.Class = "F", "USER_BALANCE_NOT_ENOUGH", offline.ClassTopUp
	case offline.NoAnswer, offline.NotSent, offline.TooLate, offline.Refused:
	}
	return offlinetest.Reply{After: 100 * time.Millisecond, Outcome: o}
}

func silence() offlinetest.Reply {
	return offlinetest.Reply{After: 10 * time.Second, Outcome: offline.Outcome{Kind: offline.NoAnswer}}
}

func pending() offlinetest.Reply {
	r := reply(offline.InProcess)
	r.Outcome.ResultStatus, r.Outcome.ResultCode, r.Outcome.TradeStatus = "S", "SUCCESS", "WAIT_BUYER_PAY"
	r.Outcome.Confirm, r.Outcome.AcquirementID = true, "2026112100001"
	return r
}

func TestACodeInTheRequestIsChargedOnceAndPaid(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Success))
		if s := b.open("R-1", goodCode); s.State() != offline.SaleStateProcessing {
			t.Errorf("the sale is %s while pay is under way", s.State())
		}
		sale := b.settle("R-1", time.Second, offline.SaleStatePaid)
		if sale.Current().AcquirementID() == "" {
			t.Error("the acquirementId was not kept")
		}
		b.wantOps(offline.OpPay)
	})
}

func TestTheHappyPathCostsTwoDurableCommits(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Success))
		b.open("R-1", goodCode)
		b.settle("R-1", time.Second, offline.SaleStatePaid)
		if last, _ := b.journal.LastEvent(); last != 2 {
			t.Errorf("%d commits, want 2: one before the wire, one before \"paid\"", last)
		}
	})
}

func TestSilenceLeadsToQueriesAndAQueryProvesPaid(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Expect(offline.OpQuery, pending(), reply(offline.Success))
		b.open("R-1", goodCode)
		b.settle("R-1", 4*time.Second, offline.SaleStateProcessing)
		b.settle("R-1", 2*time.Second, offline.SaleStateConfirming)
		b.settle("R-1", 4*time.Second, offline.SaleStatePaid)
		_, at := b.gateway.Ops()
		if first := at[1].Sub(at[0]); first != 5*time.Second {
			t.Errorf("first query after %s, want 5s", first)
		}
		if gap := at[2].Sub(at[1]); gap != 3*time.Second {
			t.Errorf("second query after %s, want 3s", gap)
		}
	})
}

func TestThreeTimesNotExistIsCancelledAndWatched(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Always(offline.OpQuery, reply(offline.NotFound))
		b.gateway.Expect(offline.OpCancel, reply(offline.Success))
		b.open("R-1", goodCode)
		b.settle("R-1", 25*time.Second, offline.SaleStateCancelled)
		ops, at := b.gateway.Ops()
		for i := 2; i <= 3; i++ {
			if gap := at[i].Sub(at[i-1]); gap < 5*time.Second || gap > 7200*time.Millisecond {
				t.Errorf("query %d came %s after the one before, want 5 to 7 s and the answer's time", i, gap)
			}
		}
		if ops[4] != offline.OpCancel || at[4].Sub(at[3]) > 101*time.Millisecond {
			t.Errorf("the cancel left %s after the last query, want no gap beyond its answer", at[4].Sub(at[3]))
		}
		b.settle("R-1", 15*time.Minute, offline.SaleStateCancelled)
		sale, _ := b.engine.Sale("R-1")
		if !sale.Settled() {
			t.Error("after 20 clean queries the payment is not settled")
		}
	})
}

func TestAPayThatArrivesAfterTheCancelIsCancelledAgain(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		missing := reply(offline.NotFound)
		b.gateway.Expect(offline.OpQuery, missing, missing, missing, missing, reply(offline.Success))
		b.gateway.Expect(offline.OpCancel, reply(offline.Success), func() offlinetest.Reply {
			r := reply(offline.Success)
			r.Outcome.Undo = offline.UndoReturned
			return r
		}())
		b.open("R-1", goodCode)
		sale := b.settle("R-1", 5*time.Minute, offline.SaleStateCancelled)
		p := sale.Current()
		if !sale.Settled() || p.End.How != offline.HowReturned || !p.LateSuccess() {
			t.Errorf("end %+v, late success %v; want the money returned and the late success raised", p.End, p.LateSuccess())
		}
	})
}

func TestALateSuccessDoesNotUndoAReversal(t *testing.T) {
	run(t, func(b *bench) {
		late := reply(offline.Success)
		late.After = 2 * time.Second
		b.gateway.Expect(offline.OpPay, late)
		b.gateway.Expect(offline.OpCancel, reply(offline.Success))
		b.open("R-1", goodCode)
		time.Sleep(time.Second)
		if sale, err := b.engine.Cancel("R-1", "anna"); err != nil || sale.State() != offline.SaleStateReversing {
			t.Fatalf("cancelled: %s, %v", sale.State(), err)
		}
		sale := b.settle("R-1", time.Minute, offline.SaleStateCancelled)
		if how := sale.Current().End.How; how != offline.HowReturned {
			t.Errorf("ended %s, want %s", how, offline.HowReturned)
		}
		b.wantOps(offline.OpPay, offline.OpCancel)
	})
}

func TestCancelUnknownForEverCallsAPerson(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Always(offline.OpQuery, pending())
		b.gateway.Always(offline.OpCancel, reply(offline.InProcess))
		b.open("R-1", goodCode)
		sale := b.settle("R-1", 5*time.Minute, offline.SaleStateAttention)
		ops, _ := b.gateway.Ops()
		cancels := 0
		for _, op := range ops {
			if op == offline.OpCancel {
				cancels++
			}
		}
		if cancels != 6 {
			t.Errorf("%d cancels, want the first and five more", cancels)
		}
		if why := sale.Current().Parked.Reason; why != offline.ReasonCancelUnconfirmed {
			t.Errorf("parked for %s", why)
		}
		resolved, err := b.engine.Resolve("R-1", offline.ResultCancelled, "boss", "Alipay confirmed by phone")
		if err != nil || resolved.State() != offline.SaleStateCancelled {
			t.Errorf("resolved: %s, %v", resolved.State(), err)
		}
	})
}

func TestARestartAsksAndNeverPaysAgain(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.open("R-1", goodCode)
		time.Sleep(time.Second)
		b.gateway.Expect(offline.OpQuery, reply(offline.Success))
		b.restart()
		b.settle("R-1", time.Second, offline.SaleStatePaid)
		b.wantOps(offline.OpPay, offline.OpQuery)
	})
}

func TestASaleThatWaitedForACodeIsClosedByARestart(t *testing.T) {
	run(t, func(b *bench) {
		b.open("R-1", "")
		b.restart()
		sale := b.settle("R-1", time.Second, offline.SaleStateCancelled)
		if sale.End.Reason != offline.SaleRestarted {
			t.Errorf("closed as %s", sale.End.Reason)
		}
	})
}

func TestWithoutANetworkThePayIsTriedWhileTheCodeLivesAndEndsUnsent(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, offlinetest.Reply{Outcome: offline.Outcome{Kind: offline.NotSent, Detail: "dial: no route"}})
		b.open("R-1", goodCode)
		b.settle("R-1", 30*time.Second, offline.SaleStateProcessing)
		sale := b.settle("R-1", 31*time.Second, offline.SaleStateCancelled)
		if how := sale.Current().End.How; how != offline.HowUnsent {
			t.Errorf("ended %s, want %s", how, offline.HowUnsent)
		}
		b.wantOps()
	})
}

func TestARefundIsRepeatedUnderItsIdUntilItIsConfirmed(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, reply(offline.Success))
		b.open("R-1", goodCode)
		b.settle("R-1", time.Second, offline.SaleStatePaid)
		b.gateway.Expect(offline.OpRefund, silence(), reply(offline.InProcess), reply(offline.Success))
		if _, created, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(850), By: "till 3, Ann"}); err != nil || !created {
			t.Fatal(created, err)
		}
		if _, created, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(850)}); err != nil || created {
			t.Errorf("the same refund again: created %v, %v", created, err)
		}
		if _, _, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-2", Amount: hkd(12001)}); !errors.Is(err, offline.ErrRefundTooMuch) {
			t.Errorf("more than is left: %v", err)
		}
		sale := b.settle("R-1", time.Minute, offline.SaleStatePaid)
		if sale.Refunded() != hkd(850) || sale.Refund("F-1").By != "till 3, Ann" {
			t.Errorf("refunded %s by %q", sale.Refunded(), sale.Refund("F-1").By)
		}
		events, err := b.journal.Events(0, 100)
		if err != nil || !slices.ContainsFunc(events, func(e offline.Event) bool { return e.By == "till 3, Ann" && e.Refund == "F-1" }) {
			t.Errorf("the audit trail does not say who asked: %v, %v", events, err)
		}
		for _, req := range b.gateway.Sent() {
			if req.Op == offline.OpRefund && req.RefundID != "F-1" {
				t.Errorf("sent merchantRefundId %s", req.RefundID)
			}
		}
	})
}

func TestAJournalThatFailsStopsSelling(t *testing.T) {
	run(t, func(b *bench) {
		b.journal.SetFaults(offlinetest.FailBefore(1, errors.New("no space left on device")))
		b.failure = offline.ErrJournal
		b.gateway.Expect(offline.OpPay, reply(offline.Success)) // signed, and never sent
		_, _, err := b.engine.OpenSale(offline.NewSale{ID: "R-1", Amount: hkd(100), Code: code(t, goodCode)})
		if !errors.Is(err, offline.ErrJournal) {
			t.Errorf("got %v", err)
		}
		_, _, err = b.engine.OpenSale(offline.NewSale{ID: "R-2", Amount: hkd(100)})
		if !errors.Is(err, offline.ErrStopped) {
			t.Errorf("the next sale: %v", err)
		}
		b.wantOps()
	})
}
