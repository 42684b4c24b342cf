package offline_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

// hooked is a journal that calls hook when a write is durable and its caller has
// not heard of it yet.
type hooked struct {
	*offlinetest.Journal
	hook func(w offline.Write)
}

func (j *hooked) Commit(w offline.Write) (offline.Committed, error) {
	c, err := j.Journal.Commit(w)
	if err == nil && j.hook != nil {
		j.hook(w)
	}
	return c, err
}

// failing is a source of randomness that fails while it is told to.
type failing struct {
	io.Reader
	now atomic.Bool
}

func (f *failing) Read(p []byte) (int, error) {
	if f.now.Load() {
		return 0, errors.New("no randomness")
	}
	return f.Reader.Read(p)
}

// built is a bench whose engine is made by the test.
func built(t *testing.T, change func(b *bench, c *offline.Config), test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, journal: offlinetest.NewJournal()}
		b.gateway = offlinetest.NewGateway(b.journal)
		cfg := offline.Config{
			Journal: b.journal, Gateway: b.gateway, Policy: offline.DefaultPolicy(),
			Minter: offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: offlinetest.Bytes(0)},
			Boot:   "boot-1", Log: slog.New(slog.DiscardHandler),
		}
		change(b, &cfg)
		var err error
		if b.engine, err = offline.NewEngine(cfg); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done, ready := make(chan error, 1), make(chan struct{})
		go func() { done <- b.engine.Run(ctx, func() { close(ready) }) }()
		<-ready
		defer func() { // also where the test gives up
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		test(b)
		for _, v := range b.gateway.Violations() {
			t.Error(v)
		}
	})
}

func TestARecheckDoesNotTouchAPaymentBetweenItsCommitAndItsDriver(t *testing.T) {
	journal := &hooked{}
	built(t, func(b *bench, c *offline.Config) {
		journal.Journal = b.journal
		c.Journal = journal
	}, func(b *bench) {
		var returned atomic.Bool
		asked := make(chan struct{})
		journal.hook = func(w offline.Write) {
			journal.hook = nil
			go func() {
				defer close(asked)
				if _, err := b.engine.Recheck("R-1"); err != nil {
					b.t.Error(err)
				}
				returned.Store(true)
			}()
			for range 10_000 {
				runtime.Gosched()
			}
			if returned.Load() {
				b.t.Error("the re-check made a driver of its own, without the payment's code and message")
			}
		}
		b.gateway.Expect(offline.OpPay, reply(offline.Success))
		b.open("R-1", goodCode)
		<-asked
		b.settle("R-1", time.Second, offline.SaleStatePaid)
	})
}

func TestAnAnswerThatCannotBeRecordedAtOnceIsRecordedLater(t *testing.T) {
	random := &failing{Reader: offlinetest.Bytes(0)}
	built(t, func(_ *bench, c *offline.Config) { c.Minter.Rand = random }, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		last := reply(offline.NotFound)
		b.gateway.Expect(offline.OpQuery, last, last, last)
		b.open("R-1", goodCode)
		time.Sleep(15 * time.Second) // two of three queries are answered
		synctest.Wait()
		if ops, _ := b.gateway.Ops(); len(ops) != 3 {
			b.t.Fatalf("messages %v, want pay and two queries", ops)
		}
		b.settle("R-1", 0, offline.SaleStateChecking)
		for { // the third query is under way: its answer leads to a cancel, which needs an id
			if ops, _ := b.gateway.Ops(); len(ops) == 4 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		random.now.Store(true)
		time.Sleep(time.Minute)
		random.now.Store(false)
		b.gateway.Expect(offline.OpCancel, reply(offline.Success))
		b.gateway.Always(offline.OpQuery, reply(offline.NotFound))
		b.settle("R-1", 3*time.Minute, offline.SaleStateCancelled)
	})
}

func TestAStopWithAnAnswerThatCannotBeRecordedEnds(t *testing.T) {
	random := &failing{Reader: offlinetest.Bytes(0)}
	built(t, func(_ *bench, c *offline.Config) { c.Minter.Rand = random }, func(b *bench) {
		b.gateway.Expect(offline.OpPay, offlinetest.Reply{After: 5 * time.Second, Outcome: offline.Outcome{Kind: offline.NoAnswer}})
		b.open("R-1", goodCode)
		random.now.Store(true)
		time.Sleep(10 * time.Second) // the query that follows the silence gets no id
	})
}

