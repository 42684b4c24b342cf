package winservice

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Options say what runs as the service.
type Options struct {
	// Run is the daemon, until ctx ends.
	Run func(ctx context.Context) error
	// Code is the exit code of what Run returned, which the manager keeps. A code
	// other than 0 makes it restart the service.
	Code func(error) int
	// Power, if set, hears that the machine falls asleep or wakes up.
	Power func(Power)
	Log   *slog.Logger
}

// Times of a stop. The daemon itself ends the process after 10 s; the limit here is
// for the case that it cannot even do that. Windows gives a service 30 s for a stop,
// and what Plan asks for at a shutdown.
const (
	stopLimit = 20 * time.Second
	stopEvery = time.Second     // between two reports of a stop
	stopHint  = 5 * time.Second // after which the manager may take the service for hung
)

// Exit codes of the service itself, in the program's own numbering.
const (
	codeFailure = 1
)

// Live is the service's life: it reports on changes, obeys requests, and returns the
// exit code when the daemon has ended. Requests must be read until it returns.
func Live(requests <-chan Request, changes chan<- Status, opt Options) (code uint32) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	changes <- Status{State: StartPending}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, opt) }()
	current := Status{State: Running, Accepts: acceptsRunning}
	changes <- current
	for {
		select {
		case err := <-ended:
			return died(opt, err)
		case r := <-requests:
			switch r.Command {
			case Interrogate:
				changes <- current
			case PowerEvent:
				power(opt, r.Event)
			case Stop, Shutdown, PreShutdown:
				opt.Log.Info("the service is asked to end", "reason", r.Command.String())
				cancel()
				return stop(requests, changes, ended, opt)
			}
		}
	}
}

// run turns a panic of the daemon into an error: unrecovered, it would end the
// process with nothing in the Event Log but the manager's own line.
func run(ctx context.Context, opt Options) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the daemon broke down: %v", p)
		}
	}()
	return opt.Run(ctx)
}

func exitText(code int) string { return fmt.Sprintf("exit code %d", code) }

// died is the code of a daemon that ended without being asked to.
func died(opt Options, err error) uint32 {
	code := opt.Code(err)
	if code == 0 {
		code = codeFailure
	}
	opt.Log.Error("the service ended by itself; Windows starts it anew after a while", "detail", exitText(code), "error", err)
	return uint32(code)
}

// stop keeps the manager patient until the daemon has ended.
func stop(requests <-chan Request, changes chan<- Status, ended <-chan error, opt Options) uint32 {
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	tick := time.NewTicker(stopEvery)
	defer tick.Stop()
	current := Status{State: StopPending, CheckPoint: 1, WaitHint: uint32(stopHint.Milliseconds())}
	changes <- current
	for {
		select {
		case err := <-ended:
			code := opt.Code(err)
			if code != 0 {
				opt.Log.Error("the daemon did not end well", "detail", exitText(code), "error", err)
			}
			return uint32(code)
		case <-limit.C:
			opt.Log.Error("the daemon does not end: given up; the next start finishes what is open", "limit", stopLimit)
			return codeFailure
		case <-tick.C:
			current.CheckPoint++
			changes <- current
		case r := <-requests:
			if r.Command == Interrogate {
				changes <- current
			}
		}
	}
}

// power logs what happens to the machine. Nothing is stopped for it: a payment that
// was under way when the machine fell asleep is asked about after waking up, as
// after any silence.
func power(opt Options, event Power) {
	switch event {
	case Suspend:
		opt.Log.Warn("the machine falls asleep: what is in flight is asked about after it wakes up")
	case ResumeAutomatic:
		opt.Log.Info("the machine woke up")
	case ResumeUser:
		opt.Log.Info("somebody is at the machine again")
	default:
		return
	}
	if opt.Power != nil {
		opt.Power(event)
	}
}
