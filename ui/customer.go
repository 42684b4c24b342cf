package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"posagent/ui/model"
)

// CustomerBoard draws the customer's side: amount, what to do, the result, and no
// word that is meant for the cashier.
type CustomerBoard struct {
	widget.BaseWidget
	surface
	shown model.Customer
}

// NewCustomerBoard makes a board that shows nothing yet. An error means that a font
// cannot be read.
func NewCustomerBoard(o Options) (*CustomerBoard, error) {
	f, err := newFontSet(o.Faces)
	if err != nil {
		return nil, err
	}
	b := &CustomerBoard{}
	b.surface = surface{sheet: newSheet(f, func(model.Event) {}), palette: o.Palette, draw: b.draw}
	b.ExtendBaseWidget(b)
	return b, nil
}

// Apply shows what the customer is to see. It must be called on the toolkit's
// goroutine.
func (b *CustomerBoard) Apply(c model.Customer) {
	if b.drawn && c == b.shown {
		return
	}
	b.shown = c
	b.redraw()
	b.Refresh()
}

// CreateRenderer is the toolkit's way to ask for what is drawn.
func (b *CustomerBoard) CreateRenderer() fyne.WidgetRenderer { return &renderer{&b.surface, b} }

func (b *CustomerBoard) draw(page box) {
	s, p, c := b.sheet, b.palette, b.shown
	s.begin(unit(b.size), c.Lang)
	s.rect("ground", page, p.Ground, 0)
	in := page.inset(24, 20)
	shop, in := in.cutTop(48, 12)
	s.line("shop", shop, c.Shop, ink{size: 28, least: 12, bold: true, color: p.Text}.center())
	if c.Amount != "" {
		var amount box
		amount, in = in.cutTop(in.h*0.34, 16)
		s.rect("amount", amount, p.Panel, corner)
		s.line("amount/text", amount.inset(20, 6), c.Amount, ink{size: 120, least: 20, bold: true, color: p.Text}.center())
	}
	paint := p.Role(c.Role)
	s.rect("band", in, paint.Back, 2*corner)
	in = in.inset(24, 16)
	if c.Icon != model.IconNone {
		side := min(in.h*0.4, 120)
		var pic box
		pic, in = in.cutTop(side, 8)
		s.icon("icon", pic, c.Icon, paint.Fore)
	}
	title := in
	if c.Line != "" {
		var line box
		line, title = in.cutBottom(in.h*0.36, 4)
		s.block("line", line, c.Line, ink{size: 28, least: 12, color: paint.Fore}.center(), 3)
	}
	s.block("title", title, c.Title, ink{size: 56, least: 16, bold: true, color: paint.Fore}.center(), 3)
}
