package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func loadClient(t *testing.T, dir string, opts Options) *Config {
	t.Helper()
	opts.Path, opts.Explicit, opts.Role = filepath.Join(dir, "posagent.toml"), true, RoleClient
	cfg, err := Load(opts)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestWithoutAFileTheDefaultsStand(t *testing.T) {
	cfg, err := Load(Options{Search: []string{filepath.Join(t.TempDir(), "none.toml")}, Role: RoleClient})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	if diff := cmp.Diff(want.API, cfg.API); diff != "" || cfg.File() != "" {
		t.Errorf("file %q, (-want +got):\n%s", cfg.File(), diff)
	}
}

func TestTheFirstFileThatExistsIsTaken(t *testing.T) {
	first := filepath.Join(write(t, map[string]string{"posagent.toml": minimal}), "posagent.toml")
	second := filepath.Join(write(t, map[string]string{"posagent.toml": "nonsense"}), "posagent.toml")
	absent := filepath.Join(t.TempDir(), "posagent.toml")
	for _, search := range [][]string{{first, second}, {absent, first}} {
		cfg, err := Load(Options{Search: search, Role: RoleClient})
		if err != nil || cfg.File() != first {
			t.Errorf("%v: %v", cfg, err)
		}
	}
	// A file that is there but broken must not be passed over for another one with other accounts in it.
	if _, err := Load(Options{Search: []string{second, first}, Role: RoleClient}); err == nil {
		t.Error("a broken file was passed over")
	}
}

func TestTheVariableNamesTheFileAndTheFlagOverridesIt(t *testing.T) {
	a := filepath.Join(write(t, map[string]string{"a.toml": minimal}), "a.toml")
	b := filepath.Join(write(t, map[string]string{"b.toml": minimal}), "b.toml")
	cfg, err := Load(Options{Env: []string{"POSAGENT_CONFIG=" + a}, Role: RoleClient})
	if err != nil || cfg.File() != a {
		t.Errorf("variable: %v, %v", cfg, err)
	}
	cfg, err = Load(Options{Env: []string{"POSAGENT_CONFIG=" + a}, Path: b, Explicit: true, Role: RoleClient})
	if err != nil || cfg.File() != b {
		t.Errorf("flag: %v, %v", cfg, err)
	}
	if _, err = Load(Options{Env: []string{"POSAGENT_CONFIG=" + a + ".none"}, Role: RoleClient}); err == nil {
		t.Error("a file that does not exist was passed over although it was named")
	}
}

func TestDropInsChangeScannersByNameAndAddOthers(t *testing.T) {
	dir := write(t, map[string]string{
		"posagent.toml": "[[scanner]]\nname = \"hand\"\ntype = \"serial\"\nport = \"COM3\"\nbaud = 19200\n" +
			"[[scanner]]\nname = \"table\"\ntype = \"serial\"\nport = \"COM4\"\n",
		"posagent.d/10.toml": "[[scanner]]\nname = \"table\"\nenabled = false\n[[scanner]]\nname = \"hand\"\nport = \"COM7\"\n",
		"posagent.d/20.toml": "[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0x0C2E\", pid = \"0caa\" }\n",
	})
	cfg := loadClient(t, dir, Options{Env: []string{"POSAGENT_SCANNER_3_MATCH_SERIAL=42", "POSAGENT_SCANNER_4_TYPE=serial", "POSAGENT_SCANNER_4_PORT=COM9", "POSAGENT_SCANNER_MAX_LENGTH=128"}})
	hand, table, hid, extra := DefaultScanner(), DefaultScanner(), DefaultScanner(), DefaultScanner()
	hand.Name, hand.Type, hand.Port, hand.Baud, hand.MaxLength = "hand", ScannerSerial, "COM7", 19200, 128
	table.Name, table.Type, table.Port, table.Enabled = "table", ScannerSerial, "COM4", false
	hid.Name, hid.Type, hid.Match = "scanner-3", ScannerHID, Match{VID: "0c2e", PID: "0caa", Serial: "42"}
	extra.Name, extra.Type, extra.Port = "scanner-4", ScannerSerial, "COM9"
	if diff := cmp.Diff([]Scanner{hand, table, hid, extra}, cfg.Scanners); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Scanner{hand, hid, extra}, cfg.ActiveScanners()); diff != "" {
		t.Errorf("active (-want +got):\n%s", diff)
	}
	for key, want := range map[string]string{
		"scanner[1].port": "posagent.d/10.toml:6", "scanner[1].baud": "posagent.toml:5", "scanner[2].enabled": "posagent.d/10.toml:3",
		"scanner[3].match.serial": "POSAGENT_SCANNER_3_MATCH_SERIAL", "scanner[3].match.vid": "posagent.d/20.toml:3", "scanner[3].aim": "default",
	} {
		if got := filepath.ToSlash(cfg.Provenance(key).relative(dir)); got != want {
			t.Errorf("%s comes from %s, want %s", key, got, want)
		}
	}
}

