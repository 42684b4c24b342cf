// Package posagent_test holds the rules of the house as tests: who may import
// whom, what a package may keep, how long a file gets, and that the documents
// tell the truth about names. Each rule has its reason beside it, which a broken
// rule prints.
package posagent_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "posagent"

// source is one Go file, parsed whatever system or tag it is built for: a rule
// that held on Linux alone would be no rule.
type source struct {
	path string // with slashes, from the project's root
	pkg  string // import path of its folder
	test bool
	file *ast.File
	fset *token.FileSet
}

func (s source) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(pos).Line)
}

// imports lists what the file imports, "C" included.
func (s source) imports() []string {
	list := make([]string, 0, len(s.file.Imports))
	for _, spec := range s.file.Imports {
		list = append(list, strings.Trim(spec.Path.Value, `"`))
	}
	return list
}

// skipped are the folders that hold no source of this project.
func skipped(name string) bool {
	return name == ".git" || name == "build" || name == "testdata" || name == "node_modules"
}

// sources parses the whole tree, once for all tests.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(name)
		all = append(all, source{
			path: slashed, pkg: path.Join(module, path.Dir(slashed)),
			test: strings.HasSuffix(name, "_test.go"), file: file, fset: fset,
		})
		return nil
	})
	return all, err
})

func tree(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// within tells whether an import path lies at or below one of the roots. A root
// that ends in "$" stands for itself alone.
func within(pkg string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		if exact, ok := strings.CutSuffix(root, "$"); ok {
			return pkg == exact
		}
		return pkg == root || strings.HasPrefix(pkg, root+"/")
	})
}

// rule says what the packages below from may not import, or which packages alone
// may import something.
type rule struct {
	name   string
	from   []string // where the rule holds
	except []string // where, below from, it does not
	forbid []string // what may not be imported
	deep   bool     // nor reached through other packages of this project
	tests  bool     // counts for test files too
	reason string
}

