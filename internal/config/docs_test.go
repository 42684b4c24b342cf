package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the document says of restarts is what the daemon does.
func TestTheDocumentListsExactlyTheKeysThatNeedARestart(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "## What needs a restart")
	if !ok {
		t.Fatal("the document has no section on restarts")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var listed []string
	for _, m := range regexp.MustCompile("`([a-z_]+\\.[a-z_.]+)`").FindAllStringSubmatch(section, -1) {
		listed = append(listed, m[1])
	}
	var restart []string
	for key, live := range liveKeys() {
		if !live {
			restart = append(restart, key)
		}
	}
	slices.Sort(listed)
	slices.Sort(restart)
	if !slices.Equal(slices.Compact(listed), restart) {
		t.Errorf("the document lists\n%v\nand these need a restart:\n%v", listed, restart)
	}
}
