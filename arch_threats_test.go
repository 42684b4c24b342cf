package posagent_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A proof that was renamed or thrown away must not be claimed any longer.
func TestTheThreatModelNamesProofsThatExist(t *testing.T) {
	declared := map[string]bool{}
	for _, s := range texts(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(s.body), -1) {
			declared[m[1]] = true
		}
	}
	model := document(t, "docs/threat-model.md")
	named := regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllStringSubmatch(model, -1)
	if len(named) < 40 || len(declared) < 500 {
		t.Fatalf("%d proofs are named, %d tests exist: the test has lost its sight", len(named), len(declared))
	}
	for _, m := range named {
		if !declared[m[1]] {
			t.Errorf("docs/threat-model.md names %s, which is no test", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`((?:packaging/test|\\.ci)/[\\w-]+)`").FindAllStringSubmatch(model, -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("docs/threat-model.md names %s: %v", m[1], err)
		}
	}
}
