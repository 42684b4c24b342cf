package posagent_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/token"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// constantVars are package-level variables that no rule recognises as constant
// but that are: nobody can change what they hold without assigning to them, and
// TestArchitectureNobodyAssignsToPackageState sees to that.
var constantVars = map[string]string{
	"posagent/offline.Beijing":              "a *time.Location, which has no method that changes it",
	"posagent/offline.NeverDue":             "a time.Time, a value",
	"posagent/internal/asleep.origin":       "a time.Time, a value",
	"posagent/internal/config.durationType": "a reflect.Type, compared with and nothing else",
	"posagent/cmd/posagent.version":         "set by the linker (-ldflags -X), which takes only variables",
	"posagent/cmd/posagent.commit":          "set by the linker (-ldflags -X), which takes only variables",
	"posagent/internal/buildinfo.version":   "set by the linker (-ldflags -X), which takes only variables",
	"posagent/internal/buildinfo.commit":    "set by the linker (-ldflags -X), which takes only variables",
}

func TestArchitectureNoMutablePackageState(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range tree(t) {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				vs := spec.(*ast.ValueSpec)
				for i, name := range vs.Names {
					full := s.pkg + "." + name.Name
					if _, known := constantVars[full]; known {
						seen[full] = true
						continue
					}
					if name.Name != "_" && !constant(vs, i) && !embedded(gen, vs) {
						t.Errorf("%s: variable %s lives as long as the process: state that two tests, or two tills in one process, would share", s.at(name.Pos()), name.Name)
					}
				}
			}
		}
	}
	if !seen["posagent/offline.Beijing"] {
		t.Error("the list of constant variables names one that is gone: the check may be looking at the wrong tree")
	}
}

// constant recognises errors and patterns made by a call that always gives the same.
func constant(vs *ast.ValueSpec, i int) bool {
	if i >= len(vs.Values) {
		return false
	}
	call, ok := vs.Values[i].(*ast.CallExpr)
	if !ok {
		return false
	}
	switch callee(call) {
	case "errors.New", "fmt.Errorf", "regexp.MustCompile":
		return true
	}
	return false
}

func callee(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return pkg.Name + "." + sel.Sel.Name
}

// embedded recognises files that the compiler puts in.
func embedded(gen *ast.GenDecl, vs *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{gen.Doc, vs.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

// A variable that counts as constant must not be assigned to from any function
// of its package, in tests neither.
func TestArchitectureNobodyAssignsToPackageState(t *testing.T) {
	vars := map[string]map[string]bool{}
	for _, s := range tree(t) {
		for _, decl := range s.file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR || s.test {
				continue
			}
			for _, spec := range gen.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if vars[s.pkg] == nil {
						vars[s.pkg] = map[string]bool{}
					}
					vars[s.pkg][name.Name] = name.Name != "_"
				}
			}
		}
	}
	for _, s := range tree(t) {
		for _, decl := range s.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			own := declared(fn)
			ast.Inspect(fn, func(n ast.Node) bool {
				assign, ok := n.(*ast.AssignStmt)
				if !ok || assign.Tok == token.DEFINE {
					return true
				}
				for _, left := range assign.Lhs {
					if id, ok := left.(*ast.Ident); ok && vars[s.pkg][id.Name] && !own[id.Name] {
						t.Errorf("%s: assigns to the package's variable %s", s.at(id.Pos()), id.Name)
					}
				}
				return true
			})
		}
	}
}

// declared lists the names that a function declares anywhere in itself.
func declared(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, f := range list.List {
			for _, id := range f.Names {
				names[id.Name] = true
			}
		}
	}
	fields(fn.Recv)
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

func TestArchitectureNoInitFunctions(t *testing.T) {
	for _, s := range tree(t) {
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: work done by importing cannot be ordered, refused or tested", s.at(fn.Pos()))
			}
		}
	}
}

func TestArchitectureNoFloatsNearMoney(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || !within(s.pkg, "posagent/offline", "posagent/queue", "posagent/internal/till", "posagent/internal/localapi") {
			continue
		}
		if strings.HasSuffix(s.path, "/status.go") || within(s.pkg, "posagent/offline/offlinetest") {
			continue // lengths of time for graphs; chances of a simulated world
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && (id.Name == "float64" || id.Name == "float32") {
				t.Errorf("%s: %s beside money: amounts are whole minor units", s.at(id.Pos()), id.Name)
			}
			return true
		})
	}
}

// Words that are stored or sent are named strings: a number made by counting
// changes its meaning when a line is put in between.
func TestArchitectureNoCountedEnumsInTheDomain(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || !within(s.pkg, "posagent/offline", "posagent/queue", "posagent/internal/localapi") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == "iota" {
				t.Errorf("%s: iota", s.at(id.Pos()))
			}
			return true
		})
	}
}

// cgoHomes may contain or reach C code: everything else builds and tests
// without a C compiler.
var cgoHomes = []string{"posagent/device/hid$", "posagent/ui", "posagent/cmd/posagent"}

// cgoUsers put device/hid together with the rest. Its library is an empty shell
// without C, and so they build without it as well.
var cgoUsers = []string{"posagent/internal/agent", "posagent/internal/doctor", "posagent/internal/e2e", "posagent/internal/rig"}

func TestArchitectureCgo(t *testing.T) {
	for _, s := range tree(t) {
		for _, imported := range s.imports() {
			if imported == "C" && !within(s.pkg, cgoHomes[:2]...) {
				t.Errorf("%s contains C: only device/hid and ui may need a C compiler", s.path)
			}
		}
	}
	// Libraries bring C too. The standard library's own (net, os/user) has
	// alternatives in Go and does not count.
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command to list what the libraries bring")
	}
	type listed struct {
		ImportPath string
		Standard   bool
		CgoFiles   []string
		Deps       []string
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Standard,CgoFiles,Deps", "./...")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	needsC := map[string]bool{}
	var pkgs []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
		needsC[p.ImportPath] = !p.Standard && len(p.CgoFiles) > 0
	}
	if len(pkgs) < 20 {
		t.Fatalf("go list knows only %d packages", len(pkgs))
	}
	for _, p := range pkgs {
		if !within(p.ImportPath, module) || within(p.ImportPath, cgoHomes...) || within(p.ImportPath, cgoUsers...) {
			continue
		}
		for _, dep := range p.Deps {
			if needsC[dep] {
				t.Errorf("%s needs a C compiler through %s", p.ImportPath, dep)
			}
		}
	}
}
