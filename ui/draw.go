package ui

import (
	"math"

	"posagent/ui/model"
)

// Lengths in design units.
const (
	gap      = 8
	corner   = 10
	touch    = 48 // nothing to press is smaller
	rowHigh  = 56
	headHigh = 40
)

// draw lays out the whole screen.
func (b *Board) draw(page box) {
	s, p, sc := b.sheet, b.palette, b.screen
	s.begin(unit(b.size), sc.Lang)
	s.rect("ground", page, p.Ground, 0)
	if sc.Training != "" {
		var band box
		band, page = page.cutTop(30, 0)
		warning := p.Role(model.RoleWarning)
		s.rect("training", band, warning.Back, 0)
		s.line("training/text", band.inset(12, 2), sc.Training, ink{size: 20, least: 11, bold: true, color: warning.Fore}.center())
	}
	page = page.inset(gap, gap/2)
	head, page := page.cutTop(headHigh, gap/2)
	b.drawHead(head)
	page = b.drawButtons(page)
	page = b.drawPretend(page)
	if page.w >= 960 && len(sc.Recent) > 0 && !busy(sc) {
		var side box
		side, page = page.cutRight(300, gap)
		b.drawRecent(side)
	}
	page = b.drawTop(page)
	b.drawContent(page)
}

// drawHead writes whose till this is, and how its parts are.
func (b *Board) drawHead(at box) {
	s, p, sc := b.sheet, b.palette, b.screen
	normal := ink{size: 17, least: 9, color: p.Text}
	const mark, space = 14, 6
	texts := make([]string, len(sc.Indicators))
	widths := make([]float32, len(sc.Indicators))
	var all float32
	for i, ind := range sc.Indicators {
		texts[i] = ind.Label
		if ind.Level != model.LevelOK && ind.State != "" {
			texts[i] = ind.Label + ": " + ind.State
		}
		widths[i] = mark + space + s.measure(texts[i], normal, normal.size).Width + 1
		all += widths[i] + 18
	}
	room := at.w * 0.66
	if all < room {
		room = all
	}
	squeeze := float32(1)
	if all > 0 {
		squeeze = room / all
	}
	right, left := at.cutRight(room, gap)
	for i, ind := range sc.Indicators {
		var one box
		one, right = right.cutLeft((widths[i]+18)*squeeze, 0)
		one.w -= 18 * squeeze
		dot, words := one.cutLeft(mark, space*squeeze)
		b.drawLevel("indicator/"+ind.ID, box{dot.x, dot.y + (dot.h-mark)/2, mark, mark}, ind.Level)
		s.line("indicator/"+ind.ID+"/text", words, texts[i], normal)
	}
	s.line("header", left, sc.Header, ink{size: 22, least: 11, bold: true, color: p.Text})
}

// drawLevel marks a level by shape as well as by colour.
func (b *Board) drawLevel(name string, at box, l model.Level) {
	s, c := b.sheet, b.palette.Level(l)
	switch l {
	case model.LevelOK:
		s.rect(name, at, c, at.w/2)
	case model.LevelWarn:
		s.icon(name, at.inset(-2, -2), model.IconWarning, c)
	case model.LevelBad:
		s.icon(name, at.inset(-1, -1), model.IconCross, c)
	case model.LevelOff:
		s.frame(name, at, b.palette.Ground, c, 2, at.w/2)
	default:
		s.frame(name, at, b.palette.Ground, c, 2, at.w/2)
	}
}

// busy tells that the screen has something to work with, which needs the room that
// a large amount and band would take.
func busy(sc model.Screen) bool {
	return len(sc.Fields) > 0 || len(sc.Pad) > 0 || listed(sc.List)
}

func listed(l model.List) bool { return l.Title != "" || len(l.Rows) > 0 || l.Empty != "" }

// drawTop draws amount, band and notice, and returns what is left below.
func (b *Board) drawTop(at box) box {
	sc := b.screen
	if busy(sc) {
		high := clamp(at.h*0.13, 56, 84)
		var strip box
		strip, at = at.cutTop(high, gap)
		if sc.Amount != "" && len(sc.Pad) == 0 {
			var amount box
			amount, strip = strip.cutRight(strip.w*0.42, gap)
			b.drawAmount(amount, 34)
		}
		b.drawBand(strip, 30)
	} else {
		if sc.Amount != "" {
			var amount box
			amount, at = at.cutTop(clamp(at.h*0.2, 84, 150), gap)
			b.drawAmount(amount, 76)
		}
		var band box
		band, at = at.cutTop(clamp(at.h*0.24, 84, 150), gap)
		b.drawBand(band, 44)
	}
	return b.drawNotice(at)
}

func clamp(v, low, high float32) float32 { return max(low, min(v, high)) }

