package terminal

import (
	"posagent/ui/model"
)

// list is a title and rows; where there are more rows than room, those around the
// chosen one.
func (l look) list(s model.List, w, room int) []line {
	if s.Title == "" && len(s.Rows) == 0 {
		return nil
	}
	lines := []line{l.listHead(s, w)}
	if len(s.Rows) == 0 {
		return append(lines, paragraph(s.Empty, margin, w, l.ground)...)
	}
	first := 0
	if len(s.Rows) > room {
		first = min(max(s.Selected-room/2, 0), len(s.Rows)-room)
	}
	columns := columnsOf(s.Rows, w)
	for i := first; i < min(first+room, len(s.Rows)); i++ {
		row := l.row(s.Rows[i], columns, w, i == s.Selected)
		if i == first && first > 0 {
			row.spans = append(row.spans, span{x: 0, text: "^", style: l.muted})
		}
		if i == first+room-1 && i < len(s.Rows)-1 {
			row.spans = append(row.spans, span{x: 0, text: "v", style: l.muted})
		}
		lines = append(lines, row)
	}
	return lines
}

// listHead has the title, the page, and what leads to the other pages.
func (l look) listHead(s model.List, w int) line {
	head := line{}
	x := margin + w
	for _, b := range []model.Button{s.Next, s.Prev} {
		if b.ID == "" {
			continue
		}
		c := l.chip(b, b.KeyText)
		x -= c.w
		for _, sp := range c.spans {
			sp.x += x
			head.spans = append(head.spans, sp)
		}
		if c.spot.w > 0 {
			c.spot.x = x
			head.spots = append(head.spots, c.spot)
		}
		x--
	}
	if s.Page != "" {
		x -= width(s.Page) + 1
		head.spans = append(head.spans, span{x: max(x, 0), text: safe(s.Page), style: l.muted})
	}
	head.spans = append(head.spans, span{x: margin, text: fit(s.Title, x-margin-1), style: l.strong})
	return head
}

// columns are the widths of a list's columns.
type columns struct{ left, main, right int }

func columnsOf(rows []model.Row, w int) columns {
	var c columns
	for _, r := range rows {
		c.left = max(c.left, width(r.Left))
		c.main = max(c.main, width(r.Main))
		c.right = max(c.right, width(r.Right))
	}
	c.left = min(c.left, w/4)
	c.right = min(c.right, w/3)
	c.main = min(c.main, w/3)
	return c
}

// iconWidth is the cells of an icon, the widest of both sets.
const iconWidth = 2

// row is one line: time, icon, state, small print, amount.
func (l look) row(r model.Row, c columns, w int, chosen bool) line {
	style, dim := l.ground, l.muted
	if chosen {
		style, dim = l.picked, l.picked
	}
	end := margin + w
	ln := line{back: style, filled: chosen}
	x := margin
	ln.spans = append(ln.spans, span{x: x, text: fit(r.Left, c.left), style: style})
	x += c.left + 1
	if icon := l.icon(r.Icon); icon != "" {
		text := icon
		if width(icon) < iconWidth {
			text = icon + " "
		}
		ln.spans = append(ln.spans, span{x: x, text: text, style: l.mark(r.Role)})
	}
	x += iconWidth + 1
	main := c.main
	if r.Small == "" { // nothing stands beside it
		main = max(end-x-c.right-1, 0)
	}
	ln.spans = append(ln.spans, span{x: x, text: fit(r.Main, main), style: style.Bold(true)})
	x += main + 2
	if room := end - x - c.right - 1; r.Small != "" && room > 2 {
		ln.spans = append(ln.spans, span{x: x, text: fit(r.Small, room), style: dim})
	}
	if r.Right != "" {
		ln.spans = append(ln.spans, right(fit(r.Right, c.right), end, style))
	}
	if r.ID != "" {
		ln.spots = []spot{{x: margin, w: w, event: model.Selected{ID: r.ID}}}
	}
	return ln
}

// side is the column of the latest sales.
func (l look) side(p *page, s model.Screen, x, top, bottom int) {
	w := sideWidth - margin
	lines := []line{blank(), {spans: []span{{x: margin, text: fit(s.RecentHead, w-margin), style: l.muted}}}}
	columns := columnsOf(s.Recent, w-margin)
	columns.main = max(w-margin-columns.left-columns.right-iconWidth-4, 4)
	for _, r := range s.Recent {
		r.Small, r.ID = "", "" // there is no room for the one; nothing can be chosen here
		lines = append(lines, l.row(r, columns, w-margin, false))
	}
	p.put([]part{{lines: lines}}, x, top, w, bottom, false)
}
