package config

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"posagent/internal/keystore"
	"posagent/offline/alipay"
)

// Client is what the gateway's client is built from, but for keys, certificates
// and what reserve_file holds. The daemon and the check of a configuration both
// take it from here, so that the check says what the client would.
func (c *Config) Client() alipay.Config {
	return alipay.Config{
		BaseURL: c.Gateway.BaseURL, Version: alipay.Version(c.Gateway.APIVersion), SignType: alipay.SignType(c.Gateway.SignType),
		ClientID: c.Gateway.ClientID, MerchantID: c.Gateway.MerchantID,
		Store: alipay.Store{
			SellerID: c.Gateway.SellerID, StoreID: c.Terminal.StoreID, MCC: c.Terminal.MCC,
			// The gateway wants a name; a shop without one is called by its number.
			StoreName: cmp.Or(c.Terminal.StoreName, c.Terminal.StoreID),
		},
		TerminalID: c.Terminal.TerminalID, SettleContractID: c.Gateway.SettleContractID, Reserve: c.Gateway.Reserve,
		ProxyURL: c.Gateway.ProxyURL.Reveal(), Timeout: c.Gateway.Timeout,
	}
}

// SignedClient is Client with the keys, certificates and secrets read from their files.
func (c *Config) SignedClient() (alipay.Config, error) {
	out := c.Client()
	private, err := keystore.LoadPrivate(c.Gateway.PrivateKeyFile)
	if err != nil {
		return out, err
	}
	public, err := keystore.LoadPublic(c.Gateway.AlipayPublicKeyFile)
	if err != nil {
		return out, err
	}
	out.PrivateKey, out.AlipayPublicKey = private.RSA(), public.RSA()
	if c.Gateway.CAFile != "" {
		if out.ExtraRoots, err = os.ReadFile(c.Gateway.CAFile); err != nil {
			return out, fmt.Errorf("gateway.ca_file: %w", err)
		}
	}
	reserve, err := c.Gateway.ReserveSecret()
	out.Reserve = reserve.Reveal()
	return out, err
}

// clientKeys names the keys behind the fields of the client's configuration.
func clientKeys() map[string]string {
	return map[string]string{
		"BaseURL": "gateway.base_url", "Version": "gateway.api_version", "SignType": "gateway.sign_type",
		"ClientID": "gateway.client_id", "MerchantID": "gateway.merchant_id", "SettleContractID": "gateway.settle_contract_id",
		"Reserve": "gateway.reserve", "ProxyURL": "gateway.proxy_url", "Timeout": "gateway.timeout",
		"Store.SellerID": "gateway.seller_id", "Store.StoreID": "terminal.store_id",
		"Store.StoreName": "terminal.store_name", "Store.MCC": "terminal.mcc",
	}
}

// checkClient adds what the client would say and nobody has said yet: a value
// that passes here must not keep the daemon from starting.
func (l *loader) checkClient() {
	given := l.givenValues()
	for _, f := range l.cfg.Client().FieldFaults() {
		key := l.cfg.clientKey(f.Field)
		// What is missing is judged by required: a client of the local API may do without.
		if given[key] == "" || l.faulty(key) {
			continue
		}
		l.fault(key, "is refused by the gateway's client: "+f.Error(), "correct it, or ask Alipay for the right value")
	}
}

// clientKey is the key that gives a field of the client its value.
func (c *Config) clientKey(field string) string {
	if field == "Store.StoreName" && c.Terminal.StoreName == "" {
		field = "Store.StoreID"
	}
	return clientKeys()[field]
}

func (l *loader) faulty(key string) bool {
	for _, f := range l.faults {
		if f.Key == key {
			return true
		}
	}
	return false
}

// givenValues are the client's values as they stand in the configuration.
func (l *loader) givenValues() map[string]string {
	out := map[string]string{}
	for _, s := range l.cfg.Effective() {
		if strings.HasPrefix(s.Key, "gateway.") || strings.HasPrefix(s.Key, "terminal.") {
			out[s.Key] = fmt.Sprint(s.Value)
		}
	}
	return out
}

// checkSigned builds the client with everything, once the parts are judged: what
// it still refuses must not come out at the first customer.
func (l *loader) checkSigned() {
	if len(l.faults) > 0 || l.broken || l.unseen {
		return
	}
	c, err := l.cfg.SignedClient()
	if err == nil {
		var client *alipay.Client
		if client, err = alipay.New(c); err == nil {
			err = client.Close()
		}
	}
	if err != nil {
		l.fault("gateway", strings.ReplaceAll(err.Error(), "\n", "; "), "correct it; the daemon would not start with it")
	}
}
