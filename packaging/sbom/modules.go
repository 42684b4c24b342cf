package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/licensecheck"
)

// standardLibrary is what cyclonedx-gomod calls Go's own library.
const standardLibrary = "std"

// find tells in which directory the source of each module is.
func find(list []cdx.Component) (map[string]string, error) {
	args := []string{"list", "-m", "-f", "{{.Path}} {{.Version}} {{.Dir}}"}
	for _, c := range list {
		if c.Name != standardLibrary {
			args = append(args, c.Name)
		}
	}
	out, err := goTool(args...)
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for line := range strings.Lines(out) {
		if path, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			version, dir, _ := strings.Cut(rest, " ")
			at := slices.IndexFunc(list, func(c cdx.Component) bool { return c.Name == path && c.Version == version })
			if at < 0 || dir == "" {
				return nil, fmt.Errorf("%s %s is not what was linked: was the program built from this source?", path, version)
			}
			dirs[path] = dir
		}
	}
	root, err := goTool("env", "GOROOT")
	dirs[standardLibrary] = strings.TrimSpace(root)
	return dirs, err
}

func goTool(args ...string) (string, error) {
	tool := os.Getenv("GO")
	if tool == "" {
		tool = "go"
	}
	cmd := exec.Command(tool, args...) //nolint:gosec,noctx // the builder's own tool, for as long as this lasts
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return string(out), nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)`)

// stated is the licence of modules whose file names it without its text.
func stated(module string) string {
	if module == "github.com/karalabe/hid" {
		return "LGPL-2.1-or-later AND BSD-2-Clause AND BSD-3-Clause" // on Linux, says its LICENSE.md
	}
	return ""
}

// licences reads a module's licence from the files at its root. A text that is not
// known is an error: somebody must look at it.
func licences(name, dir string) (*cdx.Licenses, error) {
	if e := stated(name); e != "" {
		return expression(e), nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, m := range licensecheck.Scan(text).Match {
			if !m.IsURL && !slices.Contains(ids, m.ID) {
				ids = append(ids, m.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s: no known licence text in %s", name, dir)
	}
	slices.Sort(ids)
	list := cdx.Licenses{}
	for _, id := range ids {
		list = append(list, cdx.LicenseChoice{License: &cdx.License{ID: id}})
	}
	return &list, nil
}

func expression(e string) *cdx.Licenses { return &cdx.Licenses{{Expression: e}} }

// ownModule is under which name a program's own parts are listed.
func ownModule(program string) string { return "posagent:" + program }
