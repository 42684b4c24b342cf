package terminal

import (
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

// body is what stands between band and buttons, with so many rows of the list.
func (l look) body(s model.Screen, w int, d density, listRows int) []part {
	tw := min(w-2*margin, widest)
	parts := []part{
		{lines: l.notice(s.Notice, w), worth: 2},
		{lines: l.amount(s, tw, d), worth: 0},
		{lines: paragraph(s.Money, margin, tw, l.strong), worth: 0},
		{lines: l.labelled(s, s.ActionLabel, s.Action, tw, l.ground), worth: 0},
		{lines: l.labelled(s, s.SayLabel, s.Say, tw, l.ground), worth: 4},
		{lines: l.fields(s.Fields, tw), worth: 0},
		{lines: l.totals(s.Lines, tw, d), worth: 5},
		{lines: l.list(s.List, tw, listRows), worth: 0},
		{lines: paragraph(s.Small, margin, tw, l.muted), worth: 6},
	}
	return slices.DeleteFunc(parts, func(p part) bool { return len(p.lines) == 0 })
}

// notice is a strip in its own colour.
func (l look) notice(n model.Notice, w int) []line {
	if n.Role == "" {
		return nil
	}
	style := l.role(n.Role)
	indent := margin
	icon := l.icon(n.Icon)
	if icon != "" {
		indent += width(icon) + 1
	}
	var lines []line
	for i, row := range wrap(n.Title, w-indent-margin) {
		spans := []span{{x: indent, text: row, style: style}}
		if i == 0 {
			spans = append(spans, span{x: margin, text: icon, style: style})
		}
		lines = append(lines, line{back: style, filled: true, spans: spans})
	}
	plain := style.Bold(false)
	for _, row := range slices.Concat(wrap(n.Text, w-indent-margin), wrap(n.Action, w-indent-margin)) {
		lines = append(lines, line{back: plain, filled: true, spans: []span{{x: indent, text: row, style: plain}}})
	}
	return lines
}

// amount is as large as there is room for.
func (l look) amount(s model.Screen, w int, d density) []line {
	if s.Amount == "" {
		return nil
	}
	var lines []line
	if d.digits > 1 {
		for _, size := range []int{d.digits, 3} {
			for _, row := range block(s.Amount, size, w) {
				lines = append(lines, line{spans: []span{{x: margin, text: row, style: l.strong}}})
			}
			if len(lines) > 0 {
				break
			}
		}
	}
	if len(lines) == 0 {
		spans, x := []span{}, margin
		if s.AmountLabel != "" {
			label := fit(s.AmountLabel, w/2)
			spans = append(spans, span{x: x, text: label, style: l.muted})
			x += width(label) + 2
		}
		return []line{{spans: append(spans, span{x: x, text: fit(s.Amount, w+margin-x), style: l.strong})}}
	}
	if s.AmountLabel != "" {
		label := line{spans: []span{{x: margin, text: fit(s.AmountLabel, w), style: l.muted}}}
		lines = append([]line{label}, lines...)
	}
	return lines
}

// labelled is a text beside its label. What to do and what to say begin in the same
// column.
func (l look) labelled(s model.Screen, label, text string, w int, style tcell.Style) []line {
	if text == "" {
		return nil
	}
	if label == "" {
		return paragraph(text, margin, w, style)
	}
	column := max(width(s.ActionLabel), width(s.SayLabel)) + 2
	if column > w/3 {
		head := line{spans: []span{{x: margin, text: fit(label, w), style: l.muted}}}
		return append([]line{head}, paragraph(text, margin, w, style)...)
	}
	lines := paragraph(text, margin+column, w-column, style)
	lines[0].spans = append(lines[0].spans, span{x: margin, text: safe(label), style: l.muted})
	return lines
}

// fields are lines that take text. The model holds it; the cursor only shows where
// the next character goes.
func (l look) fields(list []model.Field, w int) []line {
	column := 0
	for _, f := range list {
		column = max(column, width(f.Label)+2)
	}
	column = min(column, w/2)
	var lines []line
	for _, f := range list {
		room := max(w-column-2, 1)
		box := line{spans: []span{{x: margin, text: fit(f.Label, column-1), style: l.muted}}}
		text, style := f.Text, l.label
		if f.Secret { // whatever the screen says
			text = strings.Repeat("*", len([]rune(text)))
		}
		hint := text == "" && f.Hint != ""
		if hint {
			text, style = f.Hint, l.off
		}
		text = l.tail(text, room-1, hint)
		pad := strings.Repeat(" ", max(min(room, 40)-width(text)-1, 1))
		x := margin + column
		box.spans = append(box.spans, span{x: x, text: " " + text + pad, style: style})
		box.spots = []spot{{x: x, w: width(text+pad) + 1, event: model.Selected{ID: f.ID}}}
		if f.Focused {
			box.cursor = x + 1
			if !hint {
				box.cursor += width(text)
			}
			if l.depth == mono {
				box.spans = append(box.spans, span{x: x - 2, text: ">", style: l.strong})
			}
		}
		lines = append(lines, box)
		if f.Error != "" {
			lines = append(lines, paragraph("! "+f.Error, x, max(w-column, 10), l.trouble)...)
		}
	}
	return lines
}

// tail cuts a text that is typed at its beginning: what was typed last is looked at.
func (l look) tail(text string, w int, hint bool) string {
	if hint {
		return fit(text, w)
	}
	text = safe(text)
	runes := []rune(text)
	for width(string(runes)) > w && len(runes) > 0 {
		runes = runes[1:]
	}
	return string(runes)
}

// totals are labels and values, in one column or in two.
func (l look) totals(list []model.Line, w int, d density) []line {
	columns := 1
	column, value := 0, 0
	for _, t := range list {
		column = max(column, width(t.Label)+2)
		value = max(value, width(t.Value))
	}
	// A number that support asks for is of no use when it is cut.
	if d.pairs && len(list) > 1 && 2*(column+value)+4 <= w {
		columns = 2
	}
	each := (w - (columns-1)*4) / columns
	column = min(column, each*3/5)
	var lines []line
	for i, t := range list {
		if i%columns == 0 {
			lines = append(lines, line{})
		}
		row := &lines[len(lines)-1]
		x := margin + i%columns*(each+4)
		row.spans = append(
			row.spans,
			span{x: x, text: fit(t.Label, column-1), style: l.muted},
			span{x: x + column, text: fit(t.Value, each-column), style: l.ground},
		)
	}
	return lines
}
