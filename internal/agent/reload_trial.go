package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"posagent/device"
	"posagent/internal/health"
	"posagent/internal/till"
	"posagent/offline"
)

// proof is what the new client's round trip showed.
type proof struct {
	done    bool // a verified answer came
	outcome offline.Outcome
	took    time.Duration
	note    []string
}

// prove asks the gateway through the new client about a payment that does not
// exist. A verified answer proves both keys and the ids; it moves no money.
func (r *reloader) prove(ctx context.Context, from, next *generation, force bool) (p proof, err error) {
	if next.gateway == from.gateway {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	begun := time.Now()
	answer := next.gateway.Probe(ctx)
	p.outcome, p.took = answer.Outcome, time.Since(begun)
	said := answer.Outcome.Detail
	if said == "" {
		said = answer.Outcome.ResultCode
	}
	switch {
	case answer.Verified && answer.Outcome.Class != offline.ClassSetup:
		p.done = true
		return p, nil
	case answer.Verified:
		return p, fmt.Errorf("the gateway does not take the new settings: %s", said)
	case answer.Outcome.Kind != offline.NotSent || len(answer.Steps) > 0 && answer.Steps[0].Name == "sign":
		return p, fmt.Errorf("the new settings of the gateway get no answer that can be believed: %s", said)
	case !force:
		return p, fmt.Errorf("the new settings of the gateway are not proven, there is no connection: %s; "+
			"try again, or take them unproven with force", said)
	}
	p.note = []string{"the gateway's new settings are not proven: " + said}
	return p, nil
}

// gatewayRefuses tells whether the gateway refuses this terminal's messages. Of
// all that blocks selling it alone comes from the configuration: a full disk or a
// drained till is no reason to take one back.
func (a *agent) gatewayRefuses() bool {
	return slices.ContainsFunc(a.health.Blocking(), func(w health.Warning) bool { return w.Code == till.WarnGatewaySetup })
}

func (a *agent) readyScanners() (names []string) {
	for _, h := range a.scanners.Health() {
		if h.State == device.StateReady {
			names = append(names, h.Name)
		}
	}
	return names
}

func (a *agent) notReady(names []string) []string {
	ready := a.readyScanners()
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(ready, n) })
}

// awaitScanners waits for scanners that were opened anew, as long as without them
// the till is worse off than before, and tells how it still is at the end.
func (a *agent) awaitScanners(ctx context.Context, before, opened []string) (lost []string) {
	timer := time.NewTimer(scannerUp)
	defer timer.Stop()
	for {
		changed := a.scanners.HealthChanged()
		lost = worseOff(before, a.readyScanners(), a.configured(), opened)
		if len(lost) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return lost
		case <-ctx.Done():
			return append(lost, "the daemon stops")
		}
	}
}

func (a *agent) configured() (names []string) {
	for _, h := range a.scanners.Health() {
		names = append(names, h.Name)
	}
	return names
}

// worseOff says what a changed list of scanners took from the till: one that was
// ready, is changed and not ready any more; or the last of all. A scanner that is
// new, or was taken out, does not count as long as another one is ready.
func worseOff(before, ready, configured, opened []string) (lost []string) {
	for _, name := range opened {
		if slices.Contains(before, name) && !slices.Contains(ready, name) {
			lost = append(lost, "scanner "+name+" was ready and is not under the new configuration")
		}
	}
	if len(lost) == 0 && len(before) > 0 && len(ready) == 0 && len(configured) > 0 && len(opened) > 0 {
		lost = append(lost, "no scanner is ready under the new configuration")
	}
	return lost
}
