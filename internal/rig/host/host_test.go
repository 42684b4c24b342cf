package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posagent/internal/rig"
)

func said(lines ...rig.Line) *tally {
	t := &tally{out: &bytes.Buffer{}}
	for _, l := range lines {
		t.console(l.String())
	}
	return t
}

func TestOnlyARunThatCameToItsEndAndHeldIsGood(t *testing.T) {
	good := rig.Line{Kind: rig.KindCheck, Scenario: "pay", Name: "paid", OK: true}
	bad := rig.Line{Kind: rig.KindCheck, Scenario: "pay", Name: "paid", Text: "not paid"}
	end := rig.Line{Kind: rig.KindEnd}
	for name, c := range map[string]struct {
		lines []rig.Line
		want  bool
	}{
		"all held":              {[]rig.Line{good, end}, true},
		"one did not hold":      {[]rig.Line{good, bad, good, end}, false},
		"nothing was checked":   {[]rig.Line{end}, false},
		"the machine went down": {[]rig.Line{good}, false},
	} {
		if got := said(c.lines...).verdict(); got != c.want {
			t.Errorf("%s: the verdict is %v", name, got)
		}
	}
}

func TestAMachineThatDiesShowsItsLastWords(t *testing.T) {
	var out bytes.Buffer
	ta := &tally{out: &out}
	for range 2 * lastLines {
		ta.console("[    1.0] something")
	}
	ta.console("[    2.0] Kernel panic - not syncing")
	if ta.verdict() || !strings.Contains(out.String(), "Kernel panic") {
		t.Errorf("the summary is %q", out.String())
	}
	if n := strings.Count(out.String(), "something"); n >= lastLines {
		t.Errorf("%d lines of the console are shown", n)
	}
}

func TestWhatFailedIsSaidAgainAtTheEnd(t *testing.T) {
	ta := said(rig.Line{Kind: rig.KindCheck, Scenario: "twins", Name: "told apart", Text: "both are ready"}, rig.Line{Kind: rig.KindEnd})
	ta.verdict()
	text := ta.out.(*bytes.Buffer).String()
	if n := strings.Count(text, "twins: told apart: both are ready"); n != 2 {
		t.Errorf("the failure is told %d times: %s", n, text)
	}
}

func TestTheNewestKernelPackageIsTaken(t *testing.T) {
	dir := t.TempDir()
	if _, err := kernelPackage(dir); err == nil || !strings.Contains(err.Error(), ".ci/need rig") {
		t.Errorf("without a kernel: %v", err)
	}
	for i, name := range []string{"linux-image-6.1.0-9-amd64_1_amd64.deb", "linux-image-6.1.0-10-amd64_1_amd64.deb"} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, nil, 0o600))
		at := time.Unix(int64(1_700_000_000+i), 0)
		must(t, os.Chtimes(path, at, at))
	}
	if got, err := kernelPackage(dir); err != nil || !strings.Contains(got, "6.1.0-10") {
		t.Errorf("%s, %v", got, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
