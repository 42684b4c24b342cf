package till_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/health"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

func TestTheBacklogIsReadAtTheStartAndFollowed(t *testing.T) {
	run(t, func(b *bench) {
		// Three payments without an answer, each given up for the next customer.
		b.gateway.Always(offline.OpPay, reply(offline.NoAnswer, "", ""))
		b.gateway.Always(offline.OpQuery, reply(offline.NoAnswer, "", ""))
		b.gateway.Always(offline.OpCancel, reply(offline.NotSent, "", ""))
		for i, code := range []string{goodCode, otherCode, thirdCode} {
			id := offline.SaleID(fmt.Sprintf("R-%d", i+1))
			b.open(id)
			b.scan(code)
			cancelled(b, id)
			pass(time.Second)
		}
		before := b.till.Snapshot().Backlog
		if before.Unsettled != 3 || before.ByState[offline.SaleStateReversing] != 3 || !before.OldestOf[offline.SaleStateReversing].Equal(before.Oldest) {
			t.Fatalf("backlog %+v, want 3 reversing", before)
		}
		b.restart()
		after := b.till.Snapshot().Backlog
		if after.Unsettled != 3 || !after.Oldest.Equal(before.Oldest) {
			t.Errorf("after the restart %+v, want as before %+v", after, before)
		}
		if s := b.till.Snapshot(); s.Foreground != nil {
			t.Errorf("foreground %s after a restart", describe(s.Foreground))
		}
		// The network is back: all are closed.
		b.gateway.Always(offline.OpQuery, reply(offline.NotFound, "ORDER_NOT_EXIST", ""))
		b.gateway.Always(offline.OpCancel, offlinetest.Reply{Outcome: offline.Outcome{Kind: offline.Success, Undo: offline.UndoClosed}})
		pass(time.Hour)
		if got := b.till.Snapshot().Backlog; got.Unsettled != 0 || len(got.ByState) != 0 || len(got.OldestOf) != 0 || !got.Oldest.IsZero() {
			t.Errorf("backlog %+v after everything was closed", got)
		}
	})
}

func TestTheForegroundSaleIsNoBacklog(t *testing.T) {
	run(t, func(b *bench) {
		b.open("A")
		if got := b.till.Snapshot().Backlog; got.Unsettled != 0 {
			t.Errorf("backlog %+v", got)
		}
	})
}

func TestALateSuccessIsRaisedUntilTheMoneyIsBack(t *testing.T) {
	run(t, func(b *bench) {
		late := success()
		late.After = 4 * time.Second
		b.gateway.Expect(offline.OpPay, late)
		b.gateway.Expect(offline.OpCancel,
			offlinetest.Reply{After: time.Minute, Outcome: offline.Outcome{Kind: offline.Success, Undo: offline.UndoReturned}})
		b.open("A")
		b.scan(goodCode)
		cancelled(b, "A")
		pass(5 * time.Second)
		s := b.till.Snapshot()
		if len(s.Warnings) != 1 || s.Warnings[0].Code != till.WarnLateSuccess || !strings.Contains(s.Warnings[0].Text, "A") {
			t.Fatalf("warnings %+v, want the late success of A", s.Warnings)
		}
		if !s.Ready || s.Backlog.LateCount != 1 {
			t.Errorf("ready %v, backlog %+v", s.Ready, s.Backlog)
		}
		pass(2 * time.Minute)
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Errorf("warnings %+v after the money went back", w)
		}
		b.wantLast("A", offline.SaleStateCancelled)
	})
}

