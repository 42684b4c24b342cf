package rig

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Kind says what a Line tells.
type Kind string

// The kinds of lines.
const (
	// KindScenario: a scenario begins.
	KindScenario Kind = "scenario"
	// KindCheck: something was required, and held or did not.
	KindCheck Kind = "check"
	// KindFigure: something was measured.
	KindFigure Kind = "figure"
	// KindNote: worth reading when something fails.
	KindNote Kind = "note"
	// KindEnd: the guest has played everything that was asked for.
	KindEnd Kind = "end"
)

// Line is one finding of the guest.
type Line struct {
	Kind     Kind   `json:"kind"`
	Scenario string `json:"scenario,omitempty"`
	Name     string `json:"name,omitempty"`
	OK       bool   `json:"ok,omitempty"`
	Text     string `json:"text,omitempty"`
}

// mark begins each of the guest's lines: the kernel writes on the console too.
const mark = "@rig "

// String is the line as it goes over the console, without its end.
func (l Line) String() string {
	b, err := json.Marshal(l)
	if err != nil {
		return mark + fmt.Sprintf(`{"kind":"note","text":%q}`, err.Error())
	}
	return mark + string(b)
}

// ParseLine finds the guest's line in one of the console's; false: there is none.
func ParseLine(s string) (Line, bool) {
	_, text, ok := strings.Cut(strings.TrimRight(s, "\r\n"), mark)
	if !ok {
		return Line{}, false
	}
	var l Line
	if err := json.Unmarshal([]byte(text), &l); err != nil || l.Kind == "" {
		return Line{}, false
	}
	return l, true
}
