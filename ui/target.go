package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// target is a place that can be pressed. It is no widget.Button on purpose: a button
// takes the keyboard's focus, and Space, which some scanners type, would press it.
type target struct {
	widget.BaseWidget
	tapped func()
}

func newTarget() *target {
	t := &target{}
	t.ExtendBaseWidget(t)
	return t
}

// Tapped is the toolkit's word for a press and its release on the same place.
func (t *target) Tapped(*fyne.PointEvent) { t.tapped() }

// CreateRenderer draws nothing: what is seen lies below.
func (t *target) CreateRenderer() fyne.WidgetRenderer { return nothing{} }

type nothing struct{}

func (nothing) Destroy()                     {}
func (nothing) Layout(fyne.Size)             {}
func (nothing) MinSize() fyne.Size           { return fyne.Size{} }
func (nothing) Objects() []fyne.CanvasObject { return nil }
func (nothing) Refresh()                     {}
