package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// minimal is the least that a client needs to load without a fault.
const minimal = `
[terminal]
store_id = "S01"
terminal_id = "T03"
currency = "HKD"
`

// write puts files below a fresh directory and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLayersOverrideEachOtherInTheirOrder(t *testing.T) {
	dir := write(t, map[string]string{
		"posagent.toml":            minimal + "[policy]\nanswer_wait = \"4s\"\nquery_interval = \"4s\"\nwatch_interval = \"4s\"\ncode_ttl = \"4s\"\n",
		"posagent.d/20-b.toml":     "[policy]\nquery_interval = \"6s\"\nwatch_interval = \"6s\"\ncode_ttl = \"6s\"\n",
		"posagent.d/10-a.toml":     "[policy]\nquery_interval = \"5s\"\n",
		"posagent.d/.hidden.toml":  "nonsense",
		"posagent.d/30-c.toml.bak": "nonsense",
	})
	cfg, err := Load(Options{
		Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Role: RoleClient,
		Env:       []string{"POSAGENT_POLICY_WATCH_INTERVAL=7s", "POSAGENT_POLICY_CODE_TTL=7s", "HOME=/root"},
		Overrides: []Override{{Key: "policy.code_ttl", Value: "8s", Flag: "--code-ttl"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []time.Duration{cfg.Policy.QueryTimeout, cfg.Policy.AnswerWait, cfg.Policy.QueryInterval, cfg.Policy.WatchInterval, cfg.Policy.CodeTTL}
	want := []time.Duration{3 * time.Second, 4 * time.Second, 6 * time.Second, 7 * time.Second, 8 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	var origins []string
	for _, key := range []string{"query_timeout", "answer_wait", "query_interval", "watch_interval", "code_ttl"} {
		origins = append(origins, cfg.Provenance("policy."+key).relative(dir))
	}
	wantOrigins := []string{"default", "posagent.toml:7", "posagent.d/20-b.toml:2", "POSAGENT_POLICY_WATCH_INTERVAL", "--code-ttl"}
	if diff := cmp.Diff(wantOrigins, origins); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}
