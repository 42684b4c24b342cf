package config

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"posagent/configs"
	"posagent/device/decode"
	"posagent/device/keyboard"
	"posagent/device/serial"
	"posagent/device/usb"
	"posagent/internal/keystore"
	"posagent/offline"
)

func TestTheAnnotatedExampleHasEveryKeyWithItsDefault(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the example shows the paths of Linux")
	}
	dir := write(t, map[string]string{"posagent.toml": configs.Example})
	cfg := loadClient(t, dir, Options{})
	var missing []string
	for _, s := range cfg.Effective() {
		if s.Origin.Kind == OriginDefault && !strings.Contains(s.Key, ".match.") {
			missing = append(missing, s.Key)
		}
	}
	if len(missing) > 0 {
		t.Errorf("the example lacks %v", missing)
	}
	want := Default()
	example := DefaultScanner()
	example.Name, example.Type, example.Port = "counter", ScannerSerial, "/dev/ttyUSB0"
	want.Scanners = []Scanner{example}
	for _, s := range sections() {
		got := reflect.ValueOf(cfg).Elem().Field(s.index).Interface()
		if diff := cmp.Diff(reflect.ValueOf(want).Field(s.index).Interface(), got); diff != "" {
			t.Errorf("[%s] differs from the defaults in code (-want +got):\n%s", s.name, diff)
		}
	}
}