// drawAmount writes the amount as large as it fits, and the time that is left.
func (b *Board) drawAmount(at box, size float32) {
	s, p, sc := b.sheet, b.palette, b.screen
	s.rect("amount", at, p.Panel, corner)
	in := at.inset(14, 4)
	label := ink{size: 16, least: 9, color: p.Muted}
	if sc.AmountLabel != "" {
		if at.h < 84 {
			var left box
			left, in = in.cutLeft(in.w*0.3, gap)
			s.block("amount/label", left, sc.AmountLabel, label, 2)
		} else {
			var top box
			top, in = in.cutTop(max(22, s.measure(sc.AmountLabel, label, label.size).Height), 0)
			s.line("amount/label", top, sc.AmountLabel, label)
		}
	}
	s.line("amount/text", in, sc.Amount, ink{size: size, least: 14, bold: true, color: p.Text}.right())
}

// drawBand draws the strip that is read from three metres, with the time that is
// left and the visible twin of a sound at its right.
func (b *Board) drawBand(at box, size float32) {
	s, sc := b.sheet, b.screen
	if sc.Band.Title == "" {
		return
	}
	paint := b.palette.Role(sc.Band.Role)
	s.rect("band", at, paint.Back, corner)
	in := at.inset(16, 6)
	if sc.Cue.Sound != "" {
		var pill box
		pill, in = in.cutRight(clamp(in.w*0.3, 130, 240), gap)
		pill = box{pill.x, pill.y + (pill.h-min(pill.h, 56))/2, pill.w, min(pill.h, 56)}
		b.drawCue(pill, paint)
	}
	if sc.Countdown.Label != "" || sc.Countdown.Text != "" {
		var clock box
		clock, in = in.cutRight(clamp(in.w*0.2, 96, 170), gap)
		b.drawCountdown(clock, at, paint)
	}
	if sc.Band.Icon != model.IconNone {
		side := min(in.h*0.7, size*1.35)
		var pic box
		pic, in = in.cutLeft(side, 16)
		s.icon("band/icon", box{pic.x, pic.y + (pic.h-side)/2, side, side}, sc.Band.Icon, paint.Fore)
	}
	s.block("band/title", in, sc.Band.Title, ink{size: size, least: 15, bold: true, color: paint.Fore}, 2)
}

// drawCue uses the band's colours the other way round.
func (b *Board) drawCue(at box, band Paint) {
	s, cue := b.sheet, b.screen.Cue
	s.rect("cue", at, band.Fore, at.h/2)
	in := at.inset(14, 4)
	pic, words := in.cutLeft(26, 8)
	s.icon("cue/icon", box{pic.x, pic.y + (pic.h-26)/2, 26, 26}, cue.Icon, band.Back)
	s.block("cue/text", words, cue.Text, ink{size: 20, least: 10, bold: true, color: band.Back}, 2)
}

func (b *Board) drawCountdown(at, band box, paint Paint) {
	s, c := b.sheet, b.screen.Countdown
	words, rest := at.cutTop(at.h*0.38, 0)
	s.block("countdown/label", words, c.Label, ink{size: 15, least: 9, color: paint.Fore}.right(), 2)
	s.line("countdown/text", rest, c.Text, ink{size: 38, least: 14, bold: true, color: paint.Fore}.right())
	if c.Total > 0 {
		part := clamp(float32(c.Left)/float32(c.Total), 0, 1)
		// Steps with the seconds: nothing moves by itself.
		bar := box{band.x + corner, band.y + band.h - 6, (band.w - 2*corner) * part, 4}
		s.rect("countdown/bar", bar, paint.Fore, 2)
	}
}

// drawNotice draws the strip about a scan or a press.
func (b *Board) drawNotice(at box) box {
	s, n := b.sheet, b.screen.Notice
	if n.Role == "" || n.Title == "" && n.Text == "" && n.Action == "" {
		return at
	}
	paint := b.palette.Role(n.Role)
	title := ink{size: 20, least: 12, bold: true, color: paint.Fore}
	small := ink{size: 17, least: 11, color: paint.Fore}
	inner := at.w - 24 - 44
	words := n.Text
	if n.Action != "" {
		words = join(words, n.Action)
	}
	var high float32 = 12
	parts := [2]fitted{}
	if n.Title != "" {
		parts[0] = s.fit(n.Title, title, box{0, 0, inner, 60}, 2)
		high += parts[0].height()
	}
	if words != "" {
		parts[1] = s.fit(words, small, box{0, 0, inner, 76}, 3)
		high += parts[1].height()
	}
	strip, rest := at.cutTop(max(touch, high), gap)
	s.rect("notice", strip, paint.Back, corner)
	in := strip.inset(12, 6)
	pic, in := in.cutLeft(32, 12)
	s.icon("notice/icon", box{pic.x, pic.y + (pic.h-32)/2, 32, 32}, n.Icon, paint.Fore)
	in.y += (in.h - parts[0].height() - parts[1].height()) / 2
	s.write("notice/title", in, parts[0], title)
	in.y += parts[0].height()
	s.write("notice/text", in, parts[1], small)
	return rest
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

// grid is how many rows n things take, and how many stand in each, if each needs a
// width.
func grid(n int, width, each float32) (rows, columns int) {
	fit := max(1, int((width+gap)/(each+gap)))
	rows = int(math.Ceil(float64(n) / float64(fit)))
	return rows, int(math.Ceil(float64(n) / float64(max(rows, 1))))
}
