package admin_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/metrics.md anew")

const (
	tableFile  = "../../docs/metrics.md"
	tableBegin = "<!-- the table is written by: go test ./internal/admin -run Table -update -->\n"
	tableEnd   = "<!-- end of the table -->\n"
)

// family is one metric of a scrape.
type family struct {
	name, kind, help string
	labels           map[string]map[string]bool // values by label
}

var sample = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? \S+$`)

// families reads a scrape; only our own metrics.
func families(t *testing.T, body string) []*family {
	t.Helper()
	var list []*family
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		word := strings.SplitN(line, " ", 4)
		switch {
		case strings.HasPrefix(line, "# HELP "):
			list = append(list, &family{name: word[2], help: word[3], labels: map[string]map[string]bool{}})
		case strings.HasPrefix(line, "# TYPE "):
			list[len(list)-1].kind = word[3]
		default:
			m := sample.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("not a sample: %s", line)
			}
			for _, pair := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(m[2], -1) {
				f := list[len(list)-1]
				if f.labels[pair[1]] == nil {
					f.labels[pair[1]] = map[string]bool{}
				}
				f.labels[pair[1]][pair[2]] = true
			}
		}
	}
	return slices.DeleteFunc(list, func(f *family) bool { return !strings.HasPrefix(f.name, "posagent_") })
}

// open are the labels whose values come from the site or the build.
var open = map[string]string{
	"currency": "the terminal's", "scanner": "as configured", "version": "", "commit": "", "goversion": "", "code": "of the warning",
	"certificate": "`gateway`, `gateway_ca`, `admin`, `admin_ca`",
}

func table(t *testing.T) string {
	var out strings.Builder
	out.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, f := range families(t, scrape(t, newMetrics())) {
		var labels []string
		for _, l := range slices.Sorted(maps.Keys(f.labels)) {
			text := "`" + l + "`"
			switch from, is := open[l]; {
			case l == "le":
				continue
			case is && from == "":
			case is:
				text += ": " + from
			default:
				text += ": " + strings.Join(slices.Sorted(maps.Keys(f.labels[l])), ", ")
			}
			labels = append(labels, text)
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", f.name, f.kind, strings.Join(labels, "; "), strings.ReplaceAll(f.help, "|", "\\|"))
	}
	return out.String()
}

func TestTheTableOfMetricsIsThatOfTheRegistry(t *testing.T) {
	body, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(body), tableBegin)
	old, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", tableFile)
	}
	now := table(t)
	if old == now {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the program tells; run: go test ./internal/admin -run Table -update\n%s", tableFile, now)
	}
	if err := os.WriteFile(tableFile, []byte(before+tableBegin+now+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
