package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"posagent/internal/keystore"
)

const withCredential = `[terminal]
store_id = "S01"
terminal_id = "T03"
mcc = "5411"
currency = "HKD"
[gateway]
base_url = "https://open-sea.alipay.com/api/alipay/intl/acquiring/"
client_id = "5Y00000000000001"
merchant_id = "218820000000000000023"
private_key_file = "credential:alipay-key"
alipay_public_key_file = "keys/alipay_public.pem"
`

func withKeys(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"terminal", "alipay"} {
		if _, err := keystore.Ensure(keystore.PairIn(filepath.Join(dir, "keys"), name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "posagent.toml"), []byte(withCredential), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestACheckBeforeTheServiceRunsPassesWithWordsAboutTheCredential(t *testing.T) {
	dir := withKeys(t)
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	cfg, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Gateway.PrivateKeyFile != "credential:alipay-key" {
		t.Errorf("the credential's name became %q", cfg.Gateway.PrivateKeyFile)
	}
	if len(cfg.Notes) == 0 || !strings.Contains(cfg.Notes.Error(), "credential:alipay-key is not judged") {
		t.Errorf("notes %v", cfg.Notes)
	}
	if _, err := cfg.SignedClient(); err == nil {
		t.Error("a daemon would start without its key")
	}
}

func TestACredentialThatTheServiceGotIsJudgedAsAnyKey(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no systemd")
	}
	dir := withKeys(t)
	given := filepath.Join(dir, "given")
	if err := os.Mkdir(given, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", given)
	opt := Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true}
	if _, err := Load(opt); err == nil || !strings.Contains(err.Error(), `alipay-key" does not exist`) {
		t.Errorf("the unit hands over another name, and the check says %v", err)
	}
	key, err := os.ReadFile(filepath.Join(dir, "keys", "terminal_private.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(given, "alipay-key"), key, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(opt); err != nil {
		t.Error(err)
	}
}
