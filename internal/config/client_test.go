package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"posagent/offline/alipay"
)

// A value that passes the check and is refused by the client would keep a till
// from starting after a roll-out.
func TestTheCheckRefusesWhateverTheGatewaysClientRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a name of 90 Chinese characters":  "[terminal]\nstore_name = \"" + strings.Repeat("店", 90) + "\"\n",
		"a reserve that begins with space": "[gateway]\nreserve = ' {\"a\":1}'\n",
		"a reserve of 257 bytes":           "[gateway]\nreserve = '{\"a\":\"" + strings.Repeat("x", 249) + "\"}'\n",
		"a long client id":                 "[gateway]\nclient_id = \"" + strings.Repeat("x", 33) + "\"\n",
		"a partner id of 33":               "[gateway]\napi_version = \"2.0.2\"\nmerchant_id = \"" + strings.Repeat("1", 33) + "\"\n",
		"a long contract":                  "[gateway]\nsettle_contract_id = \"" + strings.Repeat("x", 65) + "\"\n",
		"a proxy of another kind":          "[gateway]\nproxy_url = \"ftp://proxy:21\"\n",
	} {
		if got := faultsOf(t, map[string]string{"posagent.toml": text}, Options{}); len(got) != 1 {
			t.Errorf("%s: %d faults, want one: %v", name, len(got), got)
		}
	}
}

func FuzzTheCheckAgreesWithTheGatewaysClient(f *testing.F) {
	for i := range 11 {
		f.Add(i, "x")
		f.Add(i, strings.Repeat("店", 70))
		f.Add(i, "{}")
		f.Add(i, "\xe5")
		f.Add(i, "http://[::1]:0/")
		f.Add(i, "https://host/path/")
	}
	set := []func(*Config, string){
		func(c *Config, v string) { c.Gateway.BaseURL = v },
		func(c *Config, v string) { c.Gateway.ClientID = v },
		func(c *Config, v string) { c.Gateway.MerchantID = v },
		func(c *Config, v string) { c.Gateway.SellerID = v },
		func(c *Config, v string) { c.Gateway.SettleContractID = v },
		func(c *Config, v string) { c.Gateway.Reserve = v },
		func(c *Config, v string) { c.Gateway.ProxyURL = ProxyURL(v) },
		func(c *Config, v string) { c.Terminal.StoreID = v },
		func(c *Config, v string) { c.Terminal.StoreName = v },
		func(c *Config, v string) { c.Terminal.MCC = v },
		func(c *Config, v string) { c.Gateway.SignType = SignType(v) },
	}
	f.Fuzz(func(t *testing.T, field int, value string) {
		if field < 0 || field >= len(set) {
			return
		}
		l := newLoader(Options{})
		l.cfg.Terminal.StoreID, l.cfg.Gateway.ClientID, l.cfg.Gateway.MerchantID = "S01", "C", "M"
		set[field](&l.cfg, value)
		l.checkTerminal()
		l.checkGateway()
		refused := map[string]bool{}
		for _, fault := range l.faults {
			refused[fault.Key] = true
		}
		for _, fault := range l.cfg.Client().FieldFaults() {
			if key := l.cfg.clientKey(fault.Field); !refused[key] {
				t.Errorf("%s passes the check and the client says: %v", key, fault)
			}
		}
	})
}

func TestEveryFieldThatTheClientJudgesHasItsKey(t *testing.T) {
	cfg := alipay.Config{Version: "1", SignType: "X", Store: alipay.Store{
		SellerID: strings.Repeat("x", 65), StoreName: strings.Repeat("x", 257), MCC: "x",
	}, SettleContractID: strings.Repeat("x", 65), Reserve: "x", ProxyURL: "x", Timeout: -1}
	seen := map[string]bool{}
	for _, f := range cfg.FieldFaults() {
		seen[f.Field] = true
		if clientKeys()[f.Field] == "" {
			t.Errorf("%s has no key: %v", f.Field, f)
		}
	}
	for field := range clientKeys() {
		if !seen[field] {
			t.Errorf("the client never judges %s", field)
		}
	}
}

func TestWhatIsInstalledElsewhereLaterIsJudgedFromThere(t *testing.T) {
	files := daemonFiles()
	files["posagent.toml"] = strings.Replace(daemonText, "keys/alipay_public.pem", "../keys2/alipay_public.pem", 1)
	files["posagent.d/20.toml"] = "[journal]\npath = \"store/journal.db\"\n"
	dir := write(t, files)
	cfg, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Role: RoleClient, As: "/etc/shop/posagent.toml"})
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		cfg.Gateway.PrivateKeyFile: "/etc/shop/keys/terminal_private.pem", cfg.Gateway.AlipayPublicKeyFile: "/etc/keys2/alipay_public.pem",
		cfg.Journal.Path: "/etc/shop/posagent.d/store/journal.db",
	} {
		if filepath.ToSlash(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if cfg.File() != filepath.Join(dir, "posagent.toml") {
		t.Errorf("the file is %s: faults must name the one that was read", cfg.File())
	}
}

func TestTheWholeClientIsBuiltOnceForTheCheck(t *testing.T) {
	files := daemonFiles()
	files["posagent.toml"] += "[policy]\nquery_limit = 3\n"
	_, cfg, err := loadDaemon(t, files)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := cfg.SignedClient()
	if err != nil {
		t.Fatal(err)
	}
	c, err := alipay.New(signed)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", c); strings.Contains(text, "PRIVATE") {
		t.Error(text)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestAShopWithoutANameIsCalledByItsNumber(t *testing.T) {
	for name, want := range map[string]string{"": "S01", "Sunrise Mart": "Sunrise Mart"} {
		cfg := &Config{}
		cfg.Terminal.StoreID, cfg.Terminal.StoreName = "S01", name
		if got := cfg.Client().Store.StoreName; got != want {
			t.Errorf("store_name %q: the gateway is told %q, want %q", name, got, want)
		}
	}
}
