package posagent_test

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"posagent/internal/logx"
)

// A field of the log has one name everywhere, and one meaning: store IT searches for it. What the pretend gateway and the
// window's processes say is read by whoever started them.
func TestTheLogUsesTheListedFieldsAndActions(t *testing.T) {
	known := map[string]bool{}
	for _, f := range logx.Fields() {
		key, _, _ := strings.Cut(f.Key, ".") // a group is logged by its first name
		known[key] = true
	}
	used, calls := map[string]bool{}, 0
	for _, s := range tree(t) {
		if s.test || within(s.pkg, "posagent/offline/sandbox", "posagent/internal/logx", "posagent/internal/rig", "posagent/internal/demo", "posagent/ui") ||
			strings.HasPrefix(s.path, "cmd/posagent/ui") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			args := logged(call)
			if args == nil {
				return true
			}
			calls++
			for i := 0; i < len(args); i += 2 {
				key, literal := wordOf(args[i])
				if !literal {
					continue
				}
				used[key] = true
				if !known[key] {
					t.Errorf("%s: the field %q is not on the list of internal/logx", s.at(args[i].Pos()), key)
				}
				if key != "action" || i+1 >= len(args) {
					continue
				}
				if word, literal := wordOf(args[i+1]); literal && !logx.Action(word).Known() {
					t.Errorf("%s: the action %q is not on the list of internal/logx", s.at(args[i+1].Pos()), word)
				}
			}
			return true
		})
	}
	if calls < 40 || !used["sale"] || !used["error"] {
		t.Errorf("only %d lines were looked at: the test has lost its sight", calls)
	}
}

// logged returns the fields of a call that writes a line, or binds some; nil: it does neither.
func logged(call *ast.CallExpr) []ast.Expr {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !isLog(sel.X) {
		return nil
	}
	skip, ok := map[string]int{"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "Log": 3, "With": 0}[sel.Sel.Name]
	if !ok || len(call.Args) < skip {
		return nil
	}
	args := call.Args[skip:]
	if call.Ellipsis.IsValid() && len(args) == 1 {
		if inner, ok := args[0].(*ast.CallExpr); ok && len(inner.Args) > 0 { // append(args, "key", value)...
			return append([]ast.Expr{}, inner.Args[1:]...)
		}
	}
	return append([]ast.Expr{}, args...)
}

// isLog tells whether an expression is a logger, as they are called here.
func isLog(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return strings.EqualFold(x.Name, "log")
	case *ast.SelectorExpr:
		return strings.EqualFold(x.Sel.Name, "log")
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Logger"
	}
	return false
}

func wordOf(x ast.Expr) (string, bool) {
	lit, ok := x.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
