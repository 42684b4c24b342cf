package ui

import (
	"strconv"

	"posagent/ui/model"
)

// drawList draws a page of rows. Title and paging stand above them, so that a list
// that gets a second page does not lose a row to it.
func (b *Board) drawList(at box) {
	s, p, list := b.sheet, b.palette, b.screen.List
	head, at := at.cutTop(touch, 4)
	b.drawPaging(head, list)
	room := max(1, int((at.h+4)/(rowHigh+4)))
	b.tellRoom(room)
	if len(list.Rows) == 0 {
		s.block("list/empty", at.inset(16, 8), list.Empty, ink{size: 21, least: 12, color: p.Muted}.center(), 3)
		return
	}
	high := float32(rowHigh)
	if n := len(list.Rows); n > room {
		// The model has not heard of this room yet; until then nothing is left out.
		high = (at.h+4)/float32(n) - 4
	}
	for i, row := range list.Rows {
		place := box{at.x, at.y + float32(i)*(high+4), at.w, high}
		b.drawRow("row/"+strconv.Itoa(i), place, row, i == list.Selected)
	}
}

func (b *Board) drawPaging(at box, list model.List) {
	s, p := b.sheet, b.palette
	if list.Prev.ID != "" || list.Next.ID != "" {
		var prev, next, page box
		wide := clamp(at.w*0.22, 132, 180)
		next, at = at.cutRight(wide, 6)
		prev, at = at.cutRight(wide, 6)
		page, at = at.cutRight(76, 6)
		b.drawButton("list/next", next, list.Next)
		b.drawButton("list/prev", prev, list.Prev)
		s.line("list/page", page, list.Page, ink{size: 18, least: 10, bold: true, color: p.Text}.center())
	}
	s.block("list/title", at.inset(4, 2), list.Title, ink{size: 19, least: 11, bold: true, color: p.Text}, 2)
}

// tellRoom lets the model know how many rows a page may have.
func (b *Board) tellRoom(rows int) {
	if rows == b.room {
		return
	}
	b.room = rows
	b.do(model.Room{Rows: rows})
}

// drawRow draws a mark, a time, words and an amount.
func (b *Board) drawRow(name string, at box, row model.Row, picked bool) {
	s, p := b.sheet, b.palette
	paint, soft := Paint{p.Panel, p.Text}, p.Muted
	if picked {
		paint, soft = p.Picked, p.Picked.Fore
	}
	s.frame(name, at, paint.Back, p.Line, 1, 6)
	in := at.inset(8, 3)
	if row.Role != "" {
		in = b.drawMark(name, in, row, 34)
	} else if row.Icon != model.IconNone {
		var pic box
		pic, in = in.cutLeft(26, 10)
		s.icon(name+"/icon", box{pic.x, pic.y + (pic.h-26)/2, 26, 26}, row.Icon, paint.Fore)
	}
	if row.Left != "" {
		var left box
		left, in = in.cutLeft(min(s.measure(row.Left, ink{}, 16).Width+2, in.w*0.24), 12)
		s.line(name+"/left", left, row.Left, ink{size: 16, least: 9, color: soft})
	}
	if row.Right != "" {
		right := ink{size: 20, least: 10, bold: true, color: paint.Fore}
		var place box
		place, in = in.cutRight(min(s.measure(row.Right, right, right.size).Width+2, in.w*0.44), 12)
		s.line(name+"/right", place, row.Right, right.right())
	}
	main := in
	if row.Small != "" {
		var small box
		small, main = in.cutBottom(in.h*0.42, 0)
		s.line(name+"/small", small, row.Small, ink{size: 14, least: 9, color: soft})
	}
	s.line(name+"/main", main, row.Main, ink{size: 19, least: 10, bold: true, color: paint.Fore})
	if row.ID != "" {
		s.target(name+"/press", at, model.Selected{ID: row.ID})
	}
}

// drawMark draws a row's colour with its icon, and returns what is right of it.
func (b *Board) drawMark(name string, in box, row model.Row, size float32) box {
	paint := b.palette.Role(row.Role)
	mark, rest := in.cutLeft(size, 10)
	mark = box{mark.x, mark.y + (mark.h-min(mark.h, size))/2, size, min(mark.h, size)}
	b.sheet.rect(name+"/mark", mark, paint.Back, 6)
	b.sheet.icon(name+"/icon", mark.inset(mark.w*0.15, mark.h*0.15), row.Icon, paint.Fore)
	return rest
}

// drawRecent draws the latest sales beside the rest, as many as there is room for.
func (b *Board) drawRecent(at box) {
	s, p, sc := b.sheet, b.palette, b.screen
	s.rect("recent", at, p.Panel, corner)
	in := at.inset(10, 8)
	head, in := in.cutTop(26, 2)
	s.line("recent/head", head, sc.RecentHead, ink{size: 17, least: 10, color: p.Muted})
	const each = 58
	for i, row := range sc.Recent {
		if in.h < each {
			return
		}
		var place box
		place, in = in.cutTop(each, 0)
		b.drawRecentRow("recent/"+strconv.Itoa(i), place.inset(0, 3), row)
	}
}

func (b *Board) drawRecentRow(name string, at box, row model.Row) {
	s, p := b.sheet, b.palette
	in := at
	if row.Role != "" {
		in = b.drawMark(name, at, row, 30)
	}
	upper, lower := in.cutTop(in.h*0.54, 0)
	right, left := upper.cutRight(upper.w*0.6, 6)
	s.line(name+"/right", right, row.Right, ink{size: 19, least: 10, bold: true, color: p.Text}.right())
	s.line(name+"/left", left, row.Left, ink{size: 15, least: 9, color: p.Muted})
	main := lower
	if row.Small != "" {
		var small box
		small, main = lower.cutRight(lower.w*0.4, 6)
		s.line(name+"/small", small, row.Small, ink{size: 13, least: 8, color: p.Muted}.right())
	}
	s.line(name+"/main", main, row.Main, ink{size: 15, least: 9, color: p.Muted})
	if row.ID != "" {
		s.target(name+"/press", at, model.Selected{ID: row.ID})
	}
}
