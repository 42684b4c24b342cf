package agent

import (
	"log/slog"

	"posagent/internal/asleep"
	"posagent/internal/config"
	"posagent/offline/alipay"
)

// NewGateway builds the client of the configured gateway, with its keys. The
// command that diagnoses builds the same one as the daemon.
func NewGateway(cfg *config.Config, log *slog.Logger) (*alipay.Client, error) {
	c, err := cfg.SignedClient()
	if err != nil {
		return nil, err
	}
	c.Log, c.Asleep = log, asleep.Total
	return alipay.New(c)
}
