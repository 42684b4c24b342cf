package logx

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/logs.md anew")

// tables are what docs/logs.md says about actions and fields, line for line.
func tables() []string {
	var lines []string
	for _, a := range Actions() {
		lines = append(lines, fmt.Sprintf("| `%s` | %d | %s |", a.Action, a.EventID, a.About))
	}
	ids := EventIDs()
	for _, id := range []uint32{eventAudit, eventInfo, eventWarn, eventError} {
		lines = append(lines, fmt.Sprintf("| | %d | %s |", id, ids[id]))
	}
	for _, f := range Fields() {
		lines = append(lines, fmt.Sprintf("| `%s` | `%s` | `%s` | %s |", f.Key, f.ECS, JournalName(f.ECS), f.About))
	}
	return lines
}

const document = "../../docs/logs.md"

// rewrite puts the tables into the document anew: behind the head of each, up to the line that ends it.
func rewrite(t *testing.T, text string) string {
	t.Helper()
	actions, fields := tables(), []string(nil)
	actions, fields = actions[:len(EventIDs())], actions[len(EventIDs()):]
	for head, rows := range map[string][]string{
		"| action | Windows event id | the line says |\n|---|---|---|\n": actions,
		"| text | JSON | journal | |\n|---|---|---|---|\n":               fields,
	} {
		before, after, found := strings.Cut(text, head)
		if !found {
			t.Fatalf("%s has no table with the head %q", document, head)
		}
		for strings.HasPrefix(after, "|") {
			_, after, _ = strings.Cut(after, "\n")
		}
		text = before + head + strings.Join(rows, "\n") + "\n" + after
	}
	return text
}

// TestTheDocumentListsEveryFieldAndAction writes the tables with -update.
func TestTheDocumentListsEveryFieldAndAction(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		text = []byte(rewrite(t, string(text)))
		if err := os.WriteFile(document, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have := strings.Split(string(text), "\n")
	want := tables()
	for _, line := range want {
		if !slices.Contains(have, line) {
			t.Errorf("docs/logs.md lacks the line (go test ./internal/logx -run Document -update writes it)\n%s", line)
		}
	}
	rows := 0
	for _, line := range have {
		if strings.HasPrefix(line, "| `posagent") || strings.HasPrefix(line, "| `") && strings.Count(line, "|") >= 4 {
			rows++
		}
	}
	if most := len(want); rows > most {
		t.Errorf("docs/logs.md has %d rows of actions and fields, and there are %d: some are of the past", rows, most)
	}
}
