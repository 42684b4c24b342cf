package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// changes loads a daemon's configuration, changes its files and compares. The
// first is compared once more after it has been written and read: a configuration
// is kept over restarts.
func changes(t *testing.T, change func(dir string)) Changes {
	t.Helper()
	files := daemonFiles()
	files["posagent.toml"] += "name = \"counter\"\n[gateway2]\n"
	files["posagent.toml"] = strings.TrimSuffix(files["posagent.toml"], "[gateway2]\n")
	dir, old, err := loadDaemon(t, files)
	if err != nil {
		t.Fatal(err)
	}
	change(dir)
	closeKeys(t, dir)
	next, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	before, after := old.Snapshot(noon), next.Snapshot(noon)
	kept, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	var read Snapshot
	if err := json.Unmarshal(kept, &read); err != nil {
		t.Fatal(err)
	}
	found := Diff(before, after)
	if again := Diff(read, after); strings.Join(again.Keys(), " ") != strings.Join(found.Keys(), " ") && !found.Touches("gateway.proxy_url") {
		t.Errorf("the kept configuration differs in %v, the one in memory in %v", again.Keys(), found.Keys())
	}
	return found
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNothingChangedIsNoChange(t *testing.T) {
	if got := changes(t, func(string) {}); len(got) != 0 {
		t.Errorf("changes %v", got)
	}
}

func TestAChangeNamesOldAndNewWithTheirPlacesAndWhoseFileItIs(t *testing.T) {
	got := changes(t, func(dir string) {
		put(t, filepath.Join(dir, "posagent.d", "50.toml"), "[gateway]\ntimeout = \"7s\"\n[journal]\npath = \"j.db\"\n")
	})
	if len(got) != 2 || got[0].Key != "gateway.timeout" || got[0].Old != "10s" || got[0].New != "7s" || got[0].Restart ||
		got[0].Was.Kind != OriginDefault || got[0].Origin.Line != 2 || got[0].Source == nil || got[0].Source.Modified.IsZero() {
		t.Fatalf("changes %v", got)
	}
	if restart := got.NeedRestart(); len(restart) != 1 || restart[0].Key != "journal.path" {
		t.Errorf("need a restart: %v", restart)
	}
	if text := got[0].String(); !strings.Contains(text, `gateway.timeout: "10s" -> "7s"`) || !strings.Contains(text, "50.toml:2") {
		t.Error(text)
	}
}

func TestAKeyThatIsReplacedUnderTheSameNameIsAChange(t *testing.T) {
	got := changes(t, func(dir string) {
		put(t, filepath.Join(dir, "keys", "alipay_public.pem"), string(testKeys()["terminal_public.pem"]))
		put(t, filepath.Join(dir, "keys", "terminal_private.pem"), string(testKeys()["alipay_private.pem"]))
	})
	if strings.Join(got.Keys(), " ") != "gateway.private_key_file gateway.alipay_public_key_file" {
		t.Fatalf("changes %v", got)
	}
	if text := got[0].String(); !strings.Contains(text, "sha256 ") || strings.Contains(text, "PRIVATE") {
		t.Error(text)
	}
}

func TestAnotherPasswordOfTheProxyIsAChangeAndIsNotTold(t *testing.T) {
	two := func(password string) Snapshot {
		dir := write(t, map[string]string{"posagent.toml": minimal + "[gateway]\nproxy_url = \"http://u:" + password + "@p:1\"\n"})
		return loadClient(t, dir, Options{}).Snapshot(noon)
	}
	got := Diff(two("old"), two("new"))
	if len(got) != 1 || strings.Contains(got[0].String(), "new@") {
		t.Errorf("changes %v", got)
	}
}

func TestAScannerInFrontOfAnotherDoesNotChangeTheOther(t *testing.T) {
	got := changes(t, func(dir string) {
		text, err := os.ReadFile(filepath.Join(dir, "posagent.toml"))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, "posagent.toml"), strings.Replace(string(text), "[[scanner]]", "[[scanner]]\nname = \"first\"\ntype = \"serial\"\nport = \"COM9\"\n[[scanner]]", 1))
	})
	if len(got) == 0 || !got.Touches("scanner") || len(got.NeedRestart()) != 0 {
		t.Fatalf("changes %v", got)
	}
	for _, c := range got {
		if !strings.HasPrefix(c.Key, "scanner[1].") || c.Old != nil {
			t.Errorf("change %s", c)
		}
	}
}

func TestWhatHasNoTagNeedsARestart(t *testing.T) {
	live := liveKeys()
	for _, key := range []string{
		"terminal.store_id", "terminal.terminal_id", "journal.path", "api.socket", "api.listen", "api.token_file",
		"admin.listen", "log.format", "log.file",
	} {
		if is, known := live[key]; is || !known {
			t.Errorf("%s: live %v, known %v", key, is, known)
		}
	}
	for _, key := range []string{"gateway.private_key_file", "policy.code_ttl", "scanner.match.vid", "log.level", "terminal.currency", "supervisor.refund"} {
		if !live[key] {
			t.Errorf("%s needs a restart", key)
		}
	}
}
