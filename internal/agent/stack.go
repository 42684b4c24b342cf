package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/pprof"
	"sync"
	"time"

	"posagent/internal/logx"
)

// stack runs components that were started one after another and stops them in
// reverse order, each wholly before the next.
type stack struct {
	log    *slog.Logger
	mu     sync.Mutex
	parts  []part
	failed chan error // the first part that ended by itself
}

type part struct {
	name string
	stop context.CancelFunc
	done chan struct{}
	err  error
}

func newStack(log *slog.Logger) *stack {
	return &stack{log: log, failed: make(chan error, 1)}
}

// start runs a component in a context of its own. One that ends by itself, with
// or without an error, brings the whole down: a till without one of its parts
// must not look alive.
func (s *stack) start(ctx context.Context, name string, run func(context.Context) error) {
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := part{name: name, stop: stop, done: make(chan struct{})}
	s.mu.Lock()
	i := len(s.parts)
	s.parts = append(s.parts, p)
	s.mu.Unlock()
	go func() {
		defer close(p.done)
		err := run(own)
		early := own.Err() == nil
		if errors.Is(err, context.Canceled) && !early {
			err = nil
		}
		if early && err == nil {
			err = errors.New("ended by itself")
		}
		if err == nil {
			return
		}
		err = fmt.Errorf("%s: %w", name, err)
		s.mu.Lock()
		s.parts[i].err = err
		s.mu.Unlock()
		select {
		case s.failed <- err:
		default:
		}
	}()
}

// wait returns when ctx ends (nil) or a component has ended by itself.
func (s *stack) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop ends all components in reverse order and returns what went wrong.
func (s *stack) stop() error {
	var errs []error
	for i := len(s.parts) - 1; i >= 0; i-- {
		s.parts[i].stop()
		<-s.parts[i].done
		s.mu.Lock()
		errs = append(errs, s.parts[i].err)
		s.mu.Unlock()
	}
	return errors.Join(errs...)
}

// stopLimit is how long a stop may take before the process ends the hard way:
// service managers would kill it anyway, and without a word.
const stopLimit = 10 * time.Second

// watchdog dumps all stacks and ends the process if the returned func is not
// called in time. Whatever was in flight is then the next start's to finish.
func watchdog(log *slog.Logger) (calm func()) {
	t := time.AfterFunc(stopLimit, func() {
		log.Error("stopping took too long: ending the hard way; the next start finishes what is open", "limit", stopLimit)
		logx.Flush(log, time.Second)
		if err := pprof.Lookup("goroutine").WriteTo(os.Stderr, 1); err != nil {
			log.Error("the stacks could not be written", "error", err)
		}
		logx.Flush(log, time.Second)
		os.Exit(1)
	})
	return func() { t.Stop() }
}
