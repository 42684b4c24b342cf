package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"posagent/device"
)

// watching is scanners that are read by a command and not by the daemon.
type watching struct {
	claim   *device.Claim
	manager *device.Manager
	start   func() // once: opens the ports

	stop context.CancelFunc
	wg   sync.WaitGroup
	err  error // of the manager
}

// watch claims the scanners. Their ports are opened once somebody waits for a
// label, so that none is lost in between. window is how long the same label
// counts as one scan; negative: never. Call end in any case.
func (p *program) watch(ctx context.Context, list []device.Scanner, window time.Duration) (*watching, error) {
	manager, err := device.New(device.Options{Scanners: list, OnRefused: p.sayRefused, DuplicateWindow: window})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	claim, err := manager.Claim(device.WithHolder(ctx, "posagent scanner"))
	if err != nil {
		stop()
		return nil, err
	}
	w := &watching{claim: claim, manager: manager, stop: stop}
	w.start = sync.OnceFunc(func() {
		w.wg.Go(func() { w.err = manager.Run(ctx) })
		w.wg.Go(func() { p.reportHealth(ctx, manager) })
	})
	return w, nil
}

// next waits for one label.
func (w *watching) next(ctx context.Context) (device.Scan, error) {
	return w.claim.NextArmed(ctx, w.start)
}

// everyLabel is a window in which no label is taken for a repeat.
const everyLabel = -1

// sayRead counts on standard error what was read.
func (p *program) sayRead(scan device.Scan, n, of int) {
	fmt.Fprintf(p.err, "%d of %d: %s %s\n", n, of, scan.Class.Code, scan.Text.Masked())
}

// end closes the ports and waits for that.
func (w *watching) end() error {
	w.claim.Release()
	w.stop()
	w.wg.Wait()
	return w.err
}

// ended tells the two ways in which waiting ends that are no fault: somebody
// pressed Ctrl-C, or the time is up.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// sayRefused tells on standard error of bytes that did not become a label, and
// of labels that came between two.
func (p *program) sayRefused(r device.Refused) {
	if r.Framing != nil {
		fmt.Fprintf(p.err, "%s  %s: %v; %s\n", r.At.Local().Format(time.TimeOnly), r.Source, r.Framing, r.Framing.Hint())
		return
	}
	fmt.Fprintf(p.err, "%s  %s: %s %s was not used (%s)\n", r.At.Local().Format(time.TimeOnly), r.Source, r.Class.Code, r.Masked, r.Reason)
}

// reportHealth says on standard error why a scanner is silent.
func (p *program) reportHealth(ctx context.Context, m *device.Manager) {
	said := map[string]device.State{}
	for {
		changed := m.HealthChanged()
		for _, h := range m.Health() {
			if said[h.Name] == h.State || h.State == device.StateAbsent && h.LastError == "" {
				continue
			}
			said[h.Name] = h.State
			if h.State == device.StateReady {
				fmt.Fprintf(p.err, "%s  %s is ready at %s\n", time.Now().Format(time.TimeOnly), h.Name, h.Port)
				continue
			}
			fmt.Fprintf(p.err, "%s  %s is %s %s: %s\n", time.Now().Format(time.TimeOnly), h.Name, h.State, h.Port, h.Hint)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
