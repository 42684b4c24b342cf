package till

import (
	"context"
	"errors"

	"posagent/offline"
)

// ErrHeld: the till is held for a moment while its configuration changes, or that
// has changed since the sale was judged. Nothing was opened; the sale is to be
// judged anew after Released, and asked for again.
var ErrHeld = errors.New("the till's configuration is being changed; the sale was not opened")

// ErrHeldTwice: somebody holds the till already.
var ErrHeldTwice = errors.New("the till is held already")

// Hold waits until no sale is in the foreground and keeps new ones from being
// opened until release is called: what changes meanwhile is seen by a sale wholly
// or not at all. From the moment that it is called the next sale waits, so that a
// busy till cannot put it off for ever; the sale in the foreground is left alone.
// Errors: ErrHeldTwice, offline.ErrStopped, and ctx's, after which nothing is held.
func (t *Till) Hold(ctx context.Context) (release func(), err error) {
	taken := false
	if err := t.do(ctx, func() {
		if taken = !t.held; taken {
			t.held = true
		}
	}); err != nil {
		return nil, err
	}
	if !taken {
		return nil, ErrHeldTwice
	}
	for {
		s, changed := t.Latest()
		if s.Foreground == nil || !s.Foreground.InForeground() {
			return t.release, nil
		}
		select {
		case <-changed:
		case <-t.stopped:
			return nil, offline.ErrStopped
		case <-ctx.Done():
			t.release()
			return nil, ctx.Err()
		}
	}
}

// release ends a hold. It returns when the till takes sales again, or has ended.
func (t *Till) release() {
	// Nobody may give up halfway: a till that stays held sells nothing. It fails only
	// where the till has ended.
	_ = t.do(context.Background(), func() { t.held = false })
}

// Released waits until the till is not held. Errors: offline.ErrStopped and ctx's.
func (t *Till) Released(ctx context.Context) error {
	for {
		s, changed := t.Latest()
		if !s.Held {
			return nil
		}
		select {
		case <-changed:
		case <-t.stopped:
			return offline.ErrStopped
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
