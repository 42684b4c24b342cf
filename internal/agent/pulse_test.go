package agent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/health"
	"posagent/internal/till"
)

// fakeTill shows one snapshot for ever: a till whose loop hangs.
type fakeTill struct{ now *till.Snapshot }

func (f *fakeTill) Wait(ctx context.Context, after uint64) (*till.Snapshot, error) {
	if f.now.Version > after {
		return f.now, nil
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestTheDaemonIsAliveOnlyWhileTheTillTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown := &fakeTill{now: &till.Snapshot{Version: 7}}
		locks := 0
		p := &Pulse{till: shown, stores: func() { locks++ }}
		alive := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			return p.Alive(ctx)
		}
		if err := alive(); err != nil {
			t.Fatalf("the till has taken turns, and is said to be dead: %v", err)
		}
		if err := alive(); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the till has taken no turn since, and Alive says %v", err)
		}
		if locks != 1 {
			t.Errorf("engine and journal were looked at %d times, not once", locks)
		}
		shown.now = &till.Snapshot{Version: 8}
		if err := alive(); err != nil {
			t.Fatalf("the till moves again, and is said to be dead: %v", err)
		}
	})
}

func TestTheStatusLineSaysWhetherTheTillSells(t *testing.T) {
	scanner := health.Warning{Code: till.WarnScanner, Subject: "counter", Severity: health.Warn, Title: "Scanner not ready"}
	setup := health.Warning{Code: till.WarnGatewaySetup, Severity: health.BlocksSelling, Title: "The gateway refuses this till"}
	note := health.Warning{Code: "note", Severity: health.Info, Title: "Good to know"}
	for _, row := range []struct {
		name string
		s    till.Snapshot
		want string
	}{
		{"it sells", till.Snapshot{Ready: true}, "ready to sell"},
		{"good to know is no trouble", till.Snapshot{Ready: true, Warnings: []health.Warning{note}}, "ready to sell"},
		{
			"it sells without a scanner", till.Snapshot{Ready: true, Warnings: []health.Warning{note, scanner}},
			"ready to sell, but: Scanner not ready (counter)",
		},
		{
			"something blocks", till.Snapshot{Reasons: []health.Warning{setup}, Warnings: []health.Warning{setup, scanner}},
			"cannot sell: The gateway refuses this till",
		},
		{"it is not open yet", till.Snapshot{}, "cannot sell: the till is not open"},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.s.Version = 3
			text, sells, version, err := (&Pulse{till: &fakeTill{now: &row.s}}).Standing(t.Context(), 0)
			if text != row.want || sells != row.s.Ready || version != 3 || err != nil {
				t.Errorf("got %q, sells %v, version %d, %v; want %q, version 3", text, sells, version, err, row.want)
			}
		})
	}
}
