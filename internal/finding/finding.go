// Package finding is what a check of the till found: the verdict, in which words,
// and what to do. The commands that judge something share it, with its table and
// its place among the exit codes.
package finding

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Verdict is what a check found. The words are part of the JSON output.
type Verdict string

// The verdicts.
const (
	Pass Verdict = "pass"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
)

// Finding is the result of one check.
type Finding struct {
	Scanner string  `json:"scanner,omitempty"` // which one, where scanners are judged
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	Remedy  string  `json:"remedy,omitempty"`
}

// Of makes a finding. A remedy belongs to what did not pass.
func Of(check string, v Verdict, detail, remedy string) Finding {
	return Finding{Check: check, Verdict: v, Detail: detail, Remedy: remedy}
}

// Worst is the verdict on all together; nothing found is a pass.
func Worst(list []Finding) Verdict {
	worst := Pass
	for _, f := range list {
		switch f.Verdict {
		case Fail:
			return Fail
		case Warn:
			worst = Warn
		case Pass:
		}
	}
	return worst
}

// Tabulate prints the findings for a person, each remedy below its finding.
func Tabulate(w io.Writer, list []Finding) {
	scanners := slices.ContainsFunc(list, func(f Finding) bool { return f.Scanner != "" })
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range list {
		name, indent := "", ""
		if scanners {
			name, indent = f.Scanner+"\t", "\t"
		}
		fmt.Fprintf(t, "%s\t%s%s\t%s\n", f.Verdict, name, f.Check, f.Detail)
		if f.Remedy != "" {
			fmt.Fprintf(t, "%s\t\t-> %s\n", indent, f.Remedy)
		}
	}
	_ = t.Flush() // the terminal is gone if this fails
}
