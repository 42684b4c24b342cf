package terminal

import (
	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

// span is a piece of text on a row.
type span struct {
	x     int
	text  string
	style tcell.Style
	limit int // where it ends at the latest; 0 is the end of the row
}

// spot is where a click means something.
type spot struct {
	x, w  int
	event model.Event
}

// line is one row of a layout before it has a place.
type line struct {
	back   tcell.Style
	filled bool // back fills the row
	spans  []span
	spots  []spot
	cursor int // where the cursor stands on it; 0 is nowhere: nothing begins at the edge
}

// draw puts the line at y, between x and x+w, and tells where it can be clicked.
func (l line) draw(g *grid, x, y, w int) []target {
	if l.filled {
		g.paint(x, y, w, l.back)
	}
	for _, s := range l.spans {
		limit := w
		if s.limit > 0 {
			limit = min(s.limit, w)
		}
		g.write(x+s.x, y, x+limit, s.text, s.style)
	}
	targets := make([]target, 0, len(l.spots))
	for _, s := range l.spots {
		targets = append(targets, target{x + s.x, y, s.w, s.event})
	}
	return targets
}

// target is a spot on the terminal.
type target struct {
	x, y, w int
	event   model.Event
}

// part is rows that belong together.
type part struct {
	lines []line
	// worth: what matters less goes first where there is no room. 0 stays.
	worth int
	tight bool // no blank row before it
}

// blank is an empty row.
func blank() line { return line{} }

// paragraph is a text from x on, broken to w cells.
func paragraph(text string, x, w int, style tcell.Style) []line {
	rows := wrap(text, w)
	lines := make([]line, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, line{spans: []span{{x: x, text: row, style: style}}})
	}
	return lines
}

// right is a text that ends at column end.
func right(text string, end int, style tcell.Style) span {
	return span{x: max(end-width(text), 0), text: text, style: style}
}
