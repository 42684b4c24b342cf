package ui

import (
	"strconv"

	"posagent/ui/model"
)

// drawContent draws all that stands below band and notice.
func (b *Board) drawContent(at box) {
	sc := b.screen
	if len(sc.Pad) > 0 {
		var pad box
		pad, at = at.cutRight(clamp(at.w*0.42, 240, 420), gap)
		b.drawPad(pad)
		if sc.Amount != "" {
			var amount box
			amount, at = at.cutTop(clamp(at.h*0.3, 84, 150), gap)
			b.drawAmount(amount, 64)
		}
	}
	for i, f := range sc.Fields {
		at = b.drawField(strconv.Itoa(i), at, f)
	}
	if !listed(sc.List) {
		if len(sc.Lines) > 0 {
			if !b.worded() {
				b.drawLines(at, b.linesHigh(at, at.h))
				return
			}
			high := b.linesHigh(at, at.h*0.5)
			var lines box
			lines, at = at.cutBottom(high, gap)
			b.drawLines(lines, high)
		}
		b.drawWords(at)
		return
	}
	if len(sc.Lines) > 0 {
		high := b.linesHigh(at, at.h-touch-gap-rowHigh-4)
		var lines box
		lines, at = at.cutTop(high, gap)
		b.drawLines(lines, high)
	}
	if b.worded() {
		least := float32(touch + rowHigh + 4)
		var words box
		words, at = at.cutTop(clamp(at.h-least-gap, 40, b.wordsHigh(at.w)), gap)
		b.drawWords(words)
	}
	b.drawList(at)
}

// drawField draws a line that takes what is typed. The mark at its end stands
// still: a blinking one would cost more than all the rest.
func (b *Board) drawField(n string, at box, f model.Field) box {
	s, p := b.sheet, b.palette
	name := "field/" + n
	labelled := ink{size: 16, least: 10, color: p.Muted}
	above := max(22, s.measure(f.Label, labelled, labelled.size).Height) // Thai is higher than others
	if listed(b.screen.List) {
		above = 0 // beside the field: a list needs the height
	}
	label, at := at.cutTop(above, 0)
	line, at := at.cutTop(touch, 4)
	if above == 0 {
		label, line = line.cutLeft(line.w*0.22, gap)
	}
	s.block(name+"/label", label.inset(4, 0), f.Label, labelled, 2)
	edge, thick := p.Line, float32(1.5)
	if f.Focused {
		edge, thick = p.Focus, 3
	}
	s.frame(name+"/box", line, p.Panel, edge, thick, 6)
	in := line.inset(12, 3)
	written := ink{size: 24, least: 10, bold: true, color: p.Text}
	if f.Text == "" {
		s.line(name+"/hint", in, f.Hint, ink{size: 18, least: 10, color: p.Muted})
	} else {
		s.line(name+"/text", in, f.Text, written)
	}
	if f.Focused {
		x := in.x
		if f.Text != "" {
			x += s.fitWidth(f.Text, written, in) + 2
		}
		s.rect(name+"/caret", box{min(x, in.x+in.w), in.y + 7, 2, in.h - 14}, p.Focus, 0)
	}
	if f.Error != "" {
		var wrong box
		said := ink{size: 17, least: 10, bold: true, color: p.Trouble}
		one := s.measure(f.Error, said, said.size)
		high := max(24, one.Height)
		if one.Width > at.w-8 {
			high *= 1.9
		}
		wrong, at = at.cutTop(high, 2)
		s.block(name+"/error", wrong.inset(4, 0), f.Error, said, 2)
	}
	return box{at.x, at.y + 2, at.w, max(0, at.h-2)}
}

func (s *sheet) fitWidth(text string, i ink, b box) float32 {
	return s.widest(s.fit(text, i, b, 1), i)
}

// columnsOf is in how many columns labels and values stand.
func (b *Board) columnsOf(at box) int {
	n := len(b.screen.Lines)
	if at.w >= 620 && (n > 3 || n > 1 && listed(b.screen.List)) {
		return 2
	}
	return 1
}

const lineHigh = 34

// linesHigh is what the lines take, at most.
func (b *Board) linesHigh(at box, most float32) float32 {
	columns := b.columnsOf(at)
	rows := (len(b.screen.Lines) + columns - 1) / columns
	return min(float32(rows)*lineHigh+2*gap, most)
}

