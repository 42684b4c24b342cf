package logx

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

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

func TestTheDocumentListsEveryFieldAndAction(t *testing.T) {
	text, err := os.ReadFile("../../docs/logs.md")
	if err != nil {
		t.Fatal(err)
	}
	have := strings.Split(string(text), "\n")
	want := tables()
	for _, line := range want {
		if !slices.Contains(have, line) {
			t.Errorf("docs/logs.md lacks the line\n%s", line)
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
