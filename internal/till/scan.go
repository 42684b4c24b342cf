package till

import (
	"context"
	"errors"
	"sync"
	"time"

	"posagent/device"
	"posagent/internal/health"
	"posagent/offline"
)

// scan is one wait for a code: of one sale, after a number of payments. A
// refused payment that a fresh code cures begins a new one.
type scan struct {
	sale     offline.SaleID
	payments int
	cancel   context.CancelFunc
	claim    *device.Claim
}

// startScan claims the scanners for the foreground sale and waits for its code,
// unless that is under way. It returns when to try again, 0 for not at all.
func (t *Till) startScan(ctx context.Context) time.Duration {
	f := t.foreground
	if t.opt.Scanners == nil || t.scan != nil && t.scan.sale == f.ID && t.scan.payments == len(f.Payments) {
		return 0
	}
	t.stopScan()
	if wait := time.Until(t.retry); wait > 0 {
		return wait
	}
	claim, err := t.opt.Scanners.Claim(device.WithHolder(ctx, "sale "+string(f.ID)))
	if err != nil {
		t.opt.Health.Set(health.Warning{
			Code: WarnScannersClaimed, Severity: health.Warn, Title: "Scanners in use elsewhere",
			Text:   "The sale cannot use the scanners: " + err.Error() + ".",
			Remedy: "End the other use, such as a listening command. A code that the register sends works meanwhile.",
		})
		t.retry = time.Now().Add(again)
		return again
	}
	t.opt.Health.Clear(WarnScannersClaimed)
	ctx, cancel := context.WithCancel(ctx)
	t.scan = &scan{sale: f.ID, payments: len(f.Payments), cancel: cancel, claim: claim}
	armed := make(chan struct{})
	arm := sync.OnceFunc(func() { close(armed) })
	t.wg.Go(func() {
		defer arm() // also where the gate never opened
		t.listen(ctx, claim, f.ID, arm)
	})
	// "Waiting" is published after this turn: a scan that follows it must find the
	// gate open.
	<-armed
	return 0
}

// stopScan ends the wait and gives the scanners back at once. A code that is
// being handed to the engine at this moment stays the business of its sale.
func (t *Till) stopScan() {
	if t.scan == nil {
		return
	}
	t.scan.cancel()
	t.scan.claim.Release()
	t.scan = nil
}

// listen waits for the code of one sale. What is no payment code, or was used
// before, is answered with a notice and the wait goes on. A payment code goes
// straight to the engine: every hop in between is time that the customer waits.
func (t *Till) listen(ctx context.Context, claim *device.Claim, id offline.SaleID, armed func()) {
	for {
		s, err := claim.NextArmed(ctx, armed)
		if err != nil {
			if !errors.Is(err, device.ErrReleased) && ctx.Err() == nil {
				t.log.Error("waiting for a scan ended", "sale", id, "error", err)
			}
			return
		}
		code, err := parseCode(s.Text, s.Class)
		if err == nil {
			_, err = t.opt.Engine.Pay(id, code)
		}
		if err == nil {
			return // the change of the sale tells the loop
		}
		t.log.Info("a scan was not used", "sale", id, "scan", s, "error", err)
		t.failed(err)
		t.tell(noticeOf(id, s.Source, s.Text.Masked(), err))
		if t.opt.OnUnused != nil {
			t.opt.OnUnused(s.Class.Kind)
		}
		var (
			wrong *CodeError
			used  *offline.CodeUsedError
		)
		if !errors.As(err, &wrong) && !errors.As(err, &used) {
			return
		}
	}
}
