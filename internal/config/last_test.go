package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// lastShop is a directory with a sound configuration that a daemon has taken.
func lastShop(t *testing.T) (dir string, opts Options) {
	t.Helper()
	dir = t.TempDir()
	opts = Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Role: RoleClient}
	lastFile(t, dir, "posagent.toml", "[journal]\npath = \"data/journal.db\"\n[policy]\nquery_limit = 9\n")
	lastFile(t, dir, "posagent.d/10-a.toml", "[policy]\ncancel_retries = 4\n")
	lastFile(t, dir, "data/journal.db", "")
	cfg, err := Load(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.KeepFiles(); err != nil {
		t.Fatal(err)
	}
	return dir, opts
}

func lastFile(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAtFaultLeaveThoseThatWereTakenLast(t *testing.T) {
	for name, spoil := range map[string]func(dir string){
		"a bad value":        func(dir string) { lastFile(t, dir, "posagent.d/20-b.toml", "[policy]\nquery_limit = 0\n") },
		"no TOML":            func(dir string) { lastFile(t, dir, "posagent.d/20-b.toml", "[policy") },
		"a drop-in replaced": func(dir string) { lastFile(t, dir, "posagent.d/10-a.toml", "[colour]\n") },
	} {
		t.Run(name, func(t *testing.T) {
			dir, opts := lastShop(t)
			spoil(dir)
			if _, err := Load(opts); err == nil {
				t.Fatal("the files are sound")
			}
			opts.Env = []string{"POSAGENT_POLICY_QUERY_LIMIT=11"}
			cfg, err := LoadLast(opts)
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Policy.CancelRetries != 4 || cfg.Policy.QueryLimit != 11 {
				t.Errorf("got %+v: the files of the last run below today's environment are wanted", cfg.Policy)
			}
			if want := filepath.Join(dir, "data", "journal.db"); cfg.Journal.Path != want {
				t.Errorf("the journal is %s, want %s: paths count from the files as they were", cfg.Journal.Path, want)
			}
			if info, err := os.Stat(LastPath(cfg.Journal.Path)); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
				t.Errorf("the copy: %v, %v", info, err)
			}
		})
	}
}

func TestACopyThatDoesNotBelongHereIsNotTaken(t *testing.T) {
	for name, row := range map[string]struct {
		change func(dir string, opts *Options)
		want   error
	}{
		"no copy": {func(dir string, _ *Options) { lastRemove(t, dir, "data/configuration-files.json") }, ErrNothingKept},
		"another main file": {func(dir string, o *Options) {
			o.Path = filepath.Join(dir, "other.toml")
			lastFile(t, dir, "other.toml", "[journal]\npath = \"data/journal.db\"\n[x]\n")
		}, ErrNothingKept},
		"another journal": {func(dir string, _ *Options) {
			lastFile(t, dir, "posagent.d/20-b.toml", "[journal]\npath = \"data/second.db\"\n[x]\n")
		}, ErrNothingKept},
		"a damaged copy":      {func(dir string, _ *Options) { lastFile(t, dir, "data/configuration-files.json", "[{\"path\":") }, nil},
		"faults of today too": {func(dir string, o *Options) { o.Env = []string{"POSAGENT_POLICY_QUERY_LIMIT=none"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir, opts := lastShop(t)
			row.change(dir, &opts)
			if _, err := LoadLast(opts); err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func lastRemove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
