package audit

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Trail keeps entries.
type Trail interface {
	// Record keeps an entry; its number and, where that is zero, its time are
	// given by the trail. When it returns nil the entry is durable.
	Record(ctx context.Context, e Entry) error
	// List returns entries with numbers above after, in their order, at most
	// limit of them (0: 1000).
	List(after uint64, limit int) ([]Entry, error)
}

// ErrNotKept: there is no journal that could keep entries.
var ErrNotKept = errors.New("the audit trail is not kept: the journal does not open")

// Log is a Trail that also tells the log of each entry: at level info what the
// store has kept, as a warning what it could not keep, so that nothing that was
// done to a till goes without a word. A nil store keeps nothing.
type Log struct {
	store Trail
	log   *slog.Logger
}

// NewLog puts a log before a store; store may be nil.
func NewLog(store Trail, log *slog.Logger) *Log { return &Log{store: store, log: log} }

// Record keeps the entry and logs it. It fails where the store did, after
// everything was logged: whoever asked for an action need not be refused for it.
func (l *Log) Record(ctx context.Context, e Entry) error {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e = e.Clean()
	err := ErrNotKept
	if l.store != nil {
		err = l.store.Record(ctx, e)
	}
	attrs := []slog.Attr{
		slog.String("actor", e.Actor), slog.String("role", e.Role), slog.String("via", e.Via),
		slog.String("action", string(e.Action)), slog.String("subject", e.Subject), slog.String("result", string(e.Result)),
	}
	if e.Error != "" {
		attrs = append(attrs, slog.String("reason", e.Error))
	}
	if len(e.Detail) > 0 {
		attrs = append(attrs, slog.Any("detail", e.Detail))
	}
	if err == nil {
		l.log.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
		return nil
	}
	l.log.LogAttrs(ctx, slog.LevelWarn, "audit, in the log alone", append(attrs, slog.Any("error", err))...)
	return err
}

// Newest is the number of the newest entry, where the store tells; else 0.
func (l *Log) Newest() (uint64, error) {
	if numbered, ok := l.store.(interface{ Newest() (uint64, error) }); ok {
		return numbered.Newest()
	}
	return 0, nil
}

// List reads from the store.
func (l *Log) List(after uint64, limit int) ([]Entry, error) {
	if l.store == nil {
		return nil, ErrNotKept
	}
	return l.store.List(after, limit)
}
