package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"posagent/ui/model"
)

// The smallest canvas that a screen is laid out on, in design units, and the width
// up to which more room means more content and not bigger letters.
const (
	leastWidth, leastHeight = 800, 600
	roomyWidth, roomyHeight = 1024, 768
)

// Options are what a board needs.
type Options struct {
	Palette *Palette
	// Faces are the fonts of languages whose letters Noto Sans does not have.
	Faces []Face
	// Do hears what was pressed, and how many rows a list has room for. It is called
	// on the toolkit's goroutine and must return at once.
	Do func(model.Event)
}

// Board draws the cashier's Screen.
type Board struct {
	widget.BaseWidget
	surface
	do     func(model.Event)
	screen model.Screen
	room   int
}

// NewBoard makes a board that shows nothing yet. An error means that a font cannot
// be read.
func NewBoard(o Options) (*Board, error) {
	f, err := newFontSet(o.Faces)
	if err != nil {
		return nil, err
	}
	b := &Board{do: o.Do}
	b.surface = surface{sheet: newSheet(f, o.Do), palette: o.Palette, draw: b.draw}
	b.ExtendBaseWidget(b)
	return b, nil
}

// Apply shows a screen. It must be called on the toolkit's goroutine.
func (b *Board) Apply(s model.Screen) {
	if b.drawn && s.Equal(b.screen) {
		return
	}
	b.screen = s
	b.redraw()
	b.Refresh()
}

// SetPalette changes dark for light or back.
func (b *Board) SetPalette(p *Palette) {
	b.palette = p
	b.redraw()
	b.Refresh()
}

// CreateRenderer is the toolkit's way to ask for what is drawn.
func (b *Board) CreateRenderer() fyne.WidgetRenderer { return &renderer{&b.surface, b} }

// surface is a sheet that fills a widget.
type surface struct {
	sheet   *sheet
	palette *Palette
	draw    func(page box)
	size    fyne.Size
	drawn   bool
	objects []fyne.CanvasObject
}

// redraw lays everything out anew.
func (s *surface) redraw() {
	if s.size.Width < 1 || s.size.Height < 1 {
		return // not on a window yet
	}
	scale := unit(s.size)
	s.draw(box{0, 0, s.size.Width / scale, s.size.Height / scale})
	s.objects = s.sheet.end()
	s.drawn = true
}

// unit is the length of a design unit on a canvas: such that there are 800 × 600 of
// them at least, and that letters grow with a window that is larger than roomy.
func unit(size fyne.Size) float32 {
	least := min(size.Width/leastWidth, size.Height/leastHeight)
	roomy := min(size.Width/roomyWidth, size.Height/roomyHeight)
	return max(min(least, 1), roomy)
}

// renderer connects a surface to the toolkit.
type renderer struct {
	*surface
	of fyne.CanvasObject
}

func (r *renderer) Destroy() {}

// Layout draws for a new size.
func (r *renderer) Layout(size fyne.Size) {
	if r.size == size && r.drawn {
		return
	}
	r.size = size
	r.redraw()
}

// MinSize is small: what is drawn fits itself to any window.
func (r *renderer) MinSize() fyne.Size { return fyne.NewSize(320, 240) }

func (r *renderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *renderer) Refresh() { canvas.Refresh(r.of) }
