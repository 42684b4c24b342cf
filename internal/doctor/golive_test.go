package doctor

import (
	"context"
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posagent/internal/config"
	"posagent/internal/finding"
	"posagent/internal/keystore"
	"posagent/offline/sandbox"
)

// production is the configuration of a till that may take money. The round trip is
// not made: no test sends anything to Alipay.
const production = `[terminal]
store_id = "S042"
store_name = "Kowloon Bakery"
terminal_id = "T03"
mcc = "5462"
currency = "HKD"
[gateway]
base_url = "https://open-sea.alipay.com/api/alipay/intl/acquiring/"
client_id = "211120000000000000815"
merchant_id = "218820000000000004711"
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
[journal]
path = "DIR/journal.db"
[[scanner]]
name = "counter"
type = "serial"
port = "/dev/ttyS0"
`

// account makes keys of which the other side keeps its private half.
func keysIn(t *testing.T, dir string) {
	t.Helper()
	if _, err := keystore.Ensure(keystore.PairIn(filepath.Join(dir, "keys"), "terminal")); err != nil {
		t.Fatal(err)
	}
	other, err := keystore.Ensure(keystore.PairIn(t.TempDir(), "alipay"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "keys", "alipay_public.pem"), []byte(other.PublicKey().PEM()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func judge(t *testing.T, dir, text string, opt GoLiveOptions) map[string]finding.Finding {
	t.Helper()
	path := filepath.Join(dir, "posagent.toml")
	home := filepath.Join("/var/lib", filepath.Base(dir)) // not a place for trying, as every t.TempDir is
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", home)), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Path: path, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	if opt.Journal == nil {
		opt.Journal = func(context.Context) (int, int, error) { return 0, 0, fs.ErrNotExist }
	}
	out := map[string]finding.Finding{}
	for _, f := range leftovers(t.Context(), cfg, opt) {
		if f.Verdict != finding.Pass && f.Remedy == "" {
			t.Errorf("%s has no remedy: %s", f.Check, f.Detail)
		}
		out[f.Check] = f
	}
	return out
}

func TestATillThatIsSetUpForProductionHasNothingLeftOver(t *testing.T) {
	dir := t.TempDir()
	keysIn(t, dir)
	for _, f := range judge(t, dir, production, GoLiveOptions{}) {
		if f.Verdict != finding.Pass {
			t.Errorf("%s %s: %s", f.Verdict, f.Check, f.Detail)
		}
	}
}

func TestWhatIsLeftOverFromTryingIsFound(t *testing.T) {
	dir := t.TempDir()
	keysIn(t, dir)
	ca := httptest.NewTLSServer(nil)
	t.Cleanup(ca.Close)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(dir, "keys", "ca.pem"), block, 0o600); err != nil {
		t.Fatal(err)
	}
	counted := func(sales, open int, err error) GoLiveOptions {
		return GoLiveOptions{Journal: func(context.Context) (int, int, error) { return sales, open, err }}
	}
	for _, row := range []struct {
		name, old, new string
		opt            GoLiveOptions
		want           string // verdict and check
	}{
		{"a simulated gateway", "https://open-sea.alipay.com", "http://127.0.0.1:8443", GoLiveOptions{}, "fail address"},
		{"Alipay's developer hosts", "open-sea.alipay.com/api", "isupergw.alipaydev.com/isupergw", GoLiveOptions{}, "fail address"},
		{"a sandbox by its path", ".com/api", ".com/sandbox/api", GoLiveOptions{}, "fail address"},
		{"a host that nobody knows", "open-sea.alipay.com", "open-sea.alipay.example", GoLiveOptions{}, "warn address"},
		{"another path", "intl/acquiring/", "intl/acquiring/v2/", GoLiveOptions{}, "warn address"},
		{"the simulated gateway's client", "211120000000000000815", sandbox.ClientID, GoLiveOptions{}, "fail client id"},
		{"a sandbox's client", "211120000000000000815", "SANDBOX_5Y00000000000815", GoLiveOptions{}, "fail client id"},
		{"the documents' client", "211120000000000000815", "211020000000000000044", GoLiveOptions{}, "fail client id"},
		{"the simulated gateway's merchant", "218820000000000004711", sandbox.MerchantID, GoLiveOptions{}, "fail merchant id"},
		{"the example's name", "Kowloon Bakery", "Sunrise Mart", GoLiveOptions{}, "fail store name"},
		{"no name", `store_name = "Kowloon Bakery"`, "", GoLiveOptions{}, "warn store name"},
		{"a store to try with", "S042", "TEST-1", GoLiveOptions{}, "warn store id"},
		{"a word that only contains it", "Kowloon Bakery", "Contest Latest Bakery", GoLiveOptions{}, "pass store name"},
		{"no category", `mcc = "5462"`, "", GoLiveOptions{}, "warn category"},
		{"a category that is none", "5462", "0000", GoLiveOptions{}, "fail category"},
		{"an older version", "[journal]", "api_version = \"2.0.2\"\n[journal]", GoLiveOptions{}, "warn version"},
		{"SHA-1", "[journal]", "api_version = \"2.0.0\"\nsign_type = \"RSA\"\n[journal]", GoLiveOptions{}, "warn version"},
		{"questions in a hurry", "[journal]", "[policy]\nquery_interval = \"400ms\"\n[journal]", GoLiveOptions{}, "fail policy.query_interval"},
		{"slow questions", "[journal]", "[policy]\nquery_interval = \"10s\"\n[journal]", GoLiveOptions{}, "warn policy.query_interval"},
		{"one question after a missing order", "[journal]", "[policy]\nnot_exist_retries = 1\n[journal]", GoLiveOptions{}, "fail policy.not_exist_retries"},
		{"another authority", "[journal]", "ca_file = \"keys/ca.pem\"\n[journal]", GoLiveOptions{}, "warn TLS authorities"},
		{"debug", "[journal]", "[log]\nlevel = \"debug\"\n[journal]", GoLiveOptions{}, "warn log"},
		{"a record in a place for trying", "DIR/journal.db", "/var/lib/posagent/sandbox/journal.db", GoLiveOptions{}, "fail record"},
		{"payments without an end", "", "", counted(3, 1, nil), "fail record"},
		{"sales of the sandbox", "", "", counted(3, 0, nil), "warn record"},
		{"a record that cannot be read", "", "", counted(0, 0, errors.New("damaged")), "fail record"},
		{"an empty record", "", "", counted(0, 0, nil), "pass record"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.old != "" && !strings.Contains(production, row.old) {
				t.Fatalf("nothing is changed: %q", row.old)
			}
			found := judge(t, dir, strings.Replace(production, row.old, row.new, 1), row.opt)
			verdict, check, _ := strings.Cut(row.want, " ")
			if f := found[check]; string(f.Verdict) != verdict {
				t.Errorf("want %s, got %+v", row.want, f)
			}
		})
	}
}

