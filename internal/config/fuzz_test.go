package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posagent/configs"
)

// FuzzLoad holds that no file makes Load panic, that every refusal is a list of faults that each say what to do, and
// that what loads can be printed and loads again.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		configs.Sandbox, minimal, daemonText, "a.b.c = 1", "[[scanner]]\n[scanner.match]\nvid=\"1\"", "scanner = [1, {}, [2]]",
		"[[a]]\n[[a.b]]\nc = 1\n[[a]]\n[a.b]", "terminal = []", "[terminal]\n'' = 1", "x = 1979-05-27", "\xef\xbb\xbf[log]",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	path := filepath.Join(dir, "posagent.toml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(Options{Path: path, Explicit: true, Role: RoleClient})
		if err != nil {
			var faults Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("not a list of faults: %v", err)
			}
			for _, fault := range faults {
				if fault.Problem == "" || fault.Remedy == "" || strings.ContainsAny(fault.String(), "\n\r") {
					t.Errorf("a bad fault: %q", fault.String())
				}
			}
			return
		}
		var out strings.Builder
		if err := cfg.Print(&out); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(Options{Path: path, Explicit: true, Role: RoleClient}); err != nil {
			t.Errorf("what was printed does not load: %v\n%s", err, out.String())
		}
	})
}
