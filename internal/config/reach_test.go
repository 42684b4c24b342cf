package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFaultThatIsNotAboutTheWayKeepsNobodyFromTheDaemon(t *testing.T) {
	for _, row := range []struct {
		name, main, dropIn string
		faults             int
		refused            bool
	}{
		{"sound", "[api]\nsocket = \"s\"\n", "", 0, false},
		{"a bad value in a drop-in", "[api]\nsocket = \"s\"\n", "[policy]\nsale_timeout = \"a while\"\n", 1, false},
		{"an unknown key", "[api]\nsocket = \"s\"\n[terminal]\ncolour = \"red\"\n", "", 1, false},
		{"a drop-in that is no TOML", "[api]\nsocket = \"s\"\n", "[policy\n", 1, false},
		{"a bad rule of the admin listener", "[api]\nsocket = \"s\"\n", "[admin]\nread = \"x\"\n", 1, false},
		{"an unknown key of the listeners", "[api]\nsockett = \"s\"\n", "", 0, true},
		{"no listener", "[api]\nsocket = \"\"\n", "", 0, true},
		{"a main file that is no TOML", "[api\n", "", 0, true},
		{"an admin socket that is the other one", "[api]\nsocket = \"s\"\n[admin]\nsocket = \"s\"\n", "", 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "posagent.toml")
			if err := os.MkdirAll(filepath.Join(dir, "posagent.d"), 0o700); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{path: row.main, filepath.Join(dir, "posagent.d", "x.toml"): row.dropIn} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cfg, faults, err := Reach(Options{Path: path, Explicit: true})
			if row.refused {
				if err == nil {
					t.Error("taken")
				}
				return
			}
			if err != nil || len(faults) != row.faults || !strings.HasSuffix(cfg.AdminSocket(), "s-admin") {
				t.Errorf("%v, %d faults, socket %v", err, len(faults), cfg)
			}
		})
	}
	if _, _, err := Reach(Options{Path: "/nowhere/posagent.toml", Explicit: true}); err == nil {
		t.Error("a file that is not there is taken")
	}
}