var importRules = []rule{
	{
		name: "the domain reaches no I/O", deep: true,
		from: []string{"posagent/offline$", "posagent/offline/cashier"},
		forbid: []string{
			"go.etcd.io", "fyne.io", "github.com/karalabe/hid", "github.com/tarm/serial", "github.com/spf13/cobra",
			"net$", "net/http", "os", "io/fs", "syscall", "golang.org/x/sys", "database/sql", "crypto/rsa", "log$",
			"posagent/queue", "posagent/device", "posagent/ui", "posagent/internal", "posagent/cmd",
		},
		reason: "the payment policy must be testable in microseconds and must not depend on a disk, a wire or a device",
	},
	{
		name: "bbolt stays in queue", tests: true,
		from: []string{module}, except: []string{"posagent/queue"}, forbid: []string{"go.etcd.io/bbolt"},
		reason: "one package knows how the journal lies on disk, so that its format and its crash rules can change in one place",
	},
	{
		name: "tarm/serial stays in device/serial", tests: true,
		from: []string{module}, except: []string{"posagent/device/serial"}, forbid: []string{"github.com/tarm/serial", "go.bug.st/serial"},
		reason: "the library can be replaced behind device.Driver without anybody noticing",
	},
	{
		name: "hidapi stays in device/hid", tests: true,
		from: []string{module}, except: []string{"posagent/device/hid$"}, forbid: []string{"github.com/karalabe/hid"},
		reason: "it brings C code; all else, the parsers below device/hid too, must build without a C compiler",
	},
	{
		name: "go-winio stays in internal/pipe", tests: true,
		from: []string{module}, except: []string{"posagent/internal/pipe"}, forbid: []string{"github.com/Microsoft/go-winio"},
		reason: "who may use a pipe, and whose pipe it is, is decided in one place",
	},
	{
		name: "the terminal's library stays in ui/terminal", tests: true,
		from: []string{module}, except: []string{"posagent/ui/terminal"}, forbid: []string{"github.com/gdamore/tcell"},
		reason: "what a screen says is decided in ui/model, and every view draws the same",
	},
	{
		name: "the window's toolkit stays in ui and one file of the command", tests: true,
		from: []string{module}, except: []string{"posagent/ui", "posagent/cmd/posagent"}, forbid: []string{"fyne.io"},
		reason: "payments go on when the window cannot be drawn",
	},
	{
		name: "the OpenGL driver is imported by the command alone", tests: true,
		from: []string{module}, except: []string{"posagent/cmd/posagent"}, forbid: []string{"fyne.io/fyne/v2/app", "fyne.io/fyne/v2/driver/desktop"},
		reason: "every test of a view runs without cgo and without a display",
	},
	{
		name: "what the window shows is decided without the toolkit", tests: true, deep: true,
		from: []string{"posagent/ui/model"}, forbid: []string{"fyne.io"},
		reason: "screen, words and buttons must be provable by plain table tests",
	},
	{
		name: "the window sees the local API's client and nothing behind it", deep: true,
		from:   []string{"posagent/ui"},
		forbid: []string{"posagent/queue", "posagent/offline/alipay", "posagent/device", "posagent/internal/agent", "posagent/internal/keystore"},
		reason: "the window may crash, restart or run as another user than the one who owns the keys",
	},
	{
		name: "scanners do not know payments", tests: true,
		from: []string{"posagent/device"}, forbid: []string{"posagent/offline", "posagent/queue", "posagent/internal"},
		reason: "a scanner delivers bytes and their kind; what they mean for money is decided in internal/till",
	},
	{
		name: "payments do not know scanners", tests: true,
		from: []string{"posagent/offline", "posagent/queue"}, forbid: []string{"posagent/device"},
		reason: "they meet in internal/till and nowhere else",
	},
	{
		name: "the journal does not know the wire", tests: true,
		from: []string{"posagent/queue"}, forbid: []string{"posagent/offline/alipay", "posagent/offline/sandbox", "net/http"},
		reason: "both are adapters to interfaces that offline declares, and each can be replaced alone",
	},
	{
		name: "the wire does not know the journal", tests: true,
		from: []string{"posagent/offline/alipay"}, forbid: []string{"posagent/queue"},
		reason: "both are adapters to interfaces that offline declares, and each can be replaced alone",
	},
	{
		name: "the pretend gateway shares no code with the client",
		from: []string{"posagent/offline/sandbox"}, forbid: []string{"posagent/offline/alipay", "posagent/queue", "posagent/device"},
		reason: "a mistake shared by both sides of the wire would pass every test",
	},
	{
		name: "the till knows its parts by interfaces",
		from: []string{"posagent/internal/till"}, forbid: []string{"posagent/queue", "posagent/offline/alipay", "posagent/offline/sandbox", "net/http", "posagent/device/serial", "posagent/device/hid", "posagent/device/replay"},
		reason: "the foreground is tested with time under control, and time cannot be controlled across sockets and devices",
	},
	{
		name: "the local API knows no store, wire or scanner driver",
		from: []string{"posagent/internal/localapi"}, forbid: []string{"posagent/queue", "posagent/offline/alipay", "posagent/offline/sandbox", "posagent/device/serial", "posagent/device/hid"},
		reason: "a register's request reaches the payment through till and engine, which hold the guards",
	},
	{
		name: "only the command assembles", tests: true,
		from: []string{module}, except: []string{"posagent/cmd/posagent", "posagent/internal/agent", "posagent/internal/doctor", "posagent/internal/e2e", "posagent/internal/crashtest"},
		forbid: []string{"posagent/internal/agent"},
		reason: "the one place that knows every concrete type must stay at the end of every import chain; the doctor alone judges the very parts that the daemon would be built from",
	},
	{
		name: "nothing but the command plays the demo or the doctor", tests: true,
		from: []string{module}, except: []string{"posagent/cmd/posagent", "posagent/internal/demo", "posagent/internal/doctor", "posagent/internal/e2e"},
		forbid: []string{"posagent/internal/demo", "posagent/internal/doctor"},
		reason: "a pretend gateway and throw-away keys must not find their way into the daemon",
	},
	{
		name: "the admin API knows no store, wire or scanner driver",
		from: []string{"posagent/internal/admin"}, forbid: []string{"posagent/queue", "posagent/offline/alipay", "posagent/internal/agent", "posagent/internal/till", "posagent/device/serial", "posagent/device/hid"},
		reason: "what store IT asks for is done by hooks, so that its rights can be tested without a till",
	},
	{
		name: "the audit trail knows nothing of what it records",
		from: []string{"posagent/internal/audit"}, forbid: []string{"posagent/queue", "posagent/offline", "posagent/internal/agent", "posagent/internal/admin", "net/http"},
		reason: "the journal keeps it, and everything that changes the till writes into it",
	},
	{
		name: "the daemon holds no pretend gateway",
		from: []string{"posagent/internal/agent", "posagent/internal/till", "posagent/internal/localapi", "posagent/internal/admin"}, forbid: []string{"posagent/offline/sandbox", "posagent/internal/pretend"},
		reason: "money is real where the daemon runs; the sandbox is another process with another address",
	},
	{
		name: "nothing imports the command", tests: true,
		from: []string{module}, forbid: []string{"posagent/cmd"},
		reason: "the command is thin; what two callers need belongs into a package of its own",
	},
	{
		name: "test helpers stay out of the program",
		from: []string{module}, except: []string{"posagent/offline/offlinetest", "posagent/queue/queuetest", "posagent/internal/crashtest", "posagent/internal/e2e"},
		forbid: []string{"testing", "net/http/httptest", "posagent/offline/offlinetest", "posagent/queue/queuetest", "posagent/internal/pkitest", "go.uber.org/goleak", "pgregory.net/rapid", "github.com/google/go-cmp"},
		reason: "a fake or a test hook in the shipped program could take money's place",
	},
	{
		name: "no unsafe memory", tests: true,
		from: []string{module}, except: []string{"posagent/device/hid/usbfs", "posagent/device/keyboard/evdev", "posagent/internal/diskspace", "posagent/internal/dpapi", "posagent/internal/threads", "posagent/ui/sound"}, forbid: []string{"unsafe"},
		reason: "a wild pointer next to payment code cannot be reasoned about",
	},
	{
		name: "a support bundle asks nobody by itself",
		from: []string{"posagent/internal/support"}, forbid: []string{"net$", "net/http", "posagent/internal/agent", "posagent/internal/doctor", "posagent/internal/localapi", "posagent/offline/alipay"},
		reason: "it must come out when daemon and network are down; whoever makes one says whom to ask",
	},
	{
		name: "who tells of sales decides nothing about them",
		from: []string{"posagent/internal/salelog"}, forbid: []string{"posagent/queue", "posagent/internal/till", "posagent/offline/alipay", "os"},
		reason: "the log hears of what is committed, and must never stand on a payment's way",
	},
	{
		name: "systems' logs stay in logx", tests: true,
		from: []string{module}, except: []string{"posagent/internal/logx", "posagent/internal/winservice"}, forbid: []string{"github.com/coreos/go-systemd/v22/journal", "golang.org/x/sys/windows/svc/eventlog", "gopkg.in/natefinch/lumberjack.v2"},
		reason: "every line passes the same mask, limits and hand-over, wherever it goes; winservice only registers the source",
	},
	{
		name: "one log", from: []string{module}, forbid: []string{"log$"},
		reason: "log/slog through internal/logx masks codes and keys; the plain logger does not",
	},
}

