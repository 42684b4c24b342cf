package pretend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"posagent/internal/config"
	"posagent/internal/keystore"
	"posagent/internal/pretend"
	"posagent/offline"
	"posagent/offline/alipay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open sets up a shop in a directory of its own.
func open(t *testing.T) *pretend.Shop {
	t.Helper()
	// A socket's path must be short.
	dir, err := os.MkdirTemp("", "shop-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s, err := pretend.Open(t.Context(), pretend.Options{
		Dir: dir, Maker: "a test", StoreID: "SHOP", Policy: pretend.Brisk, LogLevel: "info",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// till is the gateway's client as the shop's configuration describes it.
func till(t *testing.T, s *pretend.Shop) (*alipay.Client, *config.Config) {
	t.Helper()
	cfg, err := config.Load(config.Options{Path: s.Config, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	private, err := keystore.LoadPrivate(cfg.Gateway.PrivateKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	public, err := keystore.LoadPublic(cfg.Gateway.AlipayPublicKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	client, err := alipay.New(alipay.Config{
		BaseURL: cfg.Gateway.BaseURL, Version: alipay.Version(cfg.Gateway.APIVersion), SignType: alipay.SignType(cfg.Gateway.SignType),
		ClientID: cfg.Gateway.ClientID, MerchantID: cfg.Gateway.MerchantID,
		PrivateKey: private.RSA(), AlipayPublicKey: public.RSA(), Timeout: cfg.Gateway.Timeout,
		Store: alipay.Store{StoreID: cfg.Terminal.StoreID, StoreName: cfg.Terminal.StoreName, MCC: cfg.Terminal.MCC}, TerminalID: cfg.Terminal.TerminalID,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client, cfg
}

func TestTheShopsConfigurationReachesItsGatewayAndScanner(t *testing.T) {
	s := open(t)
	client, cfg := till(t, s)
	if len(cfg.ActiveScanners()) != 1 || cfg.ActiveScanners()[0].Port != s.Scanner.Path() {
		t.Errorf("scanners %v do not name the virtual one, %s", cfg.ActiveScanners(), s.Scanner.Path())
	}
	if cfg.API.Socket != s.Socket {
		t.Errorf("the daemon answers on %s, and the shop says %s", cfg.API.Socket, s.Socket)
	}
	for _, tt := range []struct {
		scenario string
		kind     offline.OutcomeKind
		held     int64
	}{
		{"", offline.Success, 12850},
		{"f_user_balance_not_enough", offline.Failure, 0},
	} {
		if tt.scenario != "" {
			if err := s.Play(tt.scenario); err != nil {
				t.Fatal(err)
			}
		}
		id := offline.MerchantTransID("SHOP-T01-" + tt.scenario)
		code, err := offline.ParseIdentityCode(s.NextCode())
		if err != nil {
			t.Fatal(err)
		}
		call, err := client.Prepare(offline.Request{
			Op: offline.OpPay, ReqMsgID: offline.ReqMsgID(id), MerchantTransID: id, First: true,
			Amount: offline.Money{Currency: "HKD", Value: 12850}, Code: code, OrderTitle: "Groceries",
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := call.Send(t.Context()); got.Kind != tt.kind {
			t.Errorf("%q: the gateway answered %+v, want %s", tt.scenario, got, tt.kind)
		}
		if held := s.Gateway.Ledger().Balance(id).Value; held != tt.held {
			t.Errorf("%q: the gateway holds %d, want %d", tt.scenario, held, tt.held)
		}
	}
}

func TestNoTwoCustomersShowTheSameCode(t *testing.T) {
	s, seen := open(t), map[string]bool{}
	for range 1000 {
		code := s.NextCode()
		if seen[code] || len(code) != 18 || !strings.HasPrefix(code, "28") {
			t.Fatalf("code %d is no new payment code", len(seen))
		}
		seen[code] = true
	}
}

func TestAScenarioThatTheGatewayDoesNotKnowIsRefused(t *testing.T) {
	if err := open(t).Play("no_such"); err == nil || !strings.Contains(err.Error(), `"no_such"`) {
		t.Errorf("got %v", err)
	}
}

func TestAShopThatCannotBeSetUpLeavesNothingRunning(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pretend.Open(t.Context(), pretend.Options{Dir: file}); err == nil {
		t.Error("a shop was set up below a file")
	}
}