func TestMoneyTakenAfterTheEndIsRaisedUntilAPersonHasLooked(t *testing.T) {
	run(t, func(b *bench) {
		no, late := reply(offline.Failure, "BALANCE_NOT_ENOUGH", offline.ClassTopUp), success()
		no.After, late.After = 7*time.Second, 2500*time.Millisecond
		b.gateway.Expect(offline.OpPay, no)
		b.gateway.Expect(offline.OpQuery, late)
		b.open("A")
		b.scan(goodCode)
		pass(7100 * time.Millisecond)
		b.wantLast("A", offline.SaleStateDeclined)
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Fatalf("warnings %+v before the answer to the query", w)
		}
		pass(time.Second)
		s := b.till.Snapshot()
		codes := map[health.Code]string{}
		for _, w := range s.Warnings {
			codes[w.Code] = w.Text
		}
		if len(codes) != 2 || !strings.Contains(codes[till.WarnTakenAfterEnd], ": A.") || !strings.Contains(codes[till.WarnAttention], ": A.") {
			t.Errorf("warnings %+v", s.Warnings)
		}
		if s.Backlog.Unsettled != 1 || s.Backlog.AttentionCount != 1 || s.Backlog.LateCount != 0 || !s.Ready {
			t.Errorf("backlog %+v, ready %v", s.Backlog, s.Ready)
		}
		b.open("B") // the next customer is served
		if _, err := b.engine.Resolve("A", offline.ResultPaid, "lee", "the customer has the goods"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if w := b.till.Snapshot().Warnings; len(w) != 0 {
			t.Errorf("warnings %+v after a person has looked", w)
		}
	})
}

func TestSalesThatNeedAPersonAreNamed(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, reply(offline.InProcess, "", ""))
		b.gateway.Always(offline.OpQuery, reply(offline.InProcess, "", ""))
		b.gateway.Always(offline.OpCancel, reply(offline.Failure, "TRADE_STATUS_ERROR", offline.ClassSupervisor))
		b.open("A")
		b.scan(goodCode)
		cancelled(b, "A")
		pass(10 * time.Second)
		b.wantLast("A", offline.SaleStateAttention)
		s := b.till.Snapshot()
		if len(s.Warnings) != 1 || s.Warnings[0].Code != till.WarnAttention || s.Warnings[0].Text == "" {
			t.Fatalf("warnings %+v", s.Warnings)
		}
		if _, err := b.engine.Resolve("A", offline.ResultCancelled, "supervisor", "not in the portal"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s := b.till.Snapshot(); len(s.Warnings) != 0 || s.Backlog.Unsettled != 0 {
			t.Errorf("warnings %+v, backlog %+v after it was resolved", s.Warnings, s.Backlog)
		}
	})
}

func TestASetUpFaultBlocksSellingUntilAProperAnswer(t *testing.T) {
	for name, fault := range map[string]struct {
		op      offline.Op
		outcome offline.Outcome
	}{
		"pay refused":         {offline.OpPay, offline.Outcome{Kind: offline.Failure, ResultCode: "PRODUCT_NOT_SIGNED", Class: offline.ClassSetup}},
		"message rejected":    {offline.OpQuery, offline.Outcome{Kind: offline.Refused, ResultCode: "INVALID_SIGNATURE", Class: offline.ClassSetup}},
		"message not signed":  {offline.OpPay, offline.Outcome{Kind: offline.NotSent, Class: offline.ClassSetup, Detail: "the message could not be made"}},
		"rejected as refused": {offline.OpCancel, offline.Outcome{Kind: offline.Refused, ResultCode: "ACCESS_DENIED", Class: offline.ClassSetup}},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(b *bench) {
				b.till.RecordAttempt(fault.op, fault.outcome, time.Millisecond)
				synctest.Wait()
				s := b.till.Snapshot()
				if s.Ready || len(s.Reasons) != 1 || s.Reasons[0].Code != till.WarnGatewaySetup || s.Reasons[0].Remedy == "" || s.Gateway.State != till.GatewaySetup {
					t.Fatalf("ready %v, reasons %+v, gateway %+v", s.Ready, s.Reasons, s.Gateway)
				}
				b.till.RecordAttempt(offline.OpQuery, offline.Outcome{Kind: offline.NoAnswer}, time.Second)
				synctest.Wait()
				if b.till.Snapshot().Ready {
					t.Error("silence lifted the block")
				}
				b.till.RecordAttempt(offline.OpQuery, offline.Outcome{Kind: offline.NotFound}, time.Second)
				synctest.Wait()
				if s := b.till.Snapshot(); !s.Ready || s.Gateway.State != till.GatewayOK {
					t.Errorf("a verified answer did not lift the block: %+v", s.Reasons)
				}
			})
		})
	}
}

