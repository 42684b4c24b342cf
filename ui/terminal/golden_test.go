package terminal

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"posagent/ui/model"
)

// update writes the golden files anew: look at them before they are kept.
func update() bool {
	f := flag.Lookup("golden.update")
	return f != nil && f.Value.String() == "true"
}

func TestEveryScreenInEveryLanguageOnATerminalOf80By24(t *testing.T) {
	l := newLook(full, false)
	for _, lang := range languages() {
		t.Run(lang.Tag, func(t *testing.T) {
			all := screens(t, lang.Tag)
			kinds := make([]model.Kind, 0, len(all))
			for k := range all {
				kinds = append(kinds, k)
			}
			slices.Sort(kinds)
			var b strings.Builder
			for _, k := range kinds {
				b.WriteString("=== " + string(k) + "\n" + l.compose(all[k], 80, 24).grid.String())
			}
			name := filepath.Join("testdata", lang.Tag+".txt")
			if update() {
				if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); d != "" {
				t.Errorf("the screens are others than in %s (-want +got); if that is meant: go test ./ui/terminal -golden.update\n%s", name, d)
			}
		})
	}
}
