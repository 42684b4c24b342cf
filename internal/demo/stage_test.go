package demo

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestADaemonThatDoesNotStartEndsTheDemoWithAReason(t *testing.T) {
	ends, err := exec.LookPath("false")
	if err != nil {
		t.Skip("no program that fails: ", err)
	}
	for _, row := range []struct{ name, program, want string }{
		{"there is no such program", filepath.Join(t.TempDir(), "none"), "starting the daemon"},
		{"it ends at once", ends, "ended while starting"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := Run(t.Context(), Options{Dir: t.TempDir(), Program: row.program, Out: io.Discard})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}
