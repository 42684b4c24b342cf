package agent

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"

	"posagent/internal/config"
	"posagent/internal/keystore"
	"posagent/offline/alipay"
)

// NewGateway builds the client of the configured gateway, with its keys. The
// command that diagnoses builds the same one as the daemon.
func NewGateway(cfg *config.Config, log *slog.Logger) (*alipay.Client, error) {
	private, err := keystore.LoadPrivate(cfg.Gateway.PrivateKeyFile)
	if err != nil {
		return nil, err
	}
	public, err := keystore.LoadPublic(cfg.Gateway.AlipayPublicKeyFile)
	if err != nil {
		return nil, err
	}
	var roots []byte
	if cfg.Gateway.CAFile != "" {
		if roots, err = os.ReadFile(cfg.Gateway.CAFile); err != nil {
			return nil, fmt.Errorf("gateway.ca_file: %w", err)
		}
	}
	reserve, err := cfg.Gateway.ReserveSecret()
	if err != nil {
		return nil, err
	}
	return alipay.New(alipay.Config{
		BaseURL: cfg.Gateway.BaseURL, Version: alipay.Version(cfg.Gateway.APIVersion),
		SignType: alipay.SignType(cfg.Gateway.SignType),
		ClientID: cfg.Gateway.ClientID, MerchantID: cfg.Gateway.MerchantID,
		PrivateKey: private.RSA(), AlipayPublicKey: public.RSA(),
		Store:      storeOf(cfg),
		TerminalID: cfg.Terminal.TerminalID, SettleContractID: cfg.Gateway.SettleContractID,
		Reserve:    reserve.Reveal(),
		ExtraRoots: roots, ProxyURL: cfg.Gateway.ProxyURL.Reveal(), Timeout: cfg.Gateway.Timeout, Log: log,
	})
}

// storeOf is the shop as the gateway is told of it. It wants a name; a shop
// without one is called by its number.
func storeOf(cfg *config.Config) alipay.Store {
	return alipay.Store{
		SellerID: cfg.Gateway.SellerID, StoreID: cfg.Terminal.StoreID, MCC: cfg.Terminal.MCC,
		StoreName: cmp.Or(cfg.Terminal.StoreName, cfg.Terminal.StoreID),
	}
}
