package ui

import (
	"posagent/ui/model"
)

// widest is the widest that a button gets.
const widest = 420

// drawButtons draws the row, or rows, at the bottom, and returns what is above.
func (b *Board) drawButtons(page box) box {
	list := b.screen.Buttons
	if len(list) == 0 {
		return page
	}
	rows, columns := grid(len(list), page.w, 148)
	high := clamp(page.h*0.1, 52, 68)
	if rows > 1 {
		high = touch
	}
	all, rest := page.cutBottom(float32(rows)*(high+gap)-gap, gap)
	for i, button := range list {
		row := box{all.x, all.y + float32(i/columns)*(high+gap), all.w, high}
		in := columns
		if i/columns == rows-1 {
			in = len(list) - (rows-1)*columns
		}
		// A lone button as wide as the screen would be hit by every sleeve.
		row, _ = row.cutRight(float32(in)*(widest+gap)-gap, 0)
		b.drawButton("button/"+button.ID, row.columns(in, gap)[i%columns], button)
	}
	return rest
}

// drawPretend draws the codes that a demonstration can scan.
func (b *Board) drawPretend(page box) box {
	list := b.screen.Pretend
	small := page.h < 520 && (b.screen.Amount == "" || b.screen.Notice.Title != "")
	if len(list) == 0 || busy(b.screen) || small {
		return page // nobody scans while a list, a pad or a question needs the room
	}
	rows, columns := grid(len(list), page.w, 110)
	all, rest := page.cutBottom(float32(rows)*(touch+4)-4+12, gap)
	b.sheet.frame("pretend", all, b.palette.Ground, b.palette.Line, 1, corner)
	in := all.inset(6, 6)
	for i, button := range list {
		row := box{in.x, in.y + float32(i/columns)*(touch+4), in.w, touch}
		b.drawButton("pretend/"+button.ID, row.columns(columns, 4)[i%columns], button)
	}
	return rest
}

// drawButton draws a label and its key. The key stands in a frame of its own, as
// on a keyboard.
func (b *Board) drawButton(name string, at box, button model.Button) {
	s, p := b.sheet, b.palette
	paint, line := p.Plain, p.Plain.Back
	switch button.Weight {
	case model.WeightMain:
		paint, line = p.Main, p.Main.Back
	case model.WeightDanger:
		paint, line = p.Danger, p.Danger.Fore
	case model.WeightPlain:
	}
	if !button.Enabled {
		paint, line = p.Off, p.Line
	}
	s.frame(name, at, paint.Back, line, 1.5, corner)
	in := at.inset(10, 3)
	if button.KeyText != "" {
		key := ink{size: 15, least: 9, bold: true, color: paint.Fore}
		wide := min(s.measure(button.KeyText, key, key.size).Width+14, in.w*0.54)
		var frame box
		frame, in = in.cutRight(wide, 6)
		frame = box{frame.x, frame.y + (frame.h-26)/2, frame.w, 26}
		s.frame(name+"/cap", frame, paint.Back, paint.Fore, 1, 5)
		s.line(name+"/key", frame.inset(3, 1), button.KeyText, key.center())
	}
	s.block(name+"/label", in, button.Label, ink{size: 20, least: 10, bold: true, color: paint.Fore}.center(), 2)
	if button.Enabled {
		s.target(name+"/press", at, model.Pressed{ID: button.ID})
	}
}

// drawPad draws the key pad, three to a row.
func (b *Board) drawPad(at box) {
	list := b.screen.Pad
	rows := (len(list) + 2) / 3
	high := min((at.h+gap)/float32(rows)-gap, 96)
	for i, button := range list {
		row := box{at.x, at.y + float32(i/3)*(high+gap), at.w, high}
		in := min(3, len(list)-i/3*3)
		b.drawKey("pad/"+button.ID, row.columns(in, gap)[i%3], button)
	}
}

// drawKey draws a key of the pad: as large a sign as it takes.
func (b *Board) drawKey(name string, at box, button model.Button) {
	s, p := b.sheet, b.palette
	paint := p.Plain
	switch {
	case !button.Enabled:
		paint = p.Off
	case button.Weight == model.WeightMain:
		paint = p.Main
	}
	s.rect(name, at, paint.Back, corner)
	s.line(name+"/label", at.inset(6, 2), button.Label, ink{size: 30, least: 11, bold: true, color: paint.Fore}.center())
	if button.Enabled {
		s.target(name+"/press", at, model.Pressed{ID: button.ID})
	}
}
