package alipay

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"posagent/offline"
)

func TestConfigurationFaultsAreNamed(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no base URL", func(c *Config) { c.BaseURL = "" }, "BaseURL is not an absolute URL"},
		{"base URL without host", func(c *Config) { c.BaseURL = "https:///x" }, "BaseURL is not an absolute URL"},
		{"http to the world", func(c *Config) { c.BaseURL = "http://open-sea.alipay.com/" }, "loopback address only, not on open-sea.alipay.com"},
		{"ftp", func(c *Config) { c.BaseURL = "ftp://127.0.0.1/" }, `the scheme "ftp"`},
		{"password in the base URL", func(c *Config) { c.BaseURL = "https://a:secret@127.0.0.1/" }, "no user"},
		{"query in the base URL", func(c *Config) { c.BaseURL = "https://127.0.0.1/?a=b" }, "no user, query"},
		{"broken base URL", func(c *Config) { c.BaseURL = "https://user:secret@host:port/" }, "BaseURL is not an absolute URL"},
		{"unknown version", func(c *Config) { c.Version = "3.0" }, `Version "3.0"`},
		{"unknown sign type", func(c *Config) { c.SignType = "MD5" }, `SignType "MD5"`},
		{"SHA-1 with 2.0.4", func(c *Config) { c.SignType = RSA1 }, "only spoken by version 2.0.0"},
		{"no client id", func(c *Config) { c.ClientID = "" }, "ClientID is missing"},
		{"long client id", func(c *Config) { c.ClientID = strings.Repeat("1", 33) }, "ClientID has 33 bytes, at most 32"},
		{"long merchant id", func(c *Config) { c.MerchantID = strings.Repeat("1", 65) }, "MerchantID has 65 bytes, at most 64"},
		{"long partner id", func(c *Config) { c.Version, c.MerchantID = Version202, strings.Repeat("1", 33) }, "MerchantID has 33 bytes, at most 32"},
		{"no store", func(c *Config) { c.Store.StoreID = "" }, "Store.StoreID is missing"},
		{"store name not UTF-8", func(c *Config) { c.Store.StoreName = "\xff" }, "Store.StoreName is not UTF-8"},
		{"MCC with letters", func(c *Config) { c.Store.MCC = "54A1" }, "Store.MCC"},
		{"long reserve", func(c *Config) { c.Reserve = `{"isvAccesstoken":"secret` + strings.Repeat("x", 256) + `"}` }, "at most 256"},
		{"reserve is no object", func(c *Config) { c.Reserve = `"secret"` }, "Reserve is not a JSON object"},
		{"reserve is broken", func(c *Config) { c.Reserve = `{"isvAccesstoken":secret}` }, "Reserve is not a JSON object"},
		{"negative timeout", func(c *Config) { c.Timeout = -time.Second }, "may be negative"},
		{"no private key", func(c *Config) { c.PrivateKey = nil }, "PrivateKey is missing"},
		{"short private key", func(c *Config) { c.PrivateKey = short }, "PrivateKey has 1024 bits"},
		{"private key of a curve", func(c *Config) { c.PrivateKey = curve }, "RSA only"},
		{"no public key", func(c *Config) { c.AlipayPublicKey = nil }, "AlipayPublicKey is missing"},
		{"short public key", func(c *Config) { c.AlipayPublicKey = &short.PublicKey }, "AlipayPublicKey has 1024 bits"},
		{"roots without a certificate", func(c *Config) { c.ExtraRoots = []byte("hello") }, "no PEM certificate"},
		{"proxy without host", func(c *Config) { c.ProxyURL = "proxy" }, "ProxyURL is not a URL"},
		{"proxy of another kind", func(c *Config) { c.ProxyURL = "ftp://user:secret@proxy" }, `the scheme "ftp"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := testConfig(t)
			tc.change(&cfg)
			_, err := New(cfg)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestConfigurationPrintsNoSecret(t *testing.T) {
	cfg := testConfig(t)
	cfg.Reserve, cfg.ProxyURL = `{"isvAccesstoken":"secret"}`, "http://till:secret@proxy:3128"
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("client", "config", cfg, "client", c)
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x", cfg, cfg, cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), log.String(), string(asJSON),
	} {
		if strings.Contains(s, "secret") || !strings.Contains(s, testClientID) {
			t.Errorf("printed as %s", s)
		}
	}
}

func TestAllConfigurationFaultsComeAtOnce(t *testing.T) {
	_, err := New(Config{})
	for _, field := range []string{"BaseURL", "ClientID", "MerchantID", "StoreID", "StoreName", "PrivateKey", "AlipayPublicKey"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in: %v", field, err)
		}
	}
}

func TestADamagedPrivateKeyIsRefused(t *testing.T) {
	cfg := testConfig(t)
	key := *testKey(t, "merchant")
	key.PublicKey = testKey(t, "other").PublicKey
	cfg.PrivateKey = &key
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
}

func TestDefaultsAreTheCurrentVersion(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.Version, cfg.SignType, cfg.Timeout, cfg.Now, cfg.Log = "", "", 0, nil, nil })
	if c.cfg.Version != Version204 || c.cfg.SignType != RSA2 || c.cfg.Timeout != DefaultTimeout || c.cfg.Now == nil || c.cfg.Log == nil {
		t.Errorf("%+v", c.profile)
	}
}

func TestPlainHTTPIsAllowedOnLoopback(t *testing.T) {
	for _, base := range []string{"http://127.0.0.1:8080/x", "http://[::1]/x/", "http://localhost/"} {
		c := newClient(t, func(cfg *Config) { cfg.BaseURL = base })
		if !strings.HasSuffix(c.base.Path, "/") {
			t.Errorf("%s: path %s", base, c.base.Path)
		}
	}
}

func TestReserveCarriesTheAccessTokenOfAServiceProvider(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.Reserve = `{"isvAccesstoken":"t-1"}` })
	wire := mustPrepare(t, c, request(t, offline.OpPay)).wire
	if !bytes.Contains(wire, []byte(`"reserve":"{\"isvAccesstoken\":\"t-1\"}"`)) {
		t.Errorf("%s", wire)
	}
}

func TestPrepareRefusesWhatDoesNotFit(t *testing.T) {
	c := newClient(t, nil)
	long := strings.Repeat("x", 65)
	for _, tc := range []struct {
		name   string
		op     offline.Op
		change func(*offline.Request)
		want   string
	}{
		{"unknown operation", offline.OpPay, func(r *offline.Request) { r.Op = "void" }, `"void"`},
		{"no reqMsgId", offline.OpQuery, func(r *offline.Request) { r.ReqMsgID = "" }, "reqMsgId is missing"},
		{"long reqMsgId", offline.OpQuery, func(r *offline.Request) { r.ReqMsgID = offline.ReqMsgID(long) }, "reqMsgId has 65 bytes"},
		{"no merchantTransId", offline.OpCancel, func(r *offline.Request) { r.MerchantTransID = "" }, "merchantTransId is missing"},
		{"long merchantTransId", offline.OpPay, func(r *offline.Request) { r.MerchantTransID = offline.MerchantTransID(long) }, "merchantTransId has 65"},
		{"long acquirementId", offline.OpQuery, func(r *offline.Request) { r.AcquirementID = offline.AcquirementID(long) }, "acquirementId has 65"},
		{"no code", offline.OpPay, func(r *offline.Request) { r.Code = offline.IdentityCode{} }, "identityCode is missing"},
		{"no amount", offline.OpPay, func(r *offline.Request) { r.Amount = offline.Money{} }, "orderAmount"},
		{"negative amount", offline.OpPay, func(r *offline.Request) { r.Amount.Value = -1 }, "orderAmount"},
		{"amount of 17 digits", offline.OpPay, func(r *offline.Request) { r.Amount.Value = 1e16 }, "orderAmount"},
		{"unknown currency", offline.OpPay, func(r *offline.Request) { r.Amount.Currency = "KWD" }, "orderAmount"},
		{"long title", offline.OpPay, func(r *offline.Request) { r.OrderTitle = strings.Repeat("é", 129) }, "orderTitle has 258 bytes"},
		{"title not UTF-8", offline.OpPay, func(r *offline.Request) { r.OrderTitle = "\xc3" }, "orderTitle is not UTF-8"},
		{"refund without acquirementId", offline.OpRefund, func(r *offline.Request) { r.AcquirementID = "" }, "acquirementId is missing"},
		{"refund without id", offline.OpRefund, func(r *offline.Request) { r.RefundID = "" }, "merchantRefundId is missing"},
		{"refund of nothing", offline.OpRefund, func(r *offline.Request) { r.RefundAmount.Value = 0 }, "refundAmount"},
		{"long reason", offline.OpRefund, func(r *offline.Request) { r.RefundReason = strings.Repeat("x", 257) }, "refundReason has 257"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req := request(t, tc.op)
			tc.change(&req)
			call, err := c.Prepare(req)
			if err == nil || call != nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), testCode) {
				t.Errorf("%v, %v; want %q", call, err, tc.want)
			}
		})
	}
}

// deafSigner is a key whose hardware is gone.
type deafSigner struct{ *rsa.PrivateKey }

func (deafSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errDeaf }

var errDeaf = errors.New("no card in the reader")

func TestPrepareFailsWhereTheKeyDoesNotSign(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.PrivateKey = deafSigner{testKey(t, "merchant")} })
	if _, err := c.Prepare(request(t, offline.OpPay)); !errors.Is(err, errDeaf) || !strings.Contains(err.Error(), testTransID) {
		t.Errorf("%v", err)
	}
}
