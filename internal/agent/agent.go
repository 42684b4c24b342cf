package agent

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/usb"
	"posagent/internal/admin"
	"posagent/internal/audit"
	"posagent/internal/config"
	"posagent/internal/health"
	"posagent/internal/localapi"
	"posagent/internal/logx"
	"posagent/internal/salelog"
	"posagent/internal/threads"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/queue"
)

// Options say what a daemon is built from.
type Options struct {
	Config  *config.Config
	Log     *slog.Logger
	Logs    *logx.Log // behind Log, to change its level and to ask how it fares; nil: another log
	Version string
	Commit  string
	// Ready is called once: the unsettled sales are listed, and the listeners
	// answer. It hears whether sales are taken: not where the journal is closed.
	Ready func(sells bool)
	// Load reads the configuration anew; its error lists what is wrong with it.
	// Nil: the configuration cannot be changed while the daemon runs.
	Load func() (*config.Config, error)
	// Fallback says that Config is that of the last run, as the files are at fault.
	Fallback bool
	// Hangup asks for a reload whenever it receives; it may be nil.
	Hangup <-chan os.Signal
	// SetLevel changes the level of the log; it may be nil.
	SetLevel func(level string) error
	// Manager, if set, runs as the last part, from Ready until the daemon stops:
	// it tells the service manager how the daemon stands.
	Manager func(ctx context.Context, p *Pulse) error

	step func(a *agent, name string) // tests look here, and end the process
}

// agent is the daemon with all its parts.
type agent struct {
	opt      Options
	log      *slog.Logger
	health   *health.Registry
	metrics  *admin.Metrics
	inForce  atomic.Pointer[generation]
	gateway  *gateways
	store    store
	journal  *queue.Journal // nil where the store does not open
	audit    *audit.Log
	beside   *threads.Apart // commits what is being signed
	engine   *offline.Engine
	teller   *salelog.Teller // tells the log of sales
	scanners *device.Manager
	plugs    *usb.Watcher
	till     *till.Till
	api      *localapi.Server
	reloader *reloader

	sinceLastRun config.Changes
	warm         chan struct{} // a sale opened: a connection to the gateway will be wanted
	woke         chan struct{} // the machine has slept: scanners are opened anew
}

// Run is the daemon: it returns when ctx ends and everything has stopped in
// order, or with the reason why it cannot go on.
func Run(ctx context.Context, opt Options) (err error) {
	a := &agent{opt: opt, log: opt.Log, health: health.New(), warm: make(chan struct{}, 1), woke: make(chan struct{}, 1)}
	if err := a.build(); err != nil {
		return err
	}
	a.step("built the daemon")
	defer a.beside.Close()
	defer func() {
		if cerr := a.store.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("closing the journal: %w", cerr)
		}
	}()
	defer func() {
		if cerr := a.gateway.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("closing the gateway's connections: %w", cerr)
		}
	}()
	defer func() { a.record(ctx, audit.Stop, err) }()
	parts := newStack(a.log)
	if err := a.start(ctx, parts); err != nil {
		stopErr := parts.stop()
		return fmt.Errorf("starting: %w", firstError(err, stopErr))
	}
	err = parts.wait(ctx)
	a.log.Info("stopping: no new sale; what is in flight is finished or left to the next start", "action", logx.ActionStop)
	calm := watchdog(a.log)
	defer calm()
	return firstError(err, parts.stop())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// build makes the parts from the configuration; nothing runs yet.
