package alipay

import (
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultTimeout bounds one exchange where Config.Timeout is zero.
const DefaultTimeout = 10 * time.Second

// minKeyBits is the key length that the gateway's documents name
// (docs.antom.com/ac/openapi/signreq); shorter keys are forgeable.
const minKeyBits = 2048

// Config is what a Client needs. Fields without a remark are required.
type Config struct {
	BaseURL         string         // e.g. https://open-sea.alipay.com/api/alipay/intl/acquiring/; http only on loopback
	Version         Version        // empty: 2.0.4
	SignType        SignType       // empty: RSA2; RSA only with 2.0.0
	ClientID        string         // head.clientId, at most 32 characters
	MerchantID      string         // body.merchantId, at most 64 characters; with 2.0.2 body.partnerId, at most 32
	PrivateKey      crypto.Signer  // the merchant's RSA key, 2048 bits or more
	AlipayPublicKey *rsa.PublicKey // verifies the answers
	Store           Store
	TerminalID      string // part of the id that Probe asks for

	SettleContractID string           // optional: body.settleContractId
	Reserve          string           // optional: head.reserve, a JSON object in at most 256 bytes; a secret where it holds an ISV's access token
	ExtraRoots       []byte           // optional: PEM certificates trusted beside the system's
	ProxyURL         string           // optional: http, https or socks5; empty: the environment decides
	Timeout          time.Duration    // optional: one exchange with dialling; 0: DefaultTimeout
	IdleTimeout      time.Duration    // optional: how long an unused connection is kept; 0: three minutes
	Now              func() time.Time // optional: clock of head.reqTime
	// Asleep is optional: how long the machine has slept so far. A connection from
	// before a sleep gets no message, as the other side may have forgotten it.
	Asleep func() time.Duration
	Log    *slog.Logger // optional

	// Transport is optional and replaces the network: a gateway in this process,
	// as tests need it in a bubble without sockets. It must not send a request
	// twice. Only a *net.OpError of Op "dial" says that nothing was sent.
	Transport http.RoundTripper
}

// Store is the shop as the customer's receipt and the gateway's files name it.
type Store struct {
	SellerID  string // optional: order.seller.sellerId of a secondary merchant, at most 64 bytes
	StoreID   string // order.seller.storeId, at most 64 bytes
	StoreName string // order.seller.storeName, at most 256 bytes
	MCC       string // order.seller.sellerMCC, four digits (ISO 18245); may be empty
}

// String names the account without anything secret: Reserve and ProxyURL may hold
// a token and a password.
func (c Config) String() string {
	return fmt.Sprintf("alipay %s as client %s at %s", c.Version, c.ClientID, c.BaseURL)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// Format is String for every verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText is String.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) withDefaults() Config {
	if c.Version == "" {
		c.Version = Version204
	}
	if c.SignType == "" {
		c.SignType = RSA2
	}
	if c.Reserve == "" {
		c.Reserve = "{}"
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = 3 * time.Minute
	}
	if c.Asleep == nil {
		c.Asleep = func() time.Duration { return 0 }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// The longest values in bytes of the gateway's field tables that a configuration
// fills. A table that counts characters allows at least as many.
const (
	MaxClientID         = 32
	MaxMerchantID       = 64
	MaxPartnerID        = 32 // the merchant id of 2.0.2
	MaxSellerID         = 64
	MaxStoreID          = 64
	MaxStoreName        = 256
	MaxSettleContractID = 64
	MaxReserve          = 256
)

// FieldError is a fault of one field of a Config.
type FieldError struct {
	Field string // "Store.StoreName"
	Err   error  // names the field too, and holds no secret
}

func (e *FieldError) Error() string { return e.Err.Error() }

func (e *FieldError) Unwrap() error { return e.Err }

// check returns every fault at once; each names the field.
func (c Config) check() error {
	var faults []error
	for _, f := range c.FieldFaults() {
		faults = append(faults, f)
	}
	if _, err := tlsConfig(c.ExtraRoots); err != nil {
		faults = append(faults, err)
	}
	if err := checkPrivateKey(c.PrivateKey); err != nil {
		faults = append(faults, err)
	}
	if c.AlipayPublicKey == nil {
		faults = append(faults, errors.New("AlipayPublicKey is missing: no answer could be believed"))
	} else if n := c.AlipayPublicKey.N.BitLen(); n < minKeyBits {
		faults = append(faults, fmt.Errorf("AlipayPublicKey has %d bits: at least %d are needed", n, minKeyBits))
	}
	return errors.Join(faults...)
}

// FieldFaults is everything that New would say of the fields that hold neither
// keys nor certificates, so that a configuration can be judged without them.
func (c Config) FieldFaults() []*FieldError {
	c = c.withDefaults()
	var faults []*FieldError
	add := func(field string, err error) {
		if err != nil {
			faults = append(faults, &FieldError{field, err})
		}
	}
	fault := func(field, format string, args ...any) { add(field, fmt.Errorf(format, args...)) }
	_, err := baseURL(c.BaseURL)
	add("BaseURL", err)
	_, err = proxyFunc(c.ProxyURL)
	add("ProxyURL", err)

	prof, ok := profileOf(c.Version)
	if !ok {
		fault("Version", "Version %q: it must be 2.0.4, 2.0.2 or 2.0.0", c.Version)
	}
	switch {
	case c.SignType != RSA2 && c.SignType != RSA1:
		fault("SignType", "SignType %q: it must be RSA2 or RSA", c.SignType)
	case ok && c.SignType == RSA1 && !prof.sha1Allowed:
		fault("SignType", "SignType RSA (SHA-1) is only spoken by version 2.0.0, not by %s: use RSA2", c.Version)
	}
	merchantMax := MaxMerchantID
	if prof.partnerID {
		merchantMax = MaxPartnerID
	}
	for _, f := range []struct {
		field, value string
		low, high    int
	}{
		{"ClientID", c.ClientID, 1, MaxClientID},
		{"MerchantID", c.MerchantID, 1, merchantMax},
		{"Store.SellerID", c.Store.SellerID, 0, MaxSellerID},
		{"Store.StoreID", c.Store.StoreID, 1, MaxStoreID},
		{"Store.StoreName", c.Store.StoreName, 1, MaxStoreName},
		{"SettleContractID", c.SettleContractID, 0, MaxSettleContractID},
		{"Reserve", c.Reserve, 2, MaxReserve},
	} {
		add(f.field, fit(f.field, f.value, f.low, f.high))
	}
	if m := c.Store.MCC; m != "" && (len(m) != 4 || strings.Trim(m, "0123456789") != "") {
		fault("Store.MCC", "Store.MCC %q: it must be four digits", m)
	}
	if c.Reserve[0] != '{' || !json.Valid([]byte(c.Reserve)) {
		fault("Reserve", "Reserve is not a JSON object") // not repeated: it may hold a token
	}
	if c.Timeout < 0 || c.IdleTimeout < 0 {
		fault("Timeout", "Timeout is %s and IdleTimeout is %s: neither may be negative", c.Timeout, c.IdleTimeout)
	}
	return faults
}

func checkPrivateKey(key crypto.Signer) error {
	if key == nil {
		return errors.New("PrivateKey is missing: no message could be signed")
	}
	pub, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("PrivateKey is a %T: the gateway takes RSA only", key)
	}
	if n := pub.N.BitLen(); n < minKeyBits {
		return fmt.Errorf("PrivateKey has %d bits: at least %d are needed", n, minKeyBits)
	}
	return nil
}

// baseURL parses Config.BaseURL. Plain http is for a gateway on this machine
// alone: anywhere else a payment code would cross the network in the clear.
func baseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		// The text itself may hold a password, so it is not repeated.
		return nil, errors.New("BaseURL is not an absolute URL such as https://host/path/")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("BaseURL must have no user, query or fragment")
	}
	switch u.Scheme {
	case "https":
	case "http":
		if !isLoopback(u.Hostname()) {
			return nil, fmt.Errorf("BaseURL with http is allowed on a loopback address only, not on %s: use https", u.Hostname())
		}
	default:
		return nil, fmt.Errorf("BaseURL has the scheme %q: it must be https", u.Scheme)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func proxyFunc(raw string) (func(*http.Request) (*url.URL, error), error) {
	if raw == "" {
		return http.ProxyFromEnvironment, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, errors.New("ProxyURL is not a URL such as http://proxy:3128")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return http.ProxyURL(u), nil
	}
	return nil, fmt.Errorf("ProxyURL has the scheme %q: it must be http, https or socks5", u.Scheme)
}

func tlsConfig(extra []byte) (*tls.Config, error) {
	conf := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ClientSessionCache: tls.NewLRUClientSessionCache(8),
	}
	if len(extra) == 0 {
		return conf, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("reading the system's certificates: %w", err)
	}
	if !pool.AppendCertsFromPEM(extra) {
		return nil, errors.New("ExtraRoots holds no PEM certificate")
	}
	conf.RootCAs = pool
	return conf, nil
}
