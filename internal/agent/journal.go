package agent

import (
	"errors"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"

	"posagent/internal/config"
	"posagent/internal/health"
	"posagent/internal/localapi/wire"
	"posagent/internal/logx"
	"posagent/offline"
	"posagent/queue"
)

// store is the journal as the daemon needs it: what the engine uses, and its care.
type store interface {
	offline.Journal
	Close() error
}

// openJournal opens the journal. One that is damaged or out of reach does not
// keep the daemon from starting: it says what to do and refuses to sell. Only a
// second daemon gives up, as the first one is selling.
func openJournal(cfg *config.Config, log *slog.Logger, reg *health.Registry, opt queue.Options) (store, *queue.Journal, error) {
	opt.Terminal = cfg.Terminal.StoreID + "/" + cfg.Terminal.TerminalID
	j, err := queue.Open(cfg.Journal.Path, opt)
	switch {
	case err == nil:
		tighten(cfg.Journal.Path, log)
		if !j.Info().Clean && !j.Info().New {
			log.Warn("the last run did not end cleanly; unsettled sales are being resumed", "action", logx.ActionJournal, "journal", cfg.Journal.Path)
		}
		return j, j, nil
	case errors.Is(err, queue.ErrLocked):
		return nil, nil, err
	}
	log.Error("the journal does not open: nothing is sold until it is mended", "action", logx.ActionJournal, "error", err)
	subject, title := "", "The till's record cannot be opened"
	if errors.Is(err, queue.ErrDamaged) {
		subject, title = wire.SubjectDamaged, "The till's record is damaged"
	}
	reg.Set(health.Warning{
		Code: wire.WarningJournal, Subject: subject, Severity: health.BlocksSelling, Title: title,
		Text:   strings.TrimSuffix(err.Error(), ".") + ".", // the remedy is printed behind it
		Remedy: "Take other means of payment. Store IT: see \"posagent journal verify\"; a damaged file is mended by \"posagent journal repair\", which keeps it.",
	})
	return closedBook{cause: err}, nil, nil
}

// tighten takes a journal away from other users: who was served when is nobody
// else's business. A copy that was put back by hand often has a wider mode.
func tighten(path string, log *slog.Logger) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return
	}
	if err := os.Chmod(path, 0o600); err != nil {
		log.Warn("other users can read the journal", "journal", path, "mode", info.Mode().Perm().String(), "error", err)
		return
	}
	log.Warn("other users could read the journal; its mode is 0600 now", "journal", path, "mode", info.Mode().Perm().String())
}

// closedBook stands in for a journal that does not open: it knows nothing and
// takes nothing, so that no sale can begin.
type closedBook struct{ cause error }

type closedError struct{ cause error }

func (e *closedError) Error() string   { return offline.ErrJournal.Error() + ": " + e.cause.Error() }
func (e *closedError) Unwrap() []error { return []error{offline.ErrJournal, e.cause} }

func (b closedBook) err() error { return &closedError{b.cause} }

func (b closedBook) Commit(offline.Write) (offline.Committed, error) {
	return offline.Committed{}, b.err()
}
func (b closedBook) Sale(offline.SaleID) (offline.Sale, error) { return offline.Sale{}, b.err() }
func (b closedBook) SaleOf(offline.MerchantTransID) (offline.SaleID, error) {
	return "", b.err()
}

func (b closedBook) Unsettled(time.Time, int) ([]offline.DueSale, error) { return nil, nil }
func (b closedBook) Sales(offline.SaleFilter) (offline.SalePage, error) {
	return offline.SalePage{}, b.err()
}
func (b closedBook) Events(uint64, int) ([]offline.Event, error) { return nil, b.err() }
func (b closedBook) LastEvent() (uint64, error)                  { return 0, nil }
func (b closedBook) Totals(offline.BusinessDay) ([]offline.DayTotal, error) {
	return nil, b.err()
}
func (b closedBook) Digest(offline.IdentityCode) offline.CodeDigest { return offline.CodeDigest{} }
func (b closedBook) Close() error                                   { return nil }