func TestARecheckOfARefundWithoutAcquirementIDAsksForItAgain(t *testing.T) {
	run(t, func(b *bench) {
		paid := reply(offline.Success)
		paid.Outcome.AcquirementID = ""
		b.gateway.Expect(offline.OpPay, paid)
		b.open("R-1", goodCode)
		b.settle("R-1", time.Second, offline.SaleStatePaid)
		b.gateway.Always(offline.OpQuery, reply(offline.NoAnswer))
		if _, _, err := b.engine.Refund("R-1", offline.NewRefund{ID: "F-1", Amount: hkd(850)}); err != nil {
			t.Fatal(err)
		}
		sale := b.settle("R-1", 10*time.Minute, offline.SaleStatePaid)
		if state := sale.Refund("F-1").State(); state != offline.RefundAttention {
			t.Fatalf("the refund is %s after a gateway that never answered", state)
		}
		b.gateway.Always(offline.OpQuery, reply(offline.Success))
		b.gateway.Expect(offline.OpRefund, reply(offline.Success))
		if _, err := b.engine.Recheck("R-1"); err != nil {
			t.Fatal(err)
		}
		if sale = b.settle("R-1", time.Minute, offline.SaleStatePaid); sale.Refunded() != hkd(850) {
			t.Errorf("refunded %s after the re-check, want all of it", sale.Refunded())
		}
	})
}

func TestRechecksOfAPaymentInAttentionWaitForTheAnswerUnderWay(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Always(offline.OpQuery, pending())
		b.gateway.Expect(offline.OpCancel, reply(offline.Failure))
		b.open("R-1", goodCode)
		b.settle("R-1", 5*time.Minute, offline.SaleStateAttention)
		before, _ := b.gateway.Ops()
		slow := reply(offline.NoAnswer)
		slow.After = 2 * time.Second
		b.gateway.Always(offline.OpQuery, slow)
		for range 20 {
			if _, err := b.engine.Recheck("R-1"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if after, _ := b.gateway.Ops(); len(after) != len(before)+1 {
			t.Errorf("%d queries at a time for one payment", len(after)-len(before))
		}
		b.settle("R-1", 10*time.Second, offline.SaleStateAttention)
		if after, _ := b.gateway.Ops(); len(after) != len(before)+2 {
			t.Errorf("%d queries for a re-check and those that came while it was under way, want 2", len(after)-len(before))
		}
	})
}

// unlisted is a journal that cannot list what is unsettled.
type unlisted struct{ *offlinetest.Journal }

func (unlisted) Unsettled(time.Time, int) ([]offline.DueSale, error) {
	return nil, errors.New("a page cannot be read")
}

func TestAnEngineThatCouldNotResumeTakesNoSale(t *testing.T) {
	journal := offlinetest.NewJournal()
	engine, err := offline.NewEngine(offline.Config{
		Journal: unlisted{journal}, Gateway: offlinetest.NewGateway(journal), Policy: offline.DefaultPolicy(),
		Minter: offline.Minter{Rand: offlinetest.Bytes(0)}, Boot: "boot-1", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Run(t.Context(), func() { t.Error("ready without a list of what is unsettled") }); err == nil {
		t.Error("no error")
	}
	if _, _, err := engine.OpenSale(offline.NewSale{ID: "R-1", Amount: hkd(100)}); !errors.Is(err, offline.ErrStopped) {
		t.Errorf("a sale after that: %v, want %v", err, offline.ErrStopped)
	}
}

// The answers to pay and to the cancel cross each other: whichever is recorded
// first, a success that came after the cancel was begun is cancelled again.
func TestAReversalDoesNotEndWhileTheAnswerToPayIsUnderWay(t *testing.T) {
	run(t, func(b *bench) {
		late := reply(offline.Success)
		late.After = 12 * time.Second
		b.gateway.Expect(offline.OpPay, late)
		b.gateway.Expect(offline.OpQuery, pending())
		b.gateway.Expect(offline.OpCancel, reply(offline.Success), reply(offline.Success))
		b.open("R-1", goodCode)
		time.Sleep(6 * time.Second)
		if _, err := b.engine.Cancel("R-1", "anna"); err != nil {
			t.Fatal(err)
		}
		b.settle("R-1", 3*time.Second, offline.SaleStateReversing)
		sale := b.settle("R-1", 10*time.Second, offline.SaleStateCancelled)
		if p := sale.Current(); p.End.How != offline.HowReturned {
			t.Errorf("ended %s although money was taken, want %s", p.End.How, offline.HowReturned)
		}
		b.wantOps(offline.OpPay, offline.OpQuery, offline.OpCancel, offline.OpCancel)
	})
}
