package till_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"posagent/device/decode"
	"posagent/internal/health"
	"posagent/internal/till"
	"posagent/offline"
)

// held is an engine that can hold up whoever asks for one sale, and whose
// subscribers fall behind after two changes.
type held struct {
	*offline.Engine
	asked, free chan struct{}
	once        sync.Once
}

func (h *held) Subscribe(int) *offline.Subscription { return h.Engine.Subscribe(2) }

func (h *held) Sale(id offline.SaleID) (offline.Sale, error) {
	if id == "held" {
		h.once.Do(func() {
			h.asked <- struct{}{}
			<-h.free
		})
	}
	return h.Engine.Sale(id)
}

func TestATillThatFellBehindReadsEverythingAgain(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, reply(offline.NoAnswer, "", ""))
		b.gateway.Always(offline.OpQuery, reply(offline.NoAnswer, "", ""))
		b.gateway.Always(offline.OpCancel, reply(offline.NotSent, "", ""))
		h := &held{Engine: b.engine, asked: make(chan struct{}), free: make(chan struct{})}
		slow, err := till.New(till.Options{Engine: h, Journal: b.journal, Health: health.New()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.t.Context())
		end := make(chan error, 1)
		go func() { end <- slow.Run(ctx) }()
		if _, _, err := slow.Open(ctx, offline.NewSale{ID: "A", Amount: hkd(1), Code: identity(t, goodCode)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()

		go func() { _, _, _ = slow.Open(ctx, offline.NewSale{ID: "held", Amount: hkd(1)}) }() // only to keep the till busy
		<-h.asked
		cancelled(b, "A")
		for i := range 4 {
			n := offline.NewSale{ID: offline.SaleID(fmt.Sprintf("R-%d", i)), Amount: hkd(1), Code: identity(t, fmt.Sprintf("28%016d", i))}
			if _, _, err := b.engine.OpenSale(n); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		close(h.free)
		pass(0)
		s := slow.Snapshot()
		if s.Foreground != nil && s.Foreground.ID == "A" {
			t.Errorf("foreground %s: the news of its end was lost", describe(s.Foreground))
		}
		if s.Backlog.ByState[offline.SaleStateReversing] != 1 || s.Backlog.ByState[offline.SaleStateChecking] != 4 {
			t.Errorf("backlog %+v, want A reversing and four checking", s.Backlog)
		}
		cancel()
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

func TestATillWithoutScannersTakesCodesFromTheRegister(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, success())
		alone, err := till.New(till.Options{Engine: b.engine, Journal: b.journal, Health: health.New()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.t.Context())
		end := make(chan error, 1)
		go func() { end <- alone.Run(ctx) }()
		if _, _, err := alone.Open(ctx, offline.NewSale{ID: "A", Amount: hkd(1)}); err != nil {
			t.Fatal(err)
		}
		if s := alone.Snapshot(); !s.Waiting || s.Scanners != nil {
			t.Errorf("waiting %v, scanners %v", s.Waiting, s.Scanners)
		}
		if _, err := alone.SubmitCode("A", text(goodCode)); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if s := alone.Snapshot(); s.Last == nil || s.Last.State() != offline.SaleStatePaid {
			t.Errorf("last %s", describe(s.Last))
		}
		cancel()
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

func TestACodeThatTheGatewaysFieldDoesNotHoldIsNotSent(t *testing.T) {
	run(t, func(b *bench) {
		lax, err := till.New(till.Options{
			Engine: b.engine, Journal: b.journal, Health: health.New(), Classifier: decode.Classifier{AllowReserved: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		var wrong *till.CodeError
		_, err = lax.ParseCode(text("28" + strings.Repeat("7", 28)))
		if !errors.As(err, &wrong) || wrong.Class.Code != decode.CodeLong || !errors.Is(err, offline.ErrIdentityCode) {
			t.Errorf("got %v", err)
		}
		if strings.Contains(err.Error(), "777") {
			t.Errorf("the error holds the code: %v", err)
		}
	})
}

func TestErrorsOfTheTillSayWhatIsInTheWay(t *testing.T) {
	if got := (&till.BusyError{SaleID: "A"}).Error(); !strings.Contains(got, "A") {
		t.Error(got)
	}
	err := &till.NotReadyError{Reasons: []health.Warning{{Title: "No keys"}, {Title: "Journal failed"}}}
	if got := err.Error(); !strings.Contains(got, "No keys; Journal failed") {
		t.Error(got)
	}
}