func TestARefusedRefundOfASetUpKindDoesNotStopSelling(t *testing.T) {
	run(t, func(b *bench) {
		b.till.RecordAttempt(offline.OpRefund, offline.Outcome{Kind: offline.Failure, Class: offline.ClassSetup}, time.Millisecond)
		synctest.Wait()
		if !b.till.Snapshot().Ready {
			t.Error("selling stopped")
		}
	})
}

func TestAGatewayThatDoesNotAnswerIsReportedAfterTheSecondTime(t *testing.T) {
	run(t, func(b *bench) {
		silent := offline.Outcome{Kind: offline.NoAnswer, Detail: "time-out"}
		b.till.RecordAttempt(offline.OpPay, silent, time.Second)
		synctest.Wait()
		if s := b.till.Snapshot(); len(s.Warnings) != 0 || s.Gateway.State != till.GatewayUnreachable || s.Gateway.LastError != "time-out" {
			t.Errorf("after one: %+v %+v", s.Warnings, s.Gateway)
		}
		b.till.RecordAttempt(offline.OpQuery, silent, time.Second)
		synctest.Wait()
		if s := b.till.Snapshot(); len(s.Warnings) != 1 || s.Warnings[0].Code != till.WarnGatewayAway || !s.Ready {
			t.Errorf("after two: %+v, ready %v", s.Warnings, s.Ready)
		}
		b.till.RecordAttempt(offline.OpQuery, offline.Outcome{Kind: offline.InProcess}, 80*time.Millisecond)
		synctest.Wait()
		s := b.till.Snapshot()
		if len(s.Warnings) != 0 || s.Gateway.State != till.GatewayOK || s.Gateway.LastTook != 80*time.Millisecond {
			t.Errorf("after an answer: %+v %+v", s.Warnings, s.Gateway)
		}
	})
}

func TestASlowReaderSkipsToTheNewestSnapshot(t *testing.T) {
	run(t, func(b *bench) {
		first := b.till.Snapshot()
		b.open("A")
		cancelled(b, "A")
		synctest.Wait()
		b.open("B")
		got, err := b.till.Wait(b.t.Context(), first.Version)
		if err != nil || got != b.till.Snapshot() || got.Foreground.ID != "B" {
			t.Errorf("got version %d with %s, %v", got.Version, describe(got.Foreground), err)
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Second)
		defer cancel()
		if _, err := b.till.Wait(ctx, got.Version+1000); err == nil {
			t.Error("a version far ahead was reached")
		}
	})
}

func TestAnIdleTillTakesFewTurns(t *testing.T) {
	run(t, func(b *bench) {
		pass(time.Minute)
		before := b.till.Snapshot().Version
		pass(time.Minute)
		if n := b.till.Snapshot().Version - before; n > 20 {
			t.Errorf("%d turns in an idle minute: something wakes the till again and again", n)
		}
	})
}

func TestABurstOfChangesDoesNotLoseTheForeground(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, success())
		for i := range 300 {
			id := offline.SaleID(fmt.Sprintf("R-%d", i))
			code := fmt.Sprintf("28%016d", i)
			if _, _, err := b.till.Open(b.t.Context(), offline.NewSale{ID: id, Amount: hkd(1), Code: identity(t, code)}); err != nil {
				t.Fatal(err)
			}
			for b.till.Snapshot().Last == nil {
				synctest.Wait()
			}
		}
		b.wantLast("R-299", offline.SaleStatePaid)
		if got := b.till.Snapshot().Backlog.Unsettled; got != 0 {
			t.Errorf("%d unsettled", got)
		}
	})
}