func TestTheSimulatedGatewaysKeysAreKnownByWhatLiesBesideThem(t *testing.T) {
	dir := t.TempDir()
	if _, err := sandbox.EnsureKeys(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	if f := judge(t, dir, production, GoLiveOptions{})["keys' origin"]; f.Verdict != finding.Fail {
		t.Errorf("got %+v", f)
	}
}

func TestWhatMustChangeIsComparedWithTheSandboxsConfiguration(t *testing.T) {
	before, now := t.TempDir(), t.TempDir()
	keysIn(t, before)
	keysIn(t, now)
	judge(t, before, production, GoLiveOptions{}) // writes it
	opt := GoLiveOptions{Before: filepath.Join(before, "posagent.toml")}
	found := judge(t, now, strings.Replace(production, "211120000000000000815", "211120000000000000999", 1), opt)
	for check, want := range map[string]finding.Verdict{
		"changed: client id": finding.Pass, "changed: merchant id": finding.Fail, "changed: address": finding.Fail,
		"changed: private key": finding.Pass, "changed: Alipay's public key": finding.Pass,
	} {
		if f := found[check]; f.Verdict != want {
			t.Errorf("%s: %+v", check, f)
		}
	}
	found = judge(t, before, production, opt)
	for _, check := range []string{"changed: private key", "changed: Alipay's public key"} {
		if f := found[check]; f.Verdict != finding.Fail {
			t.Errorf("%s: %+v", check, f)
		}
	}
	opt.Before = filepath.Join(before, "none.toml")
	if f := judge(t, now, production, opt)["before"]; f.Verdict != finding.Fail {
		t.Errorf("a file that is not there: %+v", f)
	}
}