func (a *agent) build() (err error) {
	cfg := a.opt.Config
	a.metrics = admin.NewMetrics(a.opt.Version, a.opt.Commit, a.gauges())
	a.metrics.Currency(cfg.Terminal.Currency)
	first, err := a.newGeneration(cfg, nil, nil)
	if err != nil {
		return err
	}
	first.stamp(time.Now())
	a.inForce.Store(first)
	a.gateway, a.reloader = newGateways(first.gateway), newReloader(a)
	if a.store, a.journal, err = openJournal(cfg, a.log, a.health, queue.Options{
		Observe:   a.metrics.Commit,
		OnFailure: func(err error) { a.till.JournalFailed(err) }, // nothing writes before the till is built
	}); err != nil {
		return err
	}
	a.openTrail()
	if err := a.compareWithLastRun(); err != nil {
		return errors.Join(err, a.store.Close(), a.gateway.Close())
	}
	minter := offline.Minter{StoreID: cfg.Terminal.StoreID, TerminalID: cfg.Terminal.TerminalID, Rand: rand.Reader}
	boot, err := minter.BootID()
	if err != nil {
		return err
	}
	if a.beside, err = threads.NewApart(); err != nil {
		return err
	}
	a.engine, err = offline.NewEngine(offline.Config{
		Beside:  a.beside.Go,
		Journal: a.metrics.Counting(a.store, localapi.ReasonClass), Gateway: a.gateway, Policy: cfg.Policy.Offline(), Minter: minter, Boot: boot, Log: a.log,
		OnAttempt: a.attempted,
		OnFault:   func(err error) { a.till.JournalFailed(err) },
	})
	if err != nil {
		return err
	}
	if a.teller, err = salelog.New(a.engine, a.store, a.log); err != nil {
		return err
	}
	return a.buildTill()
}

func (a *agent) buildTill() error {
	list, err := Scanners(a.opt.Config, usb.System{})
	if err != nil {
		return err
	}
	a.plugs = usb.NewWatcher(usb.WatchOptions{Log: a.log})
	a.scanners, err = device.New(device.Options{Scanners: list, Log: a.log, OnRefused: a.refused, Plugged: a.plugs.Changes(), Woke: a.woke})
	if err != nil {
		return err
	}
	a.till, err = till.New(till.Options{
		Engine: &warming{Engine: a.engine, wanted: a.warm}, Journal: a.store, Scanners: a.scanners,
		Health: a.health, Log: a.log, Currency: func() string { return a.cfg().Terminal.Currency },
		OnUnused: func(kind decode.Kind) { a.metrics.Refused(string(kind)) },
	})
	return err
}

// attempted hears of every message that has an outcome.
func (a *agent) attempted(op offline.Op, o offline.Outcome, took time.Duration) {
	a.metrics.Attempt(op, o, took)
	a.till.RecordAttempt(op, o, took)
}

func (a *agent) refused(r device.Refused) {
	kind := string(r.Class.Kind)
	if kind == "" {
		kind = string(r.Reason)
	}
	a.metrics.Refused(kind)
	a.till.Refused(r)
}

func blocks(w health.Warning) bool { return w.Severity == health.BlocksSelling }

// start brings the parts up in order: the engine lists what it has to resume
// before anything can be sold.
func (a *agent) start(ctx context.Context, parts *stack) error {
	parts.start(ctx, "log of sales", a.teller.Run) // before the engine, to hear all of it, and so ended after it
	resumed := make(chan struct{})
	parts.start(ctx, "payment engine", func(ctx context.Context) error {
		return a.engine.Run(ctx, func() { close(resumed) })
	})
	select {
	case <-resumed:
	case err := <-parts.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
	parts.start(ctx, "USB watch", a.plugs.Run)
	parts.start(ctx, "scanners", a.scanners.Run)
	parts.start(ctx, "till", a.till.Run)
	if err := a.drainAgain(ctx); err != nil {
		return fmt.Errorf("draining again: %w", err)
	}
	parts.start(ctx, "upkeep", a.upkeep)
	parts.start(ctx, "log of conditions", a.tellWarnings)
	parts.start(ctx, "gateway connection", a.keepWarm)
	parts.start(ctx, "watch for sleep", a.watchForSleep)
	if a.journal != nil {
		parts.start(ctx, "care of the journal", func(ctx context.Context) error {
			return lookAfter(ctx, a.journal, func() time.Duration { return a.cfg().Journal.Retention }, a.clockConfirmed, a.log)
		})
	}
	if err := a.listen(ctx, parts); err != nil {
		return err
	}
	a.recordStart(ctx)
	parts.start(ctx, "configuration", a.reloader.Run)
	if a.opt.Ready != nil {
		a.opt.Ready(!slices.ContainsFunc(a.health.Snapshot(), blocks))
	}
	if a.opt.Manager != nil {
		parts.start(ctx, "service manager", func(ctx context.Context) error { return a.opt.Manager(ctx, a.pulse()) })
	}
	return nil
}
