package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// settleInterval is how soon a held payment is booked when nobody asks, so that
// a ledger file read by another process is up to date.
const settleInterval = 200 * time.Millisecond

// Serve answers on ln until ctx ends, then lets running answers end, for 2
// seconds at most. It closes ln. There is no write deadline: scenarios answer as
// late as they are told to, and end with their connection or ctx.
func Serve(ctx context.Context, ln net.Listener, gw *Gateway) error {
	group, run := errgroup.WithContext(ctx)
	srv := &http.Server{
		Handler:           gw,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return run },
		ErrorLog:          slog.NewLogLogger(gw.opt.Log.Handler(), slog.LevelWarn),
	}
	group.Go(func() error {
		if err := srv.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("sandbox: serving on %s: %w", ln.Addr(), err)
		}
		return nil
	})
	group.Go(func() error {
		tick := time.NewTicker(settleInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				gw.Settle()
			case <-run.Done():
				return stop(srv)
			}
		}
	})
	return group.Wait()
}

func stop(srv *http.Server) error {
	last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := srv.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if err != nil {
		return fmt.Errorf("sandbox: stopping: %w", err)
	}
	return nil
}
