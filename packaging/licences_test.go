package packaging_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the list of licences anew; what is new is marked with a question mark, for a person to read")

const licenceList = "licence-list"

// allowed are the licences under which a module may be linked in, by SPDX name: all
// of them let the product be sold and its source be kept, for a notice in return.
// LGPL is not among them: the one library under it is excused by name.
func allowed() []string {
	return []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "OFL-1.1", "Unlicense", "Zlib"}
}

// demanding are words of licences that ask for more than a notice.
var demanding = regexp.MustCompile(`(?i)GNU (AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE|Server Side Public License|Business Source License|Commons Clause|Mozilla Public License|Eclipse Public License|non-?commercial (use|purposes) only`)

// demandingButRead are the modules whose texts have such words, and why that is right.
func demandingButRead() map[string]string {
	return map[string]string{
		"github.com/karalabe/hid": "of hidapi's three licences BSD is taken; libusb is LGPL-2.1-or-later, whose terms packaging/licences and ADR 17 fulfil",
	}
}

// linked are all modules that any of the builds links, with their folders.
func linked(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, b := range []struct{ os, tags string }{{"linux", "headless"}, {"linux", "window,x11"}, {"windows", "headless"}, {"windows", "window"}} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", b.tags, "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "../cmd/posagent")
		list.Env = append(os.Environ(), "GOOS="+b.os, "CGO_ENABLED=1")
		list.Stderr = os.Stderr
		text, err := list.Output()
		if err != nil {
			t.Fatalf("%v for %s with %s: %v", list.Args, b.os, b.tags, err)
		}
		for line := range strings.Lines(string(text)) {
			if path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				out[path] = dir
			}
		}
	}
	return out
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)`)

// texts are the licence texts of a module in a fixed order, white space evened out.
func texts(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !licenceFile.MatchString(d.Name()) || strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata") {
			return err
		}
		body, err := os.ReadFile(path)
		b.WriteString(strings.Join(strings.Fields(string(body)), " ") + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// licence is one row of the list: under which licence a person has found a module,
// and the hash of the texts that were read.
type licence struct{ name, digest string }

func readList(t *testing.T) map[string]licence {
	t.Helper()
	body, err := os.ReadFile(licenceList)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]licence{}
	for line := range strings.Lines(string(body)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] != "#" {
			out[words[0]] = licence{words[1], words[2]}
		}
	}
	return out
}

// A module whose licence nobody has read, or whose licence has changed, must not
// come in with an upgrade unseen.
func TestEveryLinkedModuleHasALicenceThatWasReadAndIsAllowed(t *testing.T) {
	known, modules := readList(t), linked(t)
	if len(modules) < 20 {
		t.Fatalf("only %d modules are linked: the test has lost its sight", len(modules))
	}
	now := map[string]licence{}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		text := texts(t, modules[path])
		sum := sha256.Sum256([]byte(text))
		row := licence{cmp.Or(known[path].name, "?"), hex.EncodeToString(sum[:8])}
		if known[path].digest != row.digest {
			row.name = "?"
		}
		now[path] = row
		judgeLicence(t, path, text, row, known[path])
	}
	for path := range known {
		if _, is := modules[path]; !is && !*update {
			t.Errorf("%s is on the list and linked in no build: take it off", path)
		}
	}
	if *update {
		writeList(t, now)
	}
}

func judgeLicence(t *testing.T, path, text string, row, known licence) {
	t.Helper()
	switch {
	case text == "":
		t.Errorf("%s has no licence: nobody may use it", path)
	case known.name == "":
		t.Errorf("%s is new: read its licence and add it to packaging/%s (go test ./packaging -run Licence -update makes the row)", path, licenceList)
	case row.name == "?":
		t.Errorf("%s: its licence is not the text that was read as %s: read it again", path, known.name)
	}
	for _, name := range strings.Split(row.name, "+") {
		excused := name == "LGPL-2.1-or-later" && demandingButRead()[path] != ""
		if row.name != "?" && !slices.Contains(allowed(), name) && !excused {
			t.Errorf("%s is under %s, which is not among %v", path, name, allowed())
		}
	}
	if word := demanding.FindString(text); word != "" && demandingButRead()[path] == "" {
		t.Errorf("%s: its texts speak of the %s", path, word)
	}
}

func writeList(t *testing.T, rows map[string]licence) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Every module that a build links, its licences by SPDX name, and the hash of the texts that a person has read.\n")
	for _, path := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&b, "%-50s %-24s %s\n", path, rows[path].name, rows[path].digest)
	}
	if err := os.WriteFile(licenceList, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestALicenceThatAsksForMoreThanANoticeIsFound(t *testing.T) {
	for text, want := range map[string]bool{
		"GNU AFFERO GENERAL PUBLIC LICENSE Version 3":                        true,
		"GNU GENERAL PUBLIC LICENSE Version 2, June 1991":                    true,
		"Business Source License 1.1":                                        true,
		"Permission is hereby granted, free of charge, to any person":        false,
		"Redistribution and use in source and binary forms, with or without": false,
	} {
		if demanding.MatchString(text) != want {
			t.Errorf("%q: found %v", text, !want)
		}
	}
}
