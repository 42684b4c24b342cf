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
	// Standing says whether the till sells, and in one line why not, as soon as its
	// version is beyond the given one.
	Standing(ctx context.Context, after uint64) (text string, sells bool, version uint64, err error)
}

// Options say what the service manager is told from.
type Options struct {
	Daemon Daemon
	// Answers asks the local API a real question. Nil: there is no local API.
	Answers func(ctx context.Context) error
	Log     *slog.Logger
	// Patience is by how much the start's time-out is put off at each sign of life
	// while the till cannot sell; three signs fit into it. Zero: two minutes.
	Patience time.Duration
}

// How often is asked whether the local API answers yet, and how long one answer
// may take.
const (
	askEvery   = 200 * time.Millisecond
	answerTime = 5 * time.Second
	patience   = 2 * time.Minute
)

// Opening tells the service manager what happens before the daemon runs.
func Opening(log *slog.Logger, text string) { send(log, status(text)) }

// Run tells the service manager what the daemon waits for, that it is ready once
// the till sells, then how it stands and that it lives, until ctx ends, and then
// that it stops. What cannot be told is logged: a till sells without its service
// manager too.
func Run(ctx context.Context, opt Options) error {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		<-ctx.Done()
		return nil
	}
	defer send(opt.Log, daemon.SdNotifyStopping, status("stopping: what is in flight is finished, or left to the next start"))
	if err := untilAnswered(ctx, opt); err != nil {
		return nil // ctx ended: the daemon stops before it was ready
	}
	text, version, err := untilItSells(ctx, opt)
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
		g.Go(func() error { ping(ctx, opt, interval, daemon.SdNotifyWatchdog, plain); return nil })
	}
	g.Go(func() error { return tell(ctx, opt, text, version) })
	return g.Wait()
}

// untilItSells waits until the till sells, and tells meanwhile what it waits for.
// The start's time-out is put off for as long as the daemon lives, since starting
// it anew mends neither a gateway's refusal nor a disk; one that hangs runs into
// the time-out.
func untilItSells(ctx context.Context, opt Options) (said string, version uint64, err error) {
	text, sells, version, err := opt.Daemon.Standing(ctx, 0)
	if err != nil || sells {
		return text, version, err
	}
	more := opt.Patience
	if more == 0 {
		more = patience
	}
	extend := fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", more.Microseconds())
	opt.Log.Warn("not ready: the till cannot sell yet", "reason", text)
	send(opt.Log, extend, status(waiting(text)))
	living, sold := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); ping(living, opt, more/3, extend, waiting) }()
	defer func() { sold(); <-done }() // Alive is asked by one at a time
	for said = text; ; {
		if text, sells, version, err = opt.Daemon.Standing(ctx, version); err != nil || sells {
			return text, version, err
		}
		if text != said {
			said = text
			send(opt.Log, status(waiting(said)))
		}
	}
}

// waiting marks a line as one of a daemon that was not ready yet.
func waiting(text string) string { return "waiting: " + text }

func plain(text string) string { return text }

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
		text, _, next, err := opt.Daemon.Standing(ctx, version)
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

// ping sends the message at every interval at which the daemon lives. line makes
// the status line of one that lives again.
func ping(ctx context.Context, opt Options, interval time.Duration, message string, line func(string) string) {
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
			if text, _, _, err := opt.Daemon.Standing(ctx, 0); err == nil {
				send(opt.Log, status(line(text)))
			}
			sick = false
		}
		send(opt.Log, message)
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
