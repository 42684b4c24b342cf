package config

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// layered is a company's file with a store's and a terminal's drop-in.
func layered(t *testing.T) (string, *Config) {
	t.Helper()
	dir := write(t, map[string]string{
		"posagent.toml": minimal + "[gateway]\nproxy_url = \"http://user:hunter2@proxy:3128\"\ntimeout = \"8s\"\n[log]\nlevel = \"info\"\n" +
			"[[scanner]]\nname = \"counter\"\ntype = \"serial\"\nport = \"COM3\"\n",
		"posagent.d/10-store.toml":    "[gateway]\ntimeout = \"6s\"\n[terminal]\nstore_name = \"Harbour\"\n",
		"posagent.d/20-terminal.toml": "[terminal]\nterminal_id = \"T09\"\n[[scanner]]\nname = \"counter\"\nbaud = 115200\n",
	})
	return dir, loadClient(t, dir, Options{
		Env: []string{"POSAGENT_GATEWAY_TIMEOUT=4s"}, Overrides: []Override{{Key: "log.level", Value: "debug", Flag: "--log-level"}},
	})
}

func explainOne(t *testing.T, c *Config, key string) Explanation {
	t.Helper()
	list, err := c.Explain(key)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %d explanations, %v", key, len(list), err)
	}
	return list[0]
}

func TestAKeyTellsItsValueItsPlaceAndWhatItOverrode(t *testing.T) {
	dir, cfg := layered(t)
	e := explainOne(t, cfg, "gateway.timeout")
	var where []string
	for _, o := range e.Overrode {
		where = append(where, strings.ReplaceAll(o.Value.(string)+" "+o.Origin.String(), dir+string(filepath.Separator), ""))
	}
	if e.Value != "4s" || e.Origin.String() != "POSAGENT_GATEWAY_TIMEOUT" ||
		strings.Join(where, ", ") != "6s "+filepath.Join("posagent.d", "10-store.toml")+":2, 8s posagent.toml:8, 10s default" {
		t.Errorf("%v from %s overrode %v", e.Value, e.Origin, where)
	}
	if e.Limits != "1s to 1m" || !e.Live || !strings.Contains(e.Meaning, "one HTTP exchange") || !strings.Contains(e.Type, "duration") {
		t.Errorf("%+v", e)
	}
	if e = explainOne(t, cfg, "log.level"); e.Origin.String() != "--log-level" || len(e.Words) != 4 {
		t.Errorf("%+v", e)
	}
	if e = explainOne(t, cfg, "terminal.terminal_id"); e.Live || e.Value != "T09" || len(e.Overrode) != 2 {
		t.Errorf("%+v", e)
	}
	if e = explainOne(t, cfg, "api.socket"); len(e.Overrode) != 0 || e.Origin.Kind != OriginDefault {
		t.Errorf("%+v", e)
	}
}

func TestSecretsAreMaskedInEveryLayer(t *testing.T) {
	_, cfg := layered(t)
	everything, err := json.Marshal([]any{explainOne(t, cfg, "gateway.proxy_url"), cfg.Differing(), cfg.Snapshot(noon), Diff(Snapshot{}, cfg.Snapshot(noon))})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(everything), "hunter2") || !strings.Contains(string(everything), "***@proxy") {
		t.Error("the proxy's password is shown, or its address is not")
	}
}

func TestScannersAreExplainedByNumberByNameAndAll(t *testing.T) {
	_, cfg := layered(t)
	for _, key := range []string{"scanner[1].baud", "scanner[counter].baud", "scanner.baud"} {
		if e := explainOne(t, cfg, key); e.Value != int64(115200) || len(e.Overrode) != 1 || e.Key != "scanner[1].baud" {
			t.Errorf("%s: %+v", key, e)
		}
	}
	cfg.Scanners = nil
	if e := explainOne(t, cfg, "scanner.baud"); e.Value != int64(9600) || e.Meaning == "" {
		t.Errorf("without a scanner: %+v", e)
	}
	if list, err := cfg.Explain("policy"); err != nil || len(list) != 16 {
		t.Errorf("a table: %d keys, %v", len(list), err)
	}
}

func TestAnUnknownKeyIsMetWithTheNearest(t *testing.T) {
	_, cfg := layered(t)
	for typed, near := range map[string]string{
		"gateway.tiemout": "gateway.timeout", "gatway.timeout": "gateway.timeout", "store_name": "terminal.store_name",
		"scanner.bauds": "scanner.baud", "xyz": "", "": "",
	} {
		_, err := cfg.Explain(typed)
		var unknown *UnknownKeyError
		if !errors.As(err, &unknown) || unknown.Near != near || !strings.Contains(err.Error(), near) {
			t.Errorf("%q: %v, want %q", typed, err, near)
		}
	}
}

func TestOnlyWhatDiffersFromTheDefaultsIsListed(t *testing.T) {
	_, cfg := layered(t)
	var keys []string
	for _, e := range cfg.Differing() {
		keys = append(keys, e.Key)
	}
	want := "terminal.store_id terminal.store_name terminal.terminal_id terminal.currency gateway.proxy_url gateway.timeout " +
		"scanner[1].name scanner[1].type scanner[1].port scanner[1].baud log.level"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestEveryKeyHasAMeaning(t *testing.T) {
	meaning := meanings()
	for _, s := range sections() {
		for _, l := range s.leaves {
			if e := describe(&s, l, meaning); e.Meaning == "" || e.Type == "" {
				t.Errorf("%s.%s: %+v", s.name, l.name, e)
			}
		}
	}
}

func TestAConfigurationWithFaultsCanStillBeInspected(t *testing.T) {
	dir := write(t, map[string]string{"posagent.toml": minimal + "[gateway]\ntimeout = \"9h\"\n"})
	cfg, faults := Inspect(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Role: RoleClient})
	if len(faults) != 1 || cfg == nil || explainOne(t, cfg, "gateway.timeout").Value != "9h" {
		t.Errorf("%v, %v", cfg, faults)
	}
}
