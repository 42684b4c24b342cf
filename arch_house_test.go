package posagent_test

import (
	"bytes"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	longestFile     = 500 // lines; a longer one is two subjects
	longestTestFile = 800
)

func TestEveryFileHasOneSubjectsLength(t *testing.T) {
	for _, s := range tree(t) {
		lines, limit := s.fset.File(s.file.Pos()).LineCount(), longestFile
		if s.test {
			limit = longestTestFile
		}
		if lines > limit {
			t.Errorf("%s has %d lines, more than %d: split it by subject", s.path, lines, limit)
		}
	}
}

// folder is what the tree holds under one import path.
type folder struct {
	docs  []string // files with a package comment
	code  []string
	tests []string
	spawn string // where production code starts a goroutine
	leaks bool   // some test file uses goleak
}

func folders(t *testing.T) map[string]*folder {
	t.Helper()
	all := map[string]*folder{}
	for _, s := range tree(t) {
		f := all[s.pkg]
		if f == nil {
			f = &folder{}
			all[s.pkg] = f
		}
		if s.file.Doc != nil {
			f.docs = append(f.docs, s.path)
		}
		if s.test {
			f.tests = append(f.tests, s.path)
			f.leaks = f.leaks || slices.Contains(s.imports(), "go.uber.org/goleak")
			continue
		}
		f.code = append(f.code, s.path)
		ast.Inspect(s.file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				f.spawn = s.at(g.Pos())
			}
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
					f.spawn = s.at(call.Pos())
				}
			}
			return true
		})
	}
	return all
}

func TestEveryPackageHasOneDocument(t *testing.T) {
	for pkg, f := range folders(t) {
		if len(f.docs) != 1 {
			t.Errorf("%s has its package comment in %d files %v: it belongs into exactly one", pkg, len(f.docs), f.docs)
		}
	}
}

func TestEveryPackageDocumentNamesItsPackage(t *testing.T) {
	for _, s := range tree(t) {
		if s.file.Doc == nil {
			continue
		}
		want := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" {
			want = "Command " + path.Base(s.pkg) + " "
		}
		if text := s.file.Doc.Text(); !strings.HasPrefix(text, want) {
			t.Errorf("%s: the package comment begins %.40q, not %q", s.path, text, want)
		}
	}
}

// untested are packages without a test of their own, each with the reason.
var untested = map[string]string{
	"posagent/configs":         "embedded files only; internal/config tests them",
	"posagent/queue/queuetest": "a suite that the tests of queue and offline/offlinetest run",
}

func TestEveryPackageHasTests(t *testing.T) {
	all := folders(t)
	for pkg, f := range all {
		if _, excused := untested[pkg]; len(f.tests) == 0 && !excused {
			t.Errorf("%s has no test", pkg)
		}
	}
	for pkg := range untested {
		if all[pkg] != nil && len(all[pkg].tests) > 0 {
			t.Errorf("%s has tests now: take it off the list", pkg)
		}
	}
}

// leakFree are packages that start goroutines and are checked for leaks by
// others, each with the reason.
var leakFree = map[string]string{
	"posagent/device/replay":   "the tests of device run on it and check for leaks",
	"posagent/offline":         "its engine is tested in synctest bubbles, which fail if a goroutine is left",
	"posagent/internal/agent":  "it runs as a process of its own in internal/e2e; a part that does not stop meets the watchdog there",
	"posagent/internal/demo":   "its processes and goroutines end with the command that plays it",
	"posagent/queue/queuetest": "the tests of queue and offline/offlinetest run it and check for leaks",
}

func TestEveryPackageThatStartsGoroutinesIsCheckedForLeaks(t *testing.T) {
	for pkg, f := range folders(t) {
		if _, excused := leakFree[pkg]; f.spawn != "" && !f.leaks && !excused {
			t.Errorf("%s starts a goroutine (%s) but no test of it uses goleak", pkg, f.spawn)
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, s := range tree(t) {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil {
					t.Errorf("%s: %s has no comment", s.at(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
						t.Errorf("%s: type %s has no comment", s.at(ts.Pos()), ts.Name.Name)
					}
					if vs, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR && vs.Names[0].IsExported() && d.Doc == nil && vs.Doc == nil && vs.Comment == nil {
						t.Errorf("%s: %s has no comment", s.at(vs.Pos()), vs.Names[0].Name)
					}
				}
			}
		}
	}
}

// exportedReceiver tells whether a function is part of the public face. Methods
// that a well-known interface explains do not count.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	switch d.Name.Name {
	case "String", "GoString", "Format", "Error", "Unwrap", "Is", "As", "LogValue", "Len", "Less", "Swap",
		"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "MarshalTOML", "Read", "Write", "Close":
		return false
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// text is one readable file of the project.
type text struct {
	path string
	body []byte
}

func texts(t *testing.T, keep func(name string) bool) []text {
	t.Helper()
	var all []text
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (entry.Name() == ".git" || entry.Name() == "build" || entry.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		slashed := filepath.ToSlash(name)
		if name == ".git" { // what a second checkout has in place of the folder
			return nil
		}
		if !entry.Type().IsRegular() || keep != nil && !keep(slashed) {
			return nil
		}
		info, err := entry.Info()
		if err != nil || info.Size() > 4<<20 {
			return err
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if utf8.Valid(body) && !bytes.ContainsRune(body, 0) {
			all = append(all, text{slashed, body})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no file to read: the test runs in the wrong folder")
	}
	return all
}

func eachLine(body []byte, visit func(n int, line string)) {
	for i, line := range strings.Split(string(body), "\n") {
		visit(i+1, line)
	}
}

// Places of the machine that something was written on mean nothing to others.
func TestEveryFileIsFreeOfThisMachinesPaths(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	home := regexp.MustCompile(`(?:^|[^\w.@-])/(?:root|work|home/\w+|Users/\w+)/\w`)
	for _, f := range texts(t, nil) {
		eachLine(f.body, func(n int, line string) {
			if strings.Contains(line, here+"/") || home.MatchString(line) {
				t.Errorf("%s:%d: a path of one machine: %.100s", f.path, n, line)
			}
		})
	}
}

func TestEveryOpenEndHasAnOwner(t *testing.T) {
	mark := regexp.MustCompile(`\b(?:TO` + `DO|FIX` + `ME)\b(?:\(\w+\))?`)
	for _, f := range texts(t, nil) {
		eachLine(f.body, func(n int, line string) {
			for _, found := range mark.FindAllString(line, -1) {
				if !strings.HasSuffix(found, ")") {
					t.Errorf("%s:%d: %s without an owner in brackets: %.100s", f.path, n, found, line)
				}
			}
		})
	}
}

// Digits that look like a whole payment code belong into tests, sandbox,
// documents and nowhere else.
func TestEveryPaymentCodeStaysInTests(t *testing.T) {
	code := regexp.MustCompile(`(?:^|\D)(?:2[5-9]|30)\d{14,22}(?:\D|$)`)
	for _, s := range tree(t) {
		if s.test || within(s.pkg, "posagent/offline/sandbox", "posagent/offline/offlinetest", "posagent/queue/queuetest") || strings.Contains(s.path, "demo") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && code.MatchString(lit.Value) {
				t.Errorf("%s: looks like a whole payment code", s.at(lit.Pos()))
			}
			return true
		})
	}
}