func TestTheAnnotatedExampleAsksForWhatOnlyTheShopKnows(t *testing.T) {
	dir := write(t, map[string]string{"posagent.toml": configs.Example})
	_, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
	var got []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		key, _, _ := strings.Cut(line, ": is not set")
		got = append(got, key[strings.LastIndex(key, " ")+1:])
	}
	want := []string{
		"terminal.store_id", "terminal.terminal_id", "terminal.currency", "gateway.client_id", "gateway.merchant_id",
		"gateway.private_key_file", "gateway.alipay_public_key_file",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheSandboxExampleLoadsInACheckoutOnceTheKeysAreThere(t *testing.T) {
	dir := write(t, map[string]string{"configs/sandbox.toml": configs.Sandbox})
	path := filepath.Join(dir, "configs", "sandbox.toml")
	_, err := Load(Options{Path: path, Explicit: true})
	if err == nil || strings.Count(err.Error(), "\n") != 1 || strings.Count(err.Error(), "does not exist") != 2 {
		t.Errorf("before the sandbox ran: %v", err)
	}
	for _, name := range []string{"terminal", "alipay"} {
		if _, err := keystore.Ensure(keystore.PairIn(filepath.Join(dir, "sandbox-keys"), name)); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := Load(Options{Path: path, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	want := Terminal{StoreID: "S01", StoreName: "Sunrise Mart", TerminalID: "T03", MCC: "5411", Currency: "HKD", Language: LanguageEnglish}
	if diff := cmp.Diff(want, cfg.Terminal); diff != "" {
		t.Errorf("terminal (-want +got):\n%s", diff)
	}
	if cfg.Journal.Path != filepath.Join(dir, "sandbox-data", "journal.db") || cfg.API.Socket != filepath.Join(dir, "sandbox-data", "posagent.sock") {
		t.Errorf("journal %s, socket %s", cfg.Journal.Path, cfg.API.Socket)
	}
	if len(cfg.Notes) != 1 || cfg.Notes[0].Key != "scanner" {
		t.Errorf("notes: %v", cfg.Notes)
	}
}

func TestThePrintedConfigurationSaysWhereValuesComeFromAndReadsBack(t *testing.T) {
	files := daemonFiles()
	files["posagent.toml"] += "name = \"hand \"\nprefix = \"\\u0002\\\"#\"\n"
	files["posagent.d/20-store.toml"] = "\n[terminal]\nstore_name = \"老王 # \\\"Mart\\\"\"\n[gateway]\nproxy_url = \"http://joe:hunter2@proxy:3128\"\n[policy]\nanswer_wait = \"90s\"\n"
	dir := write(t, files)
	closeKeys(t, dir)
	opts := Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Env: []string{"POSAGENT_LOG_LEVEL=debug"}, Overrides: []Override{{"log.format", "json", "--log-format"}}}
	cfg, err := Load(opts)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := cfg.Print(&out); err != nil {
		t.Fatal(err)
	}
	text := filepath.ToSlash(out.String())
	for _, want := range []string{
		"# files are in " + filepath.ToSlash(dir) + "\n", "\n[terminal]\nstore_id = 'S01' # posagent.toml:2\n",
		"answer_wait = '1m30s' # posagent.d/20-store.toml:7\n", "level = 'debug' # POSAGENT_LOG_LEVEL\n", "format = 'json' # --log-format\n",
		"timeout = '10s' # default\n", "retention = '400d' # default\n", "query_limit = 20 # default\n", "\n[[scanner]]\n", "enabled = true # default\n",
		"proxy_url = 'http://***@proxy:3128' # posagent.d/20-store.toml:5\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Error("the proxy's password is shown")
	}
	var values map[string]any
	if err := toml.Unmarshal([]byte(out.String()), &values); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.toml")
	if err := os.WriteFile(again, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := Load(Options{Path: again, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	back.Gateway.ProxyURL = cfg.Gateway.ProxyURL // was masked
	for _, s := range sections() {
		want, got := reflect.ValueOf(cfg).Elem().Field(s.index).Interface(), reflect.ValueOf(back).Elem().Field(s.index).Interface()
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b ProxyURL) bool { return a.Reveal() == b.Reveal() })); diff != "" {
			t.Errorf("[%s] reads back differently (-want +got):\n%s", s.name, diff)
		}
	}
}

func TestThePolicyIsThatOfThePaymentFlow(t *testing.T) {
	if diff := cmp.Diff(offline.DefaultPolicy(), Default().Policy.Offline()); diff != "" {
		t.Errorf("defaults differ (-flow +configuration):\n%s", diff)
	}
	// What passes here must pass there: at the limits, the flow must not refuse at start what config check called good.
	for _, pick := range []func(leaf) string{func(l leaf) string { return l.min }, func(l leaf) string { return l.max }} {
		var p Policy
		for _, l := range leavesOf(reflect.TypeFor[Policy](), "", nil) {
			reflect.ValueOf(&p).Elem().FieldByIndex(l.index).SetInt(l.limit(pick(l)))
		}
		if err := p.Offline().Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestEveryLimitCanBeReadAndHoldsTheDefault(t *testing.T) {
	defaults := Default()
	for _, s := range sections() {
		value := reflect.ValueOf(defaults).Field(s.index)
		if s.list {
			value = reflect.ValueOf(DefaultScanner())
		}
		for _, l := range s.leaves {
			if l.min == "" {
				continue
			}
			low, high, n := l.limit(l.min), l.limit(l.max), value.FieldByIndex(l.index).Int()
			if low <= 0 || high <= low || n < low || n > high {
				t.Errorf("%s.%s: %s to %s, default %d", s.name, l.name, l.min, l.max, n)
			}
		}
	}
}

func TestNearestForgivesSlipsAndNothingMore(t *testing.T) {
	words := []string{"timeout", "client_id", "level", "file"}
	for word, want := range map[string]string{
		"timeuot": "timeout", "TimeOut": "timeout", "clientid": "client_id", "levle": "level", "fil": "file", "colour": "", "": "",
		strings.Repeat("x", 1000): "",
	} {
		if got := nearest(word, words); got != want {
			t.Errorf("%.20s: %q, want %q", word, got, want)
		}
	}
}

func TestEffectiveSettingsHaveNoDurationsAsNumbers(t *testing.T) {
	cfg := Default()
	for _, s := range cfg.Effective() {
		if _, bad := s.Value.(time.Duration); bad {
			t.Errorf("%s is a number of nanoseconds", s.Key)
		}
	}
}

func TestScannersHaveTheWordsAndDefaultsOfDecoderAndDriver(t *testing.T) {
	var suffixes, modes []string
	for _, s := range decode.Suffixes() {
		suffixes = append(suffixes, string(s))
	}
	for _, m := range decode.AIMModes() {
		modes = append(modes, string(m))
	}
	if diff := cmp.Diff(suffixes, Suffix("").words()); diff != "" {
		t.Errorf("suffixes (-decoder +configuration):\n%s", diff)
	}
	if diff := cmp.Diff(modes, AIM("").words()); diff != "" {
		t.Errorf("AIM modes (-decoder +configuration):\n%s", diff)
	}
	if diff := cmp.Diff(serial.Bauds(), bauds()); diff != "" {
		t.Errorf("bauds (-driver +configuration):\n%s", diff)
	}
	if diff := cmp.Diff(keyboard.Layouts(), Layout("").words()); diff != "" {
		t.Errorf("layouts (-driver +configuration):\n%s", diff)
	}
	s := DefaultScanner()
	if s.Layout != Layout(keyboard.DefaultLayout) {
		t.Errorf("layout %q", s.Layout)
	}
	for gap, ok := range map[time.Duration]bool{hidIdleGap: true, hidIdleGap - 1: false} {
		err := keyboard.Config{Match: usb.Match{VID: "0c2e", PID: "0caa"}, Framing: decode.Framing{IdleGap: gap}}.Validate()
		if (err == nil) != ok {
			t.Errorf("idle gap %v: %v", gap, err)
		}
	}
	if s.IdleGap != decode.DefaultIdleGap || s.MaxLength != decode.DefaultMaxLength {
		t.Errorf("idle_gap %v, max_length %d", s.IdleGap, s.MaxLength)
	}
	framing := decode.Framing{Prefix: s.Prefix, Suffix: decode.Suffix(s.Suffix), AIM: decode.AIMMode(s.AIM), IdleGap: s.IdleGap, MaxLength: s.MaxLength}
	if err := framing.Validate(); err != nil {
		t.Error(err)
	}
}
