package ui

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// ink is how a text is written: in what size, and no smaller than.
type ink struct {
	size, least float32
	bold        bool
	color       color.NRGBA
	align       fyne.TextAlign
	lang        string // "" is that of the screen
}

func (i ink) right() ink  { i.align = fyne.TextAlignTrailing; return i }
func (i ink) center() ink { i.align = fyne.TextAlignCenter; return i }

// measure is the size of a line in design units.
func (s *sheet) measure(line string, i ink, size float32) fyne.Size {
	// Measured as it is drawn: at another scale the letters' widths are rounded otherwise.
	got, _ := fyne.CurrentApp().Driver().RenderedTextSize(line, size*s.scale, fyne.TextStyle{Bold: i.bold}, s.font(line, i))
	return fyne.NewSize(got.Width/s.scale, got.Height/s.scale)
}

func (s *sheet) font(line string, i ink) fyne.Resource {
	lang := i.lang
	if lang == "" {
		lang = s.lang
	}
	return s.fonts.pick(line, lang, i.bold)
}

// fitted is a text broken into lines, and the size at which they fit.
type fitted struct {
	lines []string
	size  float32
	line  float32 // height of one
}

func (f fitted) height() float32 { return float32(len(f.lines)) * f.line }

// flow breaks a text into lines of a width, at one size.
func (s *sheet) flow(text string, i ink, size, width float32) fitted {
	f := fitted{size: size}
	wide := func(line string) float32 { return s.measure(line, i, size).Width }
	f.lines = even(text, width, wrap(text, width, wide), wide)
	for _, line := range f.lines {
		f.line = max(f.line, s.measure(line, i, size).Height)
	}
	return f
}

// step is by how much a size is made smaller until a text fits.
const step = 0.94

// fit makes a text smaller until it fits into a box, on at most lines lines.
func (s *sheet) fit(text string, i ink, b box, lines int) fitted {
	for size := i.size; ; size *= step {
		f := s.flow(text, i, size, b.w)
		whole := len(f.lines) <= lines && f.height() <= b.h && s.widest(f, i) <= b.w &&
			!torn(text, b.w, func(line string) float32 { return s.measure(line, i, size).Width })
		if whole || size*step < i.least {
			return f
		}
	}
}

func (s *sheet) widest(f fitted, i ink) float32 {
	var w float32
	for _, line := range f.lines {
		w = max(w, s.measure(line, i, f.size).Width)
	}
	return w
}

// line writes one line, smaller if it must be, in the middle of the box's height.
func (s *sheet) line(name string, b box, text string, i ink) { s.block(name, b, text, i, 1) }

// block writes a text on at most so many lines, in the middle of the box's height.
func (s *sheet) block(name string, b box, text string, i ink, lines int) {
	if text == "" {
		return
	}
	f := s.fit(text, i, b, lines)
	s.tight[name] = len(f.lines) > lines || f.height() > b.h+1
	b.y += (b.h - f.height()) / 2
	b.h = f.height()
	s.write(name, b, f, i)
}

// write draws lines from the top of a box.
func (s *sheet) write(name string, b box, f fitted, i ink) {
	for n, line := range f.lines {
		if line == "" {
			continue
		}
		at := box{b.x, b.y + float32(n)*f.line, b.w, f.line}
		s.put(name+"/"+strconv.Itoa(n), at, line, i, f.size)
	}
}

// put draws one line as it stands.
func (s *sheet) put(name string, b box, line string, i ink, size float32) {
	font, points := s.font(line, i), size*s.scale
	t := object(s, name, b, func() *canvas.Text { return canvas.NewText("", i.color) })
	got := s.measure(line, i, size)
	seen := box{b.x, b.y, got.Width, got.Height}
	switch i.align {
	case fyne.TextAlignCenter:
		seen.x += (b.w - got.Width) / 2
	case fyne.TextAlignTrailing:
		seen.x += b.w - got.Width
	case fyne.TextAlignLeading:
	}
	s.marks = append(s.marks, mark{name: name, text: line, at: b, ink: seen, size: size})
	style := fyne.TextStyle{Bold: i.bold}
	if t.Text == line && t.Color == i.color && t.TextSize == points && t.TextStyle == style && t.Alignment == i.align && t.FontSource == font {
		return
	}
	t.Text, t.Color, t.TextSize, t.TextStyle, t.Alignment, t.FontSource = line, i.color, points, style, i.align, font
	t.Refresh()
}
