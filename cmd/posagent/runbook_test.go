package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Whoever types a command of the runbook at three in the night must not find
// that it was renamed.
func TestTheRunbooksCommandsExist(t *testing.T) {
	body, err := os.ReadFile("../../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, span := range regexp.MustCompile("(?s)```sh\n(.*?)```|`([^`]+)`").FindAllStringSubmatch(string(body), -1) {
		for line := range strings.Lines(span[1] + strings.ReplaceAll(span[2], "\n", " ")) {
			if command := typed(line); command != nil {
				found++
				checkCommand(t, newRoot(&program{}), command)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d commands were found: the test would prove nothing", found)
	}
}

// typed is what follows the program's name in a command line, or nil.
func typed(line string) []string {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	for i, w := range words {
		before := ""
		if i > 0 {
			before = words[i-1]
		}
		if w == "posagent" && (i == 0 || before == "--" || before == "sudo") && i+1 < len(words) {
			return words[i+1:]
		}
	}
	return nil
}

func checkCommand(t *testing.T, root *cobra.Command, words []string) {
	t.Helper()
	line := strings.Join(words, " ")
	at := root
	for len(words) > 0 && !strings.HasPrefix(words[0], "-") {
		next, _, err := at.Find(words[:1])
		if err != nil || next == at {
			break // an argument
		}
		at, words = next, words[1:]
	}
	if at == root || at.HasSubCommands() {
		t.Errorf("posagent %s: there is no such command", line)
		return
	}
	for _, w := range words {
		name, isFlag := strings.CutPrefix(w, "--")
		if isFlag && at.Flags().Lookup(name) == nil && at.InheritedFlags().Lookup(name) == nil {
			t.Errorf("posagent %s: there is no flag --%s", line, name)
		}
	}
}
