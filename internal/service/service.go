package service

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"
)

// Daemon is the running daemon, as its service manager sees it.
type Daemon interface {
	// Alive returns nil when the loops that everything waits for have moved since
	// the last call. One that hangs may keep Alive hanging: no ping is sent then
	// either.
	Alive(ctx context.Context) error
	// Standing says in one line whether the till sells, as soon as its version is
	// beyond the given one.
	Standing(ctx context.Context, after uint64) (text string, version uint64, err error)
}

// Options say what the service manager is told from.
type Options struct {
	Daemon Daemon
	// Answers asks the local API a real question. Nil: there is no local API.
	Answers func(ctx context.Context) error
	Log     *slog.Logger
}

// How often is asked whether the local API answers yet, and how long one answer
// may take.
const (
	askEvery   = 200 * time.Millisecond
	answerTime = 5 * time.Second
)

// Opening tells the service manager what happens before the daemon runs.
func Opening(log *slog.Logger, text string) { send(log, status(text)) }

// Run tells the service manager that the daemon is ready, then how it stands and
// that it lives, until ctx ends, and then that it stops. What cannot be told is
// logged: a till sells without its service manager too.
func Run(ctx context.Context, opt Options) error {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		<-ctx.Done()
		return nil
	}
	defer send(opt.Log, daemon.SdNotifyStopping, status("stopping: what is in flight is finished, or left to the next start"))
	if err := untilAnswered(ctx, opt); err != nil {
		return nil // ctx ended: the daemon stops before it was ready
	}
	text, version, err := opt.Daemon.Standing(ctx, 0)
	if err != nil {
		return ended(ctx, err)
	}
	send(opt.Log, daemon.SdNotifyReady, status(text))
	interval, err := pingEvery()
	if err != nil {
		opt.Log.Error("the watchdog of the service manager is not served", "error", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	if interval > 0 {
		g.Go(func() error { ping(ctx, opt, interval); return nil })
	}
	g.Go(func() error { return tell(ctx, opt, text, version) })
	return g.Wait()
}

// ended is the error of a call that ctx may have ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // stopping
	}
	return fmt.Errorf("asking how the till stands: %w", err)
}

// untilAnswered waits until the local API has answered once. The reason why it
// does not is told and logged when it changes.
func untilAnswered(ctx context.Context, opt Options) error {
	if opt.Answers == nil {
		return ctx.Err()
	}
	said := ""
	for {
		asking, cancel := context.WithTimeout(ctx, answerTime)
		err := opt.Answers(asking)
		cancel()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if said != err.Error() {
			said = err.Error()
			opt.Log.Warn("the local API does not answer yet", "error", err)
			send(opt.Log, status("waiting for the local API to answer: "+said))
		}
		select {
		case <-time.After(askEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tell keeps the status line in step with the till.
func tell(ctx context.Context, opt Options, said string, version uint64) error {
	for {
		text, next, err := opt.Daemon.Standing(ctx, version)
		if err != nil {
			return ended(ctx, err)
		}
		version = next
		if text != said {
			said = text
			send(opt.Log, status(said))
		}
	}
}

// pingEvery is a third of the time after which the service manager takes silence
// for death: two pings may be late. Zero: it does not watch.
func pingEvery() (time.Duration, error) {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return 0, fmt.Errorf("reading WATCHDOG_USEC and WATCHDOG_PID: %w", err)
	}
	return limit / 3, nil
}

// ping tells the service manager at every interval that the daemon lives, if it
// does.
func ping(ctx context.Context, opt Options, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	sick := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		looking, cancel := context.WithTimeout(ctx, interval)
		err := opt.Daemon.Alive(looking)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			opt.Log.Error("a part of the daemon does not move; if it stays so the service manager starts it anew", "error", err)
			send(opt.Log, status("does not respond: "+err.Error()))
			sick = true
			continue
		case sick:
			opt.Log.Info("the daemon moves again")
			if text, _, err := opt.Daemon.Standing(ctx, 0); err == nil {
				send(opt.Log, status(text))
			}
			sick = false
		}
		send(opt.Log, daemon.SdNotifyWatchdog)
	}
}

// maxStatus keeps a status line readable in a terminal, in bytes.
const maxStatus = 400

// status is the message for a status line. A line break would begin another
// message, so that the text of an error could say READY=1.
func status(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxStatus {
		text = strings.ToValidUTF8(text[:maxStatus], "") + "…"
	}
	return "STATUS=" + text
}

// send hands messages to the service manager, if there is one.
func send(log *slog.Logger, messages ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(messages, "\n")); err != nil {
		log.Warn("the service manager could not be told", "message", messages[0], "error", err)
	}
}