func TestArchitectureImports(t *testing.T) {
	all := tree(t)
	inner := map[string][]string{} // production imports between packages of this project
	direct := map[string]map[string]string{}
	for _, s := range all {
		for _, imported := range s.imports() {
			if s.test {
				continue
			}
			if direct[s.pkg] == nil {
				direct[s.pkg] = map[string]string{}
			}
			direct[s.pkg][imported] = s.path
			if within(imported, module) {
				inner[s.pkg] = append(inner[s.pkg], imported)
			}
		}
	}
	for _, r := range importRules {
		t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
			if r.reason == "" {
				t.Fatal("a rule without a reason")
			}
			for _, s := range all {
				if !within(s.pkg, r.from...) || within(s.pkg, r.except...) || s.test && !r.tests {
					continue
				}
				for _, imported := range s.imports() {
					if within(imported, r.forbid...) {
						t.Errorf("%s imports %s: %s", s.path, imported, r.reason)
					}
				}
			}
			if !r.deep {
				return
			}
			for pkg := range direct {
				if !within(pkg, r.from...) || within(pkg, r.except...) {
					continue
				}
				for _, via := range reach(pkg, inner) {
					for imported, where := range direct[via] {
						if within(imported, r.forbid...) {
							t.Errorf("%s reaches %s through %s (%s): %s", pkg, imported, via, where, r.reason)
						}
					}
				}
			}
		})
	}
}

// reach lists every package of this project that pkg imports, near or far.
func reach(pkg string, inner map[string][]string) []string {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(p string) {
		for _, next := range inner[p] {
			if !seen[next] {
				seen[next] = true
				visit(next)
			}
		}
	}
	visit(pkg)
	list := make([]string, 0, len(seen))
	for p := range seen {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// The rules must be able to fail: a rule whose "from" matches nothing would be
// silent for ever.
func TestArchitectureRulesHoldSomewhere(t *testing.T) {
	pkgs := map[string]bool{}
	for _, s := range tree(t) {
		pkgs[s.pkg] = true
	}
	for _, r := range importRules {
		for _, root := range r.from {
			found := false
			for pkg := range pkgs {
				found = found || within(pkg, root)
			}
			if !found {
				t.Errorf("rule %q speaks of %s, which does not exist", r.name, root)
			}
		}
	}
}

func TestArchitectureMatchesPathsByWholeElements(t *testing.T) {
	for _, row := range []struct {
		pkg, root string
		want      bool
	}{
		{"posagent/offline", "posagent/offline", true},
		{"posagent/offline/alipay", "posagent/offline", true},
		{"posagent/offlinetest", "posagent/offline", false},
		{"posagent/offline", "posagent/offline$", true},
		{"posagent/offline/alipay", "posagent/offline$", false},
		{"net/http", "net$", false},
		{"os/exec", "os", true},
	} {
		if got := within(row.pkg, row.root); got != row.want {
			t.Errorf("within(%q, %q) = %v", row.pkg, row.root, got)
		}
	}
}
