package terminal

import (
	"strings"

	"posagent/ui/model"
)

// head is what stands above the band: shop, indicators, training.
func (l look) head(s model.Screen, w int) []part {
	parts := []part{{lines: []line{l.header(s, w)}}}
	if s.Training != "" {
		style := l.role(model.RoleWarning)
		text := fit(s.Training, w-2*margin)
		parts = append(parts, part{lines: []line{{
			back: style, filled: true,
			spans: []span{{x: max((w-width(text))/2, 0), text: text, style: style}},
		}}})
	}
	return parts
}

// header has the shop on the left and the indicators on the right. Where there is
// no room, those that are well lose their state, then their name, then the shop
// goes.
func (l look) header(s model.Screen, w int) line {
	for brevity := range 3 {
		spans, used := l.indicators(s.Indicators, brevity)
		shop := fit(s.Header, max(w-used-3*margin, 0))
		if shop != s.Header && brevity < 2 {
			continue
		}
		for i := range spans {
			spans[i].x += max(w-margin-used, 0)
		}
		return line{spans: append(spans, span{x: margin, text: shop, style: l.strong})}
	}
	return line{}
}

func (l look) indicators(list []model.Indicator, brevity int) (spans []span, used int) {
	for i, in := range list {
		if i > 0 {
			used += 3 - min(brevity, 2)
		}
		sign, style := l.level(in.Level)
		spans = append(spans, span{x: used, text: sign, style: style})
		used += width(sign)
		text := in.Label + " " + in.State
		switch ok := in.Level == model.LevelOK || in.Level == model.LevelOff; {
		case ok && brevity == 1, !ok && brevity == 2:
			text = in.Label
		case ok && brevity == 2:
			text = ""
		}
		if text != "" {
			text = safe(strings.TrimSpace(text))
			style := l.ground
			if in.Level == model.LevelOK {
				style = l.muted
			}
			spans = append(spans, span{x: used + 1, text: text, style: style})
			used += 1 + width(text)
		}
	}
	return spans, used
}

// band is read from afar: icon and word on the role's colour, with the time that is
// left, and for a moment the twin of a sound.
func (l look) band(s model.Screen, w int, d density) part {
	style := l.role(s.Band.Role)
	icon := l.icon(s.Band.Icon)
	indent := margin
	if icon != "" {
		indent += width(icon) + 2
	}
	clock := l.countdown(s.Countdown, w)
	title := wrap(s.Band.Title, w-indent-margin)
	inline := d.band == 1 && len(title) == 1 && indent+width(title[0])+4+width(clock) <= w-margin

	lines := make([]line, 0, max(d.band, len(title)+2))
	add := func(spans ...span) {
		lines = append(lines, line{back: style, filled: true, spans: spans})
	}
	for range (d.band - 1) / 2 {
		add()
	}
	for i, row := range title {
		spans := []span{{x: indent, text: row, style: style}}
		if i == 0 && icon != "" {
			spans = append(spans, span{x: margin, text: icon, style: style})
		}
		if i == 0 && inline && clock != "" {
			spans = append(spans, right(clock, w-margin, style))
		}
		add(spans...)
	}
	for range (d.band - 1) / 2 {
		add()
	}
	if clock != "" && !inline {
		if d.band == 1 {
			add()
		}
		end := len(lines) - 1
		lines[end].spans = append(lines[end].spans, right(clock, w-margin, style))
	}
	if s.Cue.Sound != "" && len(lines) > 0 {
		l.cue(s.Cue, &lines[0], w)
	}
	return part{lines: lines}
}

// cue puts the twin of a sound on the right of a row, if it is free there.
func (l look) cue(c model.Cue, row *line, w int) {
	text := " " + strings.TrimSpace(l.icon(model.IconSound)+" "+c.Text) + " "
	from := w - margin - width(text)
	for _, s := range row.spans {
		if s.x+width(s.text) >= from {
			return
		}
	}
	// On its own colour it would be lost in the band: it is drawn the other way.
	row.spans = append(row.spans, span{x: max(from, 0), text: text, style: l.main.Bold(true)})
}

// countdown is the time with a bar that gets shorter, once a second.
func (l look) countdown(c model.Countdown, w int) string {
	if c.Label == "" {
		return ""
	}
	text := c.Label + " " + c.Text
	if room := w - 2*margin - width(text) - 2; c.Total > 0 && room >= 10 {
		cells := min(20, room)
		left := (cells*min(max(c.Left, 0), c.Total) + c.Total - 1) / c.Total
		text = strings.Repeat("█", left) + strings.Repeat("░", cells-left) + "  " + text
	}
	return fit(text, w-2*margin)
}

// foot is what can be pressed, at the bottom.
func (l look) foot(s model.Screen, w int) []part {
	list := make([]chip, 0, len(s.Buttons)+len(s.Pad)+len(s.Pretend))
	for _, b := range s.Buttons {
		list = append(list, l.chip(b, b.KeyText))
	}
	for _, b := range s.Pad {
		if b.Key != model.KeyNone { // digits are typed; no pad is needed for them
			list = append(list, l.chip(b, b.KeyText))
		}
	}
	parts := []part{{lines: flow(list, w)}}
	list = nil
	for i, b := range s.Pretend {
		list = append(list, l.chip(b, pretendKey(i)))
	}
	if lines := flow(list, w); len(lines) > 0 {
		parts = append([]part{{lines: lines}}, parts...)
	}
	return parts
}

// chip is a button as it stands in a row.
type chip struct {
	spans []span
	w     int
	spot  spot
}

// chip draws " F5 Label ": the key first, since it is what is looked for.
func (l look) chip(b model.Button, key string) chip {
	style := l.label
	switch {
	case !b.Enabled:
		style = l.off
	case b.Weight == model.WeightMain:
		style = l.main
	case b.Weight == model.WeightDanger:
		style = l.danger
	}
	text := safe(b.Label)
	if !b.Enabled && l.depth == mono {
		text = "(" + text + ")" // dim is not dim everywhere
	}
	c := chip{}
	if key != "" {
		c.spans = append(c.spans, span{x: 0, text: " " + key + " ", style: style.Bold(b.Enabled)})
		c.w = width(key) + 2
		text += " "
	} else {
		text = " " + text + " "
	}
	c.spans = append(c.spans, span{x: c.w, text: text, style: style})
	c.w += width(text)
	if b.Enabled {
		c.spot = spot{w: c.w, event: model.Pressed{ID: b.ID}}
	}
	return c
}

// flow sets chips in rows.
func flow(list []chip, w int) []line {
	var lines []line
	x := 0
	for _, c := range list {
		if len(lines) == 0 || x+c.w > w-margin {
			lines = append(lines, line{})
			x = margin
		}
		row := &lines[len(lines)-1]
		for _, s := range c.spans {
			s.x += x
			row.spans = append(row.spans, s)
		}
		if c.spot.w > 0 {
			c.spot.x = x
			row.spots = append(row.spots, c.spot)
		}
		x += c.w + 2
	}
	return lines
}
