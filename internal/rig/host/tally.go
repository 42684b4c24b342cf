package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"posagent/internal/rig"
)

// tally prints the guest's findings and counts them.
type tally struct {
	out     io.Writer
	verbose bool

	begun  time.Time
	passed int
	failed []string
	ended  bool
	last   []string // of the console, shown when the guest does not come to its end
}

const lastLines = 40

// console takes one line of the machine's console.
func (t *tally) console(line string) {
	if t.begun.IsZero() {
		t.begun = time.Now()
	}
	l, ok := rig.ParseLine(line)
	if !ok {
		t.last = append(t.last, line)
		t.last = t.last[max(0, len(t.last)-lastLines):]
		if t.verbose {
			t.print("      ", line)
		}
		return
	}
	switch l.Kind {
	case rig.KindScenario:
		t.print("==    ", l.Scenario)
	case rig.KindCheck:
		if l.OK {
			t.passed++
			t.print("ok    ", describe(l))
			return
		}
		t.failed = append(t.failed, describe(l))
		t.print("FAILED", describe(l))
	case rig.KindFigure:
		t.print("figure", describe(l))
	case rig.KindNote:
		if t.verbose {
			t.print("note  ", describe(l))
		}
	case rig.KindEnd:
		t.ended = true
	}
}

func (t *tally) print(what, text string) {
	fmt.Fprintf(t.out, "%6.1fs  %s  %s\n", time.Since(t.begun).Seconds(), what, text)
}

func describe(l rig.Line) string {
	parts := []string{l.Scenario}
	if l.Name != "" {
		parts = append(parts, l.Name)
	}
	if l.Text != "" {
		parts = append(parts, l.Text)
	}
	return strings.Join(parts, ": ")
}

// verdict prints the summary and says whether everything held.
func (t *tally) verdict() bool {
	if !t.ended {
		fmt.Fprintln(t.out, "The guest did not come to its end. The console's last lines:")
		for _, l := range t.last {
			fmt.Fprintln(t.out, "  ", l)
		}
	}
	for _, f := range t.failed {
		fmt.Fprintln(t.out, "FAILED ", f)
	}
	fmt.Fprintf(t.out, "%d checks held, %d did not\n", t.passed, len(t.failed))
	return t.ended && len(t.failed) == 0 && t.passed > 0
}
