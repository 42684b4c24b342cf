package posagent_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func document(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func markdown(t *testing.T) []text {
	t.Helper()
	return texts(t, func(name string) bool { return strings.HasSuffix(name, ".md") && !strings.Contains(name, "testdata/") })
}

// storedWords are the types of the domain whose values stand in a journal or in
// an answer of the local API.
var storedWords = []string{
	"State", "SaleState", "RefundState", "FactKind", "Op", "OutcomeKind", "ReasonClass",
	"Undo", "Anomaly", "Reason", "Result", "How", "SaleReason",
}

func TestDocumentsNameEveryStoredWord(t *testing.T) {
	states := document(t, "docs/states.md")
	found := map[string]int{}
	for _, s := range tree(t) {
		if s.pkg != "posagent/offline" || s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.CONST {
				continue
			}
			for _, spec := range gen.Specs {
				vs := spec.(*ast.ValueSpec)
				typ, ok := vs.Type.(*ast.Ident)
				if !ok || !slices.Contains(storedWords, typ.Name) {
					continue
				}
				word, err := strconv.Unquote(vs.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				found[typ.Name]++
				if !strings.Contains(states, "`"+word+"`") {
					t.Errorf("%s: the word %q of %s is not explained in docs/states.md", s.at(vs.Pos()), word, typ.Name)
				}
			}
		}
	}
	for _, typ := range storedWords {
		if found[typ] == 0 {
			t.Errorf("type %s has no constant in package offline: the list of types is out of date", typ)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

func TestDocumentsLinkOnlyToWhatIsThere(t *testing.T) {
	for _, f := range markdown(t) {
		for _, m := range link.FindAllStringSubmatch(string(f.body), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // an address outside
			}
			place := f.path
			if target != "" {
				place = path.Join(path.Dir(f.path), target)
			}
			if _, err := os.Stat(place); err != nil {
				t.Errorf("%s links to %s, which is not there", f.path, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(document(t, place)), anchor) {
				t.Errorf("%s links to %s: no such heading", f.path, m[1])
			}
		}
	}
}

// anchors are the names that headings get on the usual hosts.
func anchors(body string) []string {
	var list []string
	for _, m := range heading.FindAllStringSubmatch(body, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				return r
			case r >= 'A' && r <= 'Z':
				return r + 'a' - 'A'
			}
			return -1
		}, m[1])
		list = append(list, name)
	}
	return list
}

func TestDocumentsNameOnlyTestsThatExist(t *testing.T) {
	known := map[string]bool{}
	for _, s := range tree(t) {
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
				known[fn.Name.Name] = true
			}
		}
	}
	named := regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w+`)
	for _, f := range markdown(t) {
		for _, name := range named.FindAllString(string(f.body), -1) {
			if !known[name] {
				t.Errorf("%s names %s, which does not exist", f.path, name)
			}
		}
	}
}

func TestDocumentsNameOnlyTargetsThatTheMakefileHas(t *testing.T) {
	makefile := document(t, "Makefile")
	call := regexp.MustCompile("(?:`|^    |^)make ([a-z][a-z-]*)")
	for _, f := range markdown(t) {
		eachLine(f.body, func(n int, line string) {
			for _, m := range call.FindAllStringSubmatch(line, -1) {
				if !strings.Contains(makefile, "\n"+m[1]+":") {
					t.Errorf("%s:%d: make %s is no target", f.path, n, m[1])
				}
			}
		})
	}
}

func TestDocumentsAreAllInTheIndex(t *testing.T) {
	index := document(t, "docs/README.md")
	for _, f := range markdown(t) {
		name, below := strings.CutPrefix(f.path, "docs/")
		if below && name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// A library that nobody explains is a library that nobody looked at.
func TestDocumentsExplainEveryDirectDependency(t *testing.T) {
	explained := document(t, "docs/dependencies.md")
	modules := map[string]string{} // path to version
	for _, line := range strings.Split(document(t, "go.mod"), "\n") {
		if fields := strings.Fields(line); len(fields) >= 2 && strings.Contains(fields[0], ".") && strings.HasPrefix(fields[1], "v") {
			modules[fields[0]] = fields[1]
		}
	}
	if len(modules) == 0 {
		t.Fatal("go.mod lists no module")
	}
	missing := map[string]string{}
	for _, s := range tree(t) {
		for _, imported := range s.imports() {
			for m, version := range modules {
				if within(imported, m) && !strings.Contains(explained, "| "+m+" | "+version+" |") {
					missing[m+" "+version] = s.path
				}
			}
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z.]+\.[a-z]+/\S+) \| v`).FindAllStringSubmatch(explained, -1) {
		if modules[row[1]] == "" {
			t.Errorf("docs/dependencies.md explains %s, which go.mod does not have", row[1])
		}
	}
	for m, where := range missing {
		t.Errorf("docs/dependencies.md says nothing about %s (used by %s)", m, where)
	}
}
