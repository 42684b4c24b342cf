package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"posagent/internal/config"
	"posagent/internal/keystore"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

// daemon connects to the running daemon as the configuration says: by its
// socket, or by loopback TCP with the token.
func (p *program) daemon() (*client.Client, *config.Config, error) {
	cfg, err := p.reach()
	if err != nil {
		return nil, nil, err
	}
	c, err := connect(cfg, 2*time.Second)
	if err != nil {
		return nil, nil, err
	}
	return c, cfg, nil
}

// reach reads where the daemon answers. What else is wrong in the files is said and
// no obstacle: the daemon goes on with what it has, and so must those who sell.
func (p *program) reach() (*config.Config, error) {
	cfg, faults, err := config.Reach(config.Options{Path: p.configPath, Explicit: p.explicit, Env: p.env, As: p.as})
	if err != nil && p.noConfig() {
		err = fmt.Errorf("%s\n%w", noConfigFound(), err)
	}
	if len(faults) > 0 && !p.json {
		fmt.Fprintf(p.err, "posagent: the configuration has faults (%d), and the daemon may be working by the one before; see \"posagent config check\"\n", len(faults))
	}
	return cfg, withExit(exitUsage, err)
}

// connect prepares a client of the daemon that has this configuration.
func connect(cfg *config.Config, startWait time.Duration) (*client.Client, error) {
	opt := client.Options{Socket: cfg.API.Socket, StartWait: startWait}
	if opt.Socket == "" && cfg.API.Listen != "" {
		token, err := keystore.LoadToken(cfg.API.TokenFile)
		if err != nil {
			return nil, withExit(exitPermission, err)
		}
		opt.Address, opt.Token = cfg.API.Listen, client.Token(token.Reveal())
	}
	c, err := client.New(opt)
	return c, withExit(exitUsage, err)
}

// apiError gives an error of the local API its exit code.
func apiError(err error) error {
	var problem *wire.Problem
	switch {
	case err == nil:
		return nil
	case errors.Is(err, client.ErrNotRunning):
		return withExit(exitNotRunning, fmt.Errorf("%w; start it with \"posagent serve\"", err))
	case errors.Is(err, client.ErrPermission):
		return withExit(exitPermission, err)
	case errors.Is(err, context.DeadlineExceeded):
		return withExit(exitTemporarily, err)
	case errors.As(err, &problem):
		return withExit(problemExit(problem), fmt.Errorf("%w%s", err, advice(problem)))
	}
	return err
}

// advice is what a person at the command line can do about a refusal.
func advice(p *wire.Problem) string {
	text := ""
	if p.Hint != "" {
		text = " " + p.Hint
	}
	for _, r := range p.Reasons {
		text += "\n  " + r.Title + ". " + r.Detail + " " + r.Remedy
	}
	return text
}

func problemExit(p *wire.Problem) int {
	for _, r := range p.Reasons {
		if strings.HasPrefix(r.Code, "journal_") {
			return exitDamaged
		}
	}
	switch p.Code {
	case wire.CodeInvalidRequest, wire.CodeCurrencyMismatch, wire.CodeNotAPaymentCode:
		return exitUsage
	case wire.CodeTillBusy, wire.CodeTooManyClients, wire.CodeTooManyFailures, wire.CodeStopping:
		return exitTemporarily
	case wire.CodeUnauthorized, wire.CodeForbiddenHost, wire.CodeForbiddenOrigin, wire.CodeSupervisorRequired, wire.CodeSupervisorRefused:
		return exitPermission
	case wire.CodeJournalFailed:
		return exitDamaged
	case wire.CodeNotReady:
		return exitDegraded
	}
	return exitFailure
}

// saleExit is the exit code that tells a script how a sale stands.
func saleExit(s wire.Sale) int {
	switch s.State {
	case wire.Paid:
		return exitDone
	case wire.Declined:
		return exitDeclined
	case wire.Cancelled:
		return exitCancelled
	case wire.Attention:
		return exitAttention
	case wire.Expired:
		return exitExpired
	}
	return exitTemporarily
}