// drawLines draws labels with their values.
func (b *Board) drawLines(at box, high float32) {
	s, p, lines := b.sheet, b.palette, b.screen.Lines
	at.h = high
	s.rect("lines", at, p.Panel, corner)
	columns := b.columnsOf(at)
	rows := (len(lines) + columns - 1) / columns
	in := at.inset(14, gap)
	each := in.h / float32(rows)
	for i, l := range lines {
		col := in.columns(columns, 28)[i/rows]
		row := box{col.x, col.y + float32(i%rows)*each, col.w, each}
		value := ink{size: min(20, each*0.62), least: 9, bold: true, color: p.Text}
		wide := min(s.measure(l.Value, value, value.size).Width+1, row.w*0.74)
		right, left := row.cutRight(wide, 12)
		name := "line/" + strconv.Itoa(i)
		s.line(name+"/label", left, l.Label, ink{size: min(18, each*0.58), least: 9, color: p.Muted})
		s.line(name+"/value", right, l.Value, value.right())
	}
}

// worded tells whether there is anything to read.
func (b *Board) worded() bool {
	sc := b.screen
	return sc.Money != "" || sc.Action != "" || sc.Say != "" || sc.Small != ""
}

// paragraph is a part of the words, with its label.
type paragraph struct {
	name, label, text string
	ink               ink
	bar               bool // a bar at the left: words to be said aloud
	gap               float32
}

func (b *Board) paragraphs() []paragraph {
	sc, p := b.screen, b.palette
	all := []paragraph{
		{name: "money", text: sc.Money, ink: ink{size: 23, bold: true, color: p.Text}, gap: 12},
		{name: "action", label: sc.ActionLabel, text: sc.Action, ink: ink{size: 23, color: p.Text}, gap: 12},
		{name: "say", label: sc.SayLabel, text: sc.Say, ink: ink{size: 21, color: p.Text}, bar: true, gap: 12},
		{name: "small", text: sc.Small, ink: ink{size: 15, color: p.Muted}, gap: 10},
	}
	kept := all[:0]
	for _, one := range all {
		if one.text != "" {
			kept = append(kept, one)
		}
	}
	return kept
}

const (
	sayIndent  = 16
	labelSize  = 15
	leastWords = 0.48 // of the usual size: 11 to 12 units
	mostWords  = 1.3
)

// wordsHigh is what the words take at their usual size.
func (b *Board) wordsHigh(width float32) float32 {
	_, high := b.setWords(width-32, 1)
	return high + 24
}

// wordSize keeps what is small already from shrinking with the rest.
func (*Board) wordSize(size, factor float32) float32 { return max(size*factor, min(size, 11)) }

// setWords breaks all paragraphs into lines at a factor of their usual size.
func (b *Board) setWords(width, factor float32) (set []fitted, high float32) {
	for i, part := range b.paragraphs() {
		w := width
		if part.bar {
			w -= sayIndent
		}
		f := b.sheet.flow(part.text, part.ink, b.wordSize(part.ink.size, factor), w)
		set = append(set, f)
		high += f.height()
		if part.label != "" {
			high += b.wordSize(labelSize, factor) * 1.5
		}
		if i > 0 {
			high += part.gap * factor
		}
	}
	return set, high
}

// drawWords writes what happened to the money, what to do and what to say, as large
// as there is room for.
func (b *Board) drawWords(at box) {
	if !b.worded() || at.h < 8 {
		return
	}
	s, p := b.sheet, b.palette
	s.rect("words", at, p.Panel, corner)
	in := at.inset(16, min(12, at.h*0.08))
	factor := float32(mostWords)
	set, high := b.setWords(in.w, factor)
	for high > in.h && factor > leastWords {
		factor *= 0.95
		set, high = b.setWords(in.w, factor)
	}
	s.tight["words"] = high > in.h+1
	y := in.y
	for i, part := range b.paragraphs() {
		if i > 0 {
			y += part.gap * factor
		}
		top := y
		left := in.x
		if part.bar {
			left += sayIndent
		}
		if part.label != "" {
			size := b.wordSize(labelSize, factor)
			row := box{left, y, in.w - (left - in.x), size * 1.5}
			s.line(part.name+"/label", row, part.label, ink{size: size, least: 9, color: p.Muted})
			y += row.h
		}
		s.write(part.name, box{left, y, in.w - (left - in.x), set[i].height()}, set[i], part.ink)
		y += set[i].height()
		if part.bar {
			s.rect(part.name+"/bar", box{in.x, top + 2, 5, y - top - 4}, p.Muted, 2)
		}
	}
}
