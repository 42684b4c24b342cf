package terminal

import (
	"slices"

	"posagent/ui/model"
)

const (
	margin     = 2   // columns left and right of texts
	widest     = 100 // columns of a text: longer lines are hard to follow
	sideWidth  = 38  // columns of the latest sales
	sideFrom   = 116 // columns of the terminal from which they are shown
	fewestRows = 4   // of a list, before anything else gives way to it
)

// density is how much room the parts are given.
type density struct {
	band   int  // rows of the band, at the least
	digits int  // rows of the amount; 1 is text
	gaps   bool // blank rows between the parts
	pairs  bool // two totals on a row
}

// densities begin with the roomiest.
func densities() []density {
	return []density{
		{band: 5, digits: 5, gaps: true},
		{band: 3, digits: 5, gaps: true},
		{band: 3, digits: 3, gaps: true},
		{band: 3, digits: 3, gaps: true, pairs: true},
		{band: 3, digits: 3, pairs: true},
		{band: 3, digits: 1, pairs: true},
		{band: 1, digits: 1, pairs: true},
	}
}

// page is a screen laid out.
type page struct {
	grid    *grid
	targets []target
	cursorX int // -1: hidden
	cursorY int
}

// roomFor is how many rows a list has on a page of a terminal: what is left beside
// the parts that a page with a list usually has.
func roomFor(h int) int { return min(max(h-13, 3), 40) }

// compose lays a screen out.
func (l look) compose(s model.Screen, w, h int) page {
	p := page{grid: newGrid(w, h, l.ground), cursorX: -1}
	if w < 1 || h < 1 {
		return p
	}
	bodyWidth := w
	side := w >= sideFrom && len(s.Recent) > 0
	if side {
		bodyWidth -= sideWidth
	}
	head := l.head(s, w)
	foot := l.foot(s, w)
	shown := len(s.List.Rows)
	d := l.densest(s, w, h, bodyWidth, shown)
	band := l.band(s, w, d)
	spare := h - rows(head, false) - rows(foot, false) - len(band.lines)
	if d.gaps {
		spare--
	}
	used := rows(l.body(s, bodyWidth, d, 0), d.gaps)
	body := l.body(s, bodyWidth, d, min(shown, max(spare-used, min(shown, fewestRows))))
	p.fill(l, head, band, squeeze(body, d.gaps, spare), foot, d, s, bodyWidth, side)
	if l.plain {
		p.grid.simplify()
	}
	return p
}

// densest is the roomiest density at which all fits: with the whole list if that is
// possible, else with some rows of it.
func (l look) densest(s model.Screen, w, h, bodyWidth, shown int) density {
	list := densities()
	fixed := rows(l.head(s, w), false) + rows(l.foot(s, w), false)
	for _, listed := range []int{shown, min(shown, fewestRows)} {
		for _, d := range list {
			used := fixed + len(l.band(s, w, d).lines) + rows(l.body(s, bodyWidth, d, 0), d.gaps) + listed
			if d.gaps {
				used += 2 // below the band and above the buttons
			}
			if used <= h {
				return d
			}
		}
	}
	return list[len(list)-1]
}

// rows counts the rows of parts, with or without blank ones between.
func rows(parts []part, gaps bool) int {
	n := 0
	for _, p := range parts {
		if n > 0 && gaps && !p.tight && len(p.lines) > 0 {
			n++
		}
		n += len(p.lines)
	}
	return n
}

// squeeze leaves out what is worth least until the rest fits.
func squeeze(parts []part, gaps bool, room int) []part {
	parts = slices.Clone(parts)
	for rows(parts, gaps) > room {
		least := 0
		for i, p := range parts {
			if len(p.lines) > 0 && p.worth > 0 && (parts[least].worth == 0 || p.worth > parts[least].worth || len(parts[least].lines) == 0) {
				least = i
			}
		}
		if len(parts) == 0 || parts[least].worth == 0 || len(parts[least].lines) == 0 {
			break // what stays is cut by the edge
		}
		// A part that is nearly short enough loses its end only.
		if over := rows(parts, gaps) - room; over < len(parts[least].lines) {
			parts[least].lines = parts[least].lines[:len(parts[least].lines)-over]
			continue
		}
		parts[least].lines = nil
	}
	return parts
}

// fill puts all parts on the grid: the foot at the bottom, the rest from the top.
func (p *page) fill(l look, head []part, band part, body, foot []part, d density, s model.Screen, bodyWidth int, side bool) {
	g := p.grid
	footRows := rows(foot, false)
	top := p.put(head, 0, 0, g.w, g.h, false)
	top = p.put([]part{band}, 0, top, g.w, g.h, false)
	// The foot keeps its place; where even the band leaves no room it is cut.
	bottom := max(g.h-footRows, top)
	if side {
		l.side(p, s, bodyWidth, top, bottom)
	}
	if d.gaps {
		top++
	}
	p.put(body, 0, top, bodyWidth, bottom, d.gaps)
	p.put(foot, 0, bottom, g.w, g.h, false)
}

// put draws parts below each other, down to limit, and returns the next free row.
func (p *page) put(parts []part, x, y, w, limit int, gaps bool) int {
	first := true
	for _, pt := range parts {
		if len(pt.lines) == 0 {
			continue
		}
		if gaps && !first && !pt.tight {
			y++
		}
		first = false
		for _, ln := range pt.lines {
			if y >= limit {
				return y
			}
			p.targets = append(p.targets, ln.draw(p.grid, x, y, w)...)
			if ln.cursor > 0 {
				p.cursorX, p.cursorY = x+ln.cursor, y
			}
			y++
		}
	}
	return y
}
