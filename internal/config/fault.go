package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong: where, which key, what, and what to do about it.
type Fault struct {
	File     string `json:"file,omitempty"`     // absolute path; empty where no file is concerned
	Line     int    `json:"line,omitempty"`     // counted from one; 0 where the fault is something missing
	Column   int    `json:"column,omitempty"`   // in bytes, counted from one
	Variable string `json:"variable,omitempty"` // the environment variable, if it holds the fault
	Flag     string `json:"flag,omitempty"`     // the command line flag, if it holds the fault
	Key      string `json:"key,omitempty"`      // gateway.timeout, scanner[1].port
	Problem  string `json:"problem"`            // never holds a secret
	Remedy   string `json:"remedy"`             // what to do

	rank int
}

// Where is file:line:column, the variable or the flag.
func (f Fault) Where() string {
	switch {
	case f.Flag != "":
		return "flag " + f.Flag
	case f.Variable != "":
		return "environment " + f.Variable
	case f.File == "":
		return "configuration"
	case f.Line == 0:
		return f.File
	default:
		return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	}
}

// String is the fault in one line: where: key: problem; remedy.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Where())
	if f.Key != "" {
		b.WriteString(": " + f.Key)
	}
	b.WriteString(": " + f.Problem)
	if f.Remedy != "" {
		b.WriteString("; " + f.Remedy)
	}
	return b.String()
}

// Faults is the error of [Load]: everything that is wrong, in the order of the layers and lines.
type Faults []Fault

// Error lists the faults, one a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// MarshalJSON gives a list, [] when there is no fault.
func (fs Faults) MarshalJSON() ([]byte, error) {
	if fs == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]Fault(fs))
}

func (fs Faults) sorted() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		for _, d := range []int{a.rank - b.rank, a.Line - b.Line, a.Column - b.Column} {
			if d != 0 {
				return d
			}
		}
		return strings.Compare(a.Variable+a.Flag, b.Variable+b.Flag)
	})
	return fs
}

func faultAt(o Origin, key, problem, remedy string) Fault {
	f := Fault{Key: key, Problem: problem, Remedy: remedy, rank: o.rank}
	switch o.Kind {
	case OriginFile:
		f.File, f.Line, f.Column = o.File, o.Line, o.Column
	case OriginEnv:
		f.Variable = o.Name
	case OriginFlag:
		f.Flag = o.Name
	}
	return f
}
