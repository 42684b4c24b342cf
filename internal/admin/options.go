package admin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"posagent/internal/admin/access"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
)

// Options say what a server is built from. Metrics and Ready are required. A hook
// that is nil answers 501 with words.
type Options struct {
	Metrics *Metrics
	Ready   func() Readiness
	Version wire.Version
	Log     *slog.Logger     // nil: none
	Now     func() time.Time // nil: time.Now
	Trail   audit.Trail      // nil: calls are not recorded, and the trail is not listed

	// Rules say which certificates have which roles. They are asked for every
	// request, so that a changed configuration counts at once. nil: none has any.
	Rules func() access.Rules

	// Drain keeps new sales from being opened; keep makes that outlive a restart.
	Drain func(ctx context.Context, by audit.Actor, keep bool) error
	// Resume ends a drain.
	Resume func(ctx context.Context, by audit.Actor) error
	// Drained tells how far a drain has come; with wait it returns as soon as
	// nobody stands at the till any more, or when ctx ends.
	Drained func(ctx context.Context, wait bool) wire.Drain

	// Reload has the configuration read again and records what came of it; force
	// takes a gateway that there is no connection to. The answer is sent as it is,
	// also where the old configuration stays.
	Reload func(ctx context.Context, by audit.Actor, force bool) (any, error)

	// SetLevel changes for a time which lines are logged; 0 goes back at once.
	SetLevel func(level string, d time.Duration) error
	Level    func() wire.LogLevel

	// Verify checks the journal while it is in use.
	Verify func(ctx context.Context) (wire.Verified, error)
	// Backup writes a copy of the journal as it stands.
	Backup func(w io.Writer) (int64, error)
	// Bundle writes a support bundle, a zip.
	Bundle func(ctx context.Context, w io.Writer) error

	// Local is the local API, which lists and resolves sales. It must trust its
	// callers: they were admitted here.
	Local http.Handler
}

// Errors that hooks return, wrapped with the reason.
var (
	// ErrRefused: what was asked for was judged and is not done.
	ErrRefused = errors.New("refused")
	// ErrStopping: the daemon starts or stops.
	ErrStopping = errors.New("the daemon is starting or stopping")
	// ErrJournal: the journal does not open or takes no more writes.
	ErrJournal = errors.New("the journal has failed")
)