func TestNamesThatWereGivenAreNotGivenAgain(t *testing.T) {
	dir := write(t, map[string]string{"posagent.toml": "[[scanner]]\ntype = \"serial\"\nport = \"COM3\"\n[[scanner]]\nname = \"scanner-1\"\ntype = \"serial\"\nport = \"COM4\"\n"})
	cfg := loadClient(t, dir, Options{})
	if got := []string{cfg.Scanners[0].Name, cfg.Scanners[1].Name}; got[0] != "scanner-2" || got[1] != "scanner-1" {
		t.Errorf("names: %q", got)
	}
}

func TestRelativePathsCountFromTheFileThatHoldsThem(t *testing.T) {
	dir := write(t, map[string]string{
		"etc/posagent.toml":         "[journal]\npath = \"../data/journal.db\"\n[log]\nfile = \"/var/log/x.log\"\n[[scanner]]\ntype = \"serial\"\nport = \"./pty\"\n[[scanner]]\ntype = \"serial\"\nport = \"COM3\"\n",
		"etc/posagent.d/10-a.toml":  "[gateway]\nca_file = \"ca.pem\"\n[api]\nsocket = \"sock\"\n",
		"etc/posagent.d/20-bb.toml": "",
	})
	t.Chdir(dir)
	cfg, err := Load(Options{
		Path: filepath.Join("etc", "posagent.toml"), Explicit: true, Role: RoleClient,
		Env:       []string{"POSAGENT_GATEWAY_PRIVATE_KEY_FILE=keys/a.pem"},
		Overrides: []Override{{"gateway.alipay_public_key_file", "keys/b.pem", "--key"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		filepath.Join(cwd, "data/journal.db"), filepath.FromSlash("/var/log/x.log"), filepath.Join(cwd, "etc/pty"), "COM3",
		filepath.Join(cwd, "etc/posagent.d/ca.pem"), filepath.Join(cwd, "etc/posagent.d/sock"),
		filepath.Join(cwd, "keys/a.pem"), filepath.Join(cwd, "keys/b.pem"),
	}
	got := []string{
		cfg.Journal.Path, cfg.Log.File, cfg.Scanners[0].Port, cfg.Scanners[1].Port, cfg.Gateway.CAFile, cfg.API.Socket,
		cfg.Gateway.PrivateKeyFile, cfg.Gateway.AlipayPublicKeyFile,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := len(cfg.Sources()); got != 3 {
		t.Errorf("%d sources, want 3", got)
	}
}

func TestNotesAreNoFaults(t *testing.T) {
	dir := write(t, map[string]string{"posagent.toml": "[terminal]\nstore_id = \"Causeway-Bay-0001\"\n[gateway]\nproxy_url = \"http://joe:hunter2@proxy:3128\"\n[journal]\nretention = \"90d\"\n"})
	if err := os.Chmod(filepath.Join(dir, "posagent.toml"), 0o666); err != nil {
		t.Fatal(err)
	}
	cfg := loadClient(t, dir, Options{Env: []string{"POSAGENT_SERVICE_HOST=10.0.0.1"}})
	var got []string
	for _, n := range cfg.Notes {
		got = append(got, strings.TrimPrefix(n.Where(), dir+string(filepath.Separator))+" "+n.Key)
		if strings.Contains(n.String(), "hunter2") {
			t.Errorf("a password is shown: %s", n)
		}
	}
	want := []string{
		"posagent.toml ", "posagent.toml scanner", "posagent.toml:2:1 terminal.store_id",
		"posagent.toml:4:1 gateway.proxy_url", "posagent.toml:6:1 journal.retention", "environment POSAGENT_SERVICE_HOST ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDurationsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"300ms": 300 * time.Millisecond, "2m": 2 * time.Minute, "120s": 2 * time.Minute, "1h30m": 90 * time.Minute,
		"400d": 400 * day, "1d12h": 36 * time.Hour, "0s": 0, "-1s": -time.Second,
	} {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if again, err := ParseDuration(FormatDuration(got)); err != nil || again != got {
			t.Errorf("%s is written as %s, which reads as %v, %v", text, FormatDuration(got), again, err)
		}
	}
	for _, bad := range []string{"", "5", "d", "1d-2h", "1d2d", "5 s", "999999d", "106751d24h", "1.5d", "--1s", "１s"} {
		if got, err := ParseDuration(bad); !errors.Is(err, errDuration) {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
	for d, want := range map[time.Duration]string{2 * time.Minute: "2m", 90 * time.Minute: "1h30m", 400 * day: "400d", 10 * time.Second: "10s", time.Hour: "1h", 0: "0s"} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
}
