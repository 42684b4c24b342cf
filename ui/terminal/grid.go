package terminal

import (
	"strings"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"
)

// cell is one place of the terminal. The second half of a wide character is an
// empty text.
type cell struct {
	text  string
	style tcell.Style
}

// grid is a picture of the terminal, drawn before anything is sent: only what
// differs from the picture before goes over the line.
type grid struct {
	w, h  int
	cells []cell
}

func newGrid(w, h int, ground tcell.Style) *grid {
	g := &grid{w: max(w, 0), h: max(h, 0)}
	g.cells = make([]cell, g.w*g.h)
	for i := range g.cells {
		g.cells[i] = cell{" ", ground}
	}
	return g
}

// paint gives a row of cells a style, and no text.
func (g *grid) paint(x, y, w int, style tcell.Style) {
	for i := max(x, 0); i < min(x+w, g.w); i++ {
		if y >= 0 && y < g.h {
			g.cells[y*g.w+i] = cell{" ", style}
		}
	}
}

// write draws a text on one row and returns where it ends. What does not fit
// before limit is left out.
func (g *grid) write(x, y, limit int, text string, style tcell.Style) int {
	limit = min(limit, g.w)
	if y < 0 || y >= g.h || x < 0 {
		return x
	}
	text = safe(text)
	state := -1
	for text != "" {
		var cluster string
		var cells int
		cluster, text, cells, state = uniseg.FirstGraphemeClusterInString(text, state)
		if cells == 0 {
			continue // a mark without a letter has no place of its own
		}
		if x+cells > limit {
			break
		}
		g.cells[y*g.w+x] = cell{cluster, style}
		for i := 1; i < cells; i++ {
			g.cells[y*g.w+x+i] = cell{"", style}
		}
		x += cells
	}
	return x
}

// simplify replaces marks that a console's font (code page 437) does not have.
func (g *grid) simplify() {
	for i := range g.cells {
		switch g.cells[i].text {
		case "…":
			g.cells[i].text = "~"
		case "–", "—":
			g.cells[i].text = "-"
		case "•":
			g.cells[i].text = "*"
		case "‘", "’":
			g.cells[i].text = "'"
		case "“", "”":
			g.cells[i].text = "\""
		}
	}
}

// flush sends to the terminal what differs from the picture that is there. A nil
// picture sends all.
func (g *grid) flush(screen tcell.Screen, there *grid) {
	whole := there == nil || there.w != g.w || there.h != g.h
	for i, c := range g.cells {
		if !whole && there.cells[i] == c {
			continue
		}
		x, y := i%g.w, i/g.w
		if c.text == "" {
			// The half behind a wide character: known to the terminal as blank, so
			// that it is drawn anew when a narrow one takes its place.
			c.text = " "
		}
		screen.Put(x, y, c.text, c.style)
	}
}

// String is the picture as text, without colours and without spaces at the ends.
func (g *grid) String() string {
	var b strings.Builder
	for y := range g.h {
		var row strings.Builder
		for _, c := range g.cells[y*g.w : (y+1)*g.w] {
			row.WriteString(c.text)
		}
		b.WriteString(strings.TrimRight(row.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}
