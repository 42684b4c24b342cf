package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"posagent/ui/model"
)

// box is a place on the sheet in design units.
type box struct{ x, y, w, h float32 }

func (b box) inset(dx, dy float32) box {
	return box{b.x + dx, b.y + dy, max(0, b.w-2*dx), max(0, b.h-2*dy)}
}

// cutTop splits off the upper h units and a gap below them.
func (b box) cutTop(h, gap float32) (top, rest box) {
	h = min(h, b.h)
	return box{b.x, b.y, b.w, h}, box{b.x, b.y + h + gap, b.w, max(0, b.h-h-gap)}
}

// cutBottom splits off the lower h units and a gap above them.
func (b box) cutBottom(h, gap float32) (bottom, rest box) {
	h = min(h, b.h)
	return box{b.x, b.y + b.h - h, b.w, h}, box{b.x, b.y, b.w, max(0, b.h-h-gap)}
}

// cutLeft splits off the left w units and a gap beside them.
func (b box) cutLeft(w, gap float32) (left, rest box) {
	w = min(w, b.w)
	return box{b.x, b.y, w, b.h}, box{b.x + w + gap, b.y, max(0, b.w-w-gap), b.h}
}

// cutRight splits off the right w units and a gap beside them.
func (b box) cutRight(w, gap float32) (right, rest box) {
	w = min(w, b.w)
	return box{b.x + b.w - w, b.y, w, b.h}, box{b.x, b.y, max(0, b.w-w-gap), b.h}
}

// columns splits into n equal parts.
func (b box) columns(n int, gap float32) []box {
	w := (b.w - gap*float32(n-1)) / float32(n)
	out := make([]box, n)
	for i := range out {
		out[i] = box{b.x + float32(i)*(w+gap), b.y, w, b.h}
	}
	return out
}

// sheet holds the objects on a canvas by name. A screen is drawn by naming all that
// it has, in order; what is not named any more goes, and what was there before is
// changed in place.
type sheet struct {
	scale float32
	lang  string
	fonts *fontSet
	press func(model.Event)

	kept  map[string]fyne.CanvasObject
	named map[string]bool
	order []fyne.CanvasObject
	icons map[iconKey]fyne.Resource
	// marks are the texts and targets as they were placed, for whoever judges a layout.
	marks []mark
	tight map[string]bool // names of texts that did not fit
}

// mark is a text, or a target, and its place in design units.
type mark struct {
	name string
	text string // "" is a target
	at   box    // the place
	ink  box    // the text itself, where it is drawn
	size float32
}

func newSheet(f *fontSet, press func(model.Event)) *sheet {
	return &sheet{
		scale: 1, fonts: f, press: press,
		kept: map[string]fyne.CanvasObject{}, icons: map[iconKey]fyne.Resource{},
	}
}

func (s *sheet) begin(scale float32, lang string) {
	s.scale, s.lang = scale, lang
	s.named = make(map[string]bool, len(s.kept))
	s.order = s.order[:0:0]
	s.marks = s.marks[:0]
	s.tight = map[string]bool{}
}

// end forgets what was not named, and returns what is to be drawn.
func (s *sheet) end() []fyne.CanvasObject {
	for name := range s.kept {
		if !s.named[name] {
			delete(s.kept, name)
		}
	}
	return s.order
}

// object returns the object of a name, made anew if there is none of its kind.
func object[T fyne.CanvasObject](s *sheet, name string, b box, fresh func() T) T {
	o, ok := s.kept[name].(T)
	if !ok {
		o = fresh()
		s.kept[name] = o
	}
	if s.named[name] {
		panic("ui: two objects are named " + name)
	}
	s.named[name] = true
	s.order = append(s.order, o)
	o.Move(fyne.NewPos(b.x*s.scale, b.y*s.scale))
	o.Resize(fyne.NewSize(b.w*s.scale, b.h*s.scale))
	return o
}

// rect fills a box.
func (s *sheet) rect(name string, b box, fill color.NRGBA, radius float32) {
	s.frame(name, b, fill, color.NRGBA{}, 0, radius)
}

// frame fills a box and draws a line around it.
func (s *sheet) frame(name string, b box, fill, stroke color.NRGBA, thick, radius float32) {
	r := object(s, name, b, func() *canvas.Rectangle { return canvas.NewRectangle(fill) })
	thick, radius = thick*s.scale, radius*s.scale
	if r.FillColor == fill && r.StrokeColor == stroke && r.StrokeWidth == thick && r.CornerRadius == radius {
		return
	}
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = fill, stroke, thick, radius
	r.Refresh()
}

// icon draws a picture in one colour.
func (s *sheet) icon(name string, b box, icon model.Icon, c color.NRGBA) {
	if icon == model.IconNone {
		return
	}
	res := s.picture(icon, c)
	i := object(s, name, b, func() *canvas.Image {
		img := canvas.NewImageFromResource(res)
		img.FillMode = canvas.ImageFillContain
		return img
	})
	if i.Resource == res {
		return
	}
	i.Resource = res
	i.Refresh()
}

// target makes a box something to press.
func (s *sheet) target(name string, b box, e model.Event) {
	t := object(s, name, b, newTarget)
	t.tapped = func() { s.press(e) }
	s.marks = append(s.marks, mark{name: name, at: b})
}
