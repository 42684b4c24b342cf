package agent

import (
	"errors"
	"log/slog"
	"testing"

	"posagent/internal/config"
	"posagent/internal/keystore"
)

func TestAGatewayWithoutItsKeyIsNotBuilt(t *testing.T) {
	cfg := config.Default()
	cfg.Gateway.PrivateKeyFile = t.TempDir() + "/none.pem"
	if _, err := NewGateway(&cfg, slog.New(slog.DiscardHandler)); !errors.Is(err, keystore.ErrMissing) {
		t.Errorf("error %v", err)
	}
}
